"""Two authors at one database at the same time, and a model beside it that says what each step may have done.

Edits are built from what a session sees and may be held back while the other goes on, so many do not fit any more.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import select

from tests.project.conftest import made_up_image
from viewer.core.edits import (
    AnnotationChange,
    CaseStatusChange,
    Change,
    Edit,
    ImageLabelChange,
    ImagesChange,
    LabelChange,
    MaskPatch,
    PatientChange,
)
from viewer.core.errors import AppError
from viewer.core.labels import Label, Verdict
from viewer.core.shapes.annotations import Annotation, CaseStatus
from viewer.core.shapes.masks import MaskRuns
from viewer.core.shapes.shape import Box
from viewer.project import edit_builders as edits
from viewer.project.project import DATABASE_NAME, Project
from viewer.project.removing_labels import removing_label
from viewer.project.state import annotation_of
from viewer.project.store.database import Database
from viewer.project.store.dialect import dialect_of
from viewer.project.store.schema import (
    annotations,
    cases,
    image_labels,
    images,
    labels,
    meta,
    metadata,
    readings,
    revision_counter,
    rounds,
)
from viewer.project.taking_out import taking_out

FILMS = 2
NAMES = ("a", "b", "c", "d")
VERBS = (
    "draw", "draw", "paint new", "paint", "move", "move", "relabel", "remove", "status", "status", "add label",
    "rename label", "remove label", "colour", "places", "answer", "answer", "patient", "patient", "take out",
    "undo", "undo", "undo", "undo", "undo", "redo", "redo",
)  # fmt: skip

State = dict[tuple[str, ...], Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """What one of the two does. a, b: which of what it sees, and to what. held: thought of now, done at its next."""

    who: int
    verb: str
    a: int
    b: int
    held: bool


@dataclass(slots=True, kw_only=True)
class Done:
    """A gesture of the journal as the model keeps it. about: what it changed, where only the value tells it."""

    author: str
    about: set[tuple[str, ...]]
    step: int
    stands: bool = True


@dataclass(slots=True, kw_only=True)
class Session:
    project: Project
    held: list[Edit] = field(default_factory=list)


def _picked(things: Sequence[Any], number: int) -> Any:
    return things[number % len(things)] if things else None


class Walk:
    """The two sessions, the state as it must be, and the journal as it must be."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder = folder
        self.databases = [Database(dialect_of(folder / DATABASE_NAME, url), writable=True) for _ in range(2)]
        self.sessions = [
            Session(project=Project(folder, database, lock=None, author=author))
            for database, author in zip(self.databases, ("Ada", "Bob"), strict=True)
        ]
        self.journal: list[Done] = []
        self.last: State = {}

    def close(self) -> None:
        for session in self.sessions:
            session.project.close()

    def begin(self) -> None:
        """As after registering the films."""
        connection = self.databases[0].dialect.open_to_write()
        with connection.begin():
            for table in reversed(metadata.sorted_tables):
                if table is not meta:
                    connection.execute(table.delete())
            connection.execute(revision_counter.insert().values(only=0, revision=0))
            connection.execute(rounds.insert().values(round_id="", reader="", number=1, kind="consensus"))
        connection.close()
        connection.engine.dispose()
        self.journal = []
        for session in self.sessions:
            session.held.clear()
        self.sessions[0].project.images.register([made_up_image(number, "P") for number in range(FILMS)])
        self.last = self.state()

    def state(self) -> State:
        """What the database holds; the number of a shape's revision left out."""
        found: State = {}
        with self.databases[0].reading() as connection:
            for row in connection.execute(select(annotations)):
                found["shape", row.annotation_id] = _shape(annotation_of(row))
            for row in connection.execute(select(image_labels)):
                found["answer", row.image_id, row.label] = row.verdict
            for row in connection.execute(select(labels)):
                found["label", row.scope, row.name] = (row.position, row.tint)
            for row in connection.execute(select(cases)):
                found["case", row.case_id] = CaseStatus.TO_DO.value
            for row in connection.execute(select(readings)):
                found["case", row.case_id] = row.state
            for row in connection.execute(select(images)):
                found["inside", row.image_id] = not row.taken_out
                found["patient", row.image_id] = row.patient_id
        return found

    # -- What is done, and what it may have done

    def act(self, act: Act) -> list[str]:
        """What became of it, and of what was held back: "done", "nothing", "held", or why it was refused."""
        session = self.sessions[act.who]
        see(session.project)
        edit = build(session.project, act)
        if act.held and edit is not None:
            session.held.append(edit)
            return ["held"]
        now, session.held = [*session.held, *([] if edit is None else [edit])], []
        history = session.project.history
        outcomes = [self.carried_out(session.project, partial(history.do, one), "do") for one in now]
        if act.verb in ("undo", "redo"):
            outcomes.append(self.carried_out(session.project, getattr(history, act.verb), act.verb))
        return outcomes

    def carried_out(self, project: Project, gesture: Callable[[], Edit | None], verb: str) -> str:
        before, revision = self.last, project.revision()
        try:
            edit = gesture()
        except AppError as error:
            assert self.state() == before, f"refused, and changed all the same: {error}"
            assert project.revision() == revision
            return str(error)
        if edit is None:
            assert project.revision() == revision
            return "nothing"
        expected = dict(before)
        for change in edit.changes:
            apply(expected, change)
        self.last = after = self.state()
        assert after == expected, f"{verb} of “{edit.text}” did something else"
        if not edit.changes and verb == "do":
            assert project.revision() == revision
            return "nothing"
        self.note(project, verb, edit, revision)
        self.told(project, revision, before, after)
        return "done"

    def note(self, project: Project, verb: str, edit: Edit, revision: int) -> None:
        """Keep the gesture; what is taken back or done again was nobody else's since."""
        author = project.author
        about = {key for change in edit.changes for key in keys_by_value(change)}
        if verb == "do":
            self.journal = [done for done in self.journal if done.stands or done.author != author]
            self.journal.append(Done(author=author, about=about, step=revision))
            return
        mine = [done for done in self.journal if done.author == author]
        done = (
            next(one for one in reversed(mine) if one.stands)
            if verb == "undo"
            else next(one for one in mine if not one.stands)
        )
        theirs = [
            one
            for one in self.journal
            if one.author != author and one.stands and one.step > done.step and one.about & about
        ]
        assert not theirs, f"{verb} of “{edit.text}” took what is another's now: {theirs}"
        done.stands, done.step = verb == "redo", revision

    def told(self, project: Project, revision: int, before: State, after: State) -> None:
        """The revision names everything that has changed."""
        (one,) = project.changes_since(revision)
        changed = {key for key in {*before, *after} if before.get(key) != after.get(key)}
        on = {key[1] for key in changed if key[0] in ("answer", "inside", "patient")}
        on |= {(before.get(key) or after[key])[0] for key in changed if key[0] == "shape"}
        assert on <= set(one.touched.image_ids)
        assert {key[1] for key in changed if key[0] == "case"} <= set(one.touched.case_ids)
        assert one.touched.labels or not any(key[0] == "label" for key in changed)


