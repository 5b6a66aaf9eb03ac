"""Two runs beside each other: what they were made of, their figures, and whether one may be called better."""

from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QHBoxLayout, QWidget

from viewer.core.text.titles import short_id
from viewer.ui.dialogs.page_dialog import PageDialog
from viewer.ui.flows.run_words import made_of, run_title
from viewer.ui.look.chips import text_label
from viewer.ui.look.choice_box import ChoiceBox
from viewer.ui.look.plain_text import add_field_choices, html_text, set_name, tell_choice
from viewer.ui.look.row_painting import KeyButton
from viewer.ui.run_table.agreement import AgreementButton, agreement_html

if TYPE_CHECKING:
    from collections.abc import Sequence

    from viewer.jobs.comparing import TwoRuns
    from viewer.jobs.runs import RunState
    from viewer.ui.flows.desk import Desk

CELL = 'style="padding:3px 12px"'


class CompareRunsDialog(PageDialog):
    """The run is the chosen one of the list; the other is chosen at the foot: at first the one that it started from,
    else the newest one of its task."""

    def __init__(self, session: "Desk", run: "RunState", parent: QWidget | None = None) -> None:
        self._run = run
        self._again: tuple[RunState, str] | None = None
        self.others = others_first(run, session.jobs.runs)
        super().__init__(
            session, title=f"Compare {run_title(run)}", name="The two runs", size_px=(720, 520),
            copied="The table is on the clipboard.", parent=parent,
        )  # fmt: skip
        self.read_two()

    def beside_buttons(self) -> QWidget:
        """With which run."""
        host = QWidget()
        row = QHBoxLayout(host)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(text_label("with", "rowmid"))
        self.other = ChoiceBox()
        add_field_choices(self.other, [f"{run_title(run)} · {made_of(run)}" for run in self.others])
        self.other.setMinimumContentsLength(18)
        self.other.setSizeAdjustPolicy(ChoiceBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        set_name(self.other, "The run to compare with")
        tell_choice(self.other)
        self.other.currentIndexChanged.connect(lambda _: self.read_two())
        row.addWidget(self.other, 1)
        return host

    def more_buttons(self) -> "Sequence[KeyButton]":
        """Evaluating one of the two again, where that makes them comparable, and their cases."""
        self.agreement = AgreementButton(self._session, self)
        self.again = KeyButton(self._session.icons, "Evaluate again", icon="play")
        self.again.hide()
        self.again.clicked.connect(self._on_again)
        return (self.again, self.agreement)

    def _on_again(self) -> None:
        again = self._again
        if again is None:
            return
        run, snapshot_id = again
        self._session.jobs.evaluate(run, snapshot_id=snapshot_id)
        self.accept()
        words = (
            f"{run_title(run)} is evaluated on the snapshot {short_id(snapshot_id)}; compare the two when it is done."
        )
        self._session.announced.emit("info", words)

    def read_two(self) -> None:
        """Read both reports; what was read for another choice meanwhile is dropped."""
        tell_choice(self.other)
        place = self.other.currentIndex()
        first, second = self.others[place], self._run

        def read() -> "TwoRuns":
            from viewer.jobs.comparing import compare_runs

            return compare_runs(first, second)

        self.problem.hide()
        self._session.run_in_background(
            read,
            lambda found: self._on_read(found) if place == self.other.currentIndex() else None,
            self._on_failed,
            owner=self,
        )

    def html(self, facts: Any) -> str:
        """The table, and the sentence below it."""
        self._again = facts.again
        self.agreement.tell(() if facts.agreeing is None else (facts.agreeing,))
        self.again.setVisible(facts.again is not None)
        if facts.again is not None:
            self.again.set_words(f"Evaluate {facts.again[0].run_id[-4:]} again")
        return two_runs_page(facts)


def others_first(run: "RunState", runs: "tuple[RunState, ...]") -> "list[RunState]":
    """The runs to compare with: the one whose weights it began with, then those of its task, newest first."""
    start = run.recipe.get("init")
    others = [other for other in runs if other.run_id != run.run_id]
    return sorted(others, key=lambda other: (other.run_id != start, other.task != run.task))


def two_runs_page(found: "TwoRuns") -> str:
    """The two as HTML; what differs stands out."""
    head = "".join(f"<th {CELL}>{html_text(name)}</th>" for name in ("", *found.names))
    body = "".join(f"<tr><td {CELL}>{html_text(what)}</td>{_cells(one, other)}</tr>" for what, one, other in found.rows)
    return (
        f'<table border="1" cellspacing="0"><tr>{head}</tr>{body}</table>'
        f"<h4>May one be called better?</h4><p>{html_text(found.compared.said)}</p>"
        + agreement_html(() if found.agreeing is None else (found.agreeing,), found.compared.said)
        + (f"<p>{html_text(found.opened)}</p>" if found.opened else "")
    )


def _cells(*words: str) -> str:
    """Of one row; bold where the two differ."""
    tag = "th" if len(set(words)) > 1 else "td"
    return "".join(f"<{tag} {CELL}>{html_text(word)}</{tag}>" for word in words)
