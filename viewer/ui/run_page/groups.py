"""The figure that decides, of each group of cases that their headers tell apart; the worst of a column marked."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ml.evaluation.beside_controls import MODEL
from ml.evaluation.shared_reasons import SharedReasons
from ml.metric_words import metric_title
from viewer.core.text.counting import counted
from viewer.ui.look.chips import Paragraph
from viewer.ui.look.plain_text import set_text
from viewer.ui.run_page.card import Card, Told
from viewer.ui.run_page.forest import Forest
from viewer.ui.run_page.rows import Rows, first_up

if TYPE_CHECKING:
    from viewer.ui.flows.desk import Desk

NOT_SAID = "not said"
ONE_GROUP = (
    "Nothing tells groups apart: no header of these cases says a site, scanner, view, sex or age that differs, and "
    "the project asks no such thing. Ask it of each image (Annotate, Asked, Ask something of each image)"
    " and evaluate again."
)
MOST_ROWS = 40


class GroupsCard(Card):
    """Seen once there is a report; of one without groups it says what groups are made of."""

    title = "By group"

    def __init__(self, session: "Desk") -> None:
        super().__init__(session)
        self.sentence, self.rows, self.reasons = Paragraph("strong"), Rows(4), Paragraph("caption")
        self.forest = Forest(session)
        for widget in (self.sentence, self.forest, self.rows, self.reasons):
            self.body.addWidget(widget)

    def tell(self, told: Told) -> None:
        """The groups of the report."""
        document = None if told.facts is None else told.facts.report
        groups = None if document is None else document.get("groups")
        # Of a report that is damaged its own sentence is enough.
        is_one = told.facts is not None and document is not None and not groups and not told.facts.no_cases
        self.setVisible(bool(groups) or is_one)
        for widget in (self.sentence, self.forest, self.rows, self.reasons):
            widget.setVisible(bool(groups))
        self.lack(ONE_GROUP if is_one else "")
        if document is None or not groups:
            self.say_beside("")
            return
        decides = str(groups["ranked_by"])
        figures = [group["figures"].get(decides) or {} for _, _, group in _each(groups)]
        reasons = SharedReasons(figures)
        self.say_beside(metric_title(decides))
        set_text(self.sentence, groups["sentence"])
        self.forest.show_groups(groups, (document["answers"][MODEL].get(decides) or {}).get("value"))
        worst = {(column["column"], column["worst"]) for column in groups["columns"]}
        rows = [
            (
                first_up(f"{column} {name or NOT_SAID}"),
                reasons.cell(figure),
                f"{counted(group['rows'], 'case')} of {counted(group['patients'], 'patient')}",
                f"the worst by {column}" if (column, name) in worst else "",
            )
            for (column, name, group), figure in zip(_each(groups), figures, strict=True)
        ]
        self.rows.show_rows(rows[:MOST_ROWS])
        left = len(rows) - MOST_ROWS
        more = f"{left} more stand in the whole report." if left > 0 else ""
        set_text(self.reasons, " ".join(filter(None, (*reasons.lines, more))))


def _each(groups: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """(column, name, group) of every group."""
    for column in groups["columns"]:
        yield from ((str(column["column"]), name, group) for name, group in column["groups"].items())
