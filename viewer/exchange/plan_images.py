"""From the names of an import to images: files found, frames counted, pixels read, content compared."""

import json
import os
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from viewer.core.boundary import at_boundary
from viewer.core.errors import AppError
from viewer.exchange.importer import ImageName, Outcome, guessed, left_out
from viewer.exchange.pictures import Pictures
from viewer.exchange.plan_store import PlanStore
from viewer.project.project import Project
from viewer.project.records import ImageRecord, NewImage
from viewer.project.register import FrameToAdd, frames_of, read_new_image
from viewer.reading.series import FrameRef
from viewer.reading.sources.archive import is_there, on_disk
from viewer.reading.sources.servers import is_foreign

EXIF_ORIENTATION = 0x0112


class Cancelled(AppError):
    """A person no longer wants the import."""

    def __init__(self) -> None:
        super().__init__("The import was cancelled; nothing was written.")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    """A name with the frame it means."""

    name_id: int
    name: ImageName
    ref: FrameRef


@dataclass(slots=True, kw_only=True)
class _Known:
    """What the project has, by each way in which an import may name it."""

    records: dict[str, ImageRecord]
    files: dict[tuple[Path, int], str]
    by_sop: dict[str, list[ImageRecord]] = field(default_factory=lambda: defaultdict(list))


def new_image_out(image: NewImage) -> str:
    """A new image as JSON."""
    return json.dumps({**asdict(image), "path": str(image.path)}, allow_nan=False)


def new_image_in(text: str) -> NewImage:
    """The image of `new_image_out`."""
    facts = json.loads(text)
    return NewImage(**{**facts, "path": Path(facts["path"])})


