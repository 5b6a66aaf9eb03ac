"""What people and accepted proposals leave on an image."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Self

from viewer.core.deciding import DecisionRule, decision_rule
from viewer.core.errors import BadRequest
from viewer.core.geometry import PointMm
from viewer.core.shapes.anchors import PlaneAnchor
from viewer.core.shapes.shape import Shape, measured_kind
from viewer.core.values import Quantity


class Origin(StrEnum):
    """Where an annotation comes from; never lost."""

    PERSON = "person"
    ACCEPTED = "accepted"  # a proposal taken as it was
    CORRECTED = "corrected"  # a proposal changed by a person
    IMPORTED = "imported"


class CaseStatus(StrEnum):
    """How far the work on a case is. What leads from one to the next stands in `core.case_acts`."""

    TO_DO = "to do"
    IN_PROGRESS = "in progress"
    COMPLETE = "complete"
    NEEDS_REVIEW = "needs review"
    APPROVED = "approved"
    RETURNED = "returned"  # to its reader, with a comment

    @property
    def is_done(self) -> bool:
        """Whether its reader is through with the case: what is not marked on it was seen and is not there."""
        return self in (CaseStatus.COMPLETE, CaseStatus.NEEDS_REVIEW, CaseStatus.APPROVED)

    @property
    def counts(self) -> bool:
        """Whether what was said of the case is taken: by snapshots, exports, rules for several readers."""
        return self in (CaseStatus.COMPLETE, CaseStatus.APPROVED)


class Decision(StrEnum):
    """What a person said of a proposal; undecided is never accepted."""

    UNDECIDED = "undecided"
    ACCEPTED = "accepted"
    CORRECTED = "corrected"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotation:
    """One shape on one image, or on a plane.

    annotation_id: 32 hex digits, made once. label: a region label's name. revision: grows by one with every change.
    proposal_id: the proposal it came from, if any. proposal_seen: whether a proposal was shown while it was drawn.
    object_id: what it shares with the other shapes of one object, on further images; "" where it is one by itself.
    round_id: in which round it was drawn; "" in the one that all readers share. plane: what it is drawn on where no
    image lies (image_id is "" then): its shape is in mm from the plane's origin, as pixels of 1 mm, and a box has its
    sides along the plane's two directions. Raises BadRequest for what lies on neither or both, and for what is painted
    on a plane.
    """

    annotation_id: str
    image_id: str
    label: str
    shape: Shape
    author: str
    revision: int = 1
    origin: Origin = Origin.PERSON
    proposal_id: str | None = None
    proposal_seen: bool = False
    object_id: str = ""
    round_id: str = ""
    plane: PlaneAnchor | None = None

    def __post_init__(self) -> None:
        if bool(self.image_id) == (self.plane is not None):
            raise BadRequest(f"{self.shape.a_word.capitalize()} lies on an image or on a plane.")
        if self.plane is not None and not self.shape.on_planes:
            raise BadRequest(f"{self.shape.a_word.capitalize()} is of an image's pixels, and lies on no plane.")

    @property
    def points_mm(self) -> tuple[PointMm, ...]:
        """What it is drawn by, in the patient; () on an image. Of a box two corners, those of its least and its most
        x and y on the plane."""
        return () if self.plane is None else tuple(map(self.plane.to_patient, self.shape.points()))

    @property
    def outline_px(self) -> tuple[tuple[float, float], ...]:
        """The points of its lines where it lies; of a box all four corners."""
        return tuple(point for ring in self.shape.rings() for point in ring)

    @property
    def object_key(self) -> str:
        """The object it belongs to: of several shapes, or of itself alone."""
        return self.object_id or self.annotation_id

    def with_shape(self, shape: Shape) -> Self:
        """It with another shape; not kept yet."""
        return replace(self, shape=shape)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """A length, angle or region that a person keeps on an image, or on a plane.

    kind: a kind of shape that measures. points_px: what it is drawn by, (x_px, y_px) each. Its numbers are computed
    when asked, never stored. round_id: as of an Annotation. plane: what it is drawn on where no image lies (image_id is
    "" then), with pixels of 1 mm. Raises UnknownName or BadRequest for what is none.
    """

    measurement_id: str
    image_id: str
    kind: str
    points_px: tuple[tuple[float, float], ...]
    author: str = ""
    round_id: str = ""
    plane: PlaneAnchor | None = None

    def __post_init__(self) -> None:
        shape = self.shape
        if bool(self.image_id) == (self.plane is not None):
            raise BadRequest(f"{shape.a_word.capitalize()} lies on an image or on a plane.")
        if self.plane is not None and not shape.on_planes:
            raise BadRequest(f"{shape.a_word.capitalize()} measures an image's pixels, and lies on no plane.")

    @property
    def outline_px(self) -> tuple[tuple[float, float], ...]:
        """The points of its lines where it lies."""
        return self.points_px

    @property
    def points_mm(self) -> tuple[PointMm, ...]:
        """Its points in the patient; () on an image, whose file says where that lies."""
        return () if self.plane is None else tuple(map(self.plane.to_patient, self.points_px))

    @property
    def shape(self) -> Shape:
        """What is drawn, and what says its numbers."""
        return measured_kind(self.kind).of_points(self.points_px)

    def with_shape(self, shape: Shape) -> Self:
        """It with another shape; not kept yet."""
        return replace(self, kind=shape.kind, points_px=shape.points())


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """One thing a model proposes on one image.

    shape: None for a whole-image class. score: probability in 0..1 as the model gives it (softmax or sigmoid).
    outside_domain: the model was run on an image that it does not fit; every drawing of the proposal says so.
    object_id: what it shares with the model's proposals on other images that are one thing; "" where it is one alone.
    """

    proposal_id: str
    prediction_id: str
    image_id: str
    label: str
    score: float
    shape: Shape | None = None
    decision: Decision = Decision.UNDECIDED
    annotation_id: str | None = None
    outside_domain: bool = False
    object_id: str = ""


# What a model says of an image that it learned is no word on a new patient.
SEEN_WORDS = {
    "trained on": "in this model's training set", "validated on": "in this model's validation part",
    "patient trained on": "of a patient in this model's training set",
    "patient validated on": "of a patient in this model's validation part",
}  # fmt: skip

# The same where it stands beside the image, plainly.
SEEN_SENTENCES = {
    "trained on": "This model was trained on this image", "validated on": "This model was chosen on this image",
    "patient trained on": "This model was trained on other images of this patient",
    "patient validated on": "This model was chosen on other images of this patient",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """One model's answer for one image.

    model_hash: SHA-256 of weights and card. scores: probability per label of the whole image, else empty. numbers: what
    a model of numbers says of the image, by label; such an answer has neither scores nor proposals.
    outside_domain: the mismatch in words when a person chose "Run anyway", else "".
    threshold: the operating point chosen on validation, in 0..1. labels: what the model tells apart, in the order of
    its outputs; () in an answer from before they were kept, which is read as it was then: each label for itself.
    exclusive: whether the labels exclude each other. seen: "trained on" or "validated on" where the image is one that
    the model, or a run it started from, has seen, so that its answer is no word on a new patient; with "patient "
    before it where that is true of other images of the patient; "" where it is not, or where it is not known.
    """

    prediction_id: str
    image_id: str
    model_hash: str
    model_name: str
    kind: str
    created: str
    threshold: float
    scores: dict[str, float] = field(default_factory=dict)
    proposals: tuple[Proposal, ...] = ()
    outside_domain: str = ""
    labels: tuple[str, ...] = ()
    exclusive: bool = False
    seen: str = ""
    numbers: dict[str, Quantity] = field(default_factory=dict)

    @property
    def rule(self) -> DecisionRule:
        """How its scores become an answer."""
        return decision_rule(self.kind, self.labels, exclusive=self.exclusive)

    @property
    def held(self) -> tuple[float, ...]:
        """Its scores that are held against the threshold: of labels of the image, or of boxes."""
        if not self.rule.has_cut:
            return ()
        return self.rule.held(self.scores) if self.rule.is_of_image else tuple(one.score for one in self.proposals)

    def cut_of(self, label: str, threshold: float) -> float | None:
        """The threshold, where a label's own score is held against it."""
        return threshold if self.rule.is_cut(label) else None

    @property
    def number_words(self) -> str:
        """ "age 43.2 a, weight 71.05 kg", each with four digits that count; "" where it says no number."""
        return ", ".join(
            f"{name} {four_digits(said.number)} {said.unit}".rstrip() for name, said in self.numbers.items()
        )

    @property
    def seen_words(self) -> str:
        """That the model has seen this very image, in a few words; "" where it has not or nobody knows."""
        return SEEN_WORDS.get(self.seen, "")

    @property
    def seen_sentence(self) -> str:
        """The same as a sentence without its full stop."""
        return SEEN_SENTENCES.get(self.seen, "")

    def proposes(self, proposal: Proposal, threshold: float | None = None) -> bool:
        """Whether this proposal of its own is proposed at a threshold; at its operating point when none is named."""
        cut = self.threshold if threshold is None else threshold
        return self.rule.proposes(proposal.label, proposal.score, self.scores, cut)

    def first_label(self, labels: Sequence[str]) -> str:
        """The one of a model's labels that is explained first: the best of what is proposed, else the best of all.

        labels: of the model, in their order; the first where it scored none of them. "" without any.
        """
        for proposals in (self.answer(), self.proposals):
            known = [proposal for proposal in proposals if proposal.label in labels]
            if known:
                return max(known, key=lambda proposal: proposal.score).label
        return next(iter(labels), "")

    def answer(self, threshold: float | None = None) -> tuple[Proposal, ...]:
        """What it proposes at a threshold (at its operating point when none is named), in the order it was kept."""
        return tuple(proposal for proposal in self.proposals if self.proposes(proposal, threshold))


def four_digits(number: float) -> str:
    """Without an exponent where all digits before the point can be read."""
    return f"{number:.4g}" if abs(number) < 10_000 else f"{number:.0f}" if abs(number) < 1e9 else f"{number:.3e}"
