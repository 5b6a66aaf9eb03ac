"""Rows of windows to choose from: presets with their digits, and what the shown file itself offers."""

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QVBoxLayout, QWidget

from viewer.core.pixels import LookupTable, Window
from viewer.core.presets import WindowPreset, file_choices
from viewer.core.units import window_numbers
from viewer.ui.look.chips import paint_chip, text_label
from viewer.ui.look.plain_text import draw_words, set_name, set_tip

if TYPE_CHECKING:
    from viewer.ui.canvas.view import ImageView
    from viewer.ui.flows.desk import Desk


class PresetRow(QAbstractButton):
    """Digit, name, width / centre."""

    def __init__(self, session: "Desk", preset: WindowPreset) -> None:
        super().__init__()
        self._session, self.preset = session, preset
        self.setFixedHeight(26)
        self.setCheckable(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.name = preset.name
        set_name(self, preset.name)
        self.numbers = " / ".join(window_numbers(preset.width, preset.center)) if preset.width else ""

    def call(self, name: str, tip: str) -> None:
        """Another name and tip, where the preset means something else for the shown image."""
        self.name = name
        set_name(self, name)
        set_tip(self, tip)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(200, 26)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, painter = self._session.theme, QPainter(self)
        on = self.isChecked()
        if on:
            painter.fillRect(self.rect(), theme.color("accbg"))
            painter.fillRect(0, 0, 2, self.height(), theme.color("acc"))
        elif self.underMouse() and self.isEnabled():
            painter.fillRect(self.rect(), theme.color("raise"))
        if not self.isEnabled():
            painter.setOpacity(0.4)
        if self.hasFocus():
            painter.setPen(theme.color("acc"))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        middle = self.height() / 2
        if self.preset.key:
            paint_chip(painter, 11, middle, self.preset.key, theme, theme.color("mid"))
        painter.setFont(theme.font(13))
        painter.setPen(theme.color("acctx" if on else "hi"))
        draw_words(painter, QRectF(36, 0, self.width() - 46, self.height()), Qt.AlignmentFlag.AlignVCenter, self.name)
        painter.setPen(theme.color("mid" if on else "low"))
        right = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
        draw_words(painter, QRectF(36, 0, self.width() - 46, self.height()), right, self.numbers)
        painter.end()


class FileWindows(QWidget):
    """The windows and VOI LUTs of the shown file by name; hidden where it has one or none."""

    def __init__(self, session: "Desk") -> None:
        super().__init__()
        self._session = session
        self._view: Any = None
        self._choices: tuple[tuple[str, Window | LookupTable], ...] = ()
        self.rows: list[PresetRow] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 6, 0, 0)
        self._column.setSpacing(0)
        title = text_label("In this file", "rowlow")
        title.setContentsMargins(10, 0, 10, 2)
        self._column.addWidget(title)
        self.hide()

    def follow(self, view: "ImageView") -> None:
        """List what the view's image offers."""
        self._view = view
        choices = file_choices(view.presenting.presented_facts) if view.has_frame else ()
        choices = choices if len(choices) > 1 else ()
        if [(name, id(choice)) for name, choice in choices] != [(name, id(choice)) for name, choice in self._choices]:
            self._choices = choices
            self._fill()
        self.show_choice(view.window)

    def show_choice(self, window: Window | LookupTable) -> None:
        """Mark the one in use."""
        for row, (_, choice) in zip(self.rows, self._choices):
            row.setChecked(choice is window or (isinstance(choice, Window) and choice == window))

    def _fill(self) -> None:
        for row in self.rows:
            self._column.removeWidget(row)
            row.deleteLater()
        self.rows = []
        for name, choice in self._choices:
            width, center = (choice.width, choice.center) if isinstance(choice, Window) else (0.0, 0.0)
            row = PresetRow(self._session, WindowPreset(name=name, key="", center=center, width=width))
            set_tip(row, f"{name}, from the file")
            row.clicked.connect(lambda _=False, one=choice: self._on_chosen(one))
            self._column.addWidget(row)
            self.rows.append(row)
        self.setVisible(bool(self.rows))

    def _on_chosen(self, choice: Window | LookupTable) -> None:
        self._view.window = choice
        self.show_choice(choice)