class ImageFinder:
    """Finds the image of every name of a store. frame: what is meant where no frame is named, None when not chosen."""

    def __init__(
        self, project: Project, store: PlanStore, pictures: Pictures, *, source: str, frame: int | None
    ) -> None:
        self._project = project
        self._store = store
        self._pictures = pictures
        self._source = source
        self._frame = frame
        records = project.images.all()
        self._known = _Known(
            records={record.image_id: record for record in records}, files=dict(project.images.files())
        )
        store.sql.executemany("INSERT INTO known VALUES (?)", [(record.image_id,) for record in records])
        for record in records:
            self._known.by_sop[record.sop_instance_uid].append(record)
        self._dicom: dict[Path, dict[int, FrameRef]] = {}
        self._series: dict[FrameRef, FrameToAdd] = {}  # what the scan says of each frame's series
        self._dicom_problems: dict[Path, str] = {}
        self._files: dict[str, Path | None] = {}

    def find(self, *, progress: Callable[[int, int], None], cancelled: Callable[[], bool]) -> None:
        """Fill the tables `images` and `fresh`; what cannot be found becomes a remark."""
        recorded = list(self._store.names(recorded=True))
        self._find_files(recorded)
        self._scan()
        wanted = [one for name_id, name in recorded if (one := self._frame_of(name_id, name)) is not None]
        self._take(wanted, progress, cancelled)
        self._find_the_others()
        self._store.sql.execute("INSERT INTO ranks SELECT image_id, MIN(name) FROM images GROUP BY image_id")

    # -- files

    def _find_files(self, recorded: Sequence[tuple[int, ImageName]]) -> None:
        outside: list[str] = []
        for name_id, name in recorded:
            if name.path and name.path not in self._files:
                self._files[name.path] = self._file_of(name_id, name)
                # Our exports climb on purpose, and say by its content which image they mean.
                if not name.image_id and self._pictures.leads_out(name.path):
                    outside.append(name.path)
        if outside:
            self._store.remark(self._pictures.said_outside(outside))

    def _file_of(self, name_id: int, name: ImageName) -> Path | None:
        found = self._pictures.find(name.path)
        if len(found.paths) == 1:
            if found.rule:
                sentence = f"{name.path} was taken to be {found.paths[0]}: {found.rule}."
                self._store.remark(guessed(sentence, rule=found.rule, image=name))
            return found.paths[0]
        if found.paths:
            several = ", ".join(map(str, found.paths[:4]))
            self._say(
                name, Outcome.AMBIGUOUS, f"{name.path} may be several files that differ: {several}.",
                rule="one name for several files", settle="--images FOLDER", name_id=name_id,
            )  # fmt: skip
        return None

    def _say(
        self, name: ImageName, outcome: Outcome, sentence: str, *, rule: str, name_id: int, settle: str = ""
    ) -> None:
        said = left_out(None, sentence, rule=rule, outcome=outcome, settle=settle)
        self._store.remark(replace(said, count=1), name_id)

    # -- frames

    def _scan(self) -> None:
        """Read the headers of every file that is no picture, together: the scan finds their frames."""
        from viewer.reading.pictures.raster import is_raster

        files = [path for path in dict.fromkeys(self._files.values()) if path is not None]
        dicom = [path for path in files if path.is_file() is False or not is_raster(path)]
        if not dicom:
            return
        from viewer.reading.scan import all_series, scan

        result = scan(dicom)
        for problem in result.problems:
            self._dicom_problems[problem.path.resolve()] = problem.reason
        for frame in frames_of(all_series(result)):
            path = frame.ref.path.resolve()
            self._dicom.setdefault(path, {})[frame.ref.frame_index] = frame.ref
            self._series[replace(frame.ref, path=path)] = frame

    def _frame_of(self, name_id: int, name: ImageName) -> _Wanted | None:
        if name.path:
            path = self._files[name.path]
            if path is not None:
                return self._frame_of_file(name_id, name, path)
            if self._by_other_names(name_id, name):
                return None
            if not self._pictures.find(name.path).paths:
                sought = self._pictures.roots[0] / name.path
                self._say(
                    name, Outcome.LEFT_OUT, f"{sought} is not there.", rule="the image is not there",
                    settle="--images FOLDER", name_id=name_id,
                )  # fmt: skip
            return None
        if not self._by_other_names(name_id, name):
            sentence = f"The image {name} is neither in the project nor named by a path."
            self._say(name, Outcome.LEFT_OUT, sentence, rule="the image is not there", name_id=name_id)
        return None

    def _by_other_names(self, name_id: int, name: ImageName) -> bool:
        """Take an image that the project has, by its content or its SOP Instance UID."""
        if name.image_id in self._known.records:
            self._found(name_id, self._known.records[name.image_id])
            return True
        if name.path and (record := self._moved_away(name)) is not None:
            self._found(name_id, record)
            return True
        if not name.sop_instance_uid:
            return False
        there = self._known.by_sop.get(name.sop_instance_uid, [])
        frame = self._frame if name.frame_index is None else name.frame_index
        fitting = [record for record in there if frame is None or record.frame_index == frame]
        if len(fitting) == 1:
            self._found(name_id, fitting[0])
            return True
        if fitting:
            self._ambiguous_frame(name_id, name, f"The instance {name.sop_instance_uid}", len(fitting))
            return True
        if there and not name.path:
            numbers = sorted(record.frame_index for record in there)
            sentence = (
                f"The instance {name.sop_instance_uid} has no frame {frame} in the project; it has "
                f"{len(numbers)}, from {numbers[0]} to {numbers[-1]}."
            )
            self._say(name, Outcome.OUT_OF_RANGE, sentence, rule="no such frame", name_id=name_id)
            return True
        return False

    def _moved_away(self, name: ImageName) -> ImageRecord | None:
        """An image that the project has under this path, though the file is not there now."""
        frame = (self._frame or 0) if name.frame_index is None else name.frame_index
        # No system has a path with a zero byte, and resolving one asks its server.
        for root in self._pictures.roots if "\0" not in name.path and not is_foreign(name.path) else ():
            found = self._known.files.get(((root / name.path).resolve(), frame))
            if found is not None:
                return self._known.records.get(found)
        return None

    def _ambiguous_frame(self, name_id: int, name: ImageName, what: str, count: int) -> None:
        self._say(
            name, Outcome.AMBIGUOUS, f"{what} has {count} frames and the import does not say which one it means.",
            rule="a file of several frames, none named", settle="--frame 0", name_id=name_id,
        )  # fmt: skip

    def _frame_of_file(self, name_id: int, name: ImageName, path: Path) -> _Wanted | None:
        from viewer.reading.pictures.in_children import picture_info
        from viewer.reading.pictures.raster import is_raster

        try:
            if path in self._dicom_problems and path not in self._dicom:
                raise AppError(self._dicom_problems[path])
            if path in self._dicom:
                refs = self._dicom[path]
            elif is_raster(path):
                with at_boundary(path):
                    pages = picture_info(path).pages
                refs = {page: FrameRef(path=path, frame_index=page) for page in range(pages)}
            else:
                raise AppError(f"{path} holds no image.")
        except AppError as error:
            self._say(name, Outcome.LEFT_OUT, str(error), rule="the image cannot be read", name_id=name_id)
            return None
        frame = self._frame if name.frame_index is None else name.frame_index
        if frame is None and len(refs) > 1:
            self._ambiguous_frame(name_id, name, str(path), len(refs))
            return None
        ref = refs.get(0 if frame is None else frame)
        if ref is None:
            sentence = f"{path} has no frame {frame}; it has {len(refs)}, counted from 0."
            self._say(name, Outcome.OUT_OF_RANGE, sentence, rule="no such frame", name_id=name_id)
            return None
        if name.sop_instance_uid and ref.sop_instance_uid and ref.sop_instance_uid != name.sop_instance_uid:
            sentence = f"{path} is the instance {ref.sop_instance_uid}, the import says {name.sop_instance_uid}."
            self._say(name, Outcome.CONTRADICTORY, sentence, rule="file and instance do not agree", name_id=name_id)
            return None
        return _Wanted(name_id=name_id, name=name, ref=replace(ref, path=path))

    # -- pixels

    def _take(
        self, wanted: Sequence[_Wanted], progress: Callable[[int, int], None], cancelled: Callable[[], bool]
    ) -> None:
        """Images that the project knows unchanged are not read again; the others are read once, and kept as read."""
        to_read: list[_Wanted] = []
        for one in wanted:
            known = self._unchanged(one.ref)
            if known is None:
                to_read.append(one)
            else:
                self._check_content(one, known.image_id, known)
        groups: dict[tuple[Path, int], list[_Wanted]] = {}
        for one in to_read:
            groups.setdefault((one.ref.path, one.ref.frame_index), []).append(one)
        total = len(wanted)
        done = len(wanted) - len(to_read)
        for group, image in _read_all([(group, self._to_add(group[0].ref)) for group in groups.values()]):
            done += len(group)
            if cancelled():
                raise Cancelled()
            progress(done, total)
            for one in group:
                if isinstance(image, AppError):
                    self._say(
                        one.name, Outcome.LEFT_OUT, str(image), rule="the image cannot be read", name_id=one.name_id
                    )
                else:
                    self._check_content(one, image.image_id, image)

    def _to_add(self, ref: FrameRef) -> FrameToAdd:
        """A frame as it enters the project: slices of one series are one case, as where the series itself is added."""
        of = self._series.get(replace(ref, path=ref.path.resolve()))
        if of is None:
            return FrameToAdd(ref=ref, source=self._source)
        return replace(of, ref=ref, source=self._source, patient_id="", modality="")

    def _unchanged(self, ref: FrameRef) -> ImageRecord | None:
        if (ref.path, ref.frame_index) not in self._known.files:
            return None
        try:
            stat = on_disk(ref.path).stat()
        except (OSError, AppError):
            return None
        found = self._project.images.unchanged(ref.path, ref.frame_index, stat.st_size, stat.st_mtime_ns)
        return self._known.records.get(found) if found else None

    def _check_content(self, one: _Wanted, image_id: str, image: ImageRecord | NewImage) -> None:
        if one.name.image_id and one.name.image_id != image_id:
            sentence = f"{one.ref.path} is not the picture that the import means by it: its pixels are others."
            self._say(
                one.name, Outcome.CONTRADICTORY, sentence, rule="the picture was replaced under its name",
                name_id=one.name_id,
            )  # fmt: skip
            return
        if isinstance(image, NewImage):
            self._store.sql.execute(
                "INSERT INTO fresh (name, image_id, facts) VALUES (?, ?, ?)",
                (one.name_id, image_id, new_image_out(image)),
            )
        self._found(one.name_id, image, image_id=image_id, ref=one.ref)

    def _found(
        self, name_id: int, image: ImageRecord | NewImage, *, image_id: str = "", ref: FrameRef | None = None
    ) -> None:
        ref = ref or FrameRef(path=image.path, frame_index=image.frame_index)
        turn = _turn_of(ref) if self._has_shapes(name_id) else 1
        self._store.sql.execute(
            "INSERT OR REPLACE INTO images VALUES (?, ?, ?, ?, ?, ?)",
            (name_id, image_id or image.image_id, image.rows, image.cols, turn, image.patient_id),
        )

    def _has_shapes(self, name_id: int) -> bool:
        return bool(self._store.number("SELECT EXISTS (SELECT 1 FROM shapes WHERE name = ?)", name_id))

    def _find_the_others(self) -> None:
        """Names that only a remark has: what they mean stays open, if another name found it.

        Where the frame is not said, or is none that was found, that is every frame of the file or instance.
        """
        sql = self._store.sql
        paths: dict[Path, list[str]] = defaultdict(list)
        for name, path in self._files.items():
            if path is not None:
                paths[path].append(name)
        for name_id, image in self._store.names(recorded=False):
            found = self._pictures.find(image.path).paths if image.path else ()
            keys = [("path", name) for path in found for name in paths.get(path, ())]
            keys += [("sop", image.sop_instance_uid), ("content", image.image_id)]
            for column, value in ((column, value) for column, value in keys if value):
                others = sql.execute(
                    f"SELECT frame, image_id FROM names JOIN images ON images.name = names.id WHERE {column} = ?",
                    (value,),
                ).fetchall()
                exact = [row for row in others if row[0] == image.frame_index]
                pairs = [(name_id, row[1]) for row in exact or others]
                sql.executemany("INSERT OR IGNORE INTO meant VALUES (?, ?)", pairs)


