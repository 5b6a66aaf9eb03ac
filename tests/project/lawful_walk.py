"""A walk of decisions over a project, with a second book of what must be there, kept without the program's rules."""

from dataclasses import dataclass, field, replace

import numpy as np

from viewer.core.edits import Edit
from viewer.core.errors import BadRequest
from viewer.core.labels import Verdict
from viewer.core.shapes.annotations import CaseStatus, Decision, Prediction, Proposal
from viewer.core.shapes.kinds.box import Box
from viewer.core.shapes.kinds.mask import MaskRuns
from viewer.core.shapes.shape import Shape
from viewer.project.deciding_proposals import Over, other_labels, to_accept, to_correct, to_reject
from viewer.project.edit_builders import (
    add_annotation,
    add_label,
    change_annotation,
    paint,
    remove_annotation,
    rename_label,
    set_status,
)
from viewer.project.project import Project
from viewer.project.records import Task
from viewer.ui.flows.label_edits import turn_image_label

KINDS = ("two exclusive", "three exclusive", "multi-label", "boxes", "masks", "exclusive masks")
LABELS = {"two exclusive": 2, "three exclusive": 3, "multi-label": 3, "boxes": 2, "masks": 2, "exclusive masks": 3}
ROWS, COLS = 60, 40  # of `made_up_image`


@dataclass(frozen=True, slots=True)
class State:
    """Everything that may not be lost: shapes by id, verdicts, states of the cases, decisions."""

    shapes: dict[str, tuple[str, object]]
    said: dict[tuple[str, str], Verdict]
    statuses: dict[str, CaseStatus]
    decisions: dict[str, Decision]


def make_task(project: Project, kind: str) -> None:
    """The labels of a kind and the one task of them, called T."""
    scope = "image" if kind in KINDS[:3] else "region"
    names = tuple(f"L{number}" for number in range(LABELS[kind]))
    for name in names:
        project.history.do(add_label(name, scope, project.labels))
    of = "classification" if scope == "image" else "detection" if kind == "boxes" else "segmentation"
    project.tasks.put(Task(name="T", kind=of, labels=names, exclusive="exclusive" in kind))


class Book:
    """What a project must hold, by hand. kind: of KINDS."""

    def __init__(self, project: Project, kind: str) -> None:
        self.project, self.kind = project, kind
        self.scope = "image" if kind in KINDS[:3] else "region"
        self.exclusive = "exclusive" in kind

    @property
    def names(self) -> list[str]:
        """The labels of the task, as they are called now. A model's older answers keep the names it gave."""
        return list(self.project.tasks.get("T").labels)

    @property
    def images(self) -> list[str]:
        """The images of the project."""
        return [record.image_id for record in self.project.images.all()]

    def state(self) -> State:
        """The whole of it, read anew."""
        shapes, said, decisions = {}, {}, {}
        for image_id in self.images:
            for one in self.project.work.annotations(image_id):
                shape = one.shape
                facts = shape.runs.tobytes() if isinstance(shape, MaskRuns) else shape
                shapes[one.annotation_id] = (one.label, facts)
            said |= {(image_id, label): verdict for label, verdict in self.project.work.image_labels(image_id).items()}
            decisions |= {p.proposal_id: p.decision for p in self.project.work.proposals(image_id)}
        statuses = {case.case_id: case.status for case in self.project.cases.all()}
        return State(shapes, said, statuses, decisions)

    def check(self) -> None:
        """The law, by hand: one yes (or nobody could tell) of an exclusive task, no pixel twice, no shape twice."""
        for case in self.project.cases.all():
            drawn = self.project.work.annotations(case.first_image_id)
            sources = [one.proposal_id for one in drawn if one.proposal_id]
            assert len(sources) == len(set(sources)), "one proposal has become two shapes"
            if case.status is not CaseStatus.COMPLETE or not self.exclusive:
                continue
            if self.scope == "image":
                said = self.project.work.image_labels(case.first_image_id)
                verdicts = [said.get(name) for name in self.names]
                unknown = all(verdict is Verdict.NOT_ASSESSED for verdict in verdicts)
                assert verdicts.count(Verdict.YES) == 1 or unknown, f"a complete case says {said}"
            else:
                self._check_pixels(drawn)

    def _check_pixels(self, drawn: tuple) -> None:
        owners: dict[str, np.ndarray] = {}
        for one in drawn:
            if one.label in self.names and isinstance(one.shape, MaskRuns):
                owners[one.label] = owners.get(one.label, False) | one.shape.to_array()
        if owners:
            assert np.sum(list(owners.values()), axis=0).max() <= 1, "a pixel of a complete case has two labels"