def see(project: Project) -> None:
    """What another has done is seen now."""
    project.work.forget_all()
    project.cases.forget()


def build(project: Project, act: Act) -> Edit | None:
    """The edit of an act from what is seen now; None where there is nothing to do it to."""
    films = project.images.all()
    film, name = _picked(films, act.a), NAMES[act.b % len(NAMES)]
    if film is None or act.verb in ("undo", "redo"):
        return None
    if act.verb in ("draw", "paint new"):
        return edits.with_case_started(_drawn(project, film.image_id, name, act), project.cases.get(film.case_id))
    if act.verb in ("paint", "move", "relabel", "remove"):
        shapes = [one for image in films for one in project.work.annotations(image.image_id)]
        one = _picked([shape for shape in shapes if isinstance(shape.shape, MaskRuns) == (act.verb == "paint")], act.a)
        return None if one is None else _on_shape(project, one, name, act)
    if act.verb == "status":
        return edits.set_status(project.cases.get(film.case_id), list(CaseStatus)[act.b % 3])
    if act.verb == "answer":
        said = project.work.image_labels(film.image_id).get("x")
        verdict = (Verdict.YES, None)[act.b % 2]
        return edits.say_image_label(film.image_id, "x", before=said, after=verdict) if said != verdict else None
    if act.verb == "patient":
        whose = PatientChange(image_id=film.image_id, before=film.patient_id, after=("P", "Q")[act.b % 2])
        return Edit(text="give a patient", changes=(whose,)) if whose.before != whose.after else None
    if act.verb == "take out":
        return taking_out(project, [project.cases.get(film.case_id)]).edit
    return _on_catalogue(project, name, act)


def _drawn(project: Project, image_id: str, name: str, act: Act) -> Edit:
    if act.verb == "draw":
        shape: Box | MaskRuns = Box(x0_px=1, y0_px=1, x1_px=5 + act.b, y1_px=9)
    else:
        array = np.zeros((60, 40), bool)
        array[5:15, 5:15] = True
        shape = MaskRuns.from_array(array)
    return edits.add_annotation(image_id, name, shape, author=project.author)


