"""What is on the images now: the read side of the journal."""

import json
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from sqlalchemy import Connection, Select, func, select

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
    MaskPatch,
    MeasurementChange,
    PatientChange,
)
from viewer.core.errors import NotFound
from viewer.core.labels import Verdict
from viewer.core.shapes.annotations import Annotation, Decision, Measurement, Prediction, Proposal
from viewer.project.membership import chunks
from viewer.project.prediction_rows import kind_of, labels_of, numbers_of, scores_of, stored_scores
from viewer.project.revisions import RevisionKind, Touched, raise_revision
from viewer.project.state import annotation_of, measurement_of, shapes_drawn, verdict_of
from viewer.project.store.database import Database
from viewer.project.store.schema import (
    annotations,
    decisions,
    image_labels,
    images,
    measurements,
    predictions,
    proposals,
)
from viewer.project.store.stored_edits import decode_shape, encode_shape
from viewer.project.store.stored_rows import as_stored

T = TypeVar("T")

_KEPT_IMAGES = 64


def proposal_rows(round_id: str) -> Select[Any]:
    """Proposals with what was decided on each in a round."""
    decided = (decisions.c.proposal_id == proposals.c.proposal_id) & (decisions.c.round_id == round_id)
    decision = func.coalesce(decisions.c.decision, Decision.UNDECIDED.value).label("decision")
    return select(proposals, decision, decisions.c.annotation_id).outerjoin(decisions, decided)


def proposal_of(row: Any, *, outside_domain: bool = False) -> Proposal:
    """A row of `proposal_rows` as a value."""
    with as_stored(f"The proposal {row.proposal_id} ({row.label}) on the image {row.image_id}"):
        return Proposal(
            proposal_id=row.proposal_id,
            prediction_id=row.prediction_id,
            image_id=row.image_id,
            label=row.label,
            score=row.score,
            shape=None if row.shape is None else decode_shape(row.shape, row.masks),
            decision=Decision(row.decision),
            annotation_id=row.annotation_id,
            outside_domain=outside_domain,
        )


