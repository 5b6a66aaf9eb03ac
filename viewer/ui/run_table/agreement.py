"""How far two runs answer alike: right by both, by one, by neither; a click on a number lists its cases as pictures."""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from viewer.core.text.counting import counted
from viewer.ui.dialogs.bounded import Body, BoundedDialog
from viewer.ui.dialogs.edges import edge_to_edge, foot
from viewer.ui.flows.run_words import run_title
from viewer.ui.flows.to_review import open_judged
from viewer.ui.look.chips import Paragraph, separator, text_label
from viewer.ui.look.choice_box import ChoiceBox
from viewer.ui.look.plain_text import add_field_choices, html_text, set_name, set_text, set_tip, set_title, tell_choice
from viewer.ui.look.row_painting import KeyButton
from viewer.ui.run_page.judged import Judged
from viewer.ui.run_page.tiles import Tiles, part_word

if TYPE_CHECKING:
    from ml.evaluation.agreeing.two_answers import TwoAnswers
    from viewer.jobs.agreeing import AgreeingRuns
    from viewer.ui.flows.desk import Desk

SIZE_PX, CELL_PX = (720, 640), 96
HINT = "A number lists its cases here. A click on a case, or Enter, opens it in Review."
NO_TWO = "No two of these runs can be compared case by case: the page says why."


