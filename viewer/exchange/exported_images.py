"""The images that an export writes: read from the project as often as somebody goes through them, never all at once."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from viewer.core.errors import AppError
from viewer.core.labels import Verdict
from viewer.core.shapes.annotations import Annotation, CaseStatus, Measurement
from viewer.exchange.exported_geometry import ImageGeometry, read_geometry
from viewer.project.in_batches import WorkCounts, count_work, in_batches, records_in_batches, shared_objects
from viewer.project.project import Project
from viewer.project.records import ImageRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedImage:
    """One image with what is on it. part: of the snapshot that was asked for, "" in none. geometry: where asked for.

    shared: the keys of all objects of the project that have several shapes.
    """

    record: ImageRecord
    status: CaseStatus
    annotations: tuple[Annotation, ...]
    verdicts: dict[str, Verdict]
    measurements: tuple[Measurement, ...]
    part: str = ""
    geometry: ImageGeometry | None = None
    shared: frozenset[str] = frozenset()

    def object_id(self, annotation: Annotation) -> str:
        """What a file calls the object that a shape is of; "" for one of a single shape."""
        return annotation.object_key if annotation.object_key in self.shared else ""


class Unwanted(AppError):
    """Nobody waits for it any more."""


class ExportedImages:
    """Images in the order of entering. Each loop over them reads the project anew, some images at a time.

    So the project stays open for as long as they are used. part_of: by image id. series_index_of: by image id, where
    the geometry is asked for.
    """

    def __init__(
        self,
        project: Project,
        image_ids: list[str],
        *,
        part_of: Mapping[str, str],
        series_index_of: Mapping[str, int] | None,
        is_unwanted: Callable[[], bool] = lambda: False,
    ) -> None:
        self._project = project
        self._ids = image_ids
        self._part_of = part_of
        self._series_index_of = series_index_of
        self._is_unwanted = is_unwanted

    def __len__(self) -> int:
        return len(self._ids)

    def __iter__(self) -> Iterator[ExportedImage]:
        indices = self._series_index_of
        shared = shared_objects(self._project)
        for one in in_batches(self._project, self._ids):
            if self._is_unwanted():
                raise Unwanted("The export was given up.")
            image_id = one.record.image_id
            yield ExportedImage(
                record=one.record,
                status=one.status,
                annotations=one.annotations,
                verdicts=one.image_labels,
                measurements=one.measurements,
                part=self._part_of.get(image_id, ""),
                geometry=None if indices is None else read_geometry(one.record, indices[image_id]),
                shared=shared,
            )

    def records(self) -> Iterator[ImageRecord]:
        """The images alone, without what is on them."""
        return records_in_batches(self._project, self._ids)

    def counts(self) -> WorkCounts:
        """How much is on them."""
        return count_work(self._project, self._ids)

    def without(self, image_ids: set[str]) -> "ExportedImages":
        """All but these."""
        return self._of([one for one in self._ids if one not in image_ids])

    def until(self, is_unwanted: Callable[[], bool]) -> "ExportedImages":
        """The same, whose loops raise Unwanted once that holds."""
        return ExportedImages(
            self._project, self._ids, part_of=self._part_of, series_index_of=self._series_index_of,
            is_unwanted=is_unwanted,
        )  # fmt: skip

    def of_part(self, part: str) -> "ExportedImages":
        """Those of one part; of "" those that are in none."""
        return self._of([one for one in self._ids if self._part_of.get(one, "") == part])

    def _of(self, image_ids: list[str]) -> "ExportedImages":
        return ExportedImages(self._project, image_ids, part_of=self._part_of, series_index_of=self._series_index_of)