def _on_shape(project: Project, one: Annotation, name: str, act: Act) -> Edit:
    if act.verb == "remove":
        return edits.remove_annotation(one)
    if act.verb == "relabel":
        return edits.change_annotation(one, author=project.author, label=name)
    if act.verb == "move":
        return edits.change_annotation(one, author=project.author, shape=Box(x0_px=act.b, y0_px=0, x1_px=20, y1_px=9))
    assert isinstance(one.shape, MaskRuns)
    row, col = 3 * (act.b % 5), 3 * (act.a % 5)
    before = one.shape.to_array()[row : row + 4, col : col + 4]
    return edits.paint(one, row0=row, col0=col, before=before, after=~before)


def _on_catalogue(project: Project, name: str, act: Act) -> Edit | None:
    catalogue = project.labels
    label, other = _picked(catalogue, act.a), _picked(catalogue, act.a + 1)
    if act.verb == "add label":
        return edits.add_label(name, "region", catalogue)
    if label is None:
        return None
    if act.verb == "rename label":
        return edits.rename_label(label, name)
    if act.verb == "remove label":
        return removing_label(project, label).edit
    if act.verb == "colour":
        return edits.colour_label(label, (None, 3)[act.b % 2])
    return edits.move_label(label, other) if other.scope == label.scope and other != label else None


def _shape(one: Annotation) -> tuple[Any, ...]:
    held = one.shape.runs.tobytes() if isinstance(one.shape, MaskRuns) else one.shape
    return (one.image_id, one.label, held, one.author, one.origin)


def _row(label: Label) -> tuple[tuple[str, ...], Any]:
    return ("label", label.scope, label.name), (label.position, label.tint)


def keys_by_value(change: Change) -> list[tuple[str, ...]]:
    """What a change is about where its value does not tell who has said it; not what only comes along with work."""
    match change:
        case ImageLabelChange():
            return [("answer", change.image_id, change.label)]
        case PatientChange():
            return [("patient", change.image_id)]
        case CaseStatusChange() if not change.by_work:
            return [("case", change.case_id)]
        case LabelChange() if not change.by_work:
            return [_row(label)[0] for label in (change.before, change.after) if label is not None]
        case ImagesChange():
            return [("inside", image_id) for image_id in change.image_ids]
    return []


def apply(state: State, change: Change) -> None:
    """What a change does to the state; it fails where something else is there than the change says was."""
    match change:
        case AnnotationChange():
            _put(state, *((None, None) if change.before is None else _of(change.before)), None)
            if change.after is not None:
                state[_of(change.after)[0]] = _of(change.after)[1]
        case MaskPatch():
            _paint(state, change)
        case ImageLabelChange():
            _put(state, ("answer", change.image_id, change.label), change.before, change.after)
        case CaseStatusChange():
            _put(state, ("case", change.case_id), change.before, change.after)
        case PatientChange():
            _put(state, ("patient", change.image_id), change.before, change.after)
        case ImagesChange():
            for image_id in change.image_ids:
                _put(state, ("inside", image_id), change.before, change.after)
        case LabelChange():
            _change_label(state, change)


def _of(one: Annotation) -> tuple[tuple[str, ...], Any]:
    return ("shape", one.annotation_id), _shape(one)


def _put(state: State, key: tuple[str, ...] | None, before: Any, after: Any) -> None:
    if key is None:
        return
    assert state.get(key) == before, f"{key} was {state.get(key)}, not {before}: a silent overwrite"
    state.pop(key, None)
    if after is not None:
        state[key] = after


def _paint(state: State, change: MaskPatch) -> None:
    key = ("shape", change.annotation_id)
    image_id, label, held, *rest = state[key]
    mask = MaskRuns(rows=60, cols=40, runs=np.frombuffer(held, np.int32).reshape(-1, 3))
    height, width = change.before.shape
    there = mask.to_array()[change.row0 : change.row0 + height, change.col0 : change.col0 + width]
    assert np.array_equal(there, change.before), "a stroke over another's: a silent overwrite"
    state[key] = (image_id, label, change.apply(mask).runs.tobytes(), *rest)


def _change_label(state: State, change: LabelChange) -> None:
    if change.before is not None:
        _put(state, *_row(change.before), None)
    if change.after is not None:
        key, value = _row(change.after)
        assert key not in state, f"{key} was there: a silent overwrite"
        state[key] = value
    if change.before is None or change.after is None or change.before.name == change.after.name:
        return
    for key, value in list(state.items()):
        if key[0] == "shape" and change.after.scope == "region" and value[1] == change.before.name:
            state[key] = (value[0], change.after.name, *value[2:])
        elif key[0] == "answer" and change.after.scope == "image" and key[2] == change.before.name:
            state["answer", key[1], change.after.name] = state.pop(key)
