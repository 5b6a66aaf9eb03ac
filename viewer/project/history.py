"""The journal: the one way to change what is on the images, durable before it returns, undone across restarts."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, select, update

from viewer.core.case_acts import SAID
from viewer.core.edits import AnnotationChange, Change, Edit, ImageLabelChange, LabelChange
from viewer.core.errors import BadRequest
from viewer.core.events import Event
from viewer.project.cases import new_label
from viewer.project.changes.answer_law import with_answers_that_fit
from viewer.project.changes.applying import apply_changes
from viewer.project.changes.applying import refusal as refused
from viewer.project.changes.changed_by import said_again
from viewer.project.changes.first_readings import refuse_after_ai
from viewer.project.changes.object_law import with_whole_objects
from viewer.project.changes.said_of_objects import with_links_that_hold, with_what_is_said_of_gone
from viewer.project.image_rows import CASE_ID
from viewer.project.lawful import Unanswered, cases_to_open, question_in, refusal, title_of, way_out_in
from viewer.project.records import JournalEntry
from viewer.project.revisions import RevisionKind, raise_revision, touched_by
from viewer.project.state import label_of
from viewer.project.store.database import Database
from viewer.project.store.schema import images, journal, labels, steps
from viewer.project.store.stored_edits import decode_edit, encode_edit


def now_iso() -> str:
    """The present moment, ISO 8601 in UTC with milliseconds."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def _named_labels(changes: tuple[Change, ...]) -> list[tuple[str, str]]:
    """(scope, name) of every label that the changes put on an image or into the catalogue, in order, once."""
    found: dict[tuple[str, str], None] = {}
    for change in changes:
        if isinstance(change, AnnotationChange) and change.after is not None:
            found["region", change.after.label] = None
        elif isinstance(change, ImageLabelChange) and change.after is not None:
            found["image", change.label] = None
    return list(found)


def _added_labels(changes: tuple[Change, ...]) -> set[tuple[str, str]]:
    return {
        (change.after.scope, change.after.name)
        for change in changes
        if isinstance(change, LabelChange) and change.after is not None
    }


def _lawful(connection: Connection, edit: Edit, *, may_stay_open: bool) -> Edit:
    """The edit, just applied, with what keeps complete cases lawful, applied too. Raises Unanswered."""
    opened, unanswered = cases_to_open(connection, edit)
    if unanswered and not may_stay_open:
        case_id, round_id = unanswered[0].case_id, unanswered[0].round_id
        words, way = question_in(connection, case_id, round_id), way_out_in(connection, case_id, round_id)
        sentence = refusal(title_of(connection, case_id), words, way, unanswered[0].after)
        raise Unanswered(sentence, words=words, way=way)
    apply_changes(connection, [*opened, *(change.inverse() for change in unanswered)], step=1)
    kept = tuple(change for change in edit.changes if change not in unanswered) if unanswered else edit.changes
    return replace(edit, changes=(*kept, *opened))


def _refuse_overwriting(connection: Connection, edit_id: int, edit: Edit) -> None:
    """Where another has said the same again since, the value alone does not tell that it is theirs now."""
    found = said_again(connection, edit_id, edit)
    if found is not None:
        change, author = found
        raise refused(connection, change, author=author)


def _refuse_unlawful(connection: Connection, edit: Edit, verb: str) -> None:
    """Where a task was made, or another author has worked, since an edit: the past may fit no more."""
    opened, unanswered = cases_to_open(connection, edit)
    left = [(change, change.before) for change in opened] + [(change, change.after) for change in unanswered]
    for change, status in left:
        title = title_of(connection, change.case_id)
        words = question_in(connection, change.case_id, change.round_id)
        raise Unanswered(
            f"{verb} “{edit.text}” would leave {title} {SAID[status]} although {words}, so it stays as it is. Change "
            "the label or shape itself instead."
        )


