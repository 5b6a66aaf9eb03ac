"""In Annotate, over the views: the armed tool with its label, and the brush's size."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker, QSize, Qt
from PySide6.QtGui import QColor, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSlider, QWidget

from viewer.core.registry import load
from viewer.ui.look.chips import ElidedLabel, KeyChip, text_label
from viewer.ui.look.plain_text import plain_label, set_text
from viewer.ui.tools import TOOLS

if TYPE_CHECKING:
    from viewer.ui.flows.desk import Desk

STEPS = 100  # of the slider, from half a pixel to 500 in equal ratios
LEAST_PX, MOST_PX = 0.5, 500.0


class ToolStrip(QWidget):
    """34 px; stands in Annotate whatever the tool, so that no tool moves the image under the pointer.

    What has no room goes: the hint, then the keys, then the word before the slider. It never asks for more width than
    there is, which would be taken from the docks beside the views, in every work space.
    """

    def __init__(self, session: "Desk") -> None:
        super().__init__()
        self._session = session
        self.setFixedHeight(34)
        self.setProperty("surface", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 0, 12, 0)
        row.setSpacing(8)
        self._icon, self._swatch = plain_label(), plain_label()
        self._swatch.setFixedSize(12, 12)
        self._tool, self._label = text_label("", "strong"), ElidedLabel()
        for widget in (self._icon, self._tool, self._swatch, self._label):
            row.addWidget(widget)
        row.addSpacing(16)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, STEPS)
        self.slider.setFixedWidth(130)
        self.slider.setAccessibleName("Brush size")
        self._size = text_label("", "row")
        self._size.setMinimumWidth(52)
        size, keys = text_label("Size", "second"), tuple(KeyChip(key, session.icons) for key in ("[", "]"))
        self._painting: tuple[QWidget, ...] = (size, self.slider, self._size, *keys)
        for part in self._painting:
            row.addWidget(part)
        row.addStretch(1)
        words = text_label("Hold", "rowmid"), KeyChip("Ctrl", session.icons), text_label("to erase", "rowmid")
        self._hint: tuple[QWidget, ...] = words
        for part in self._hint:
            row.addWidget(part)
        self._gives_way: tuple[tuple[QWidget, ...], ...] = (words, keys, (size,))  # the first goes first
        self.slider.valueChanged.connect(lambda step: session.set_brush_radius(radius_at(step)))
        session.tool_changed.connect(self.follow)
        session.label_changed.connect(self.follow)
        session.workspace_changed.connect(self.follow)
        session.project_opened.connect(self.follow)
        session.brush_changed.connect(self.follow)
        session.theme_changed.connect(self.follow)
        self.follow()

    def follow(self, _: object = None) -> None:
        """Show the tool, label and size of now."""
        session = self._session
        name = session.tool
        self.setVisible(session.workspace == "annotate")
        tool = load(TOOLS, name)
        self._icon.setPixmap(session.icons.pixmap(tool.icon.removesuffix(".svg"), "acc", 16, 2.0))
        set_text(self._tool, tool.title)
        label = next((one for one in session.labels if one.scope == "region" and one.name == session.label), None)
        set_text(self._label, label.name if label is not None else "No label yet: add one at the right")
        self._label.setVisible(tool.draws)
        self._swatch.setVisible(tool.draws and label is not None)
        if label is not None:
            self._swatch.setStyleSheet(f"background: {QColor(label.color).name()}; border-radius: 2px;")
        for part in self._painting:
            part.setVisible(tool.paints)
        for part in self._hint:
            part.setVisible(tool.paints and not tool.erases)
        with QSignalBlocker(self.slider):
            self.slider.setValue(step_of(session.brush_radius_px))
        set_text(self._size, f"{2 * session.brush_radius_px:.3g} px")
        self._fit()

    def minimumSizeHint(self) -> QSize:
        return QSize(0, self.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.follow()

    def _fit(self) -> None:
        """Let go of what has no room, one thing after the other."""
        for parts in self._gives_way:
            if self._wanted_px() <= self.width():
                return
            for part in parts:
                part.hide()

    def _wanted_px(self) -> int:
        layout = self.layout()
        assert layout is not None
        layout.invalidate()
        return layout.sizeHint().width()


def radius_at(step: int) -> float:
    """The radius in image pixels at a step of the slider."""
    return float(LEAST_PX * (MOST_PX / LEAST_PX) ** (step / STEPS))


def step_of(radius_px: float) -> int:
    """The slider's step nearest to a radius."""
    from math import log

    return round(STEPS * log(radius_px / LEAST_PX) / log(MOST_PX / LEAST_PX))
