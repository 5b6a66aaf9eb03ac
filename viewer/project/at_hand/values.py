"""A frozen picture of a project: its cases, labels and tasks whole, of its images those that are looked at.

It answers as `Project` does (`project.work.annotations`, `project.cases.get`, ...), from memory. What is not at hand is
said to be so: `images.known` and `cases.at_hand` tell it from what is not there.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from operator import attrgetter
from typing import TYPE_CHECKING, TypeVar

from viewer.core.attributes import Attribute
from viewer.core.case_acts import shown_counts
from viewer.core.errors import NotFound
from viewer.core.geometry import ImagePlane
from viewer.core.labels import Label, Verdict
from viewer.core.shapes.annotations import Annotation, CaseStatus, Measurement, Prediction, Proposal
from viewer.core.shapes.objects import ObjectNote
from viewer.core.values import Value
from viewer.project.records import CaseRow, ImageRecord, Task

if TYPE_CHECKING:
    from viewer.project.objects.listing import LinkedObject  # it loads the database

T = TypeVar("T", "ImageAtHand", "CaseAtHand")
_STATUS = attrgetter("status")


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageAtHand:
    """One image and what is on it, as of a revision of the project. record: None where it is not in the project.

    drawn: of each annotation, its place in the order of first drawing, over all images of the project. answers: what is
    said of the image beside its labels, by the question. of_objects: the same of each object that lies on it, by key.
    notes, linked: the notes on those objects and what is one with them, by key.
    """

    as_of: int
    record: ImageRecord | None = None
    annotations: tuple[Annotation, ...] = ()
    drawn: tuple[int, ...] = ()
    image_labels: Mapping[str, Verdict] = field(default_factory=dict)
    answers: Mapping[str, Value] = field(default_factory=dict)
    of_objects: Mapping[str, Mapping[str, Value]] = field(default_factory=dict)
    measurements: tuple[Measurement, ...] = ()
    predictions: tuple[Prediction, ...] = ()
    notes: Mapping[str, ObjectNote] = field(default_factory=dict)
    linked: Mapping[str, "tuple[LinkedObject, ...]"] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseAtHand:
    """One case, as of a revision. images: in the order of the case; none where it is not in the project.
    on_planes: what is drawn and measured on planes through its series and others of its studies."""

    as_of: int
    images: tuple[ImageRecord, ...]
    on_planes: tuple[Annotation | Measurement, ...] = ()

    def shown_on(self, place: ImagePlane) -> tuple[Annotation | Measurement, ...]:
        """What a plane shows of it: see `PlaneAnchor.is_shown_on`."""
        return tuple(
            one for one in self.on_planes if one.plane is not None and one.plane.is_shown_on(place, one.outline_px)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What undo or redo would do. cases: those whose status it changes, where it changes nothing else.

    film, case_id: the file's name and the case of its image, at hand or not; "" where it is about none. other_author:
    where there is nothing of one's own to take back, whose newest gesture there is; they alone may take it back.
    """

    text: str = ""
    image_id: str | None = None
    film: str = ""
    case_id: str = ""
    cases: tuple[str, ...] = ()
    other_author: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CasesAtHand:
    """The list of cases, in the order of entering. drawn: the region labels on each case, where there are any."""

    rows: Mapping[str, CaseRow] = field(default_factory=dict)
    drawn: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    open: Mapping[str, CaseAtHand] = field(default_factory=dict)

    def all(self, status: CaseStatus | None = None) -> list[CaseRow]:
        """Cases in the order of entering. Which hold a text, only the database tells (`Project.cases.all`)."""
        return [row for row in self.rows.values() if status is None or row.status is status]

    def get(self, case_id: str) -> CaseRow:
        """One case. Raises NotFound."""
        found = self.rows.get(case_id)
        if found is None:
            raise NotFound(f"The case {case_id} is not part of this project.")
        return found

    def has(self, case_id: str) -> bool:
        """Whether a case is in the project."""
        return case_id in self.rows

    def progress(self) -> dict[CaseStatus, int]:
        """How many cases have each status; see `shown_counts`."""
        return shown_counts(Counter(map(_STATUS, self.rows.values())))

    def at_hand(self, case_id: str) -> CaseAtHand | None:
        """A case with its images; None where it has to be brought first."""
        return self.open.get(case_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImagesAtHand:
    """The images that are at hand."""

    held: Mapping[str, ImageAtHand] = field(default_factory=dict)
    cases: CasesAtHand = field(default_factory=CasesAtHand)

    def known(self, image_id: str | None) -> bool:
        """Whether it is known what is on an image, and whether it is in the project."""
        return image_id in self.held

    def find(self, image_id: str | None) -> ImageRecord | None:
        """An image of the project; None for one that is not in it, or not at hand."""
        found = self.held.get(image_id or "")
        return None if found is None else found.record

    def get(self, image_id: str) -> ImageRecord:
        """An image of the project. Raises NotFound for one that is not in it, or not at hand."""
        found = self.find(image_id)
        if found is None:
            raise NotFound(f"The image {image_id} is not part of this project.")
        return found

    def by_case(self, case_id: str) -> list[ImageRecord]:
        """The images of a case that is at hand; empty for any other."""
        case = self.cases.open.get(case_id)
        return [] if case is None else list(case.images)

    def count(self) -> int:
        """How many images the project has."""
        return sum(row.images for row in self.cases.rows.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkAtHand:
    """What is on the images that are at hand; on any other it says nothing."""

    held: Mapping[str, ImageAtHand] = field(default_factory=dict)

    def annotations(self, image_id: str) -> tuple[Annotation, ...]:
        """In the order of their first drawing."""
        return self._of(image_id).annotations

    def image_labels(self, image_id: str) -> dict[str, Verdict]:
        """What was said of the whole image; a label that is not there is unknown."""
        return dict(self._of(image_id).image_labels)

    def answers(self, image_id: str) -> Mapping[str, Value]:
        """What is said of the image beside its labels, by the question."""
        return self._of(image_id).answers

    def of_object(self, image_id: str, key: str) -> Mapping[str, Value]:
        """What is said of an object that lies on the image, by the question."""
        return self._of(image_id).of_objects.get(key, {})

    def measurements(self, image_id: str) -> tuple[Measurement, ...]:
        """The measurements kept on an image."""
        return self._of(image_id).measurements

    def predictions(self, image_id: str) -> tuple[Prediction, ...]:
        """Every prediction of an image, oldest first."""
        return self._of(image_id).predictions

    def proposals(self, image_id: str) -> tuple[Proposal, ...]:
        """Every proposal on an image, of all its predictions, oldest first."""
        return tuple(proposal for prediction in self.predictions(image_id) for proposal in prediction.proposals)

    def _of(self, image_id: str) -> ImageAtHand:
        return self.held.get(image_id, _NOTHING)


_NOTHING = ImageAtHand(as_of=-1)


@dataclass(frozen=True, slots=True, kw_only=True)
class TasksAtHand:
    """The project's tasks, by name."""

    rows: tuple[Task, ...] = ()

    def all(self) -> list[Task]:
        """Every task."""
        return list(self.rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fresh:
    """What was read anew at one revision; None: not read.

    told: whether all that changed up to this revision is told here; else these images and cases were read alone, and
    what else has changed is still to be followed.
    touched: images and cases that have changed up to this revision, read here or not. rows: the whole list of cases,
    else some_rows; drawn: of all cases with rows or labels, else of some. questions: what of a case that was opened
    again is not answered; ways: what is to be done about it. unanswered: of a case that was completed, how many image
    labels nobody answered, of how many (`counts.unanswered_labels`).
    """

    as_of: int
    told: bool = False
    touched: frozenset[str] = frozenset()
    images: Mapping[str, ImageAtHand] = field(default_factory=dict)
    cases: Mapping[str, CaseAtHand] = field(default_factory=dict)
    rows: Mapping[str, CaseRow] | None = None
    some_rows: Mapping[str, CaseRow] = field(default_factory=dict)
    drawn: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    labels: tuple[Label, ...] | None = None
    attributes: tuple[Attribute, ...] | None = None
    tasks: tuple[Task, ...] | None = None
    names: Mapping[tuple[str, str], str] | None = None
    steps: tuple[Step, Step] | None = None
    questions: Mapping[str, str] = field(default_factory=dict)
    ways: Mapping[str, str] = field(default_factory=dict)
    unanswered: Mapping[str, tuple[int, int]] = field(default_factory=dict)

    @property
    def of_more_than_answers(self) -> bool:
        """Whether more than what models answered may have changed."""
        return self.steps is not None

    @property
    def is_all_drawn(self) -> bool:
        """Whether `drawn` is of every case."""
        return self.rows is not None or self.labels is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class AtHand:
    """What the window sees of a project. as_of: the revision of the list of cases, the catalogue and the steps.

    names: (scope, what a label was called once) to what it is called now. undo_step, redo_step: of this author.
    touched: the revision at which an image or a case was last seen to change; older readings of it are of the past.
    questions, ways, unanswered: of the last edit, see `Fresh`.
    """

    as_of: int = -1
    author: str = ""
    labels: list[Label] = field(default_factory=list)
    attributes: tuple[Attribute, ...] = ()
    tasks: TasksAtHand = field(default_factory=TasksAtHand)
    cases: CasesAtHand = field(default_factory=CasesAtHand)
    held: Mapping[str, ImageAtHand] = field(default_factory=dict)
    touched: Mapping[str, int] = field(default_factory=dict)
    names: Mapping[tuple[str, str], str] = field(default_factory=dict)
    undo_step: Step = field(default_factory=Step)
    redo_step: Step = field(default_factory=Step)
    questions: Mapping[str, str] = field(default_factory=dict)
    ways: Mapping[str, str] = field(default_factory=dict)
    unanswered: Mapping[str, tuple[int, int]] = field(default_factory=dict)

    @property
    def images(self) -> ImagesAtHand:
        """The images that are at hand."""
        return ImagesAtHand(held=self.held, cases=self.cases)

    @property
    def work(self) -> WorkAtHand:
        """What is on them."""
        return WorkAtHand(held=self.held)

    def attributes_of(self, scope: str, label: str) -> list[Attribute]:
        """What is asked of what carries a label, of label "" of the image itself, in its order."""
        return [one for one in self.attributes if (one.scope, one.label) == (scope, label)]

    def called_now(self, scope: str, name: str) -> str:
        """What a label is called now that was called so once; the name itself where none was."""
        return self.names.get((scope, name), name)

    def taking(self, fresh: Fresh) -> "AtHand":
        """With what was read anew: of each thing the newer stays, whichever came first."""
        touched = {**self.touched, **dict.fromkeys(fresh.touched, fresh.as_of)} if fresh.touched else self.touched
        held = _newer(self.held, fresh.images, touched)
        whole = fresh.told and fresh.as_of >= self.as_of
        rows, drawn = self.cases.rows, self.cases.drawn
        if whole and (fresh.rows is not None or fresh.some_rows):
            rows = fresh.rows if fresh.rows is not None else {**rows, **fresh.some_rows}
        if whole and (fresh.drawn or fresh.is_all_drawn):
            drawn = fresh.drawn if fresh.is_all_drawn else {**drawn, **fresh.drawn}
        still_open = {case_id: case for case_id, case in self.cases.open.items() if case_id in rows}
        cases = CasesAtHand(rows=rows, drawn=drawn, open=_newer(still_open, fresh.cases, touched))
        if not whole:
            return replace(self, held=held, cases=cases, touched=touched)
        undo_step, redo_step = fresh.steps or (self.undo_step, self.redo_step)
        return replace(
            self,
            as_of=fresh.as_of,
            labels=self.labels if fresh.labels is None else list(fresh.labels),
            attributes=self.attributes if fresh.attributes is None else fresh.attributes,
            tasks=self.tasks if fresh.tasks is None else TasksAtHand(rows=fresh.tasks),
            names=self.names if fresh.names is None else fresh.names,
            cases=cases,
            held=held,
            touched=touched,
            undo_step=undo_step,
            redo_step=redo_step,
            questions=fresh.questions,
            ways=fresh.ways,
            unanswered=fresh.unanswered,
        )

    @property
    def stale(self) -> tuple[list[str], list[str]]:
        """Images and cases that have changed since they were read: they are to be read again."""
        touched = self.touched
        return (
            [one for one, image in self.held.items() if image.as_of < touched.get(one, -1)],
            [one for one, case in self.cases.open.items() if case.as_of < touched.get(one, -1)],
        )

    def keeping(self, case_ids: Iterable[str], image_ids: Sequence[str], most: int) -> "AtHand":
        """Without what nobody looks at any more: these cases and images stay, and the newest others up to `most`."""
        wanted = set(case_ids)
        stays = {case_id: case for case_id, case in self.cases.open.items() if case_id in wanted}
        needed = {record.image_id for case in stays.values() for record in case.images} | set(image_ids)
        others = [image_id for image_id in self.held if image_id not in needed]
        gone = set(others[: max(0, len(others) - most)])
        if not gone and len(stays) == len(self.cases.open):
            return self
        held = {image_id: image for image_id, image in self.held.items() if image_id not in gone}
        return replace(self, held=held, cases=replace(self.cases, open=stays))


def _newer(held: Mapping[str, T], fresh: Mapping[str, T], touched: Mapping[str, int]) -> Mapping[str, T]:
    """With what is not older than what is there, and was not read before a change that is known."""
    taken = {
        key: one
        for key, one in fresh.items()
        if one.as_of >= max(touched.get(key, -1), held[key].as_of if key in held else -1)
    }
    return {**held, **taken} if taken else held
