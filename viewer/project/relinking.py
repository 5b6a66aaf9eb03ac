"""Finding the files of images that are no longer where they were: by SOP Instance UID and by pixels, never by name.

An image's id is made of its content, so a file is the image or it is not. Work, cases and snapshots stay as they are;
what changes is where each image lies. The former places stay known (`image_files`).
"""

import os
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import update

from viewer.core.boundary import at_boundary
from viewer.core.errors import AppError, BadRequest, NotFound
from viewer.core.text.counting import counted
from viewer.project.image_paths import relative_to
from viewer.project.membership import cases_of
from viewer.project.project import Project
from viewer.project.records import ImageRecord, NewImage
from viewer.project.register import FrameToAdd, read_frames
from viewer.project.revisions import RevisionKind, Touched, raise_revision
from viewer.project.store.schema import image_files, images
from viewer.reading.scan import Problem, all_series, scan
from viewer.reading.series import FrameRef
from viewer.reading.sources.archive import is_there, on_disk
from viewer.reading.sources.servers import name_server

Progress = Callable[[int, int], None]


class Cancelled(AppError):
    """A person no longer wants the search."""

    def __init__(self) -> None:
        super().__init__("The search was cancelled; nothing was changed.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A missing image and the file that holds it; its path is where it lies now."""

    record: ImageRecord
    file: NewImage


@dataclass(frozen=True, slots=True, kw_only=True)
class Several:
    """A missing image that lies in several files, none of which is more like the old path than the others."""

    record: ImageRecord
    paths: tuple[Path, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RelinkPlan:
    """What a search found. not_found: images that no file holds. problems: files that were not taken, with the reason.

    images: how many the project has.
    """

    images: int
    found: tuple[Found, ...]
    several: tuple[Several, ...]
    not_found: tuple[ImageRecord, ...]
    problems: tuple[Problem, ...]

    @property
    def missing(self) -> int:
        """How many images are not where they were."""
        return len(self.found) + len(self.several) + len(self.not_found)

    @property
    def sentence(self) -> str:
        """What a person is told before it is done."""
        if not self.missing:
            return f"All {counted(self.images, 'image')} are where they were; nothing is missing."
        words = [f"{len(self.found)} of {counted(self.missing, 'missing image')} found"]
        words += [f"{len(self.several)} in several files alike, so not taken"] if self.several else []
        words += [f"{len(self.not_found)} not found"] if self.not_found else []
        words += [f"{counted(len(self.problems), 'file')} not taken"] if self.problems else []
        return "; ".join(words) + "."


def missing_images(project: Project) -> list[ImageRecord]:
    """The images whose file is not there now, in the order of entering. Asks the disk for each."""
    there: dict[Path, bool] = {}
    missing: list[ImageRecord] = []
    for record in project.images.all():
        if record.path not in there:
            there[record.path] = is_there(record.path)
        if not there[record.path]:
            missing.append(record)
    return missing


def count_missing(project: Project) -> tuple[int, int]:
    """(images whose file is not there now, images). Asks the disk once for each file."""
    paths = project.images.paths()
    there = {path: is_there(path) for path in dict.fromkeys(paths)}
    return sum(not there[path] for path in paths), len(paths)


def look_for(
    project: Project,
    folders: Sequence[Path],
    *,
    progress: Progress = lambda done, total: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> RelinkPlan:
    """Search folders for the missing images. Nothing is written. progress: files read, of those that may be images.

    Raises NotFound or BadRequest for a folder that cannot be looked into, Cancelled.
    """
    for folder in folders:
        _refuse_unreadable(folder)
    missing = missing_images(project)
    total = project.images.count()
    if not missing:
        return RelinkPlan(images=total, found=(), several=(), not_found=(), problems=())
    result = scan(list(folders), cancelled=cancelled)
    if cancelled():
        raise Cancelled()
    search = _Search(missing, [ref for series in all_series(result) for ref in series.frames])
    for done, of in search.read():
        if cancelled():
            raise Cancelled()
        progress(done, of)
    found, several, not_found = search.outcome()
    problems = (*_about(result.problems, missing), *search.problems)
    return RelinkPlan(images=total, found=found, several=several, not_found=not_found, problems=problems)


def relink(project: Project, plan: RelinkPlan) -> int:
    """Say where the found images lie from now on, in one step; returns how many. Raises NotWritable.

    No image, case or label changes. Each former place stays known, so a further search leads back to it.
    """
    if not plan.found:
        return 0
    folder = project.folder.resolve()
    ids = tuple(found.record.image_id for found in plan.found)
    with project.database.writing() as connection:
        for found in plan.found:
            file = found.file
            place = {
                "path": str(file.path),
                "relative_path": relative_to(folder, file.path),
                "size_bytes": file.size_bytes,
                "mtime_ns": file.mtime_ns,
            }
            own = images.c.image_id == found.record.image_id
            connection.execute(update(images).where(own).values(**place))
            at = (image_files.c.path == place["path"]) & (image_files.c.frame_index == file.frame_index)
            connection.execute(image_files.delete().where(at))
            row = {**place, "frame_index": file.frame_index, "image_id": found.record.image_id}
            connection.execute(image_files.insert().values(**row))
        touched = Touched(image_ids=ids, case_ids=tuple(sorted(cases_of(connection, ids))))
        raise_revision(connection, RevisionKind.IMAGES, touched)
    project.images.forget_paths()
    return len(ids)


def _refuse_unreadable(folder: Path) -> None:
    name_server(folder)  # a person named it
    if not is_there(folder):
        raise NotFound(f"{folder} is not there; name a folder that holds the pictures.")
    try:
        if folder.is_dir():
            with os.scandir(folder):
                pass
    except OSError as error:
        raise BadRequest(f"{folder} cannot be looked into: {error.strerror or error}.") from error


def _about(problems: Iterable[Problem], missing: Sequence[ImageRecord]) -> list[Problem]:
    """Those of a scan's problems that may be about a missing image: a file of that name could not be read."""
    names = {record.path.name for record in missing}
    return [problem for problem in problems if problem.path.name in names]


class _Search:
    """Reads the files that may be missing images, and compares them by content."""

    def __init__(self, missing: Sequence[ImageRecord], refs: Sequence[FrameRef]) -> None:
        self.problems: list[Problem] = []
        self._missing = {record.image_id: record for record in missing}
        self._files: dict[str, list[NewImage]] = defaultdict(list)
        instances = {(record.sop_instance_uid, record.frame_index) for record in missing if record.sop_instance_uid}
        pictures = [record for record in missing if not record.sop_instance_uid]
        self._named = [ref for ref in refs if (ref.sop_instance_uid, ref.frame_index) in instances]
        frames = {record.frame_index for record in pictures}
        others = [ref for ref in refs if not ref.sop_instance_uid and ref.frame_index in frames]
        sizes, names = {record.size_bytes for record in pictures}, {record.path.name for record in pictures}
        likely = {ref for ref in others if ref.path.name in names or _size_of(ref) in sizes}
        self._likely = [ref for ref in others if ref in likely]
        self._rest = [ref for ref in others if ref not in likely]

    def read(self) -> Iterator[tuple[int, int]]:
        """Read what may be a missing image; (read, to be read). Other pictures only while one is still missing."""
        done, total = 0, len(self._named) + len(self._likely)
        for refs in (self._named, self._likely, self._rest):
            if refs is self._rest:
                if not self._lacks_a_picture():
                    return
                total += len(refs)
            for ref, read in zip(refs, read_frames([FrameToAdd(ref=ref, source="") for ref in refs]), strict=True):
                done += 1
                self._take(ref, read)
                yield done, total

    def _lacks_a_picture(self) -> bool:
        return any(not one.sop_instance_uid and one.image_id not in self._files for one in self._missing.values())

    def _take(self, ref: FrameRef, read: NewImage | AppError) -> None:
        if isinstance(read, AppError):
            self.problems.append(Problem(path=ref.path, reason=str(read)))
        elif read.image_id in self._missing:
            self._files[read.image_id].append(read)
        elif ref.sop_instance_uid:
            reason = (
                f"{ref.path} has the SOP Instance UID of a missing image and other pixels, so it is not that image; "
                "it was not taken."
            )
            self.problems.append(Problem(path=ref.path, reason=reason))

    def outcome(self) -> tuple[tuple[Found, ...], tuple[Several, ...], tuple[ImageRecord, ...]]:
        """(found, in several files, not found), each in the order of entering."""
        found: list[Found] = []
        several: list[Several] = []
        not_found: list[ImageRecord] = []
        for image_id, record in self._missing.items():
            files = self._files.get(image_id, [])
            best = max((_alike(record.path, file.path) for file in files), default=0)
            closest = [file for file in files if _alike(record.path, file.path) == best]
            if not closest:
                not_found.append(record)
            elif len(closest) > 1:
                several.append(Several(record=record, paths=tuple(file.path for file in closest)))
            else:
                found.append(Found(record=record, file=replace(closest[0], path=closest[0].path.resolve())))
        return tuple(found), tuple(several), tuple(not_found)


def _alike(one: Path, other: Path) -> int:
    """How many parts two paths share, from the file's name up."""
    count = 0
    for first, second in zip(reversed(one.parts), reversed(other.parts), strict=False):
        if first != second:
            break
        count += 1
    return count


def _size_of(ref: FrameRef) -> int:
    try:
        with at_boundary(ref.path):
            return on_disk(ref.path).stat().st_size
    except AppError:
        return -1
