"""The images of a project: what entered it, and where each lies."""

import hashlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, func, select, update

from viewer.core.errors import BadProject, NotFound
from viewer.project.cases import NO_PATIENT
from viewer.project.image_paths import ImagePaths
from viewer.project.image_rows import CASE_ID, image_rows, rows_of_cases
from viewer.project.membership import cases_of, chunks
from viewer.project.records import CaseUnit, ImageRecord, NewImage
from viewer.project.revisions import RevisionKind, Touched, raise_revision
from viewer.project.store.database import Database
from viewer.project.store.schema import case_images, cases, image_files, images
from viewer.project.store.stored_rows import ADVICE, as_stored

_MOST_PIXELS = 1 << 32  # Rows and Columns are of 16 bits (PS3.3 C.7.6.3); pictures are held to less


def case_key(image: NewImage, unit: CaseUnit) -> str:
    """What the images of one case share. A file without a study or series UID is a case of its own."""
    film = image.sop_instance_uid or image.image_id
    unit = _unit_of(image, unit)
    if unit is CaseUnit.STUDY and image.study_uid:
        return f"study\n{image.source}\n{image.study_uid}"
    if unit is CaseUnit.SERIES and image.series_id:
        return f"series\n{image.series_id}"
    return f"film\n{film}"


def _case_id(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()[:16]


def possible_cases(row: Row[Any]) -> set[str]:
    """The ids that the case of an image may have. row: of `images`."""
    film = row.sop_instance_uid or row.image_id
    keys = (f"study\n{row.source}\n{row.study_uid}", f"series\n{row.series_id}", f"film\n{film}")
    return {_case_id(key) for key in keys}


def _unit_of(image: NewImage, unit: CaseUnit) -> CaseUnit:
    """A CT is not cut into its slices: where a case is a film, a stack is one of its own."""
    return CaseUnit.SERIES if unit is CaseUnit.FILM and image.of_stack and image.series_id else unit


def _case_title(image: NewImage, unit: CaseUnit) -> str:
    """What the case list says: the patient and what tells one case of theirs from another."""
    unit = _unit_of(image, unit)
    parts = [image.patient_id or NO_PATIENT]
    if image.tags.get("StudyDate"):
        parts.append(image.tags["StudyDate"])
    if unit is CaseUnit.FILM or not image.study_uid:
        parts.append(image.path.name)
    else:
        parts.append(image.tags.get("SeriesDescription" if unit is CaseUnit.SERIES else "StudyDescription", ""))
        parts.append(image.part if unit is CaseUnit.SERIES else "")
    return " · ".join(part for part in parts if part)


def image_of(row: Row, path: Path | None = None) -> ImageRecord:  # type: ignore[type-arg]  # a row of `image_rows`
    """The image of a row. path: where its file lies now (`ImagePaths`), else where the row says.

    Raises BadProject, naming the image, for what no image has: masks are made of its size.
    """
    if row.rows < 1 or row.cols < 1 or row.rows * row.cols > _MOST_PIXELS or row.frame_index < 0:
        raise BadProject(
            f"The image {row.path} stands in the project as {row.rows} x {row.cols} pixels, frame {row.frame_index}, "
            f"which no image has; {ADVICE}."
        )
    return ImageRecord(
        image_id=row.image_id,
        path=Path(row.path) if path is None else path,
        frame_index=row.frame_index,
        sop_instance_uid=row.sop_instance_uid,
        source=row.source,
        patient_id=row.patient_id,
        study_uid=row.study_uid,
        series_id=row.series_id,
        case_id=row.case_id,
        rows=row.rows,
        cols=row.cols,
        modality=row.modality,
        pixel_sha256=row.pixel_sha256,
        size_bytes=row.size_bytes,
        mtime_ns=row.mtime_ns,
        tags=tags_of(row),
    )


def tags_of(row: Row) -> dict[str, str]:  # type: ignore[type-arg]  # a row of `images`
    """The header facts that were kept with an image."""
    with as_stored(f"The tags of the image {row.image_id} ({row.path})"):
        tags = json.loads(row.tags)
        if not isinstance(tags, dict) or not all(isinstance(value, str) for value in tags.values()):
            raise ValueError("its tags are no words")
        return tags


class Images:
    """Register and look up images."""

    def __init__(self, database: Database, unit: CaseUnit, folder: Path, *, on_registered: Callable[[], None]) -> None:
        self._database = database
        self._unit = unit
        self._on_registered = on_registered
        self._paths = ImagePaths(folder)

    def register(self, new_images: Sequence[NewImage]) -> list[str]:
        """Put images into the project in one transaction, with nothing to undo; returns their ids in order.

        An image that is there already stays as it is (patient, case, annotations); a further path to it is kept.
        """
        ids = [image.image_id for image in new_images]
        with self._database.writing() as connection:
            noted = self._note(connection, ids, new_images)
            let_in: list[str] = []
            for some in chunks(ids):
                here = images.c.image_id.in_(some) & images.c.taken_out
                let_in += connection.scalars(
                    update(images).where(here).values(taken_out=False).returning(images.c.image_id)
                )
            self._raise(connection, [*noted, *let_in])
        self._on_registered()
        return ids

    def outside(self, image_ids: Sequence[str]) -> list[str]:
        """Those of the images that are known and not in the project, once each: what `add_images` can let in."""
        found: set[str] = set()
        with self._database.reading() as connection:
            for some in chunks(image_ids):
                query = select(images.c.image_id).where(images.c.image_id.in_(some), images.c.taken_out)
                found |= set(connection.scalars(query))
        return [image_id for image_id in dict.fromkeys(image_ids) if image_id in found]

    def note(self, new_images: Sequence[NewImage]) -> list[str]:
        """Write down where images lie and what they are, in one transaction; returns their ids in order.

        They are in the project only when an edit lets them in (`edit_builders.add_images`). One that is known stays
        as it is, in the project or out of it; a further path to it is kept.
        """
        ids = [image.image_id for image in new_images]
        with self._database.writing() as connection:
            self._raise(connection, self._note(connection, ids, new_images))
        self._on_registered()
        return ids

    def _note(self, connection: Connection, ids: Sequence[str], new_images: Sequence[NewImage]) -> list[str]:
        """Returns the images of which something was written down."""
        known = set(connection.scalars(select(images.c.image_id)))
        known_cases = set(connection.scalars(select(cases.c.case_id)))
        files = {(row.path, row.frame_index): row for row in connection.execute(select(image_files))}
        position = self._next_position(connection, images.c.position)
        case_position = self._next_position(connection, cases.c.position)
        new_rows: list[dict[str, Any]] = []
        placed: list[dict[str, Any]] = []
        case_rows: list[dict[str, Any]] = []
        for image_id, image in zip(ids, new_images, strict=True):
            if image_id in known:
                continue
            known.add(image_id)
            case_id = _case_id(case_key(image, self._unit))
            if case_id not in known_cases:
                known_cases.add(case_id)
                case_rows.append(self._case_row(image, case_id, case_position + len(case_rows)))
            new_rows.append(self._image_row(image, image_id, position + len(new_rows)))
            placed.append({"case_id": case_id, "image_id": image_id})
        for table, rows in ((cases, case_rows), (images, new_rows), (case_images, placed)):
            if rows:
                connection.execute(table.insert(), rows)
        led = self._enter_files(connection, ids, new_images, files)
        return [*(row["image_id"] for row in new_rows), *led]

    @staticmethod
    def _raise(connection: Connection, image_ids: Sequence[str]) -> None:
        touched = list(dict.fromkeys(image_ids))
        if not touched:
            return
        of_cases = tuple(sorted(cases_of(connection, touched)))
        raise_revision(connection, RevisionKind.IMAGES, Touched(image_ids=tuple(touched), case_ids=of_cases))

    @staticmethod
    def _next_position(connection: Connection, column: Any) -> int:
        last = connection.execute(select(func.max(column))).scalar_one()
        return 0 if last is None else int(last) + 1

    def _case_row(self, image: NewImage, case_id: str, position: int) -> dict[str, Any]:
        return {
            "case_id": case_id,
            "position": position,
            "title": _case_title(image, self._unit),
            "source": image.source,
            "patient_id": image.patient_id,
        }

    def _image_row(self, image: NewImage, image_id: str, position: int) -> dict[str, Any]:
        return {
            "image_id": image_id,
            "position": position,
            "path": str(image.path),
            "relative_path": self._paths.relative(image.path),
            "frame_index": image.frame_index,
            "sop_instance_uid": image.sop_instance_uid,
            "source": image.source,
            "patient_id": image.patient_id,
            "study_uid": image.study_uid,
            "series_id": image.series_id,
            "rows": image.rows,
            "cols": image.cols,
            "modality": image.modality,
            "pixel_sha256": image.pixel_sha256,
            "size_bytes": image.size_bytes,
            "mtime_ns": image.mtime_ns,
            "tags": json.dumps(image.tags, ensure_ascii=False, sort_keys=True, allow_nan=False),
            "taken_out": True,
        }

    def _enter_files(
        self,
        connection: Connection,
        ids: Sequence[str],
        new_images: Sequence[NewImage],
        files: dict[tuple[str, int], Any],
    ) -> list[str]:
        """Note each path; one that was noted with other bytes leads to its new image from now on.

        Returns the images that have another file now.
        """
        rows: dict[tuple[str, int], dict[str, Any]] = {}
        for image_id, image in zip(ids, new_images, strict=True):
            key = (str(image.path), image.frame_index)
            row = {
                "path": key[0],
                "relative_path": self._paths.relative(image.path),
                "frame_index": key[1],
                "image_id": image_id,
                "size_bytes": image.size_bytes,
                "mtime_ns": image.mtime_ns,
            }
            old = files.get(key)
            if old is None or (old.image_id, old.size_bytes, old.mtime_ns) != (
                image_id,
                image.size_bytes,
                image.mtime_ns,
            ):
                rows[key] = row
        for key in rows:
            if key in files:
                connection.execute(
                    image_files.delete().where(image_files.c.path == key[0], image_files.c.frame_index == key[1])
                )
        if rows:
            connection.execute(image_files.insert(), list(rows.values()))
        return [str(row["image_id"]) for row in rows.values()]

    def get(self, image_id: str) -> ImageRecord:
        """One image of the project. Raises NotFound, also for one that was taken out."""
        found = self._select(image_rows().where(images.c.image_id == image_id))
        if not found:
            raise NotFound(f"The image {image_id} is not part of this project.")
        return found[0]

    def noted(self, image_ids: Sequence[str]) -> list[ImageRecord]:
        """Images that are known, in the project or out of it, in the order of entering."""
        found: list[ImageRecord] = []
        with self._database.reading() as connection:
            for some in chunks(image_ids):
                query = image_rows().where(images.c.image_id.in_(some)).order_by(images.c.position)
                found += [self.record_of(row) for row in connection.execute(query)]
        return found

    def knows_any(self, image_id: str | None = None) -> bool:
        """Whether an image, or this one, is in the project, or was taken out of it."""
        query = select(images.c.image_id).limit(1)
        if image_id is not None:
            query = query.where(images.c.image_id == image_id)
        with self._database.reading() as connection:
            return connection.execute(query).first() is not None

    def all(self) -> list[ImageRecord]:
        """Every image, in the order of entering."""
        return self._select(image_rows().order_by(images.c.position))

    def count(self) -> int:
        """How many there are."""
        with self._database.reading() as connection:
            inside = select(func.count()).select_from(images).where(~images.c.taken_out)
            return int(connection.execute(inside).scalar_one())

    def by_case(self, case_id: str) -> list[ImageRecord]:
        """The images of one case, in the order of entering (a series' sorted order)."""
        return self._select(rows_of_cases([case_id]).order_by(images.c.position))

    def of_study(self, image_id: str) -> list[ImageRecord]:
        """The images of the study of an image, itself among them; of its series where no study is known. None of an
        image that is not in the project."""
        (mine,) = self._select(image_rows().where(images.c.image_id == image_id)) or (None,)
        if mine is None:
            return []
        same = images.c.study_uid == mine.study_uid if mine.study_uid else images.c.series_id == mine.series_id
        query = image_rows().where(same, images.c.source == mine.source).order_by(images.c.position)
        return self._select(query) if mine.study_uid or mine.series_id else [mine]

    def about(self, image_id: str | None) -> tuple[str, str]:
        """(its file's name, its case) of an image in the project or taken out of it; ("", "") of an unknown one."""
        query = select(images.c.path, CASE_ID).where(images.c.image_id == image_id)
        with self._database.reading() as connection:
            row = None if image_id is None else connection.execute(query).one_or_none()
        return ("", "") if row is None else (Path(row.path).name, row.case_id)

    def find(self, *, path: Path | None = None, sop_instance_uid: str | None = None) -> list[ImageRecord]:
        """The images of a file (all its frames) or of a SOP instance; empty when there is none."""
        query = image_rows().order_by(images.c.position)
        if path is not None:
            query = query.where(images.c.image_id.in_(select(image_files.c.image_id).where(self._is_file(path))))
        if sop_instance_uid is not None:
            query = query.where(images.c.sop_instance_uid == sop_instance_uid)
        return self._select(query)

    def files(self) -> dict[tuple[Path, int], str]:
        """(path, frame index) of every file that was ever registered, to its image id."""
        with self._database.reading() as connection:
            rows = connection.execute(select(image_files)).all()
        return {(self._paths.of(row), row.frame_index): row.image_id for row in rows}

    def unchanged(self, path: Path, frame_index: int, size_bytes: int, mtime_ns: int) -> str | None:
        """The image id of a file that was registered with this size and time; None when it must be read again."""
        query = select(image_files.c.image_id).where(
            self._is_file(path),
            image_files.c.frame_index == frame_index,
            image_files.c.size_bytes == size_bytes,
            image_files.c.mtime_ns == mtime_ns,
        )
        with self._database.reading() as connection:
            found = connection.scalars(query).first()
        return None if found is None else str(found)

    def paths(self) -> list[Path]:
        """Where each image of the project lies now, in the order of entering: far quicker than their records."""
        query: Select[Any] = select(images.c.path, images.c.relative_path, images.c.size_bytes).where(
            ~images.c.taken_out
        )
        with self._database.reading() as connection:
            rows = connection.execute(query.order_by(images.c.position)).all()
        return [self._paths.of(row) for row in rows]

    def record_of(self, row: Row[Any]) -> ImageRecord:
        """The image of a row of `images`, with where its file lies now. Raises BadProject as `image_of` does."""
        return image_of(row, self._paths.of(row))

    def forget_paths(self) -> None:
        """Look again where files lie: their rows were written anew."""
        self._paths.forget()

    def _is_file(self, path: Path) -> ColumnElement[bool]:
        whole, relative = self._paths.names(path)
        return image_files.c.path.in_(whole) | image_files.c.relative_path.in_(relative)

    def _select(self, query: Select[Any]) -> list[ImageRecord]:
        with self._database.reading() as connection:
            rows = connection.execute(query.where(~images.c.taken_out)).all()
        return [self.record_of(row) for row in rows]