def _read_all(
    groups: Sequence[tuple[list[_Wanted], FrameToAdd]],
) -> Iterator[tuple[list[_Wanted], NewImage | AppError]]:
    """Read each frame once, in a few threads, in order; problems as values."""

    def read(one: tuple[list[_Wanted], FrameToAdd]) -> tuple[list[_Wanted], NewImage | AppError]:
        group, frame = one
        try:
            with at_boundary(frame.ref.path):
                return group, read_new_image(frame)
        except AppError as error:
            return group, error

    pool = ThreadPoolExecutor(max_workers=min(4, os.cpu_count() or 1), thread_name_prefix="import")
    try:
        yield from pool.map(read, groups)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _turn_of(ref: FrameRef) -> int:
    """EXIF orientation 1..8 of a picture; 1 for everything else."""
    from viewer.reading.codestreams.png_exif import exif_of
    from viewer.reading.pictures.raster import is_raster, opened_picture, picture_kind
    from viewer.reading.pictures.tiff_pages import opened_tiff, page_of, page_orientation

    path = ref.path
    try:
        with at_boundary(path):
            if not is_there(path) or not is_raster(on_disk(path)):
                return 1
            if picture_kind(path) == "TIFF":
                with opened_tiff(path) as tiff:
                    return page_orientation(page_of(tiff, path, ref.frame_index))
            with opened_picture(path) as picture:
                turn = exif_of(picture).get(EXIF_ORIENTATION, 1)
    except AppError:
        return 1
    return turn if isinstance(turn, int) and 1 <= turn <= 8 else 1
