"""What the list of cases tells of a model's answers: in a row, in its tool tip, as an order, and why a filter by them
takes no case. Nothing of it is told outside of Review (`BeforeAI.tells_of`)."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from viewer.core.deciding import score_words
from viewer.project.case_query import KEY_FORMS, CaseQuery
from viewer.project.said.orders import AS_FILED, ORDER_WORDS
from viewer.ui.look.choice_box import ChoiceBox
from viewer.ui.look.plain_text import add_choice, set_name, set_tip

if TYPE_CHECKING:
    from viewer.core.shapes.annotations import CaseStatus
    from viewer.project.project import Project
    from viewer.project.records import CaseRow
    from viewer.project.said.short import Short
    from viewer.ui.flows.desk import Desk

DIFFERS = "≠"
ORDER_TIP = """The order of the list, by what the chosen model has said of each case.
Certain is an answer far from its cut, or, of labels that exclude each other, a score far above the next one.
Disagreement is with what is labelled. Cases without an answer come last."""
IN_REVIEW = "Scores, disagreement and uncertainty are seen in Review AI (F8), not where cases are labelled."
NO_MODEL = "No model is chosen, so no case has a score."
READS = "What the model has said is being read."
SEEN_TIPS = {
    "trained on": "This model was trained on this case.",
    "validated on": "This model was chosen on this case: it is in its validation part.",
    "patient trained on": "This model was trained on other images of this patient.",
    "patient validated on": "This model was chosen on other images of this patient.",
}


class OrderChoice(ChoiceBox):
    """How the list is sorted; in Review alone, elsewhere the cases stand as they were filed."""

    def __init__(self, session: "Desk") -> None:
        super().__init__()
        self._session = session
        for order, words in ORDER_WORDS.items():
            add_choice(self, words, order)
        set_name(self, "Order of the cases")
        set_tip(self, ORDER_TIP)
        session.workspace_changed.connect(lambda _: self._show())
        self._show()

    @property
    def chosen(self) -> str:
        """`AS_FILED`, or one of `ORDERS`."""
        return str(self.currentData()) if self._session.workspace == "review" else AS_FILED

    @property
    def is_kept(self) -> bool:
        """Whether another order than as filed is chosen, though it may not hold here."""
        return bool(self.currentIndex())

    def _show(self) -> None:
        self.setVisible(self._session.workspace == "review")


def said_of(session: "Desk", row: "CaseRow") -> "Short | None":
    """What the chosen model says of a case, as far as a list may tell it."""
    return session.answered.said(row) if session.workspace == "review" else None


def row_words(said: "Short | None") -> tuple[str, str]:
    """What a row says beside the mark that the case was answered: ("≠ Ill 0.93", "≠ 0.93"); "" without a score."""
    if said is None:
        return "", ""
    mark = f"{DIFFERS} " if said.differs else ""
    if said.score is None:
        return mark.strip(), mark.strip()
    number = score_words(said.score)
    return f"{mark}{said.label} {number}", f"{mark}{number}"


def spoken(said: "Short | None") -> str:
    """The same for who hears it: "Ill 0.93, disagrees with what is labelled"."""
    if said is None:
        return ""
    score = "" if said.score is None else f"{said.label} {score_words(said.score)}"
    return ", ".join(filter(None, (score, "disagrees with what is labelled" if said.differs else "")))


def tip_words(said: "Short | None") -> str:
    """All of it, in sentences."""
    if said is None:
        return ""
    told = []
    if said.score is not None:
        rest = (f"{name} {score_words(one)}" for name, one in said.scores.items() if name != said.label)
        told.append(f"Its score: {', '.join((f'{said.label} {score_words(said.score)}', *rest))}.")
    if said.differs:
        what = ", ".join(said.said) if said.said else "none of its labels"
        told.append(f"It says {what}, and disagrees with what is labelled ({', '.join(said.differs)}).")
    elif said.differs is not None:
        told.append("It agrees with what is labelled.")
    if said.margin is not None:
        told.append(f"It is {said.margin:.2f} from another answer.")
    told += [SEEN_TIPS[said.seen]] if said.seen in SEEN_TIPS else []
    return "\n".join(told)


def needs_search(query: CaseQuery, order: str) -> bool:
    """Whether a list is made beside the window's thread: only the database knows what every case holds, and sorting
    many by what a model says takes longer than a frame."""
    return bool(query.text or query.said or order != AS_FILED)


def search(
    session: "Desk", query: CaseQuery, status: "CaseStatus | None", order: str
) -> "Callable[[Project], list[CaseRow]]":  # fmt: skip
    """The question that finds the cases, in their order; it is asked on another thread."""
    said = session.answered.all_said() if session.workspace == "review" else lambda _: None
    cases = session.at_hand.cases

    def ask(project: "Project") -> "list[CaseRow]":
        from viewer.project.said.orders import in_order

        rows = project.cases.all(status, query.text) if query.text else cases.all(status)
        return in_order((row for row in rows if query.fits_said(said(row))), order, said)

    return ask


def why_none(session: "Desk", query: CaseQuery) -> str:
    """Why no case fits what is asked of a model's answers, or a key that cannot be read; "" where it is another why."""
    if query.wrong:
        return query.wrong
    if not query.said:
        return f"No case fits; “{query.odd_key}” is no key: there are {KEY_FORMS}." if query.odd_key else ""
    if session.workspace != "review":
        return IN_REVIEW
    answered = session.answered
    if not answered.title:
        return NO_MODEL
    if not answered.is_known:
        return READS
    return query.why_none_said(answered.labels)
