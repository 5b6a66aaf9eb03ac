"""Several chosen runs beside each other: curves, the settings that differ, figures, and each against one of them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from viewer.core.text.counting import counted
from viewer.ui.dialogs.bounded import Body
from viewer.ui.dialogs.page_dialog import PageDialog
from viewer.ui.flows.run_words import run_title
from viewer.ui.look.chips import text_label
from viewer.ui.look.choice_box import ChoiceBox
from viewer.ui.look.plain_text import add_field_choices, html_text, set_name, tell_choice
from viewer.ui.look.row_painting import KeyButton
from viewer.ui.run_table.agreement import AgreementButton, agreement_html
from viewer.ui.run_table.overlaid import OverlaidCurves

if TYPE_CHECKING:
    from viewer.jobs.runs import RunState
    from viewer.jobs.several_runs import SeveralRuns
    from viewer.ui.flows.desk import Desk

CELL = 'style="padding:3px 10px"'
ALIKE = "None: their recipes are alike in every setting."


class CompareSeveralDialog(PageDialog):
    """The others are compared with the run that is chosen at the foot: at first the one that was clicked last."""

    def __init__(self, session: "Desk", runs: "Sequence[RunState]", parent: QWidget | None = None) -> None:
        self.runs = list(runs)
        super().__init__(
            session, title=f"Compare {counted(len(runs), 'run')}", name="The compared runs", size_px=(900, 740),
            copied="The comparison is on the clipboard.", parent=parent,
        )  # fmt: skip
        self.curves = OverlaidCurves(session, self.runs)
        layout = self.layout()
        assert isinstance(layout, QVBoxLayout)
        layout.insertWidget(0, Body(self.curves))
        self.read_again()

    def beside_buttons(self) -> QWidget:
        """With which of them the others are compared."""
        host = QWidget()
        row = QHBoxLayout(host)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(text_label("against", "rowmid"))
        self.first = ChoiceBox()
        add_field_choices(self.first, [run_title(run) for run in self.runs])
        self.first.setMinimumContentsLength(18)
        self.first.setSizeAdjustPolicy(ChoiceBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        set_name(self.first, "The run that the others are compared with")
        tell_choice(self.first)
        self.first.currentIndexChanged.connect(lambda _: self.read_again())
        row.addWidget(self.first, 1)
        return host

    def more_buttons(self) -> Sequence[KeyButton]:
        """The cases behind the agreement."""
        self.agreement = AgreementButton(self._session, self)
        return (self.agreement,)

    def read_again(self) -> None:
        """Read the reports; what was read for another choice meanwhile is dropped."""
        tell_choice(self.first)
        place = self.first.currentIndex()
        order = [self.runs[place], *(run for other, run in enumerate(self.runs) if other != place)]

        def read() -> "SeveralRuns":
            from viewer.jobs.several_runs import compare_several

            return compare_several(order)

        self.problem.hide()
        self._session.run_in_background(
            read,
            lambda found: self._on_read(found) if place == self.first.currentIndex() else None,
            self._on_failed,
            owner=self,
        )

    def html(self, facts: Any) -> str:
        """The tables and the sentences."""
        self.agreement.tell(facts.agreeing)
        return several_page(facts)


def several_page(found: "SeveralRuns") -> str:
    """The runs as HTML, a column each."""
    head = "".join(f"<th {CELL}>{html_text(name)}</th>" for name in ("", *found.names))
    settings = "".join(map(_row, found.settings))
    figures = "".join(map(_row, found.figures))
    against = "".join(f"<li>{html_text(pair.said)}</li>" for _, pair in found.against)
    return (
        "<h4>Settings that differ</h4>"
        + (f'<table border="1" cellspacing="0"><tr>{head}</tr>{settings}</table>' if settings else f"<p>{ALIKE}</p>")
        + f'<h4>Figures</h4><table border="1" cellspacing="0"><tr>{head}</tr>{figures}</table>'
        f"<h4>Against {html_text(found.names[0])}, on the same test cases</h4><ul>{against}</ul>"
        f"<p>{html_text(found.rule)}</p>"
        + agreement_html(found.agreeing, " ".join(pair.said for _, pair in found.against))
        + (f"<p>{html_text(found.opened)}</p>" if found.opened else "")
    )


def _row(row: tuple[str, tuple[str, ...]]) -> str:
    what, values = row
    cells = "".join(f"<td {CELL}>{html_text(value)}</td>" for value in values)
    return f"<tr><td {CELL}>{html_text(what)}</td>{cells}</tr>"
