"""Measurements on the image that is shown: what, how much, with the unit's source."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QScrollArea, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from viewer.ui.look.chips import NOTHING_SHOWN, EmptyState
from viewer.ui.look.plain_text import draw_words, elide, set_description, set_name, set_tip

if TYPE_CHECKING:
    from viewer.core.shapes.annotations import Measurement
    from viewer.ui.flows.desk import Desk

NOTHING_MEASURED = "Nothing measured on this image. L length, G angle, E ellipse, Q rectangle."


class MeasurementRow(QAbstractButton):
    """Kind and value; what else there is; where the units come from."""

    removed = Signal(object)

    def __init__(
        self, session: "Desk", measurement: "Measurement", lines: tuple[str, ...], from_where: tuple[str, ...]
    ) -> None:
        super().__init__()
        self._session, self.measurement, self._lines = session, measurement, lines
        self._from_where = from_where
        self.small: tuple[str, ...] = ()
        self._values = 0  # how many of `small` are values
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        set_name(self, " ".join((measurement.kind.capitalize(), *lines)))
        set_description(self, " ".join(from_where))
        set_tip(self, "\n".join((*lines, *from_where, "Click selects it; Delete removes it")))

        self._fit()

    def _fit(self) -> None:
        """Break the small words into as many lines as the width asks for: no value is left out."""
        metrics = QFontMetrics(self._session.theme.font(12))
        values = broken(self._lines[1:], metrics, self.width() - 46)
        self.small = (*values, *broken(self._from_where, metrics, self.width() - 46))
        self._values = len(values)
        height = self._pitch + 8 + self._pitch * len(self.small)
        if height != self.height():
            self.setFixedHeight(height)

    @property
    def _pitch(self) -> int:
        return max(18, self._session.theme.px(18))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.StyleChange, QEvent.Type.FontChange):
            self._fit()

    def sizeHint(self) -> QSize:
        return QSize(200, self.height())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Delete:
            self.removed.emit(self.measurement)
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, painter = self._session.theme, QPainter(self)
        on = self._session.selected_shape == self.measurement.measurement_id
        if on:
            painter.fillRect(self.rect(), theme.color("accbg"))
            painter.fillRect(0, 0, 2, self.height(), theme.color("acc"))
        elif self.underMouse() or self.hasFocus():
            painter.fillRect(self.rect(), theme.color("raise"))
        icon, kind = self.measurement.shape.icon, self.measurement.kind.capitalize()
        painter.drawPixmap(11, 14, self._session.icons.pixmap(icon, "mid", 16, self.devicePixelRatioF()))
        room = QRectF(36, 4, self.width() - 46, self._pitch + 1)
        painter.setFont(theme.font(13, 600))
        painter.setPen(theme.color("acctx" if on else "hi"))
        value = self._lines[0]
        draw_words(painter, room, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, value)
        taken = painter.fontMetrics().horizontalAdvance(value) + 8
        painter.setFont(theme.font(13, 500))
        draw_words(painter, room.adjusted(0, 0, -taken, 0), Qt.AlignmentFlag.AlignVCenter, kind)
        painter.setFont(theme.font(12))
        for place, text in enumerate(self.small, 1):
            painter.setPen(theme.color("mid" if on or place <= self._values else "low"))
            text = elide(painter.fontMetrics(), text, Qt.TextElideMode.ElideRight, int(room.width()))
            draw_words(painter, room.translated(0, self._pitch * place), Qt.AlignmentFlag.AlignVCenter, text)
        painter.end()


def broken(parts: Sequence[str], metrics: QFontMetrics, width_px: int) -> tuple[str, ...]:
    """Parts with middle dots between them, in as many lines as fit `width_px`."""
    lines: list[str] = []
    for part in (piece for text in parts for piece in text.split(" · ")):
        longer = f"{lines[-1]} · {part}" if lines else part
        if lines and metrics.horizontalAdvance(longer) <= width_px:
            lines[-1] = longer
        else:
            lines.append(part)
    return tuple(lines)


class MeasurementsPanel(QWidget):
    """Every measurement on the shown image."""

    title = "Measurements"
    area = "right"
    workspaces = ("read",)
    count_changed = Signal(str)

    def __init__(self, session: "Desk") -> None:
        super().__init__()
        self._session = session
        self.rows: list[MeasurementRow] = []
        self._stack = QStackedWidget()
        self.empty = EmptyState(session.icons, "ruler", NOTHING_SHOWN)
        self._stack.addWidget(self.empty)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        self._holder = QWidget()
        self._holder.setProperty("surface", "panel")
        self._rows = QVBoxLayout(self._holder)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setSpacing(0)
        self._rows.addStretch(1)
        scroll.setWidget(self._holder)
        self._stack.addWidget(scroll)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._stack)
        session.image_shown.connect(lambda _: self.show_image())
        session.image_gone.connect(self.show_image)
        session.work_changed.connect(lambda _: self.show_image())
        session.project_opened.connect(lambda _: self.show_image())
        session.shape_selected.connect(lambda _: self._holder.update())
        self.show_image()

    def lines(self) -> list[str]:
        """What the rows say."""
        return [row.accessibleName() for row in self.rows]

    def show_image(self) -> None:
        """List what is measured on the shown image."""
        for row in self.rows:
            row.hide()
            row.deleteLater()
        self.rows = []
        shown, work = self._session.shown, self._session.at_hand.work
        found = work.measurements(shown.image_id) if shown and shown.image_id else ()
        for place, measurement in enumerate(found):
            assert shown is not None
            facts = shown.frame.facts
            shape = measurement.shape
            lines = shape.quantities(shown.frame.stored, facts)
            row = MeasurementRow(self._session, measurement, lines, shape.unit_sources(facts))
            row.clicked.connect(lambda _=False, one=measurement: self._session.select_shape(one.measurement_id))
            row.removed.connect(self._on_removed)
            self._rows.insertWidget(place, row)
            self.rows.append(row)
        self.count_changed.emit(str(len(found)) if found else "")
        self.empty.set_sentence(NOTHING_MEASURED if shown is not None else NOTHING_SHOWN)
        self._stack.setCurrentIndex(1 if found else 0)

    def _on_removed(self, measurement: "Measurement") -> None:
        from viewer.project.edit_builders import remove_measurement

        self._session.edits.wait()
        self._session.do(remove_measurement(measurement))
