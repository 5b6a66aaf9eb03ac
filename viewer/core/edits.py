"""Edits: what one gesture changes, with its inverse.

An edit is a list of changes; each change holds the state before and after, so its inverse is the same change turned
round. `None` means "not there". `viewer.project` keeps edits in the journal and gives them their stored form.

What is said of an image is said in a round (`round_id`): "" is the one that all readers share.
"""

from dataclasses import dataclass, field, replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from viewer.core.attributes import Attribute
from viewer.core.errors import BadRequest
from viewer.core.labels import Label, Verdict
from viewer.core.shapes.annotations import Annotation, CaseStatus, Decision, Measurement
from viewer.core.shapes.kinds.mask import MaskRuns
from viewer.core.shapes.objects import ObjectLink, ObjectNote
from viewer.core.shapes.strokes import with_stroke
from viewer.core.values import Target, TargetKind, Value


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnotationChange:
    """An annotation appears (before None), changes, or goes (after None)."""

    before: Annotation | None
    after: Annotation | None

    def inverse(self) -> "AnnotationChange":
        """The change that takes it back."""
        return AnnotationChange(before=self.after, after=self.before)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MaskStroke:
    """One stroke on a mask annotation: the runs of pixels that it adds and of those that it removes.

    added, removed: (n, 3) int32 of (row, col_start, col_end) in the image, as of MaskRuns.
    """

    annotation_id: str
    image_id: str
    added: NDArray[np.int32]
    removed: NDArray[np.int32]

    def inverse(self) -> "MaskStroke":
        """The stroke that takes it back."""
        return replace(self, added=self.removed, removed=self.added)

    def apply(self, mask: MaskRuns) -> MaskRuns:
        """The mask with the stroke on it. Raises BadRequest where it does not fit (`with_stroke`)."""
        return with_stroke(mask, self.added, self.removed)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageLabelChange:
    """A whole-image label is said, changed or taken back to unknown (None)."""

    image_id: str
    label: str
    before: Verdict | None
    after: Verdict | None
    round_id: str = ""

    def inverse(self) -> "ImageLabelChange":
        """The change that takes it back."""
        return replace(self, before=self.after, after=self.before)


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerChange:
    """Something is said of a target, said otherwise, or taken back (None). name: of the question.

    A verdict about a whole image is an ImageLabelChange: its label is of the catalogue, and complete cases keep to it.
    """

    target: Target
    name: str
    before: Value | None
    after: Value | None
    round_id: str = ""

    def __post_init__(self) -> None:
        verdicts = isinstance(self.before, Verdict) or isinstance(self.after, Verdict)
        if self.target.kind is TargetKind.IMAGE and verdicts:
            raise BadRequest(f"A verdict about a whole image, such as {self.name}, is one of its labels.")
        if not self.name.strip():
            raise BadRequest("What is said needs a name.")

    def inverse(self) -> "AnswerChange":
        """The change that takes it back."""
        return replace(self, before=self.after, after=self.before)


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectNoteChange:
    """The state or the comment of an object changes; nothing said is an empty note."""

    object_id: str
    before: ObjectNote
    after: ObjectNote

    def inverse(self) -> "ObjectNoteChange":
        """The change that takes it back."""
        return replace(self, before=self.after, after=self.before)


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectLinkChange:
    """Two objects are said to be one, or no longer (after None)."""

    before: ObjectLink | None
    after: ObjectLink | None

    def inverse(self) -> "ObjectLinkChange":
        """The change that takes it back."""
        return ObjectLinkChange(before=self.after, after=self.before)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseStatusChange:
    """A case gets another status.

    by_work: it begins with the first work on it, and goes back only when no work is left on it, whoever did that.
    comment_before, comment_after: why it was returned; "" with every other status.
    """

    case_id: str
    before: CaseStatus
    after: CaseStatus
    by_work: bool = False
    round_id: str = ""
    comment_before: str = ""
    comment_after: str = ""

    def inverse(self) -> "CaseStatusChange":
        """The change that takes it back."""
        return replace(
            self,
            before=self.after,
            after=self.before,
            comment_before=self.comment_after,
            comment_after=self.comment_before,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelChange:
    """A row of the label catalogue appears, changes or goes.

    by_work: it comes with the first work that carries it, and goes back only when nothing carries it, whoever did that.
    """

    before: Label | None
    after: Label | None
    by_work: bool = False

    def inverse(self) -> "LabelChange":
        """The change that takes it back."""
        return replace(self, before=self.after, after=self.before)


@dataclass(frozen=True, slots=True, kw_only=True)
class AttributeChange:
    """An attribute of the label catalogue is declared (before None), changes, or goes (after None).

    It stays one of the same label. Its answers carry its new name; what no longer is an answer to it is taken back by
    changes of the same edit. Raises BadRequest for one that would move to another label.
    """

    before: Attribute | None
    after: Attribute | None

    def __post_init__(self) -> None:
        if self.before is not None and self.after is not None:
            before, after = ((one.scope, one.label) for one in (self.before, self.after))
            if before != after:
                raise BadRequest(f"{self.before.name} is an attribute of {self.before.of_what}, and stays one.")

    def inverse(self) -> "AttributeChange":
        """The change that takes it back."""
        return AttributeChange(before=self.after, after=self.before)


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasurementChange:
    """A measurement appears, changes or goes."""

    before: Measurement | None
    after: Measurement | None

    def inverse(self) -> "MeasurementChange":
        """The change that takes it back."""
        return MeasurementChange(before=self.after, after=self.before)


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionChange:
    """A person accepts, corrects or rejects a proposal. annotation_id: what an accept or correct wrote.

    threshold: where it stood when the person decided, in 0..1; None where it was not asked (the command line).
    """

    proposal_id: str
    before: Decision
    after: Decision
    annotation_before: str | None = None
    annotation_after: str | None = None
    threshold: float | None = None
    round_id: str = ""

    def inverse(self) -> "DecisionChange":
        """The change that takes it back."""
        return replace(
            self,
            before=self.after,
            after=self.before,
            annotation_before=self.annotation_after,
            annotation_after=self.annotation_before,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ImagesChange:
    """Images enter the project (before False, after True) or are taken out of it.

    untouched_only: when they go, cases on which somebody has worked stay whole. So the undo of adding images takes no
    work along, whoever did it.
    """

    image_ids: tuple[str, ...]
    before: bool
    after: bool
    untouched_only: bool = False

    def inverse(self) -> "ImagesChange":
        """The change that takes it back."""
        return replace(self, before=self.after, after=self.before)


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientChange:
    """An image gets another patient id; "" is none."""

    image_id: str
    before: str
    after: str

    def inverse(self) -> "PatientChange":
        """The change that takes it back."""
        return replace(self, before=self.after, after=self.before)


Change = (
    AnnotationChange
    | MaskStroke
    | ImageLabelChange
    | AnswerChange
    | ObjectNoteChange
    | ObjectLinkChange
    | CaseStatusChange
    | LabelChange
    | AttributeChange
    | MeasurementChange
    | DecisionChange
    | ImagesChange
    | PatientChange
)


C = TypeVar("C", bound=Change)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Edit:
    """One gesture.

    text: what the menu says after "Undo", e.g. "paint Left lung". image_id: where it happened, or None. of_all: it is
    about what stands in any round, each of its changes in the one it names, whoever does it. What is asked of its
    changes is worked out once: an import has tens of thousands, and whoever hears of it asks.
    """

    text: str
    changes: tuple[Change, ...]
    image_id: str | None = None
    of_all: bool = False
    _kinds: dict[type, tuple[Change, ...]] = field(default_factory=dict, init=False, repr=False)
    _images: list[tuple[str, ...]] = field(default_factory=list, init=False, repr=False)

    @property
    def _by_kind(self) -> dict[type, tuple[Change, ...]]:
        if not self._kinds and self.changes:
            found: dict[type, list[Change]] = {}
            for change in self.changes:
                found.setdefault(type(change), []).append(change)
            self._kinds.update({kind: tuple(changes) for kind, changes in found.items()})
        return self._kinds

    def sort(self) -> None:
        """Work out now what is asked of its changes, on the thread that may take its time."""
        _ = self._by_kind, self.worked_on

    def has(self, *kinds: type[Change]) -> bool:
        """Whether it holds a change of one of these kinds."""
        return any(kind in self._by_kind for kind in kinds)

    def of(self, kind: type[C]) -> tuple[C, ...]:
        """Its changes of one kind, in order."""
        return self._by_kind.get(kind, ())  # type: ignore[return-value]  # sorted by their very class

    @property
    def worked_on(self) -> tuple[str, ...]:
        """The images whose labels, answers or shapes it changes, in order, each once."""
        if not self._images:
            found: dict[str, None] = {}
            for change in self.changes:
                if isinstance(change, MaskStroke | ImageLabelChange):
                    found[change.image_id] = None
                elif isinstance(change, AnnotationChange):
                    there = (one for one in (change.before, change.after) if one is not None)
                    found |= {one.image_id: None for one in there if one.image_id}  # none of what lies on a plane
                elif isinstance(change, AnswerChange) and change.target.kind is TargetKind.IMAGE:
                    found[change.target.target_id] = None
            self._images.append(tuple(found))
        return self._images[0]

    @property
    def rounds(self) -> set[str]:
        """The rounds that its changes name; a stroke and what is said of an object name none."""
        found: set[str] = set()
        for change in self.changes:
            match change:
                case AnnotationChange() | MeasurementChange():
                    found |= {one.round_id for one in (change.before, change.after) if one is not None}
                case ImageLabelChange() | AnswerChange() | CaseStatusChange() | DecisionChange():
                    found.add(change.round_id)
                case MaskStroke() | ObjectNoteChange() | ObjectLinkChange():
                    pass
                case LabelChange() | AttributeChange() | ImagesChange() | PatientChange():
                    pass
        return found

    def within(self, round_id: str) -> "Edit":
        """The same gesture in a round; the catalogue and the list of cases are of no round."""
        if self.of_all:
            return self
        changes = tuple(_within(change, round_id) for change in self.changes)
        return Edit(text=self.text, image_id=self.image_id, changes=changes)

    def inverse(self) -> "Edit":
        """The edit that takes everything back, last change first."""
        changes = tuple(change.inverse() for change in reversed(self.changes))
        return Edit(text=self.text, image_id=self.image_id, changes=changes, of_all=self.of_all)


def _within(change: Change, round_id: str) -> Change:
    match change:
        case AnnotationChange():
            return AnnotationChange(before=_said_in(change.before, round_id), after=_said_in(change.after, round_id))
        case MeasurementChange():
            return MeasurementChange(before=_said_in(change.before, round_id), after=_said_in(change.after, round_id))
        case ImageLabelChange() | AnswerChange() | CaseStatusChange() | DecisionChange():
            return change if change.round_id == round_id else replace(change, round_id=round_id)
        case MaskStroke() | ObjectNoteChange() | ObjectLinkChange() | LabelChange() | AttributeChange():
            return change
        case ImagesChange() | PatientChange():
            return change


T = TypeVar("T", Annotation, Measurement)


def _said_in(thing: T | None, round_id: str) -> T | None:
    return thing if thing is None or thing.round_id == round_id else replace(thing, round_id=round_id)
