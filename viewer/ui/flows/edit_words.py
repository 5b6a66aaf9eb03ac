"""What an edit has done to a case beyond what is seen: it is open again, or it was complete and has been changed."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from viewer.core.case_acts import SAID
from viewer.core.edits import AnnotationChange, CaseStatusChange, Edit, ImageLabelChange
from viewer.core.errors import AppError
from viewer.core.shapes.annotations import CaseStatus, Decision
from viewer.ui.flows.cases.listing import spoken_title
from viewer.ui.flows.label_edits import answer_words
from viewer.ui.state.announcing import announce_until

if TYPE_CHECKING:
    from viewer.project.at_hand.values import AtHand
    from viewer.ui.flows.findings import Finding
    from viewer.ui.flows.snapshots import Snapshots
    from viewer.ui.state.session import Session


class EditWords(QObject):
    """Says it, with what whoever makes an edit has to say of it: one sentence does not push another away.

    That a case is open again stands over the views, with what to do, and nowhere else: it is long, and is said once.
    """

    told = Signal(str)  # what the edit that was just kept has done, "" for one of which there is nothing to say

    def __init__(self, session: "Session", snapshots: "Snapshots") -> None:
        super().__init__(session)
        self._session, self._snapshots = session, snapshots
        self._words = self._how = ""
        session.work_changed.connect(self._on_work_changed)
        session.edits.told.connect(self._forget)  # what was not kept is not said of the next gesture

    def do(self, edit: Edit, words: str, how: str = "") -> bool:
        """Keep an edit; once it is kept, say what it does. how: what to do next, which a case that is open again says
        itself."""
        self._words, self._how = words, how
        if self._session.do(edit):
            return True
        self._forget()
        return False

    def _forget(self) -> None:
        self._words = self._how = ""

    def keep_answer(self, edit: Edit) -> bool:
        """Keep what a key or a click says of whole-image labels; in Review, where no list of answers stands, it is
        said."""
        return self.do(edit, answer_words(edit)) if self._session.workspace == "review" else self._session.do(edit)

    def _on_work_changed(self, edit: Edit) -> None:
        words, how, self._words, self._how = self._words, self._how, "", ""
        at_hand = self._session.at_hand
        try:
            hidden = self._session.names_hidden
            opened = opened_words(at_hand, edit, names_hidden=hidden)
            # With the gesture that it was said of, the sentence is past.
            of_case = "" if opened or self._session.edits.stepping else self._changed(edit)
        except AppError:
            opened = of_case = ""  # the case has gone since; there is nothing to say of it
        done = " ".join(part for part in (words, "" if opened else how, of_case) if part)
        self.told.emit(done)
        if opened:
            announce_until(self._session, "warn", opened, self._session.image_shown, self._session.work_changed)
        if done:
            self._session.said.emit(done)

    def _changed(self, edit: Edit) -> str:
        """That a case which is done was changed, and whether a model is judged by what was changed there."""
        at_hand = self._session.at_hand
        words = changed_words(at_hand, edit, names_hidden=self._session.names_hidden)
        if not words:
            return ""
        case_id = at_hand.images.get(edit.worked_on[0]).case_id
        words = " ".join(part for part in (removed_words(edit), words) if part)
        judged = self._snapshots.judged_by(case_id, changed_labels(edit))
        return f"{words} It is {judged}: the next snapshot judges models by the changed truth." if judged else words

    def before(self, finding: "Finding") -> str:
        """That a decision on a finding of the shown case changes the truth that models are judged by; "" where not."""
        at_hand, shown = self._session.at_hand, self._session.shown
        if shown is None or shown.case_id is None or not at_hand.cases.has(shown.case_id):
            return ""
        case, proposal = at_hand.cases.get(shown.case_id), finding.proposal
        if proposal.decision is not Decision.UNDECIDED or not case.status.is_done:
            return ""
        judged = self._snapshots.judged_by(case.case_id, (proposal.label,))
        words = f"This case is {SAID[case.status]} and {judged}"
        return f"{words}: what is changed here changes the truth that models are judged by." if judged else ""


def changed_labels(edit: Edit) -> frozenset[str]:
    """The labels of which an edit changes what is said or drawn."""
    said = {change.label for change in edit.of(ImageLabelChange)}
    drawn = {one.label for change in edit.of(AnnotationChange) for one in (change.before, change.after) if one}
    return frozenset(said | drawn)


def removed_words(edit: Edit) -> str:
    """That shapes went, such as "device is removed."; "" where none did."""
    gone = [one.before.label for one in edit.of(AnnotationChange) if one.before is not None and one.after is None]
    if not gone:
        return ""
    return f"{gone[0]} is removed." if len(gone) == 1 else f"{len(gone)} shapes are removed."


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
    was = next(change.before for change in edit.of(CaseStatusChange) if change.case_id == cases[0])
    lost = "" if was is CaseStatus.COMPLETE else f", and no longer {SAID[was]}"
    return f"{title} is open again{lost}: {why}.{more} {how} Then complete it."


def changed_words(at_hand: "AtHand", edit: Edit, *, names_hidden: bool = False) -> str:
    """That a case which is done, and stays so, was changed; "" where none was."""
    if edit.has(CaseStatusChange):
        return ""
    images = edit.worked_on
    if len(images) != 1:
        return ""
    case = at_hand.cases.get(at_hand.images.get(images[0]).case_id)
    if not case.status.is_done:
        return ""
    said = SAID[case.status]
    return f"{spoken_title(case, names_hidden=names_hidden)} is {said}, and stays so with this change."
