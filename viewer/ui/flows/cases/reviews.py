"""Sending cases to review, approving and returning them; and the word to whoever opens one that was returned."""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from viewer.core.case_acts import ACTS, SAID, CaseAct
from viewer.core.errors import AppError
from viewer.core.shapes.annotations import CaseStatus
from viewer.core.text.counting import counted
from viewer.ui.flows.cases.listing import spoken_title
from viewer.ui.state.announcing import OVER, announce_until
from viewer.ui.state.edit_gate import Then

if TYPE_CHECKING:
    from viewer.core.edits import Edit
    from viewer.project.records import CaseRow
    from viewer.ui.flows.cases.walk import CaseWalk
    from viewer.ui.flows.membership import Members
    from viewer.ui.state.session import Session
    from viewer.ui.state.shown import ShownImage


def allowing(act: CaseAct) -> str:
    """The fact that an act can be done with the cases that it would be about."""
    return f"case_may_{act.name}"


class CaseReviews(QObject):
    """What a second person does with cases: with those that are chosen in the list, or else with the shown one.

    ask: asks the person for a comment, given what it is about; set by whoever has a window.
    """

    def __init__(self, session: "Session", members: "Members", cases: "CaseWalk") -> None:
        super().__init__(session)
        self._session, self._members, self._cases = session, members, cases
        self._told: str | None = None  # the case that was looked at last
        self._sentence = ""  # what stands over the views of it
        session.image_shown.connect(self._on_image_shown)
        session.image_gone.connect(self._leave)
        session.project_opened.connect(lambda _: self._leave())
        session.work_changed.connect(self._on_work_changed)
        session.situation_changed.connect(lambda _: self._tell_facts())

    @property
    def rows(self) -> "list[CaseRow]":
        """The cases that it is about."""
        # A row that is chosen, as by its menu, is meant though the case before it is still on the screen.
        asked, rows = self._members.chosen or (self._cases.current,), self._session.at_hand.cases.rows
        return [rows[case_id] for case_id in asked if case_id is not None and case_id in rows]

    @property
    def count(self) -> int:
        """How many are chosen; 0 where it is about the shown one."""
        return len(self._members.chosen)

    @property
    def name(self) -> str:
        """What they are called in a sentence: "3 cases", or the title of the one."""
        rows = self.rows
        return counted(len(rows), "case") if len(rows) != 1 else self._spoken(rows[0])

    def _tell_facts(self) -> None:
        """Whether each act can be done with all of them: what is grey in the menus follows the cases."""
        found = {row.status for row in self.rows}
        for act in ACTS:
            self._session.set_fact(allowing(act), holds=bool(found) and found <= act.starts)

    def do(self, act: CaseAct, comment: str = "") -> None:
        """Do it with all of them, in one gesture. comment: of an act that has one."""
        from viewer.project.edit_builders import move_cases

        session = self._session
        session.edits.wait()
        rows = self.rows
        if not rows:
            return
        for row in rows:
            why_not = act.why_not(row.status)
            if why_not:
                session.announced.emit("info", f"{self._spoken(row)} stays as it is. {why_not}")
                return
        verb = "is" if len(rows) == 1 else "are"
        said = f"{self.name} {verb} {SAID[act.ends]}."
        kept = Then(kept=lambda: session.said.emit(said), refused=self._refusal(rows, act))
        session.do(move_cases(rows, act, comment), then=kept)

    def _refusal(self, rows: "list[CaseRow]", act: CaseAct) -> Callable[[AppError], None]:
        from viewer.project.lawful import Unanswered, refusal

        session = self._session

        def refused(error: AppError) -> None:
            sentence = str(error)
            if isinstance(error, Unanswered) and error.words and (len(rows) == 1 or session.names_hidden):
                title = self._spoken(rows[0]) if len(rows) == 1 else "One of the cases"
                sentence = refusal(title, error.words, error.way, act.ends)
            announce_until(session, "warn", sentence, session.image_shown, session.work_changed)

        return refused

    # A case that was returned

    def _on_image_shown(self, shown: "ShownImage") -> None:
        if shown.case_id == self._told:
            return
        self._leave()
        self._told = shown.case_id
        row = self._returned(shown.case_id)
        if row is not None:
            self._tell(row)

    def _on_work_changed(self, _edit: "Edit") -> None:
        if self._sentence and self._returned(self._told) is None:
            self._end()

    def _tell(self, row: "CaseRow") -> None:
        """Say who returned it, when and why; who, only the journal knows."""
        from viewer.project.readings import returned_by

        session, project = self._session, self._session.project
        if project is None:
            return

        def arrived(found: tuple[str, str]) -> None:
            now = self._returned(row.case_id)
            if session.project is project and self._told == row.case_id and now is not None:
                self._sentence = returned_words(self._spoken(now), now.comment, *found)
                session.announced.emit("warn", self._sentence)

        session.run_in_background(
            lambda: returned_by(project.database, row.case_id, project.round_id), arrived, session.announce_failure
        )

    def _returned(self, case_id: str | None) -> "CaseRow | None":
        row = self._session.at_hand.cases.rows.get(case_id or "")
        return row if row is not None and row.status is CaseStatus.RETURNED else None

    def _leave(self) -> None:
        self._told = None
        self._end()

    def _end(self) -> None:
        sentence, self._sentence = self._sentence, ""
        if sentence:
            self._session.announced.emit(OVER, sentence)

    def _spoken(self, row: "CaseRow") -> str:
        return spoken_title(row, names_hidden=self._session.names_hidden)


def returned_words(title: str, comment: str, author: str, time: str) -> str:
    """That a case was returned: by whom, when and why, and what is to be done. time: ISO 8601; "" is not known."""
    by = f" by {author}" if author else ""
    on = f" on {datetime.fromisoformat(time).astimezone():%d %b %Y, %H:%M}" if time else ""
    return f"{title} was returned{by}{on}: “{comment}” Mend it, then complete it or send it to review again."