class AgreementDialog(BoundedDialog):
    """agreeing: each two runs that are told apart; those without an agreement are left out."""

    def __init__(self, session: "Desk", agreeing: "Sequence[AgreeingRuns]", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.pairs = [each for each in agreeing if each.agreed is not None]
        set_title(self, "Agreement of runs")
        self.resize(*map(session.theme.px, SIZE_PX))
        layout = edge_to_edge(self)
        host = QWidget()
        column = QVBoxLayout(host)
        column.setContentsMargins(16, 14, 16, 14)
        column.setSpacing(10)
        self.pair = ChoiceBox()
        add_field_choices(self.pair, [f"{run_title(one.first)} and {run_title(one.second)}" for one in self.pairs])
        self.pair.setMinimumContentsLength(18)
        self.pair.setSizeAdjustPolicy(ChoiceBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        set_name(self.pair, "Which two runs")
        self.pair.setVisible(len(self.pairs) > 1)
        column.addWidget(self.pair)
        self.said = Paragraph("row")
        column.addWidget(self.said)
        column.addWidget(self._build_ways(), 0, Qt.AlignmentFlag.AlignLeft)
        self.differ = KeyButton(session.icons, "Answered differently", icon="compare")
        self.differ.setAutoDefault(False)
        self.differ.clicked.connect(self._on_differ)
        column.addWidget(self.differ, 0, Qt.AlignmentFlag.AlignLeft)
        self.cases = Tiles(session, "Cases of the chosen number")
        self.cases.asked.connect(self._on_asked)
        column.addWidget(self.cases)
        column.addStretch(1)
        layout.addWidget(Body(host), 1)
        layout.addWidget(separator())
        bar, row = foot()
        row.addStretch(1)
        self.shut = KeyButton(session.icons, "Close", key="Esc", kind="primary")
        self.shut.setDefault(True)
        self.shut.clicked.connect(self.reject)
        row.addWidget(self.shut)
        layout.addWidget(bar)
        self.pair.currentIndexChanged.connect(lambda _: self._show())
        self._show()

    def _build_ways(self) -> QWidget:
        """Right and wrong by the first in rows, by the second in columns."""
        self.ways = QWidget()
        grid = QGridLayout(self.ways)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(4)
        self.heads = [text_label("", "rowlow") for _ in range(4)]
        for place, label in enumerate(self.heads):
            row, column = (0, place - 1) if place > 1 else (place + 1, 0)
            grid.addWidget(
                label, row, column, Qt.AlignmentFlag.AlignCenter if place > 1 else Qt.AlignmentFlag.AlignLeft
            )
        self.counts: list[KeyButton] = []
        for way in range(4):
            button = KeyButton(self._session.icons, "0")
            button.setMinimumWidth(self._session.theme.px(CELL_PX))
            button.setAutoDefault(False)
            button.clicked.connect(partial(self._on_way, way))
            self.counts.append(button)
            grid.addWidget(button, 1 + way // 2, 1 + way % 2)
        return self.ways

    @property
    def chosen(self) -> "AgreeingRuns":
        """The two that are told apart."""
        return self.pairs[max(0, self.pair.currentIndex())]

    def _show(self) -> None:
        tell_choice(self.pair)
        found = self.chosen
        agreed = found.agreed
        assert agreed is not None
        set_text(self.said, found.said)
        first, second = agreed.names
        heads = (f"{first} right", f"{first} wrong", f"{second} right", f"{second} wrong")
        for label, words in zip(self.heads, heads, strict=True):
            set_text(label, words)
        self.ways.setVisible(bool(agreed.ways))
        for button, (words, count) in zip(self.counts, agreed.ways.items(), strict=False):
            button.set_words(str(count))
            set_name(button, f"{words}: {count}")
            set_tip(button, f"{words}: {counted(count, 'answer')}")
            button.setEnabled(count > 0)
        self.differ.set_words(f"Answered differently: {len(agreed.differ)}")
        self.differ.setEnabled(bool(agreed.differ))
        self.cases.show_judged((), "", HINT)

    def _on_way(self, way: int) -> None:
        agreed = self.chosen.agreed
        if agreed is not None:
            self._list(agreed.of_way(way), list(agreed.ways)[way])

    def _on_differ(self) -> None:
        agreed = self.chosen.agreed
        if agreed is not None:
            self._list(agreed.differ, "answered differently, those furthest apart first")

    def _list(self, answers: "Sequence[TwoAnswers]", words: str) -> None:
        names = self.chosen.agreed.names if self.chosen.agreed is not None else ("", "")
        told = tuple(_tile(one, names) for one in answers)
        self.cases.show_judged(
            told, part_word("test"), f"{words[:1].upper()}{words[1:]}: {counted(len(told), 'answer')}."
        )

    def _on_asked(self, image_id: str) -> None:
        """Open it with the model of the second, behind all dialogs."""
        run, parent = self.chosen.second, self.parent()
        self.accept()
        if isinstance(parent, BoundedDialog):
            parent.accept()
        open_judged(self._session, run, image_id)


def _tile(one: "TwoAnswers", names: tuple[str, str]) -> Judged:
    first, second = names
    return Judged(
        image_id=one.image_id, file=one.file, label=one.label, truth=one.truth, answer=f"{one.first} / {one.second}",
        score=f"{first} / {second}", wrong=None, place=-one.apart,
        by=(f"{first}: {one.first}", f"{second}: {one.second}"),
    )  # fmt: skip


def agreement_html(agreeing: "Sequence[AgreeingRuns]", said: str) -> str:
    """How far the runs answer alike, as a part of a page. said: what the page says besides, which is not said again."""
    told = [each.said for each in agreeing if each.agreed is not None or each.why not in said]
    rows = "".join(f"<li>{html_text(one)}</li>" for one in told)
    return f"<h4>How far they answer alike</h4><ul>{rows}</ul>" if told else ""


class AgreementButton(KeyButton):
    """Opens the cases behind the agreement; off, with the reason, where there is none."""

    def __init__(self, session: "Desk", dialog: QWidget) -> None:
        super().__init__(session.icons, "Agreement…", icon="compare")
        self._session, self._dialog = session, dialog
        self._agreeing: Sequence[AgreeingRuns] = ()
        self.setAutoDefault(False)
        self.clicked.connect(self._on_clicked)
        self.tell(())

    def tell(self, agreeing: "Sequence[AgreeingRuns]") -> None:
        """Which runs there are."""
        self._agreeing = agreeing
        there = any(each.agreed is not None for each in agreeing)
        self.setEnabled(there)
        set_tip(self, "Which cases both runs, one or neither has right, as pictures" if there else NO_TWO)

    def _on_clicked(self) -> None:
        AgreementDialog(self._session, self._agreeing, self._dialog).open()
