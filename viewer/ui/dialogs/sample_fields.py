"""Which frames make a sample: neighbours of each image, and other series or views of its study. Each only where a
project has them."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QSpinBox, QVBoxLayout, QWidget

from viewer.core.samples import MOST_CONTEXT, SampleRule
from viewer.ui.dialogs.last_used import Last, Range
from viewer.ui.look.chips import Paragraph, text_label
from viewer.ui.look.plain_text import set_field, set_name, set_text

if TYPE_CHECKING:
    from viewer.ui.flows.desk import Desk

BETWEEN = ";"  # a description may hold a comma
SERIES_HELP = (
    "A model may see each image with its neighbours and with other series of the study at the same place. A series is "
    f"named by words of its description, its modality or its UID, such as PET; several with {BETWEEN} between."
)
VIEWS_HELP = (
    "A model may see each film with other films of its study. Each is named by side and view as they stand on it, "
    f"such as LATERAL or L MLO; without a side it is of the same side. Several with {BETWEEN} between."
)
SAMPLE_TEXTS = {"series": "further series", "views": "further views"}


class SampleFields(QWidget):
    """Neighbours on either side, and further series or views by words."""

    changed = Signal()

    def __init__(self, session: "Desk") -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        has_series = any(case.images > 1 for case in session.at_hand.cases.rows.values())
        self.of_series, row = _row("Sample")
        row.addWidget(text_label("neighbours on either side", "second"))
        self.context = QSpinBox()
        self.context.setRange(0, MOST_CONTEXT)
        self.context.setKeyboardTracking(False)
        set_name(self.context, "Neighbours on either side")
        row.addWidget(self.context)
        row.addWidget(text_label("with the series", "second"))
        self.series = _field("Further series")
        row.addWidget(self.series, 1)
        self.series_help = _help(SERIES_HELP)
        self.of_views, row = _row("or" if has_series else "Sample")  # not both
        row.addWidget(text_label("with the views", "second"))
        self.views = _field("Further views")
        row.addWidget(self.views, 1)
        self.views_help = _help(VIEWS_HELP)
        for part in (self.of_series, self.series_help, self.of_views, self.views_help):
            column.addWidget(part)
        self.context.valueChanged.connect(lambda _: self._on_changed())
        for field in (self.series, self.views):
            field.editingFinished.connect(self._on_changed)
        self._has_series = has_series
        self._said = self.last_values
        self.hide()  # until it stands in its dialog

    def offer_views(self, *, offered: bool) -> None:
        """Show the field for views, or not: where nothing is in it."""
        has_views = offered or bool(self.views.text())
        for part in (self.of_series, self.series_help):
            part.setVisible(self._has_series)
        for part in (self.of_views, self.views_help):
            part.setVisible(has_views)
        self.setVisible(self._has_series or has_views)

    def rule(self) -> SampleRule:
        """What the fields say. Raises BadRequest."""
        return SampleRule(context=self.context.value(), series=_several(self.series), views=_several(self.views))

    @property
    def ranges(self) -> dict[str, Range]:
        """What each number may be, by the names of `last_values`."""
        return {"context": Range(words="number of neighbours on either side", low=0, high=MOST_CONTEXT)}

    @property
    def last_values(self) -> Mapping[str, object]:
        """What is kept for the next time."""
        return {
            "context": self.context.value(), "series": self.series.text().strip(), "views": self.views.text().strip()
        }  # fmt: skip

    def show_last(self, last: Last) -> None:
        """Take over which frames made a sample last time; nothing that no field here would show."""
        self.blockSignals(True)
        if self._has_series:
            self.context.setValue(last.values.get("context", 0))
            set_field(self.series, last.values.get("series", ""))
        set_field(self.views, last.values.get("views", ""))
        self._said = self.last_values
        self.blockSignals(False)
        self.offer_views(offered=False)

    def _on_changed(self) -> None:
        said = self.last_values
        if said != self._said:  # else the field was only left
            self._said = said
            self.changed.emit()


def _row(title: str) -> tuple[QWidget, QHBoxLayout]:
    held = QWidget()
    row = QHBoxLayout(held)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(8)
    row.addWidget(text_label(title, "strong"))
    return held, row


def _field(name: str) -> QLineEdit:
    field = QLineEdit()
    set_name(field, name)
    return field


def _help(words: str) -> Paragraph:
    said = Paragraph("caption")
    set_text(said, words)
    return said


def _several(field: QLineEdit) -> tuple[str, ...]:
    return tuple(filter(None, (one.strip() for one in field.text().split(BETWEEN))))
