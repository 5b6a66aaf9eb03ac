"""What is on the images now: the read side of the journal."""

from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy import select

from viewer.core.edits import (
    AnnotationChange,
    AnswerChange,
    AttributeChange,
    CaseStatusChange,
    DecisionChange,
    Edit,
    ImageLabelChange,
    ImagesChange,
    LabelChange,
    MaskStroke,
    MeasurementChange,
    ObjectLinkChange,
    ObjectNoteChange,
    PatientChange,
)
from viewer.core.labels import Verdict
from viewer.core.shapes.annotations import Annotation, Measurement, Prediction, Proposal
from viewer.project.predictions import Predictions
from viewer.project.state import annotation_of, measurement_of, shapes_drawn, verdict_of
from viewer.project.store.database import Database
from viewer.project.store.schema import (
    annotations,
    image_labels,
    measurements,
)

T = TypeVar("T")

_KEPT_IMAGES = 64


class Work:
    """What is on each image in one round, always as committed. The last images asked for are kept in memory.

    A project that another process writes to (open read-only here) is read anew each time.
    """

    def __init__(self, database: Database, round_id: str = "") -> None:
        self._database = database
        self._round_id = round_id
        self.predictions_store = Predictions(database, self.forget, round_id)
        self._kept: dict[tuple[str, str], Any] = {}
        self._version = 0

    def annotations(self, image_id: str) -> tuple[Annotation, ...]:
        """The annotations of an image, in the order of their first drawing."""
        return self._get("annotations", image_id, self._read_annotations)

    def image_labels(self, image_id: str) -> dict[str, Verdict]:
        """What was said of the whole image; a label that is not there is unknown."""
        return dict(self._get("image_labels", image_id, self._read_image_labels))

    def measurements(self, image_id: str) -> tuple[Measurement, ...]:
        """The measurements kept on an image."""
        return self._get("measurements", image_id, self._read_measurements)

    def predictions(self, image_id: str) -> tuple[Prediction, ...]:
        """Every prediction of an image, oldest first."""
        return self._get("predictions", image_id, self.predictions_store.of_image)

    def proposals(self, image_id: str) -> tuple[Proposal, ...]:
        """Every proposal on an image, of all its predictions, oldest first."""
        return tuple(proposal for prediction in self.predictions(image_id) for proposal in prediction.proposals)

    def forget(self, image_id: str) -> None:
        """Read this image anew next time."""
        self._version += 1
        for key in [key for key in self._kept if key[1] == image_id]:
            self._kept.pop(key, None)

    def forget_all(self) -> None:
        """Read everything anew next time."""
        self._version += 1
        self._kept.clear()

    def after(self, edit: Edit) -> None:
        """Forget what an edit that was just committed has changed."""
        for change in edit.changes:
            match change:
                case MaskStroke() | ImageLabelChange():
                    self.forget(change.image_id)
                case AnnotationChange() | MeasurementChange():
                    for thing in (change.before, change.after):
                        if thing is not None and thing.image_id:
                            self.forget(thing.image_id)
                case AnswerChange() | AttributeChange():  # nothing of them is kept here
                    pass
                case ObjectNoteChange() | ObjectLinkChange():
                    pass
                case LabelChange() | DecisionChange() | ImagesChange() | PatientChange():  # these may be on any image
                    self.forget_all()
                case CaseStatusChange():
                    pass

    def _get(self, what: str, image_id: str, read: Callable[[str], T]) -> T:
        key = (what, image_id)
        if key in self._kept:
            found: T = self._kept[key]
            return found
        version = self._version
        fresh = read(image_id)
        # Another thread may have committed while this one read: then what was read is not kept.
        if self._database.writable and version == self._version:
            while len(self._kept) >= _KEPT_IMAGES * 4:
                self._kept.pop(next(iter(self._kept)), None)
            self._kept[key] = fresh
        return fresh

    def _read_annotations(self, image_id: str) -> tuple[Annotation, ...]:
        with self._database.reading() as connection:
            here = shapes_drawn(annotations.c.image_id == image_id, annotations.c.round_id == self._round_id)
            rows = connection.execute(here).all()
        return tuple(annotation_of(row) for row in rows)

    def _read_image_labels(self, image_id: str) -> dict[str, Verdict]:
        with self._database.reading() as connection:
            here = (image_labels.c.image_id == image_id) & (image_labels.c.round_id == self._round_id)
            rows = connection.execute(select(image_labels).where(here)).all()
        return {row.label: verdict_of(row) for row in rows}

    def _read_measurements(self, image_id: str) -> tuple[Measurement, ...]:
        with self._database.reading() as connection:
            here = (measurements.c.image_id == image_id) & (measurements.c.round_id == self._round_id)
            rows = connection.execute(select(measurements).where(here)).all()
        return tuple(measurement_of(row) for row in rows)