class Predictions:
    """What models proposed. Predictions are added, never changed; decisions on proposals are edits of the journal."""

    def __init__(self, database: Database, on_added: Callable[[str], None], round_id: str = "") -> None:
        self._database = database
        self._on_added = on_added
        self._round_id = round_id
        self._held: dict[str, list[Prediction]] = {}  # by image: answers that no project keeps

    def add(self, prediction: Prediction) -> None:
        """Keep one prediction with its proposals, in one transaction. Raises NotWritable.

        An answer about an image that is not in the project, or in a project that may only be read, changes nothing in
        it: it is held in memory until the project is closed, or until `store_held` keeps it.
        """
        if not self._database.writable or not self._is_inside(prediction.image_id):
            self._held.setdefault(prediction.image_id, []).append(prediction)
            self._on_added(prediction.image_id)
            return
        self._store(prediction)

    @property
    def held_images(self) -> set[str]:
        """The images whose answers no project keeps."""
        return set(self._held)

    def store_held(self, image_ids: Sequence[str]) -> None:
        """Keep what was answered about images that enter the project now. Raises NotWritable."""
        for image_id in image_ids:
            for prediction in self._held.pop(image_id, ()):
                if not self._select(predictions.c.prediction_id == prediction.prediction_id):
                    self._store(prediction)

    def _is_inside(self, image_id: str) -> bool:
        query = select(images.c.image_id).where(images.c.image_id == image_id, ~images.c.taken_out)
        with self._database.reading() as connection:
            return connection.execute(query).first() is not None

    def _store(self, prediction: Prediction) -> None:
        with self._database.writing() as connection:
            last = connection.execute(
                select(predictions.c.position).order_by(predictions.c.position.desc()).limit(1)
            ).scalar_one_or_none()
            connection.execute(
                predictions.insert().values(
                    prediction_id=prediction.prediction_id,
                    position=0 if last is None else last + 1,
                    image_id=prediction.image_id,
                    model_hash=prediction.model_hash,
                    model_name=prediction.model_name,
                    kind=prediction.kind,
                    created=prediction.created,
                    threshold=prediction.threshold,
                    scores=json.dumps(stored_scores(prediction), allow_nan=False),
                    outside_domain=prediction.outside_domain,
                    labels=json.dumps(list(prediction.labels), allow_nan=False),
                    exclusive=prediction.exclusive,
                    seen=prediction.seen,
                )
            )
            rows = []
            for position, proposal in enumerate(prediction.proposals):
                shape, masks = (None, b"") if proposal.shape is None else encode_shape(proposal.shape)
                rows.append(
                    {
                        "proposal_id": proposal.proposal_id,
                        "prediction_id": prediction.prediction_id,
                        "position": position,
                        "image_id": prediction.image_id,
                        "label": proposal.label,
                        "score": proposal.score,
                        "shape": shape,
                        "masks": masks,
                    }
                )
            if rows:
                connection.execute(proposals.insert(), rows)
            decided = [
                {
                    "round_id": self._round_id,
                    "proposal_id": one.proposal_id,
                    "decision": one.decision.value,
                    "annotation_id": one.annotation_id,
                }
                for one in prediction.proposals
                if one.decision is not Decision.UNDECIDED
            ]
            if decided:
                connection.execute(decisions.insert(), decided)
            self._raise(connection, prediction)
        self._on_added(prediction.image_id)

    def remember_seen(self, prediction: Prediction) -> None:
        """Say of an answer that was kept before it was known that its model has seen the image. Raises NotWritable."""
        with self._database.writing() as connection:
            said = connection.execute(
                predictions.update()
                .where(predictions.c.prediction_id == prediction.prediction_id, predictions.c.seen == "")
                .values(seen=prediction.seen)
            )
            if said.rowcount:
                self._raise(connection, prediction)
        self._on_added(prediction.image_id)

    def remember_rule(self, prediction: Prediction) -> None:
        """Where the same answer was kept before its labels were (schema 1), keep them now: the model was asked again.

        Nothing else of what was kept is touched. Raises NotWritable.
        """
        with self._database.writing() as connection:
            said = connection.execute(
                predictions.update()
                .where(predictions.c.prediction_id == prediction.prediction_id, predictions.c.labels == "[]")
                .values(labels=json.dumps(list(prediction.labels), allow_nan=False), exclusive=prediction.exclusive)
            )
            if said.rowcount:
                self._raise(connection, prediction)
        self._on_added(prediction.image_id)

    @staticmethod
    def _raise(connection: Connection, prediction: Prediction) -> None:
        raise_revision(connection, RevisionKind.PREDICTION, Touched(image_ids=(prediction.image_id,)))

    def of_image(self, image_id: str) -> tuple[Prediction, ...]:
        """Every prediction of an image, oldest first."""
        stored = self._select(predictions.c.image_id == image_id)
        known = {prediction.prediction_id for prediction in stored}
        return stored + tuple(one for one in self._held.get(image_id, ()) if one.prediction_id not in known)

    def of_images(self, image_ids: Sequence[str]) -> dict[str, tuple[Prediction, ...]]:
        """The predictions of each image that has any, oldest first, in two queries for hundreds of images."""
        found: dict[str, list[Prediction]] = {}
        for some in chunks(image_ids):
            for prediction in self._select(predictions.c.image_id.in_(some)):
                found.setdefault(prediction.image_id, []).append(prediction)
        for image_id in (one for one in image_ids if one in self._held):
            known = {one.prediction_id for one in found.get(image_id, ())}
            several = [one for one in self._held[image_id] if one.prediction_id not in known]
            found.setdefault(image_id, []).extend(several)
        return {image_id: tuple(several) for image_id, several in found.items()}

    def latest(self, image_id: str, model_hash: str | None = None) -> Prediction | None:
        """The newest prediction of an image, of one model when it is named."""
        condition = predictions.c.image_id == image_id
        if model_hash is not None:
            condition &= predictions.c.model_hash == model_hash
        found = self._select(condition)
        return found[-1] if found else None

    def all(self, decision: Decision | None = None) -> list[Proposal]:
        """Every proposal in the order of arriving, or those with one decision."""
        query = (
            proposal_rows(self._round_id)
            .join(predictions, predictions.c.prediction_id == proposals.c.prediction_id)
            .join(images, images.c.image_id == predictions.c.image_id)
            .where(~images.c.taken_out)
        )
        if decision is not None:
            query = query.where(func.coalesce(decisions.c.decision, Decision.UNDECIDED.value) == decision.value)
        with self._database.reading() as connection:
            return [
                proposal_of(row)
                for row in connection.execute(query.order_by(predictions.c.position, proposals.c.position))
            ]

    def get_proposal(self, proposal_id: str) -> Proposal:
        """One proposal. Raises NotFound."""
        with self._database.reading() as connection:
            query = proposal_rows(self._round_id).where(proposals.c.proposal_id == proposal_id)
            row = connection.execute(query).one_or_none()
        if row is None:
            raise NotFound(f"There is no proposal {proposal_id} in this project.")
        return proposal_of(row)

    def get(self, prediction_id: str) -> Prediction:
        """One prediction. Raises NotFound."""
        found = self._select(predictions.c.prediction_id == prediction_id)
        if not found:
            raise NotFound(f"There is no prediction {prediction_id} in this project.")
        return found[0]

    def _select(self, condition: Any) -> tuple[Prediction, ...]:
        with self._database.reading() as connection:
            rows = connection.execute(select(predictions).where(condition).order_by(predictions.c.position)).all()
            outside = {row.prediction_id: bool(row.outside_domain) for row in rows}
            of: dict[str, list[Proposal]] = {prediction_id: [] for prediction_id in outside}
            query = proposal_rows(self._round_id).where(proposals.c.prediction_id.in_(list(outside)))
            for row in connection.execute(query.order_by(proposals.c.position)):
                of[row.prediction_id].append(proposal_of(row, outside_domain=outside[row.prediction_id]))
        return tuple(
            Prediction(
                prediction_id=row.prediction_id,
                image_id=row.image_id,
                model_hash=row.model_hash,
                model_name=row.model_name,
                kind=kind_of(row),
                created=row.created,
                threshold=row.threshold,
                scores=scores_of(row),
                proposals=tuple(of[row.prediction_id]),
                outside_domain=row.outside_domain,
                labels=labels_of(row),
                exclusive=row.exclusive,
                seen=row.seen,
                numbers=numbers_of(row),
            )
            for row in rows
        )


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
                case MaskPatch() | ImageLabelChange():
                    self.forget(change.image_id)
                case AnnotationChange() | MeasurementChange():
                    for thing in (change.before, change.after):
                        if thing is not None:
                            self.forget(thing.image_id)
                case AnswerChange() | AttributeChange():  # nothing of them is kept here
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
