"""Two authors at one database at the same time, each in their own reading and in that of all; and a model beside them
that says what each step may have done.

Edits are built from what a session sees and may be held back while the other goes on, so many do not fit any more.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from sqlalchemy import select

from tests.project.acts_of_two import Act, build
from tests.project.conftest import made_up_image
from tests.project.walked_state import (
    OF_A_ROUND,
    Key,
    State,
    apply,
    ids_in,
    keys_by_value,
    of_round,
    read_state,
    said_for_all,
    seen_by,
)
from viewer.core.edits import CaseStatusChange, Edit
from viewer.core.errors import AppError
from viewer.core.shapes.annotations import CaseStatus, Prediction, Proposal
from viewer.core.shapes.kinds.box import Box
from viewer.project.project import DATABASE_NAME, Project
from viewer.project.store.database import Database
from viewer.project.store.dialect import dialect_of
from viewer.project.store.schema import case_images, meta, metadata, revision_counter, rounds

FILMS = 2
AUTHORS = ("Ada", "Bob")


@dataclass(slots=True, kw_only=True)
class Done:
    """A gesture of the journal as the model keeps it. about: what it changed, where only the value tells it."""

    author: str
    round_id: str
    text: str
    ids: set[str]
    about: set[Key]
    began: set[Key]  # the cases that it began by being work on them
    step: int
    stands: bool = True


@dataclass(slots=True, kw_only=True)
class Session:
    """One person's: `projects` are the same one, in the reading of all and in their own."""

    projects: tuple[Project, Project]
    held: list[tuple[Project, Edit]] = field(default_factory=list)


