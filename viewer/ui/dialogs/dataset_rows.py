"""The painted parts of the dataset dialog: labels with their counts per part, and the bar of the split."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QScrollArea, QStyle, QStyleOptionButton, QWidget

from viewer.core.labels import Label
from viewer.core.text.counting import counted, percents
from viewer.project.snapshots.preview import Division, SnapshotPreview, labels_on
from viewer.ui.look.plain_text import draw_words, set_name, set_tip, words_width
from viewer.ui.look.row_painting import PART_COLORS, draw_icon, draw_shares, draw_swatch, draw_text

if TYPE_CHECKING:
    from viewer.ui.flows.desk import Desk

ROW_PX = 26
HEAD_PX = 24
BAR_PX = 36
LEAST_NAME_PX = 120
PART_WORDS = {"train": "Train", "val": "Validation", "test": "Test"}
FOLD_COLORS = ("#5F94D3", "#B4C3D3", "#7FB0A8", "#C9A2C4", "#C7C184")
FEW_PATIENTS = 5
FILES_NAMED = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelRow:
    """One label with its counts. patients_in: patients per part, in the order of the parts."""

    label: Label
    images: int = 0
    objects: int = 0
    patients: int = 0
    patients_in: dict[str, int] = field(default_factory=dict)

    @property
    def warning(self) -> str:
        """What is too little to learn from or to measure on."""
        if not self.patients_in or not self.objects:
            return "" if self.objects else "none yet"
        test = self.patients_in.get("test")
        if test is not None and test < 2:
            return f"{test} test patient{'' if test == 1 else 's'}"
        return f"only {counted(self.patients, 'patient')}" if self.patients < FEW_PATIENTS else ""


def label_rows(labels: Sequence[Label], division: Division, preview: SnapshotPreview) -> list[LabelRow]:
    """Counts of each label over everything ready, and its patients in each part."""
    images: dict[str, set[str]] = defaultdict(set)
    patients: dict[str, set[str]] = defaultdict(set)
    objects: dict[str, int] = defaultdict(int)
    for _, item in preview.pairs:
        for label in labels_on(item):
            images[label].add(item.image_id)
            patients[label].add(item.patient_id)
            objects[label] += 1
    for name, count in preview.further_shapes.items():
        objects[name] -= min(count, objects[name])
    part_of = division.part_of_patient
    names = list(division.parts) if division.folds else list(PART_WORDS)
    return [
        LabelRow(
            label=label, images=len(images[label.name]), objects=objects[label.name],
            patients=len(patients[label.name]),
            patients_in={name: sum(part_of.get(p) == name for p in patients[label.name]) for name in names},
        )
        for label in labels
    ]  # fmt: skip


def left_out_names(left_out_of: Mapping[str, Sequence[str]]) -> list[str]:
    """A line for each reason with the first files that stay out for it."""
    found = []
    for reason, names in left_out_of.items():
        more = f" and {len(names) - FILES_NAMED} more" if len(names) > FILES_NAMED else ""
        found.append(f"{reason[:1].upper()}{reason[1:]}: {', '.join(names[:FILES_NAMED])}{more}")
    return found


class LabelTable(QScrollArea):
    """The labels of the task's scope, each with a check box."""

    choice_changed = Signal()

    def __init__(self, session: "Desk") -> None:
        super().__init__()
        self._table = _Rows(session, self.choice_changed.emit)
        self.setWidget(self._table)
        self.setWidgetResizable(True)
        self.setMinimumHeight(HEAD_PX + 4 * ROW_PX)

    @property
    def rows(self) -> list[LabelRow]:
        """What is shown."""
        return self._table.rows

    def set_rows(self, rows: list[LabelRow], *, keep_choice: bool = False) -> None:
        """Show other rows; all are chosen unless the choice is kept."""
        self._table.rows = rows
        if not keep_choice:
            self._table.chosen = {row.label.name for row in rows}
        self._table.setMinimumHeight(HEAD_PX + ROW_PX * len(rows))
        self._table.update()

    def chosen(self) -> list[str]:
        """The names of the chosen labels, in catalogue order."""
        return [row.label.name for row in self.rows if row.label.name in self._table.chosen]

    def choose(self, names: Sequence[str]) -> None:
        """Choose these labels and no others."""
        self._table.chosen = set(names)
        self._table.update()

    def check_rect(self, name: str) -> QPoint:
        """Where a label's check box is, in this widget's coordinates."""
        place = [row.label.name for row in self.rows].index(name)
        return self._table.mapTo(self, QPoint(10, HEAD_PX + ROW_PX * place + ROW_PX // 2))


class _Rows(QWidget):
    def __init__(self, session: "Desk", changed) -> None:  # type: ignore[no-untyped-def]  # a bound emit
        super().__init__()
        self._session = session
        self._changed = changed
        self.rows: list[LabelRow] = []
        self.chosen: set[str] = set()
        self._current = 0
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Labels of the task")

    def sizeHint(self) -> QSize:
        return QSize(600, HEAD_PX + ROW_PX * max(4, len(self.rows)))

    def _columns(self) -> dict[str, QRect]:
        """As wide as their words are at the size of text, as far as a label's name keeps its room."""
        width = self.width()
        scale = max(1.0, min(self._session.theme.font_scale, (width - 46 - LEAST_NAME_PX) / 510))

        def column(from_right_px: int, wide_px: int) -> QRect:
            return QRect(width - round(scale * from_right_px), 0, round(scale * wide_px), ROW_PX)

        return {
            "label": QRect(46, 0, width - 46 - round(scale * 510), ROW_PX),
            "images": column(510, 56),
            "objects": column(450, 56),
            "patients": column(390, 56),
            "bar": column(322, 110),
            "parts": column(208, 90),
            "warning": column(114, 114),
        }

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        icons, columns = self._session.icons, self._columns()
        folds = bool(self.rows and any(name.startswith("fold") for name in self.rows[0].patients_in))
        of_images = bool(self.rows and self.rows[0].label.scope == "image")
        titles = {"images": "Images", "objects": "Answers" if of_images else "Objects", "patients": "Patients"}
        head = QRect(0, 0, 60, HEAD_PX)
        draw_text(icons, painter, head, "Label", px=11, token="low")
        for name, title in titles.items():
            draw_text(icons, painter, self._at(columns[name], 0, HEAD_PX), title, px=11, token="low", right=True)
        draw_text(icons, painter, self._at(columns["bar"], 0, HEAD_PX), "Patients in each part", px=11, token="low")
        parts = "Per fold" if folds else "Train · Val · Test"
        draw_text(icons, painter, self._at(columns["parts"], 0, HEAD_PX), parts, px=11, token="low", right=True)
        for place, row in enumerate(self.rows):
            self._paint_row(painter, place, row, columns)
        painter.end()

    @staticmethod
    def _at(column: QRect, top: int, height: int = ROW_PX) -> QRect:
        return QRect(column.left(), top, column.width(), height)

    def _paint_row(self, painter: QPainter, place: int, row: LabelRow, columns: dict[str, QRect]) -> None:
        icons, top = self._session.icons, HEAD_PX + ROW_PX * place
        middle, chosen = top + ROW_PX // 2, row.label.name in self.chosen
        if self.hasFocus() and place == self._current:
            painter.fillRect(QRect(0, top, self.width(), ROW_PX), icons.theme.color("raise"))
        painter.fillRect(QRect(0, top + ROW_PX - 1, self.width(), 1), icons.theme.color("line"))
        self._paint_check(painter, QRect(2, middle - 8, 16, 16), chosen=chosen)
        draw_swatch(icons, painter, QRect(26, middle - 6, 12, 12), row.label.color)
        token = "hi" if chosen else "low"
        draw_text(icons, painter, self._at(columns["label"], top), row.label.name, px=13, token=token)
        for name, value in (("images", row.images), ("objects", row.objects), ("patients", row.patients)):
            draw_text(icons, painter, self._at(columns[name], top), str(value), token=token, right=True)
        if row.patients_in and chosen:
            total = max(1, sum(row.patients_in.values()))
            shares = [count / total for count in row.patients_in.values()]
            bar = columns["bar"]
            colors = PART_COLORS if "train" in row.patients_in else FOLD_COLORS * 10
            draw_shares(icons, painter, QRect(bar.left(), middle - 3, bar.width(), 6), shares, colors)
            counts = [str(count) for count in row.patients_in.values()]
            words = " · ".join(counts) if len(counts) <= 6 else f"{min(counts)} to {max(counts)}"
            draw_text(icons, painter, self._at(columns["parts"], top), words, token="mid", right=True)
        if row.warning and chosen:
            warning = self._at(columns["warning"], top)
            draw_icon(icons, painter, warning.left() + 6, middle, "warning", "warn")
            draw_text(icons, painter, warning.adjusted(26, 0, 0, 0), row.warning, px=11, token="warn")

    def _paint_check(self, painter: QPainter, rect: QRect, *, chosen: bool) -> None:
        option = QStyleOptionButton()
        option.rect = rect
        option.state = QStyle.StateFlag.State_Enabled
        theme = self._session.theme
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(theme.color("acc" if chosen else "line2"))
        painter.setBrush(theme.color("acc") if chosen else Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(rect.adjusted(0, 0, -1, -1), 3, 3)
        painter.restore()
        if chosen:
            draw_icon(self._session.icons, painter, rect.left(), rect.center().y(), "accept", "onacc")

    def mousePressEvent(self, event: QMouseEvent) -> None:
        place = int(event.position().y() - HEAD_PX) // ROW_PX
        if 0 <= place < len(self.rows) and event.position().y() >= HEAD_PX:
            self._current = place
            self._turn(place)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down) and self.rows:
            step = 1 if event.key() == Qt.Key.Key_Down else -1
            self._current = min(len(self.rows) - 1, max(0, self._current + step))
            self.update()
        elif event.key() == Qt.Key.Key_Space and self.rows:
            self._turn(self._current)
        else:
            super().keyPressEvent(event)

    def _turn(self, place: int) -> None:
        name = self.rows[place].label.name
        (self.chosen.discard if name in self.chosen else self.chosen.add)(name)
        self.update()
        self._changed()


class PartBar(QWidget):
    """The split as one bar: each part with its share, patients and images."""

    def __init__(self, session: "Desk") -> None:
        super().__init__()
        self._session = session
        self.parts: list[tuple[str, int, int]] = []  # name, patients, images
        self.fit()
        session.theme_changed.connect(self.fit)  # a method, not a lambda: it is disconnected when the dialog goes

    def fit(self, *_: object) -> None:
        """As high as two lines of text are."""
        self.setFixedHeight(self._session.theme.room(BAR_PX))

    def show_division(self, division: Division | None) -> None:
        """Show another split; none leaves the bar empty."""
        self.parts = []
        for name, items in {} if division is None else division.parts.items():
            self.parts.append((PART_WORDS.get(name, name.capitalize()), len({i.patient_id for i in items}), len(items)))
        set_name(
            self, ", ".join(f"{name}: {counted(p, 'patient')}, {counted(i, 'image')}" for name, p, i in self.parts)
        )
        set_tip(self, self.accessibleName())
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        theme, icons = self._session.theme, self._session.icons
        painter.fillRect(self.rect(), theme.color("ctl"))
        total, left = max(1, sum(images for _, _, images in self.parts)), 0.0
        plain = any(name in PART_WORDS.values() and name != "Test" for name, _, _ in self.parts)
        colors = dict(zip(PART_WORDS.values(), PART_COLORS))
        shares = percents([images for _, _, images in self.parts])
        for place, (name, patients, images) in enumerate(self.parts):
            width = self.width() * images / total
            color = colors[name] if plain or name == "Test" else FOLD_COLORS[place % len(FOLD_COLORS)]
            part = QRect(round(left), 0, round(left + width) - round(left) - 1, self.height())
            painter.fillRect(part, QColor(color))
            of_images = counted(images, "image")
            of_patients = counted(patients, "patient")
            counts = (f"{of_patients} · {of_images}", of_patients, f"{patients}")  # by patient is what a split divides
            self._write(painter, part, (f"{name} {shares[place]} %", f"{shares[place]} %"), counts)
            left += width
        if not self.parts:
            draw_text(icons, painter, self.rect().adjusted(10, 0, 0, 0), "No split yet", token="low")
        painter.end()

    def _write(self, painter: QPainter, part: QRect, above: Sequence[str], below: Sequence[str]) -> None:
        """Of each line the first words that have room: half a word is none."""
        theme, room = self._session.theme, part.adjusted(8, 0, -4, 0)
        painter.setPen(QColor("#07182B"))
        half = self.height() // 2
        for words, weight, top in ((above, 600, 1), (below, 400, half)):
            font = theme.font(11.5, weight)
            painter.setFont(font)
            metrics = QFontMetrics(font)
            shown = next((one for one in words if words_width(metrics, one) <= room.width()), "")
            draw_words(painter, QRect(room.left(), top, room.width(), half - 1), Qt.AlignmentFlag.AlignVCenter, shown)