@dataclass
class Walk:
    """One walk. kind: of KINDS."""

    project: Project
    kind: str
    random: np.random.Generator
    completed: int = 0
    decided: int = 0
    past: list[State] = field(default_factory=list)
    future: list[State] = field(default_factory=list)
    asked: int = 0

    def __post_init__(self) -> None:
        make_task(self.project, self.kind)
        self.book = Book(self.project, self.kind)
        self.scope, self.exclusive, self.images = self.book.scope, self.book.exclusive, self.book.images
        self.state, self.check = self.book.state, self.book.check

    @property
    def names(self) -> list[str]:
        """See `Book`."""
        return self.book.names

    # One step

    def step(self) -> None:
        before = self.state()
        names = ["ask", "accept", "accept", "correct", "reject", "undo", "undo", "redo", "complete", "complete", "open"]
        names += ["rename"] if self.random.random() < 0.1 else []
        names += ["key", "key", "key"] if self.scope == "image" else ["draw", "draw", "remove", "relabel", "paint"]
        name = str(self.random.choice(names))
        try:
            edit = getattr(self, f"_{name}")()
        except BadRequest:
            assert self.state() == before, f"{name} was refused and yet changed something"
            return
        after = self.state()
        if edit is not None:
            self._compare(name, edit, before, after)
            self.past.append(before)
            self.future.clear()

    def _ask(self) -> None:
        """A model answers. An answer is no gesture: the journal does not hold it."""
        image_id = self._image()
        self.asked += 1
        scores = (
            self.random.dirichlet(np.ones(len(self.names))) if self.exclusive else self.random.random(len(self.names))
        )
        shapes = [None] * len(self.names) if self.scope == "image" else self._answer_shapes()
        self.project.predictions.add(
            Prediction(
                prediction_id=f"p{self.asked}", image_id=image_id, model_hash="m" * 64, model_name="m",
                kind=self.project.tasks.get("T").kind, created="2026-11-21T12:00:00", threshold=0.5,
                scores=dict(zip(self.names, scores.tolist())) if self.scope == "image" else {},
                proposals=tuple(
                    Proposal(
                        proposal_id=f"{self.asked:03}-{number}", prediction_id=f"p{self.asked}", image_id=image_id,
                        label=label, score=float(score), shape=shape,
                    )
                    for number, (label, score, shape) in enumerate(zip(self.names, scores, shapes))
                    if not isinstance(shape, MaskRuns) or shape.area_px
                ),
            )
        )  # fmt: skip
        fresh = {p.proposal_id: p.decision for p in self.project.work.proposals(image_id)}
        self.past = [replace(state, decisions={**fresh, **state.decisions}) for state in self.past]
        self.future = [replace(state, decisions={**fresh, **state.decisions}) for state in self.future]

    def _answer_shapes(self) -> list[Shape | None]:
        shapes: list[Shape | None] = []
        taken = np.zeros((ROWS, COLS), bool)
        for _ in self.names:
            shape = self._shape()
            if isinstance(shape, MaskRuns) and self.exclusive:  # an exclusive model's masks share no pixel
                shape = MaskRuns.from_array(shape.to_array() & ~taken)
                taken |= shape.to_array()
            shapes.append(shape)
        return shapes

    def _accept(self) -> Edit | None:
        proposal = self._proposal()
        if proposal is None:
            return None
        over = [None, Over.REPLACE, Over.KEEP_BOTH][self.random.integers(3)]
        return self._done(to_accept(self.project, proposal, self._answer(proposal), over=over).edit)

    def _correct(self) -> Edit | None:
        proposal = self._proposal()
        if proposal is None:
            return None
        over = [None, Over.REPLACE, Over.KEEP_BOTH][self.random.integers(3)]
        others = other_labels(self.project, proposal, self._answer(proposal)) if proposal.shape is None else ()
        label = [None, *others][self.random.integers(len(others) + 1)]
        verdict = [Verdict.NO, Verdict.NOT_ASSESSED][self.random.integers(2)]
        edit = to_correct(self.project, proposal, self._answer(proposal), label=label, verdict=verdict, over=over).edit
        return self._done(edit)

    def _reject(self) -> Edit | None:
        proposal = self._proposal()
        return None if proposal is None else self._done(to_reject(self.project, proposal, self._answer(proposal)).edit)

    def _done(self, edit: Edit) -> Edit:
        kept = self.project.history.do(edit)
        self.decided += 1
        return kept

    def _key(self) -> Edit:
        return self.project.history.do(
            turn_image_label(self.project, self._image(), str(self.random.choice(self.names)))
        )

    def _draw(self) -> Edit:
        label = str(self.random.choice(self.names))
        return self.project.history.do(add_annotation(self._image(), label, self._shape(), author="Ada"))

    def _remove(self) -> Edit | None:
        drawn = self.project.work.annotations(self._image())
        if not drawn:
            return None
        return self.project.history.do(remove_annotation(drawn[self.random.integers(len(drawn))]))

    def _relabel(self) -> Edit | None:
        drawn = self.project.work.annotations(self._image())
        if not drawn:
            return None
        one, label = drawn[self.random.integers(len(drawn))], str(self.random.choice(self.names))
        return self.project.history.do(change_annotation(one, author="Ada", label=label, verb="relabel"))

    def _paint(self) -> Edit | None:
        drawn = [one for one in self.project.work.annotations(self._image()) if isinstance(one.shape, MaskRuns)]
        if not drawn:
            return None
        one = drawn[self.random.integers(len(drawn))]
        assert isinstance(one.shape, MaskRuns)
        row, col = int(self.random.integers(ROWS - 6)), int(self.random.integers(COLS - 6))
        before = one.shape.to_array()[row : row + 6, col : col + 6]
        after = np.full_like(before, self.random.random() < 0.7)
        return self.project.history.do(paint(one, row0=row, col0=col, before=before, after=after))

    def _complete(self) -> Edit | None:
        case = self.project.cases.all()[self.random.integers(len(self.images))]
        if case.status is CaseStatus.COMPLETE:
            return None
        edit = self.project.history.do(set_status(case, CaseStatus.COMPLETE))
        self.completed += 1
        return edit

    def _open(self) -> Edit | None:
        case = self.project.cases.all()[self.random.integers(len(self.images))]
        if case.status is not CaseStatus.COMPLETE:
            return None
        return self.project.history.do(set_status(case, CaseStatus.IN_PROGRESS))

    def _rename(self) -> Edit:
        name = self.names[self.random.integers(len(self.names))]
        label = next(one for one in self.project.labels if one.name == name)
        return self.project.history.do(rename_label(label, f"{name.split('~')[0]}~{self.asked}~{len(self.past)}"))

    def _undo(self) -> None:
        if self.past:
            before = self.state()
            assert self.project.history.undo() is not None
            assert self.state() == self.past[-1], "undo did not give everything back"
            self.future.append(before)
            self.past.pop()

    def _redo(self) -> None:
        if self.future:
            before = self.state()
            assert self.project.history.redo() is not None
            assert self.state() == self.future[-1], "redo did not do the same again"
            self.past.append(before)
            self.future.pop()

    # The second book

    def _compare(self, name: str, edit: Edit, before: State, after: State) -> None:
        """What a step may do to shapes: a decision adds one and takes away only what it replaces, and so on."""
        gone = set(before.shapes) - set(after.shapes)
        come = set(after.shapes) - set(before.shapes)
        kept = {key for key in set(before.shapes) & set(after.shapes) if before.shapes[key] != after.shapes[key]}
        if name in ("accept", "correct") and self.scope == "region":
            assert len(come) == 1, "an accepted shape is there once"
            label = after.shapes[next(iter(come))][0]
            assert all(before.shapes[key][0] == label for key in gone), "only shapes of the label may be replaced"
            assert not kept
        elif name == "draw":
            assert (len(come), gone, kept) == (1, set(), set())
        elif name == "remove":
            assert (come, len(gone), kept) == (set(), 1, set())
        elif name in ("relabel", "paint"):
            assert not come and not gone and len(kept) <= 1
        elif name == "rename":
            assert not come and not gone
        else:
            assert (come, gone, kept) == (set(), set(), set()), f"{name} touched a shape"

    # Chance

    def _image(self) -> str:
        return self.images[self.random.integers(len(self.images))]

    def _proposal(self) -> Proposal | None:
        open_ones = [p for p in self.project.work.proposals(self._image()) if p.decision is Decision.UNDECIDED]
        return open_ones[self.random.integers(len(open_ones))] if open_ones else None

    def _answer(self, proposal: Proposal) -> Prediction:
        return self.project.predictions.get(proposal.prediction_id)

    def _shape(self) -> Shape:
        y0, x0 = int(self.random.integers(ROWS - 14)), int(self.random.integers(COLS - 14))
        high, wide = (int(n) for n in self.random.integers(4, 14, 2))
        if self.kind == "boxes":
            return Box(x0_px=x0, y0_px=y0, x1_px=x0 + wide, y1_px=y0 + high)
        mask = np.zeros((ROWS, COLS), bool)
        mask[y0 : y0 + high, x0 : x0 + wide] = True
        return MaskRuns.from_array(mask)
