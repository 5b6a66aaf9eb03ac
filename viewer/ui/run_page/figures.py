"""What the run reached on its validation part, at its best epoch."""

from typing import TYPE_CHECKING

from ml.metric_words import grouped, metric_meaning, metric_title, number_text
from viewer.core.text.counting import counted
from viewer.ui.look.chips import Paragraph
from viewer.ui.look.plain_text import set_text
from viewer.ui.run_page.card import Card, Told
from viewer.ui.run_page.rows import Rows, first_up

if TYPE_CHECKING:
    from viewer.ui.flows.desk import Desk

MOST_ROWS = 16
NONE_YET = "No epoch is done yet: the figures come with the first."
CHOSEN_HERE = "The best epoch was chosen on these cases, so they are no test: without an interval, and too good."


class FiguresCard(Card):
    """A row for each figure."""

    title = "On the validation part"

    def __init__(self, session: "Desk") -> None:
        super().__init__(session)
        self.rows = Rows(3)
        self.note = Paragraph("caption")
        self.body.addWidget(self.rows)
        self.body.addWidget(self.note)

    def tell(self, told: Told) -> None:
        """The figures of the best epoch."""
        run, point = told.run, told.run.best_point
        why = f"No figure: {run.why_no_figure}." if run.why_no_figure else "" if point is not None else NONE_YET
        metrics = {} if point is None else point.metrics
        self.lack(why if not any(value is not None for value in metrics.values()) else "")
        names = [name for _, each in grouped(metrics) for name in each]
        first = sorted(names, key=lambda name: name != run.metric_name)[:MOST_ROWS]
        self.rows.show_rows(
            [(first_up(metric_title(one)), number_text(metrics[one]), metric_meaning(one)) for one in first]
        )
        self.rows.setVisible(bool(first))
        of = f"{counted(run.val_cases, 'case')} of {counted(run.val_patients, 'patient')}" if run.val_cases else ""
        self.say_beside(of)
        set_text(self.note, CHOSEN_HERE if first else "")
        self.note.setVisible(bool(first))
