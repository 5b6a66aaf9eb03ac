"""Which images `predict` and `explain` are about: those of a project, or what lies below some paths."""

import argparse
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ml.inference.load import LoadedModel
    from viewer.core.errors import OutsideDomain
    from viewer.project.project import Project
    from viewer.project.samples.finding import SampleFinder
    from viewer.reading.frame import Frame
    from viewer.reading.scan import Problem
    from viewer.reading.series import FrameRef


@dataclass(frozen=True, slots=True, kw_only=True)
class InputImage:
    """One image. frame_number: from 0 in its series' order. image_id: "" until its pixels were read."""

    ref: "FrameRef"
    frame_number: int
    image_id: str = ""

    @property
    def document(self) -> dict[str, Any]:
        """How a JSON document names it. frame: in the series' order; file_frame: in the file."""
        return {"path": str(self.ref.path), "frame": self.frame_number, "file_frame": self.ref.frame_index}


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """images: in order. problems: what could not be read. finder: of the frames beside an image, in all that was
    named."""

    images: "list[InputImage]"
    problems: "list[Problem]"
    finder: "SampleFinder"


def image_words(path: "Path | str", frame: int, paths: Sequence[str]) -> str:
    """How a line names an image: its path, and which frame where that is no matter of course.

    paths: those of all images in the answer; one that occurs twice has several frames.
    """
    return f"{path}, frame {frame}" if frame or paths.count(str(path)) > 1 else str(path)


def named(error: "OutsideDomain", image: InputImage) -> "OutsideDomain":
    """The error with the file and the option in its sentence: the window has an image and a button instead."""
    path, words = str(image.ref.path), str(error).replace("or run it anyway.", "or add --run-anyway.")
    return type(error)(words if path in words else f"{path}: {words}")


def add_image_arguments(parser: argparse.ArgumentParser) -> None:
    """DIR|PATH..., --project, --series, and the model and domain options that both commands share."""
    parser.add_argument(
        "paths", nargs="+", type=Path, metavar="PATH", help="a project folder (all its images), or files and folders"
    )
    parser.add_argument(
        "--model", required=True, metavar="RUN_OR_MODEL",
        help="a run or model of the project (its beginning is enough), a bundled model such as phantom_classifier, "
        "or the path of one",
    )  # fmt: skip
    parser.add_argument(
        "--project", type=Path, metavar="DIR", help="where runs and models are, and what is found is kept"
    )
    parser.add_argument("--series", metavar="ID_OR_UID", help="only this series of what the paths hold")
    parser.add_argument(
        "--run-anyway", action="store_true",
        help="also where an image does not fit what the model was trained on; every result says so",
    )  # fmt: skip


def project_folder(args: argparse.Namespace) -> Path | None:
    """The project that was named: by --project, or as the only path. Raises NotFound, BadRequest."""
    from viewer.core.errors import BadRequest, NotFound
    from viewer.project.project import DATABASE_NAME

    if args.project is not None and not (args.project / DATABASE_NAME).is_file():
        raise NotFound(f"{args.project} is no project; make one with `negatoscope project create {args.project}`.")
    inside: list[Path] = [path for path in args.paths if (path / DATABASE_NAME).is_file()]
    named: Path | None = args.project
    if not inside:
        return named
    if len(args.paths) > 1 or named not in (None, inside[0]):
        raise BadRequest(f"{inside[0]} is a project; name it alone, or give paths and --project {inside[0]}.")
    return inside[0]


@contextmanager
def open_named(folder: Path | None, *, writable: bool) -> "Iterator[Project | None]":
    """The project, open for as long as the block lasts; None without one."""
    if folder is None:
        yield None
        return
    from viewer.project.project import Project

    with Project.open(folder, writable=writable) as project:
        yield project


def input_images(args: argparse.Namespace, project: "Project | None", *, frame: int | None) -> Inputs:
    """The images, and what could not be read. frame: only this one of each series; None: all.

    Raises NotFound for a path that is not there, BadRequest for a frame that no series has.
    """
    from viewer.core.errors import BadRequest, NotFound
    from viewer.project.samples.finding import SampleFinder
    from viewer.project.samples.stacks import stacks_of_records, stacks_of_series
    from viewer.reading.scan import all_series, find_series, scan
    from viewer.reading.series import FrameRef
    from viewer.reading.sources.archive import is_there

    if project is not None and args.paths == [project.folder]:
        if args.series is not None or frame is not None:
            raise BadRequest("--series and --frame choose among paths; a project's images are taken as they are.")
        records = project.images.all()
        own = [
            InputImage(
                ref=FrameRef(path=one.path, frame_index=one.frame_index, sop_instance_uid=one.sop_instance_uid),
                frame_number=one.frame_index,
                image_id=one.image_id,
            )
            for one in records
        ]
        return Inputs(images=own, problems=[], finder=SampleFinder(lambda: stacks_of_records(records)))
    for path in args.paths:
        if not is_there(path):
            raise NotFound(f"{path} does not exist; check the path.")
    result = scan(args.paths)
    chosen = all_series(result) if args.series is None else [find_series(result, args.series)]
    found = [
        InputImage(ref=ref, frame_number=number)
        for series in chosen
        for number, ref in enumerate(series.frames)
        if frame is None or number == frame
    ]
    if not found and chosen:
        longest = max(len(series.frames) for series in chosen)
        raise BadRequest(f"There is no frame {frame}; the longest series has frames 0 to {longest - 1}.")
    finder = SampleFinder(lambda: stacks_of_series(all_series(result)))
    return Inputs(images=found, problems=list(result.problems), finder=finder)


def read(image: InputImage) -> "tuple[Frame, str]":
    """The frame and its image id. Raises BadFile (also for other pixels than the project's image), UnsupportedFile."""
    from viewer.reading.frames import read_frame
    from viewer.reading.image_id import image_id, pixel_sha256, refuse_replaced

    frame = read_frame(image.ref)
    if image.image_id:
        refuse_replaced(
            frame.stored, image.image_id,
            sop_instance_uid=image.ref.sop_instance_uid, frame_index=image.ref.frame_index, path=image.ref.path,
        )  # fmt: skip
        return frame, image.image_id
    return frame, image_id(image.ref.sop_instance_uid, image.ref.frame_index, pixel_sha256(frame.stored))


def read_beside(image: InputImage, finder: "SampleFinder", loaded: "LoadedModel") -> "tuple[Frame, ...]":
    """Every frame of the sample of an image that a model reads; () where it reads one image. Raises LacksFrames."""
    from viewer.project.samples.asking import Reader, asked_frames

    card = loaded.card
    reader = Reader(name=card.name, rule=card.preprocess.rule, modalities=card.domain.modality)
    slices = asked_frames(finder, reader, image.ref)
    return tuple(read(InputImage(ref=one.ref, frame_number=0, image_id=one.image_id))[0] for one in slices)


def write_whole(path: Path, data: bytes) -> None:
    """Write beside, then replace: a failed write leaves an old file as it was. Raises NotWritable."""
    from viewer.core.errors import NotWritable
    from viewer.reading.sources.private_files import beside as name_beside

    beside = name_beside(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        beside.write_bytes(data)
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise NotWritable(f"{path} cannot be written: {error.strerror or error}.") from error
