"""The cases of the report as pictures: those that are wrong first, and of these what the model was surest of."""

from typing import TYPE_CHECKING

from viewer.core.text.counting import counted
from viewer.ui.flows.to_review import open_judged
from viewer.ui.run_page.card import Card, Told
from viewer.ui.run_page.tiles import Tiles, part_word

if TYPE_CHECKING:
    from viewer.ui.flows.desk import Desk
    from viewer.ui.run_page.judged import Judged

MOST = 200  # in a page; all of them are in cases.csv
NO_CASE = "The report counts no case that has an answer."


class WorstCard(Card):
    """Seen once there is a report."""

    title = "Cases, the worst first"

    def __init__(self, session: "Desk") -> None:
        super().__init__(session)
        self._told: Told | None = None
        self.tiles = Tiles(session, self.title)
        self.tiles.asked.connect(self._on_asked)
        self.body.addWidget(self.tiles)

    def tell(self, told: Told) -> None:
        """The cases of the report."""
        self._told, facts = told, told.facts
        self.setVisible(facts is not None and facts.report is not None)
        if facts is None or facts.report is None:
            return
        lacks = self.lack(facts.no_cases or ("" if facts.judged else NO_CASE))
        self.tiles.setVisible(not lacks)
        self.tiles.show_judged(facts.judged[:MOST], part_word(facts.report["part"]), order_words(facts.judged))

    def _on_asked(self, image_id: str) -> None:
        if self._told is not None:
            open_judged(self._session, self._told.run, image_id)


def order_words(judged: "tuple[Judged, ...]") -> str:
    """In which order they stand, and how many are wrong."""
    if not judged:
        return ""
    if judged[0].wrong is None:
        return "The worst answers stand first. A click, or Enter, opens the case in Review."
    wrong = sum(bool(one.wrong) for one in judged)
    are = "is" if wrong == 1 else "are"
    return (
        f"{wrong} of {counted(len(judged), 'answer')} {are} wrong; of these the surest stand first, then of the right "
        "ones the least sure. A click, or Enter, opens the case in Review."
    )
