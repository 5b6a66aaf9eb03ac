"""Which frames make a sample: neighbours of each image, and other series of its study. Only where there are series."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QSpinBox, QVBoxLayout, QWidget

from viewer.core.samples import MOST_CONTEXT, SampleRule
from viewer.ui.look.chips import Paragraph, text_label
from viewer.ui.look.plain_text import set_name, set_text

if TYPE_CHECKING:
    from viewer.ui.flows.desk import Desk

BETWEEN = ";"  # a description may hold a comma
HELP = (
    "A model may see each image with its neighbours and with other series of the study at the same place. A series is "
    f"named by words of its description, its modality or its UID, such as PET; several with {BETWEEN} between."
)


class SampleFields(QWidget):
    """Neighbours on either side, and further series by words."""

    changed = Signal()

    def __init__(self, session: "Desk") -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(text_label("Sample", "strong"))
        row.addWidget(text_label("neighbours on either side", "second"))
        self.context = QSpinBox()
        self.context.setRange(0, MOST_CONTEXT)
        self.context.setKeyboardTracking(False)
        set_name(self.context, "Neighbours on either side")
        row.addWidget(self.context)
        row.addWidget(text_label("with the series", "second"))
        self.series = QLineEdit()
        set_name(self.series, "Further series")
        row.addWidget(self.series, 1)
        column.addLayout(row)
        self.help = Paragraph("caption")
        set_text(self.help, HELP)
        column.addWidget(self.help)
        self.context.valueChanged.connect(lambda _: self._on_changed())
        self.series.editingFinished.connect(self._on_changed)
        self.setHidden(all(case.images == 1 for case in session.at_hand.cases.rows.values()))
        self._said = (0, "")

    def rule(self) -> SampleRule:
        """What the fields say. Raises BadRequest."""
        words = [one.strip() for one in self.series.text().split(BETWEEN)]
        return SampleRule(context=self.context.value(), series=tuple(filter(None, words)))

    def _on_changed(self) -> None:
        said = self.context.value(), self.series.text()
        if said != self._said:  # else the field was only left
            self._said = said
            self.changed.emit()