class History:
    """Do, undo and redo. One linear journal per project, author and round; what is done is said in that round.

    on_change: announces each edit after its commit, in the thread that asked for it (for an undo, the inverse).
    on_step: the number of an edit that was undone or done again, before that.
    """

    def __init__(self, database: Database, author: str, round_id: str = "", *, before_ai: bool = False) -> None:
        """before_ai: what is said of a case in this round stays as it was when AI was shown of it."""
        self._database = database
        self._before_ai = before_ai
        self._author = author
        self._round_id = round_id
        self._mine = (journal.c.author == author) & (journal.c.round_id == round_id)
        self.on_change: Event[Edit] = Event()
        self.on_step: Event[int] = Event()

    def do(self, edit: Edit, *, may_stay_open: bool = False) -> Edit:
        """Carry out one gesture; it is on the disk when this returns. Returns it as it was carried out.

        A label that is not in the catalogue yet is added to it as part of the same gesture; a shape that gets another
        label takes the other shapes of its object along; what is said of an object goes with its last shape. A complete
        case that loses the answer of an exclusive task is opened again, as part of it too (`lawful`). may_stay_open:
        cases that it completes and that are not answered stay open; else Unanswered is raised. Whatever was undone
        before can no longer be redone; it stays recorded. Raises NotWritable, and then nothing has changed, in the file
        or in memory; BadRequest when the image no longer holds what the edit says was there before.
        """
        if not edit.changes:
            raise BadRequest("An edit without a change cannot be kept.")
        edit = edit.within(self._round_id) if self._round_id else edit
        with self._database.writing() as connection:
            edit = self._with_new_labels(connection, with_whole_objects(connection, edit, self._author))
            edit = with_links_that_hold(
                connection, with_what_is_said_of_gone(connection, with_answers_that_fit(connection, edit))
            )
            edit = replace(edit, changes=self._applied(connection, edit, step=1))
            edit = _lawful(connection, edit, may_stay_open=may_stay_open)
            if not edit.changes:
                return edit
            kind, version, changes, masks = encode_edit(edit)
            undone = self._mine & (journal.c.state == "undone")
            connection.execute(update(journal).where(undone).values(state="dropped"))
            time = now_iso()
            result = connection.execute(
                journal.insert().values(
                    author=self._author,
                    time=time,
                    kind=kind,
                    version=version,
                    text=edit.text,
                    image_id=edit.image_id,
                    round_id=self._round_id,
                    changes=changes,
                    masks=masks,
                    state="done",
                )
            )
            key = result.inserted_primary_key
            assert key is not None
            self._step_taken(connection, key[0], RevisionKind.DO, edit, time)
        self.on_change.emit(edit)
        return edit

    def undo(self) -> Edit | None:
        """Take the author's last edit back; returns the inverse that was applied, None when there is nothing."""
        with self._database.writing() as connection:
            row = self._last_done(connection)
            if row is None:
                return None
            edit_id, edit = row
            inverse = edit.inverse()
            _refuse_overwriting(connection, edit_id, inverse)
            inverse = replace(inverse, changes=self._applied(connection, inverse, step=-1))
            _refuse_unlawful(connection, inverse, "Taking back")
            self._mark(connection, edit_id, "undone", RevisionKind.UNDO, inverse)
        self.on_step.emit(edit_id)
        self.on_change.emit(inverse)
        return inverse

    def redo(self) -> Edit | None:
        """Do again what was undone last; returns the edit, None when there is nothing."""
        with self._database.writing() as connection:
            row = self._first_undone(connection)
            if row is None:
                return None
            edit_id, edit = row
            _refuse_overwriting(connection, edit_id, edit)
            edit = replace(edit, changes=self._applied(connection, edit, step=1))
            _refuse_unlawful(connection, edit, "Doing again")
            self._mark(connection, edit_id, "done", RevisionKind.REDO, edit)
        self.on_step.emit(edit_id)
        self.on_change.emit(edit)
        return edit

    def next_undo(self) -> Edit | None:
        """What `undo` would take back (as it was done), so that the window can show its image first."""
        with self._database.reading() as connection:
            row = self._last_done(connection)
        return None if row is None else row[1]

    def next_redo(self) -> Edit | None:
        """What `redo` would do again, so that the window can show its image first."""
        with self._database.reading() as connection:
            row = self._first_undone(connection)
        return None if row is None else row[1]

    @property
    def undo_text(self) -> str:
        """What the menu says after "Undo"; "" when there is nothing."""
        return self.undo_step[0]

    @property
    def redo_text(self) -> str:
        """What the menu says after "Redo"; "" when there is nothing."""
        return self.redo_step[0]

    @property
    def undo_step(self) -> tuple[str, str | None]:
        """What `undo` would take back, and the image it is about; ("", None) when there is nothing."""
        return self._step("done", newest=True)

    @property
    def redo_step(self) -> tuple[str, str | None]:
        """What `redo` would do again, and the image it is about; ("", None) when there is nothing."""
        return self._step("undone", newest=False)

    @property
    def newest(self) -> int | None:
        """The number of the author's newest edit that is done; None where there is none."""
        query = select(journal.c.edit_id).where(self._mine, journal.c.state == "done")
        with self._database.reading() as connection:
            return connection.scalar(query.order_by(journal.c.edit_id.desc()).limit(1))

    def states(self, numbers: Iterable[int]) -> dict[int, str]:
        """Whether each of these edits, of anybody, is done, undone or dropped."""
        query = select(journal.c.edit_id, journal.c.state).where(journal.c.edit_id.in_(list(numbers)))
        with self._database.reading() as connection:
            return {row.edit_id: row.state for row in connection.execute(query)}

    @property
    def last_author(self) -> str:
        """Whose the newest gesture of this round is, who alone may take it back; "" where there is none."""
        query = select(journal.c.author).where(journal.c.round_id == self._round_id, journal.c.state == "done")
        with self._database.reading() as connection:
            return connection.execute(query.order_by(journal.c.edit_id.desc()).limit(1)).scalar() or ""

    def entries(self, limit: int = 200) -> list[JournalEntry]:
        """The newest gestures of everybody in this round, newest first; limit 0 lists all."""
        query = select(journal, images.c.path, CASE_ID).order_by(journal.c.edit_id.desc())
        query = query.select_from(journal.outerjoin(images, images.c.image_id == journal.c.image_id))
        query = query.where(journal.c.round_id == self._round_id)
        if limit:
            query = query.limit(limit)
        with self._database.reading() as connection:
            return [
                JournalEntry(
                    edit_id=row.edit_id,
                    author=row.author,
                    time=row.time,
                    text=row.text,
                    image_id=row.image_id,
                    state=row.state,
                    film="" if row.path is None else Path(row.path).name,
                    case_id=row.case_id or "",
                )
                for row in connection.execute(query)
            ]

    def _applied(self, connection: Connection, edit: Edit, *, step: int) -> tuple[Change, ...]:
        done = apply_changes(connection, edit.changes, step=step)
        if self._before_ai:
            refuse_after_ai(connection, edit, self._round_id)
        return done

    def _step(self, state: str, *, newest: bool) -> tuple[str, str | None]:
        # Without its changes, which may be thousands: the window asks after every gesture.
        order = journal.c.edit_id.desc() if newest else journal.c.edit_id.asc()
        query = select(journal.c.text, journal.c.image_id).where(self._mine, journal.c.state == state)
        with self._database.reading() as connection:
            row = connection.execute(query.order_by(order).limit(1)).one_or_none()
        return ("", None) if row is None else (row.text, row.image_id)

    def _last_done(self, connection: Connection) -> tuple[int, Edit] | None:
        query = select(journal).where(self._mine, journal.c.state == "done")
        return self._one(connection, query.order_by(journal.c.edit_id.desc()))

    def _first_undone(self, connection: Connection) -> tuple[int, Edit] | None:
        query = select(journal).where(self._mine, journal.c.state == "undone")
        return self._one(connection, query.order_by(journal.c.edit_id.asc()))

    @staticmethod
    def _one(connection: Connection, query) -> tuple[int, Edit] | None:  # type: ignore[no-untyped-def]
        row = connection.execute(query.limit(1)).one_or_none()
        if row is None:
            return None
        return row.edit_id, decode_edit(row.version, row.text, row.image_id, row.changes, row.masks)

    def _mark(self, connection: Connection, edit_id: int, state: str, action: RevisionKind, edit: Edit) -> None:
        connection.execute(update(journal).where(journal.c.edit_id == edit_id).values(state=state))
        self._step_taken(connection, edit_id, action, edit, now_iso())

    @staticmethod
    def _step_taken(connection: Connection, edit_id: int, action: RevisionKind, edit: Edit, time: str) -> None:
        key = connection.execute(
            steps.insert().values(edit_id=edit_id, action=action.value, time=time)
        ).inserted_primary_key
        assert key is not None
        raise_revision(connection, action, touched_by(connection, edit.changes), step_id=key[0])

    @staticmethod
    def _with_new_labels(connection: Connection, edit: Edit) -> Edit:
        named = _named_labels(edit.changes)
        if not named:
            return edit
        rows = connection.execute(select(labels)).all()
        catalogue = [label_of(row) for row in rows]
        known = {(label.scope, label.name) for label in catalogue} | _added_labels(edit.changes)
        added: list[Change] = []
        for scope, name in named:
            if (scope, name) not in known:
                label = new_label(name, scope, catalogue)
                catalogue.append(label)
                added.append(LabelChange(before=None, after=label, by_work=True))
        return replace(edit, changes=(*added, *edit.changes)) if added else edit