class Walk:
    """The two sessions, the state as it must be, and the journal as it must be."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder = folder
        self.databases = [Database(dialect_of(folder / DATABASE_NAME, url), writable=True) for _ in AUTHORS]
        self.sessions: list[Session] = []
        self.journal: list[Done] = []
        self.last: State = {}
        self.case_of: dict[str, str] = {}
        self.changed: set[Key] = set()  # kinds of things that were changed, by reading

    def close(self) -> None:
        for database in self.databases:
            database.close()

    def begin(self) -> None:
        """As after registering the films and asking a model about them."""
        connection = self.databases[0].dialect.open_to_write()
        with connection.begin():
            for table in reversed(metadata.sorted_tables):
                if table is not meta:
                    connection.execute(table.delete())
            connection.execute(revision_counter.insert().values(only=0, revision=0))
            connection.execute(rounds.insert().values(round_id="", reader="", number=1, kind="consensus"))
        connection.close()
        connection.engine.dispose()
        self.sessions = []
        for database, author in zip(self.databases, AUTHORS, strict=True):
            shared = Project(self.folder, database, lock=None, author=author)
            self.sessions.append(Session(projects=(shared, shared.in_reading(author))))
        self.journal, self.changed = [], set()
        project = self.sessions[0].projects[0]
        # Both of one series, so that what lies on a plane through it goes with the last of the two.
        project.images.register([made_up_image(number, "P", series_id="S") for number in range(FILMS)])
        for image in project.images.all():
            project.predictions.add(prediction_of(image.image_id))
        with self.databases[0].reading() as connection:
            self.case_of = {row.image_id: row.case_id for row in connection.execute(select(case_images))}
        self.last = self.state()

    def state(self) -> State:
        with self.databases[0].reading() as connection:
            return read_state(connection)

    # -- What is done, and what it may have done

    def act(self, act: Act) -> list[str]:
        """What became of it, and of what was held back: "done", "nothing", "held", or why it was refused."""
        session = self.sessions[act.who]
        project = session.projects[act.own]
        seen, there = seen_by(project), of_round(self.last, project.round_id)
        assert seen == there, f"sees {seen.items() - there.items()} and not {there.items() - seen.items()}"
        edit = build(project, act)
        if act.held and edit is not None:
            session.held.append((project, edit))
            return ["held"]
        now, session.held = [*session.held, *([] if edit is None else [(project, edit)])], []
        outcomes = [self.carried_out(one, partial(one.history.do, thought), "do") for one, thought in now]
        if act.verb in ("undo", "redo"):
            outcomes.append(self.carried_out(project, getattr(project.history, act.verb), act.verb))
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
            assert self.next_of(project, verb) is None, f"{verb} did nothing"
            return "nothing"
        expected = dict(before)
        for change in edit.changes:
            apply(expected, change)
        self.last = after = self.state()
        assert after == expected, f"{verb} of “{edit.text}” did something else"
        if not edit.changes and verb == "do":
            assert project.revision() == revision
            return "nothing"
        changed = {key for key in {*before, *after} if before.get(key) != after.get(key)}
        self.changed |= {key[:2] for key in changed if key[0] in OF_A_ROUND}
        there = {**before, **after}
        drawn = {"measurement": "plane", "shape": "shape on plane"}
        self.changed |= {(drawn[key[0]], key[1]) for key in changed if key[0] in drawn and not there[key][0]}
        if not said_for_all(edit):
            beside = {key for key in changed if key[0] in OF_A_ROUND and key[1] != project.round_id}
            assert not beside, f"{verb} of “{edit.text}” in {project.round_id} changed another reading: {beside}"
        self.note(project, verb, edit, revision)
        self.told(project, revision, changed, {**before, **after})
        return "done"

    def next_of(self, project: Project, verb: str) -> Done | None:
        """What undo takes back, or redo does again: of this author, in this reading."""
        mine = [one for one in self.journal if (one.author, one.round_id) == (project.author, project.round_id)]
        if verb == "undo":
            return next((one for one in reversed(mine) if one.stands), None)
        return next((one for one in mine if not one.stands), None)

    def note(self, project: Project, verb: str, edit: Edit, revision: int) -> None:
        """Keep the gesture; what is taken back or done again was nobody else's since."""
        author, round_id = project.author, project.round_id
        about = {key for change in edit.changes for key in keys_by_value(change)}
        if verb == "do":
            self.journal = [
                done for done in self.journal if done.stands or (done.author, done.round_id) != (author, round_id)
            ]
            began: set[Key] = {("case", one.round_id, one.case_id) for one in edit.of(CaseStatusChange) if one.by_work}
            self.journal.append(
                Done(
                    author=author, round_id=round_id, text=edit.text, ids=ids_in(edit.changes), about=about,
                    began=began, step=revision,
                )
            )  # fmt: skip
            return
        done = self.next_of(project, verb)
        assert done is not None, f"{verb} of “{edit.text}”, which is not theirs in this reading"
        assert (edit.text, ids_in(edit.changes)) == (done.text, done.ids), f"{verb} of another gesture"
        theirs = [
            one
            for one in self.journal
            if one.author != author and one.stands and one.step > done.step and one.about & about
        ]
        assert not theirs, f"{verb} of “{edit.text}” took what is another's now: {theirs}"
        if verb == "undo":
            self.not_begun(edit, done)
        done.stands, done.step = verb == "redo", revision

    def not_begun(self, edit: Edit, done: Done) -> None:
        """A case that begun by work is to do again where no work is left on it in this reading, and only there."""
        back = {("case", one.round_id, one.case_id) for one in edit.of(CaseStatusChange) if one.by_work}
        for key in done.began:
            of_case = {image_id for image_id, case_id in self.case_of.items() if case_id == key[2]}
            there = of_round(self.last, key[1])
            said = {one[2] for one in there if one[0] == "answer"} | {
                one[3] for one in there if one[:3:2] == ("said", "image")
            }
            worked = bool(said & of_case) or any(
                one[0] == "shape" and (value[6] is not None or value[0] in of_case) for one, value in there.items()
            )
            assert not (worked and key in back), f"{key} is to do again, with work on it"
            assert worked or self.last.get(key) != (CaseStatus.IN_PROGRESS.value, ""), (
                f"{key} is begun, with no work on it"
            )

    def told(self, project: Project, revision: int, changed: set[Key], values: State) -> None:
        """The revision names everything that has changed."""
        (one,) = project.changes_since(revision)
        on = {key[2] for key in changed if key[0] == "answer"}
        on |= {key[3] for key in changed if key[0] == "said" and key[2] == "image"}
        on |= {key[1] for key in changed if key[0] in ("inside", "patient")}
        on |= {values[key][0] for key in changed if key[0] in ("shape", "measurement") if values[key][0]}
        on |= {key[2].partition("-")[2] for key in changed if key[0] == "decision"}
        assert on <= set(one.touched.image_ids)
        cases = {key[2] for key in changed if key[0] == "case"}
        if any(key[0] in ("measurement", "shape") and not values[key][0] for key in changed):
            cases |= set(self.case_of.values())  # a plane through the series of all films
        assert cases <= set(one.touched.case_ids)
        assert one.touched.labels or not any(key[0] in ("label", "attribute") for key in changed)


def prediction_of(image_id: str) -> Prediction:
    """Its two proposals are named by their image."""
    own = f"of-{image_id}"
    found = tuple(
        Proposal(proposal_id=f"{place}-{image_id}", prediction_id=own, image_id=image_id, label="a", score=0.5,
                 shape=Box(x0_px=place, y0_px=0, x1_px=20, y1_px=20))
        for place in range(2)
    )  # fmt: skip
    return Prediction(
        prediction_id=own, image_id=image_id, model_hash="h", model_name="m", kind="detection",
        created="2026-01-01T00:00:00+00:00", threshold=0.5, scores={"a": 0.5}, proposals=found, labels=("a",),
    )  # fmt: skip
