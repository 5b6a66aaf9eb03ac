"""The images that an export writes: read from the project as often as somebody goes through them, never all at once."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from viewer.core.errors import AppError
from viewer.core.shapes.annotations import Annotation
from viewer.exchange.exported_geometry import ImageGeometry, read_geometry
from viewer.project.in_batches import WorkCounts, records_in_batches, shared_objects
from viewer.project.lists.beyond import BeyondImages
from viewer.project.lists.taken_readings import ReadingsTaken, TakenReading
from viewer.project.project import Project
from viewer.project.records import ImageRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedImage:
    """One image with what is taken of its readings: of one of them, or by a rule, that is one.

    part: of the snapshot that was asked for, "" in none. geometry: where asked for. shared: the keys of all objects of
    the project that have several shapes. through: the labels of what is drawn on planes through its series and not on
    the image itself: a format without planes may not say that nothing of them is there.
    """

    record: ImageRecord
    readings: tuple[TakenReading, ...]
    part: str = ""
    geometry: ImageGeometry | None = None
    shared: frozenset[str] = frozenset()
    through: frozenset[str] = frozenset()

    @property
    def through_words(self) -> str:
        """What a format without planes leaves out of it; "" for nothing."""
        return f"what is drawn on planes through its series ({', '.join(sorted(self.through))})" if self.through else ""

    @property
    def annotations(self) -> tuple[Annotation, ...]:
        """The shapes of all its readings."""
        return tuple(shape for one in self.readings for shape in one.annotations)

    def object_id(self, annotation: Annotation) -> str:
        """What a file calls the object that a shape is of; "" for one of a single shape."""
        return annotation.object_key if annotation.object_key in self.shared else ""


class Unwanted(AppError):
    """Nobody waits for it any more."""


class ExportedImages:
    """Images in the order of entering. Each loop over them reads the project anew, some images at a time.

    So the project stays open for as long as they are used. taken: whose work. part_of: by image id. series_index_of: by
    image id, where the geometry is asked for. only_complete: readings of cases that are not complete are left out.
    """

    def __init__(
        self,
        project: Project,
        image_ids: list[str],
        *,
        taken: ReadingsTaken,
        part_of: Mapping[str, str],
        series_index_of: Mapping[str, int] | None,
        only_complete: bool = False,
        is_unwanted: Callable[[], bool] = lambda: False,
    ) -> None:
        self._project = project
        self._ids = image_ids
        self._taken = taken
        self._only_complete = only_complete
        self._part_of = part_of
        self._series_index_of = series_index_of
        self._is_unwanted = is_unwanted

    def __len__(self) -> int:
        return len(self._ids)

    def __iter__(self) -> Iterator[ExportedImage]:
        indices = self._series_index_of
        shared = shared_objects(self._project, self._taken.round_ids)
        beyond = BeyondImages(self._project, self._taken.round_ids)
        for record, found in self._taken.of(self._ids):
            if self._is_unwanted():
                raise Unwanted("The export was given up.")
            if said := beyond.of(record):
                found = self._taken.with_beyond(record, found, said)
            through = self._taken.drawn_through(record, beyond.labels_through(record))
            readings = tuple(one for one in found if one.status.counts or not self._only_complete)
            if through.differ:
                readings = tuple(
                    replace(one, differ=one.differ | through.differ - {shape.label for shape in one.annotations})
                    for one in readings
                )
            if not all(one.beyond.is_empty for one in readings):
                beyond.given(record)
            yield ExportedImage(
                record=record,
                readings=readings,
                part=self._part_of.get(record.image_id, ""),
                geometry=None if indices is None else read_geometry(record, indices[record.image_id]),
                shared=shared,
                through=through.labels - {shape.label for one in readings for shape in one.annotations},
            )

    def records(self) -> Iterator[ImageRecord]:
        """The images alone, without what is on them."""
        return records_in_batches(self._project, self._ids)

    def counts(self) -> WorkCounts:
        """How much is on them."""
        return self._taken.counts(self._ids)

    def without(self, image_ids: set[str]) -> "ExportedImages":
        """All but these."""
        return self._of([one for one in self._ids if one not in image_ids])

    def until(self, is_unwanted: Callable[[], bool]) -> "ExportedImages":
        """The same, whose loops raise Unwanted once that holds."""
        return self._of(self._ids, is_unwanted)

    def of_part(self, part: str) -> "ExportedImages":
        """Those of one part; of "" those that are in none."""
        return self._of([one for one in self._ids if self._part_of.get(one, "") == part])

    def _of(self, image_ids: list[str], is_unwanted: Callable[[], bool] | None = None) -> "ExportedImages":
        return ExportedImages(
            self._project, image_ids, taken=self._taken, part_of=self._part_of, series_index_of=self._series_index_of,
            only_complete=self._only_complete, is_unwanted=is_unwanted or self._is_unwanted,
        )  # fmt: skip
