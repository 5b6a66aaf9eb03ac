"""The bars: menus with job chip and command box, work spaces and tools, the tool rail of Annotate."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QAction, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QMenuBar,
    QProgressBar,
    QSizePolicy,
    QStyle,
    QToolBar,
    QToolButton,
    QWidget,
)

from viewer.core.text.durations import duration_words
from viewer.ui.commands.book import CommandBook
from viewer.ui.commands.buttons import CommandButton, RailButton, Segments
from viewer.ui.flows.desk import Desk
from viewer.ui.flows.run_words import doing_words, progress
from viewer.ui.look.chips import ElidedLabel, IconLabel, KeyChip, text_label
from viewer.ui.look.plain_text import set_text, set_tip
from viewer.ui.state.situation import WORKSPACES

if TYPE_CHECKING:
    from viewer.jobs.runs import RunState

CHIP_PX = 320  # the most that the job chip takes
OF_VIEWS = ("image", "layout")  # groups of the tool bar that Train, which shows no images, does without
MENU_PAD_PX = 18  # left and right of a menu's name, as the style sheet has it
MENU_PAD_HIGH_PX = 16  # above and below it, with the bar's own line
_REFITTED = (QEvent.Type.Resize, QEvent.Type.StyleChange, QEvent.Type.FontChange)


class CommandBox(QWidget):
    """Looks like a field, opens the palette."""

    clicked = Signal()

    def __init__(self, session: Desk) -> None:
        super().__init__()
        self._session = session
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName("Commands")
        self.setToolTip("Commands, studies, labels   [Ctrl K]")
        row = QHBoxLayout(self)
        row.setContentsMargins(28, 0, 5, 0)
        self._words, self._key = ElidedLabel("rowlow"), KeyChip("Ctrl+K", session.icons)
        self._words.setText("Commands, studies, labels")
        row.addWidget(self._words, 1)
        row.addWidget(self._key)
        self.fit()

    def fit(self) -> None:
        """Take the sizes that go with the size of the text."""
        theme = self._session.theme
        self.setFixedHeight(max(24, theme.px(22)))
        self.setMinimumWidth(max(170, theme.px(120)))
        self.setMaximumWidth(max(280, theme.px(280)))

    def sizeHint(self) -> QSize:
        return self.maximumSize()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, painter = self._session.theme, QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(theme.color("line2" if self.underMouse() else "line"))
        painter.setBrush(theme.color("field"))
        painter.drawRoundedRect(self.rect().toRectF().adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        painter.drawPixmap(
            8, (self.height() - 14) // 2, self._session.icons.pixmap("search", "low", 14, self.devicePixelRatioF())
        )
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.clicked.emit()


class JobChip(QWidget):
    """The run that works now, in words with a short bar; hidden without one."""

    clicked = Signal()
    changed = Signal()  # it asks for more or less room than before

    def __init__(self, session: Desk) -> None:
        super().__init__()
        self._session = session
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 8, 0)
        row.setSpacing(8)
        self._icon = IconLabel(session.icons, "train", "acc")
        self._text = ElidedLabel("rowmid")
        self._bar = QProgressBar()
        self._bar.setFixedWidth(64)
        for widget in (self._icon, self._text, self._bar):
            row.addWidget(widget)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.hide()

    def show_runs(self, runs: "tuple[RunState, ...]") -> None:
        """Follow the runs of the project."""
        run = next((run for run in runs if run.state == "running"), None)
        self.setVisible(run is not None)
        if run is not None:
            left = duration_words(run.left_s)
            words = [doing_words(run), f"{left} left" if left else "", run.task]
            set_text(self._text, " · ".join(word for word in words if word))
            set_tip(self, f"{self._text.text()}\nShow the job   [F7]")
            self._bar.setValue(round(100 * progress(run)))
        self.changed.emit()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.clicked.emit()


class RightCorner(QWidget):
    """Job chip and command box at the right of the menu bar, no wider than the menus leave room for."""

    def __init__(self, bar: QMenuBar, left: QWidget, chip: JobChip, box: CommandBox) -> None:
        super().__init__(bar)  # a corner widget without a parent dies with its Python name
        self._bar, self._left, self._chip, self._box = bar, left, chip, box
        self._width = 0
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 8, 0)
        row.setSpacing(8)
        row.addWidget(chip, 1)
        row.addWidget(box)
        chip.changed.connect(self.fit)
        bar.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._bar and event.type() in _REFITTED:
            self.fit()
        return False

    def sizeHint(self) -> QSize:
        return QSize(self._width, self._bar.height() - 1)  # the bar goes by this, not by a fixed width

    def fit(self) -> None:
        """Take the room that there is: first the box gives way, then the words of the chip.

        The bar is as high as its text: of menus that are higher than the bar, Qt shows none.
        """
        self._box.fit()
        high = max(32, self._bar.fontMetrics().height() + MENU_PAD_HIGH_PX)
        if self._bar.height() != high:
            self._bar.setFixedHeight(high)
            for holder in (self, self._left):
                holder.setFixedHeight(high - 1)
            self._width = 0  # placed anew below
        # Measured from their words: a menu that found no room has no geometry.
        metrics = self._bar.fontMetrics()
        menus = sum(
            metrics.size(Qt.TextFlag.TextShowMnemonic, action.text()).width() + MENU_PAD_PX
            for action in self._bar.actions()
        )
        room = max(self._box.minimumWidth() + 8, self._bar.width() - self._left.sizeHint().width() - menus - 24)
        chip = min(CHIP_PX, self._chip.sizeHint().width()) + 8 if not self._chip.isHidden() else 0
        box = min(self._box.maximumWidth(), max(self._box.minimumWidth(), room - 8 - chip))
        width = min(room, box + 8 + chip)
        if width != self._width:
            self._width = width
            self.setFixedWidth(width)
            self._bar.setCornerWidget(self, Qt.Corner.TopRightCorner)  # the bar places it anew only when it is set


def fill_menu_bar(bar: QMenuBar, session: Desk, book: CommandBook, chip: JobChip, box: CommandBox) -> None:
    """32 px: name, menus, job chip, command box."""
    bar.setNativeMenuBar(False)
    bar.setFixedHeight(32)
    left = QWidget(bar)  # a corner widget without a parent dies with its Python name
    row = QHBoxLayout(left)
    row.setContentsMargins(10, 0, 6, 0)
    row.setSpacing(8)
    row.addWidget(IconLabel(session.icons, "app", "acc", 18))
    row.addWidget(text_label("Negatoscope", "strong"))
    right = RightCorner(bar, left, chip, box)
    for holder in (left, right):
        holder.setFixedHeight(31)
    session.theme_changed.connect(lambda _: right.fit())
    bar.setCornerWidget(left, Qt.Corner.TopLeftCorner)
    bar.setCornerWidget(right, Qt.Corner.TopRightCorner)
    book.fill(bar)
    right.fit()


class MainBar(QToolBar):
    """44 px: work spaces, then the tools of the work space."""

    def __init__(self, session: Desk, book: CommandBook) -> None:
        super().__init__("Tools")
        self._session = session
        self.setObjectName("mainBar")
        self.setMovable(False)
        self.setFixedHeight(44)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self._spaces: dict[str, list[QWidget]] = {name: [] for name in WORKSPACES}
        self._of_views: list[QAction] = []  # what only views need, in every work space that has some
        self._buttons: list[CommandButton] = []
        self._book = book
        self.segments = Segments(
            [
                CommandButton(session, book, f"view.{name}", text=book.row(f"view.{name}").plain_text)
                for name in WORKSPACES
            ]
        )
        self.addWidget(self.segments)
        for group in ("open", "named", "tools", "image", "edit"):
            self._add_group(group)
        spring = QWidget()
        spring.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.addWidget(spring)
        self._add_layout_choice()
        self._add_group("layout", separated=False)
        session.workspace_changed.connect(self.follow)
        self.follow(session.workspace)

    def _add_group(self, group: str, *, separated: bool = True) -> None:
        rows = [row for row in self._book.rows.values() if row.toolbar == group]
        for space in WORKSPACES if any(row.workspaces or row.bar_spaces for row in rows) else ("",):
            chosen = [row for row in rows if not space or row.is_on_bar(space)]
            if not chosen or (space == "train" and group in OF_VIEWS):
                continue
            if separated:
                self._put(self.addSeparator(), space, group)
            for row in chosen:
                button = CommandButton(
                    self._session, self._book, row.id, text=row.plain_text if group == "named" else ""
                )
                self._buttons.append(button)
                self._put(self.addWidget(button), space, group)

    def _put(self, action: object, space: str, group: str) -> None:
        if space:
            self._spaces[space].append(action)  # type: ignore[arg-type]
        elif group in OF_VIEWS:
            self._of_views.append(action)  # type: ignore[arg-type]

    def _add_layout_choice(self) -> None:
        session, book = self._session, self._book
        button = QToolButton()
        button.setProperty("kind", "choice")
        button.setToolTip("Layout of the views")
        session.theme_changed.connect(lambda _: button.setIcon(session.icons.icon("layout", 16)))
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setIcon(session.icons.icon("layout", 16))
        button.setMenu(book.menu((f"view.layout_{name}" for name in ("1x1", "1x2", "2x2")), button))
        button.setText("  1 × 1   ")
        self.layout_button = button
        self._of_views.append(self.addWidget(button))

    def show_layout(self, name: str) -> None:
        """Name the layout of the views."""
        set_text(self.layout_button, "  " + name.replace("x", " × ") + "   ")

    def follow(self, workspace: str) -> None:
        """Show the tools of a work space."""
        for space, actions in self._spaces.items():
            for action in actions:
                action.setVisible(space == workspace)
        for of_view in self._of_views:
            of_view.setVisible(workspace != "train")
        self.fit_to(self.width())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A work space may be entered before the bar has its width: at a start it stayed without words."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.fit_to(event.size().width())

    def fit_to(self, width_px: int) -> None:
        """Leave out what has no room: key chips of the work spaces, those of tools, then the words of either."""
        for step in range(5):
            for button in self.segments.buttons:
                button.set_compact(compact=step >= 1, wordless=step >= 4)
            for button in self._buttons:
                button.set_compact(compact=step >= 2, wordless=step >= 3)
            self.segments.adjustSize()
            if self._asked_px() <= width_px:
                return

    def _asked_px(self) -> int:
        """What the shown buttons ask for, from their own hints: the bar's layout keeps its sum until it is laid out."""
        widgets = [self.widgetForAction(action) for action in self.actions() if action.isVisible()]
        style = self.style()
        spacing = style.pixelMetric(QStyle.PixelMetric.PM_ToolBarItemSpacing, None, self)
        edges = 2 * style.pixelMetric(QStyle.PixelMetric.PM_ToolBarItemMargin, None, self)
        edges += 2 * style.pixelMetric(QStyle.PixelMetric.PM_ToolBarFrameWidth, None, self)
        return sum(max(0, widget.sizeHint().width()) + spacing for widget in widgets) + edges


class ToolRail(QToolBar):
    """48 px at the left in Annotate: drawing tools, the key below each."""

    def __init__(self, session: Desk, book: CommandBook) -> None:
        super().__init__("Drawing tools")
        self.setObjectName("toolRail")
        self.setMovable(False)
        self.setOrientation(Qt.Orientation.Vertical)
        self.setFixedWidth(48)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        group = ""
        for row in book.rows.values():
            if row.toolbar == "rail":
                if group and row.group != group:
                    self.addSeparator()
                group = row.group
                self.addWidget(RailButton(session, book, row.id))
        self._keep_margins()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange and self.layout() is not None:
            self._keep_margins()

    def _keep_margins(self) -> None:
        """Qt takes others from the style with every new sheet, so that the tools would move with the theme."""
        layout = self.layout()
        if layout is not None:
            layout.setContentsMargins(4, 6, 4, 6)
