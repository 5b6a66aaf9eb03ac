"""What an edit has done to a case beyond what is seen: it is open again, or it was complete and has been changed."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from viewer.core.edits import CaseStatusChange, Edit
from viewer.core.errors import AppError
from viewer.core.shapes.annotations import CaseStatus
from viewer.ui.flows.case_list import spoken_title
from viewer.ui.state.announcing import announce_until

if TYPE_CHECKING:
    from viewer.project.at_hand.values import AtHand
    from viewer.ui.state.session import Session


class EditWords(QObject):
    """Says it, with what whoever makes an edit has to say of it: one sentence does not push another away."""

    told = Signal(str)  # what the edit that was just kept has done, "" for one of which there is nothing to say

    def __init__(self, session: "Session") -> None:
        super().__init__(session)
        self._session = session
        self._words = ""
        session.work_changed.connect(self._on_work_changed)

    def do(self, edit: Edit, words: str) -> bool:
        """Keep an edit; once it is kept, say what it does."""
        self._words = words
        if self._session.do(edit):
            return True
        self._words = ""
        return False

    def _on_work_changed(self, edit: Edit) -> None:
        words, self._words = self._words, ""
        at_hand = self._session.at_hand
        try:
            hidden = self._session.names_hidden
            opened = opened_words(at_hand, edit, names_hidden=hidden)
            of_case = "" if opened else changed_words(at_hand, edit, names_hidden=hidden)
        except AppError:
            opened = of_case = ""  # the case has gone since; there is nothing to say of it
        self.told.emit(" ".join(part for part in (words, opened or of_case) if part))
        if opened:
            session, sentence = self._session, " ".join(part for part in (words, opened) if part)
            announce_until(session, "warn", sentence, session.image_shown, session.work_changed)
        elif words or of_case:
            self._session.said.emit(" ".join(part for part in (words, of_case) if part))


def opened_words(at_hand: "AtHand", edit: Edit, *, names_hidden: bool = False) -> str:
    """That an edit has opened a complete case again, and why; "" where it has not."""
    from viewer.project.lawful import opened_by

    cases = opened_by(edit)
    if not cases:
        return ""
    why = at_hand.questions.get(cases[0]) or "its labels have changed"
    more = "" if len(cases) == 1 else f" So are {len(cases) - 1} more."
    title = spoken_title(at_hand.cases.get(cases[0]), names_hidden=names_hidden)
    how = at_hand.ways.get(cases[0]) or "Mend it."
    return f"{title} is open again: {why}.{more} {how} Then complete it."


def changed_words(at_hand: "AtHand", edit: Edit, *, names_hidden: bool = False) -> str:
    """That a case which is complete, and stays so, was changed; "" where none was."""
    if edit.has(CaseStatusChange):
        return ""
    images = edit.worked_on
    if len(images) != 1:
        return ""
    case = at_hand.cases.get(at_hand.images.get(images[0]).case_id)
    if case.status is not CaseStatus.COMPLETE:
        return ""
    return f"{spoken_title(case, names_hidden=names_hidden)} is complete, and stays so with this change."
