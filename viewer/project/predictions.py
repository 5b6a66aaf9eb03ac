"""What models proposed about the images of a project, one at a time or over several of them."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import BindParameter, Connection, Select, bindparam, func, select

from viewer.core.errors import BadRequest, NotFound
from viewer.core.shapes.annotations import Decision, Prediction, Proposal
from viewer.project.membership import chunks
from viewer.project.revisions import RevisionKind, Touched, raise_revision
from viewer.project.store.database import Database
from viewer.project.store.prediction_rows import kind_of, labels_of, numbers_of, scores_of, stored_scores
from viewer.project.store.schema import decisions, images, predictions, proposals
from viewer.project.store.stored_edits import decode_shape, encode_shape
from viewer.project.store.stored_rows import as_stored


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
            object_id=row.object_id or "",
        )


class Predictions:
    """What models proposed. Answers are added, and never changed but for what of them is one object; decisions on
    proposals are edits of the journal."""

    def __init__(self, database: Database, on_added: Callable[[str], None], round_id: str = "") -> None:
        self._database = database
        self._on_added = on_added
        self._round_id = round_id
        self._held: dict[str, list[Prediction]] = {}  # by image: answers that no project keeps

    def add(self, prediction: Prediction) -> None:
        """Keep one prediction with its proposals, in one transaction. Raises NotWritable.

        An answer about an image that is not in the project, or in a project that may only be read, changes nothing in
        it: it is held in memory until the project is closed, or until `store_held` keeps it. Raises BadRequest where an
        object that it proposes would bear two labels, be of two models, or have two shapes on one image.
        """
        if not self._database.writable or not self._is_inside(prediction.image_id):
            self._held.setdefault(prediction.image_id, []).append(prediction)
            self._on_added(prediction.image_id)
            return
        self._store(prediction)

    def keep(self, prediction: Prediction) -> None:
        """Keep what a model answered. What it has answered before stays as it is, with what was decided on it; only
        what was not known then is said of it. Raises as `add` does."""
        of_image, own_id = self.of_image(prediction.image_id), prediction.prediction_id
        before = next((one for one in of_image if one.prediction_id == own_id), None)
        if before is None:
            self.add(prediction)
            return
        if self._database.writable and not before.rule.remembered:
            self.remember_rule(prediction)
        if self._database.writable and prediction.seen and not before.seen:
            self.remember_seen(prediction)

    @property
    def held_images(self) -> set[str]:
        """The images whose answers no project keeps."""
        return set(self._held)

    def held_by(self, model_hash: str) -> list[str]:
        """Those of them that this model has answered."""
        return [key for key, several in self._held.items() if any(one.model_hash == model_hash for one in several)]

    def store_held(self, image_ids: Sequence[str]) -> None:
        """Keep what was answered about images that enter the project now. Raises NotWritable."""
        for image_id in image_ids:
            for prediction in self._held.pop(image_id, ()):
                if not self._select(predictions.c.prediction_id == prediction.prediction_id):
                    self._store(prediction)

    def of_object(self, proposal: Proposal) -> tuple[Proposal, ...]:
        """The proposals that are one thing with this one, itself included, in the order of their images."""
        if not proposal.object_id:
            return (proposal,)
        query = proposal_rows(self._round_id).where(proposals.c.object_id == proposal.object_id)
        query = query.join(images, images.c.image_id == proposals.c.image_id).where(~images.c.taken_out)
        with self._database.reading() as connection:
            return tuple(proposal_of(row) for row in connection.execute(query.order_by(images.c.position)))

    def _is_inside(self, image_id: str) -> bool:
        query = select(images.c.image_id).where(images.c.image_id == image_id, ~images.c.taken_out)
        with self._database.reading() as connection:
            return connection.execute(query).first() is not None

    def _store(self, prediction: Prediction) -> None:
        with self._database.writing() as connection:
            _refuse_unlawful_objects(connection, prediction)
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
                        "object_id": proposal.object_id or None,
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

    def say_objects(self, object_of: Mapping[str, str], image_ids: Sequence[str]) -> None:
        """Say of which object each proposal is; "" of none. image_ids: theirs. Raises NotWritable.

        The caller answers for the law of objects: one label, one model, one shape on an image.
        """
        kept = self._objects_of(object_of)
        changed = {key: object_id for key, object_id in object_of.items() if kept.get(key, object_id) != object_id}
        if changed:
            which: BindParameter[str] = bindparam("which")
            with self._database.writing() as connection:
                connection.execute(
                    proposals.update().where(proposals.c.proposal_id == which).values(object_id=bindparam("is")),
                    [{"which": key, "is": object_id or None} for key, object_id in changed.items()],
                )
                raise_revision(connection, RevisionKind.PREDICTION, Touched(image_ids=tuple(filter(None, image_ids))))
        for image_id in filter(None, image_ids):
            if image_id in self._held:
                self._held[image_id] = [_of_objects(one, object_of) for one in self._held[image_id]]
            self._on_added(image_id)

    def _objects_of(self, proposal_ids: Iterable[str]) -> dict[str, str]:
        """Which object each is of as it is kept; nothing of those that no project keeps."""
        found: dict[str, str] = {}
        with self._database.reading() as connection:
            for some in chunks(list(proposal_ids)):
                query = select(proposals.c.proposal_id, proposals.c.object_id)
                for key, object_id in connection.execute(query.where(proposals.c.proposal_id.in_(some))):
                    found[key] = object_id or ""
        return found

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


def _of_objects(prediction: Prediction, object_of: Mapping[str, str]) -> Prediction:
    """The same answer, with the objects that its proposals are of."""
    said = tuple(replace(one, object_id=object_of.get(one.proposal_id, one.object_id)) for one in prediction.proposals)
    return replace(prediction, proposals=said)


def _refuse_unlawful_objects(connection: Connection, prediction: Prediction) -> None:
    """A proposed object has one label, is of one model, and has one proposal on each image."""
    own = {one.object_id: one for one in prediction.proposals if one.object_id}
    if len(own) < sum(bool(one.object_id) for one in prediction.proposals):
        raise BadRequest(f"{prediction.model_name} proposes one object twice on one image; it has one shape on each.")
    columns = proposals.c.object_id, proposals.c.label, proposals.c.image_id, predictions.c.model_hash
    of = select(*columns).join(predictions, predictions.c.prediction_id == proposals.c.prediction_id)
    for some in chunks(list(own)):
        for row in connection.execute(of.where(proposals.c.object_id.in_(some))):
            if row.label != own[row.object_id].label or row.model_hash != prediction.model_hash:
                raise BadRequest(f"An object that {prediction.model_name} proposes has one label and is of one model.")
            if row.image_id == prediction.image_id:
                raise BadRequest(
                    f"{prediction.model_name} proposes one object twice on one image; it has one shape on each."
                )
