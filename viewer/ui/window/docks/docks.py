"""Docks: one per row of PANELS, made when first shown; each work space remembers its own arrangement."""

from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtWidgets import QDockWidget, QMainWindow, QScrollArea, QTabBar, QWidget

from viewer.core.registry import load
from viewer.ui.panels import PANELS
from viewer.ui.window.docks.dividing import RoomKeeper, is_cut, needs_px
from viewer.ui.window.docks.low import LowDocks
from viewer.ui.window.docks.panel_room import LEAST_LEFT_PX, PanelRoom, dock_px
from viewer.ui.window.docks.shared_height import MOVED_PX, SharedHeight
from viewer.ui.window.docks.title import DockTitle

if TYPE_CHECKING:
    from viewer.ui.commands.book import CommandBook
    from viewer.ui.flows.desk import Desk

AREAS = {
    "left": Qt.DockWidgetArea.LeftDockWidgetArea,
    "right": Qt.DockWidgetArea.RightDockWidgetArea,
    "bottom": Qt.DockWidgetArea.BottomDockWidgetArea,
}
LEFT_PX, BOTTOM_PX = 264, 220
NARROW_PX = 1400  # below this the docks give way, so that the views keep half the window
RIGHT_PX = {"read": 300, "annotate": 316, "train": 420, "review": 384}
SIZE_TURNS = 3  # how often a new layout is given its sizes: Qt takes them only when it has laid out
SHARING_ORDER = ("on_image", "history")  # one above the other
SHARING = frozenset(SHARING_ORDER)
SHORT_PX = 860  # below this height a third dock of a side becomes a tab


class Docks:
    """Places panels and nothing else."""

    def __init__(self, session: "Desk", window: QMainWindow) -> None:
        self._session, self._window = session, window
        self._docks: dict[str, QDockWidget] = {}
        self._panels: dict[str, Any] = {}
        self._book: CommandBook | None = None
        self._shared: SharedHeight | None = None
        self._low = LowDocks(window, lambda: self._standing("right"))
        self._least = QTimer(window, singleShot=True, interval=0)  # panels grow one after the other; asked for once
        self._least.timeout.connect(self._follow_needs)
        self._needs: list[int] = []  # the heights that were put last in the right area, from the top
        self._first_px = 0  # what the first of them got; 0 until Qt has laid them out
        self._by_hand: set[str] = set()  # work spaces in which it was made higher or lower since
        session.situation_changed.connect(lambda _: self._least.start())
        self._keeper = RoomKeeper(window, lambda: self._standing("right"), self._put_by_need)
        self._space = ""
        self._scale = session.theme.font_scale
        session.theme_changed.connect(self._on_theme)
        self._classes = {name: load(PANELS, name) for name in PANELS}

    def titles(self) -> list[tuple[str, str]]:
        """(name, title) of every panel there is."""
        return [(name, str(kind.title)) for name, kind in self._classes.items()]

    def use(self, book: "CommandBook") -> None:
        """Take title actions from this table."""
        self._book = book

    def panel(self, name: str) -> QWidget:
        """A panel, made when first asked for."""
        self._dock(name)
        panel: QWidget = self._panels[name]
        return panel

    def is_open(self, name: str) -> bool:
        """Whether a panel is on the screen (or behind another as a tab)."""
        return name in self._docks and not self._docks[name].isHidden()

    def toggle(self, name: str) -> None:
        """Show or hide a panel."""
        if self.is_open(name):
            self._docks[name].hide()
        else:
            self.bring(name)

    def bring(self, name: str, part: QWidget | None = None) -> None:
        """Show a panel, before the others that it is a tab of. part: of the panel, which is scrolled into sight."""
        dock = self._dock(name)
        if not self.is_open(name):
            dock.show()
            self._join(name, dock)
            self._low.asked_for = dock
        dock.raise_()
        around = None if part is None else part.parentWidget()
        while around is not None:
            if part is not None and isinstance(around, QScrollArea):
                around.ensureWidgetVisible(part)
            around = around.parentWidget()

    def _join(self, name: str, dock: QDockWidget) -> None:
        """Lay a panel that was asked for behind its neighbours as a tab, where a further one would be too low."""
        area = self._classes[name].area
        beside = [
            other
            for key, other in self._docks.items()
            if other is not dock and self._classes[key].area == area and other.isVisible() and not other.isFloating()
        ]
        if beside and area != "bottom" and len(beside) >= 2:
            place = self._low.place_for(dock) if area == "right" else beside[-1]
            self._window.tabifyDockWidget(place, dock)

    def enter(self, workspace: str) -> None:
        """Arrange the docks of a work space as they were left, else as they come."""
        self.leave()
        self._space, self._low.asked_for = workspace, None
        state = self._session.settings.layout(workspace)
        kept = self._session.settings.word(f"panels/{workspace}").split()
        for name in kept if not state.isEmpty() else self._default(workspace):
            if name in self._classes:
                self._dock(name)
        if state.isEmpty() or not self._window.restoreState(state, 1):
            self._arrange(workspace)
        else:
            self._needs = []  # as a person left them
            QTimer.singleShot(0, self._window, self._remember_left)
            kept_for = self._session.settings.word(f"panels/{workspace}/text")
            QTimer.singleShot(0, self._window, lambda: self._size_if_other(kept_for))
            if kept_for == self._text_words:
                self._keeper.keep_next()
                if self._session.settings.word(f"panels/{workspace}/hand"):
                    self._by_hand.add(workspace)
        QTimer.singleShot(0, self._window, self._put_tab_bars_away)
        QTimer.singleShot(0, self._window, self._low.fit)

    def _size_if_other(self, kept_for: str) -> None:
        """Qt squeezes what was kept for another window or text, whatever needs its room most: divide anew."""
        if kept_for not in ("", self._text_words):
            self._size_for_text()

    def _put_tab_bars_away(self) -> None:
        """Qt leaves the tabs of docks that went together where they were, over the docks of another work space."""
        closed = {dock.windowTitle() for dock in self._docks.values() if dock.isHidden()}
        for bar in self._window.findChildren(QTabBar, options=Qt.FindChildOption.FindDirectChildrenOnly):
            bar.setDrawBase(False)  # a piece of line beside the last tab, which belongs to nothing
            if all(bar.tabText(place) in closed for place in range(bar.count())):
                bar.move(-bar.width() - 1, -bar.height() - 1)  # hidden, Qt would not show it again

    def leave(self) -> None:
        """Remember the docks of the work space that is left, and hide them."""
        if self._space:
            if self._is_by_hand:
                self._by_hand.add(self._space)
            self._low.apart()  # a higher window, another time, shows them above each other
            self._session.settings.keep_layout(self._space, self._window.saveState(1))
            shown = [name for name in self._docks if self.is_open(name)]
            self._session.settings.set_word(f"panels/{self._space}", " ".join(shown))
            self._session.settings.set_word(f"panels/{self._space}/text", self._text_words)
            by_hand = "by hand" if self._space in self._by_hand else ""
            self._session.settings.set_word(f"panels/{self._space}/hand", by_hand)
        self._space = ""
        for dock in self._docks.values():
            dock.hide()

    def prepare(self, workspace: str) -> bool:
        """Make one panel of a work space that is not there yet, out of sight; False when all are there."""
        missing = [name for name in self._default(workspace) if name not in self._docks]
        for name in missing[:1]:
            self._dock(name).hide()
        return bool(missing)

    def reset(self) -> None:
        """Arrange this work space as it comes."""
        for dock in self._docks.values():
            dock.hide()
        for name in self._default(self._space):
            self._dock(name)
        self._by_hand.discard(self._space)
        self._arrange(self._space)
        if self._shared is not None:
            self._shared.forget_hand()

    def _show_menu(self, panel: Any, point: QPoint) -> None:
        """The commands of a panel's row, from the one table."""
        assert self._book is not None
        self._book.follow(self._session.situation())  # the row became the current one just now
        menu = self._book.menu(panel.row_commands, panel, title=getattr(panel, "menu_title", ""))
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if hasattr(panel, "menu_over"):  # what was chosen in it has begun by then
            menu.aboutToHide.connect(lambda: QTimer.singleShot(0, panel, panel.menu_over))
        menu.popup(point)

    def _default(self, workspace: str) -> list[str]:
        return [name for name, kind in self._classes.items() if workspace in kind.workspaces]

    def _arrange(self, workspace: str) -> None:
        window, first = self._window, {}  # type: ignore[var-annotated]
        names = self._default(workspace)
        for name in self._docks:
            if name not in names:
                self._docks[name].hide()
        stacked: dict[str, list[QDockWidget]] = {"left": [], "right": [], "bottom": []}
        for name in names:
            area, dock = self._classes[name].area, self._dock(name)
            dock.setFloating(False)
            window.addDockWidget(AREAS[area], dock)
            stacked[area].append(dock)
            dock.show()
            first.setdefault(area, dock)
        room = 3 if window.height() >= self._session.theme.px(SHORT_PX) else 2
        for docks in stacked.values():
            for dock in docks[room:]:
                window.tabifyDockWidget(docks[room - 1], dock)
            if len(docks) > room:
                docks[room - 1].raise_()

        # Sizes hold only once Qt has laid the docks out, which may take another turn.
        def size(turns: int) -> None:
            self._size(workspace, first, stacked, room)
            if self._shared is not None:
                self._shared.again()
            if turns > 1:
                QTimer.singleShot(0, window, lambda: size(turns - 1))

        QTimer.singleShot(0, window, lambda: size(SIZE_TURNS))

    def _size(
        self, workspace: str, first: dict[str, QDockWidget], stacked: dict[str, list[QDockWidget]], room: int
    ) -> None:
        window, scale = self._window, self._session.theme.font_scale
        if "left" in first:
            left = LEFT_PX if window.width() >= NARROW_PX else LEAST_LEFT_PX
            window.resizeDocks([first["left"]], [dock_px(left, scale)], Qt.Orientation.Horizontal)
        if "right" in first:
            wide = min(RIGHT_PX[workspace], window.width() // 2 - dock_px(LEAST_LEFT_PX, scale))
            window.resizeDocks([first["right"]], [dock_px(wide, scale)], Qt.Orientation.Horizontal)
            self._put([dock for dock in stacked["right"][:room] if dock.isVisible()])
        if "bottom" in first:
            window.resizeDocks([first["bottom"]], [BOTTOM_PX], Qt.Orientation.Vertical)

    def _put(self, docks: list[QDockWidget]) -> None:
        """Give docks that stand above each other the heights that they need now."""
        self._needs, self._first_px = needs_px(docks), 0
        self._window.resizeDocks(docks, self._needs, Qt.Orientation.Vertical)
        QTimer.singleShot(0, self._window, lambda: self._remember(docks))

    def _put_by_need(self, docks: list[QDockWidget]) -> None:
        """The same, and the two that share their height divide theirs anew."""
        self._put(docks)
        if self._shared is not None:
            self._shared.again()

    def _remember(self, docks: list[QDockWidget]) -> None:
        self._first_px = docks[0].height() if docks else 0

    def _remember_left(self) -> None:
        """What stands as it was left follows what it lists too, unless a hand has divided it since the start."""
        if self._space not in self._by_hand and not self._needs:
            self._remember(docks := self._standing("right"))
            self._needs = [dock.height() for dock in docks]
            self._follow_needs()

    @property
    def _is_by_hand(self) -> bool:
        docks, first_px = self._standing("right"), self._first_px
        is_put = bool(docks) and first_px > 0 and len(docks) == len(self._needs)
        return is_put and abs(docks[0].height() - first_px) > MOVED_PX

    def _follow_needs(self, *_: object) -> None:
        """The uppermost dock lists more, or shows what was not there, than when it was put, or a lower one does and is
        cut: it gets that room.

        Asked when something has happened or a panel asks for other room, never for the height that a dock has got: what
        it needs does not follow from that. One that a hand has made higher or lower stays.
        """
        self._low.fit()
        docks = self._standing("right")
        needs = needs_px(docks)
        if len(docks) < 2 or len(needs) != len(self._needs) or needs == self._needs:
            return  # what was asked for before, whether or not Qt could give it
        lower = zip(docks[1:], needs[1:], strict=True)
        if needs[0] <= self._needs[0] + MOVED_PX and not any(
            is_cut(dock) and need > dock.height() + MOVED_PX for dock, need in lower
        ):
            return
        if not self._first_px:
            self._least.start()  # what was put a moment ago is still to be laid out
        elif abs(docks[0].height() - self._first_px) <= MOVED_PX:
            self._put_by_need(docks)

    def _standing(self, area: str) -> list[QDockWidget]:
        """The docks that are seen in an area, from the top."""
        docks = [dock for dock in self._docks.values() if dock.isVisible() and not dock.isFloating()]
        here = [dock for dock in docks if self._window.dockWidgetArea(dock) == AREAS[area]]
        return sorted((dock for dock in here if dock.x() >= 0), key=lambda dock: dock.y())

    @property
    def _text_words(self) -> str:
        """The size of text and the window that the docks are laid out for, as the settings keep them."""
        return f"{self._scale:.1f} {self._window.width()}x{self._window.height()}"

    def _on_theme(self, *_: object) -> None:
        scale = self._session.theme.font_scale
        if scale != self._scale:
            self._scale = scale
            QTimer.singleShot(0, self._window, self._size_for_text)

    def _size_for_text(self) -> None:
        """The widths and heights that this work space comes with, at another size of text; which are open stays."""
        if not self._space:
            return
        self._low.apart()
        first: dict[str, QDockWidget] = {}
        stacked: dict[str, list[QDockWidget]] = {"left": [], "right": [], "bottom": []}
        for area in AREAS:
            stacked[area] = self._standing(area)
            if stacked[area]:
                first[area] = stacked[area][0]
        self._size(self._space, first, stacked, max(1, *(len(docks) for docks in stacked.values())))
        if self._shared is not None:
            self._shared.again()
        QTimer.singleShot(0, self._window, self._low.fit)

    def _share_height(self) -> None:
        if self._shared is None and self._docks.keys() >= SHARING:
            above, below = SHARING_ORDER
            on_image = self._panels[above]
            self._docks[below].visibilityChanged.connect(lambda seen: on_image.stand_alone(alone=not seen))
            self._shared = SharedHeight(
                self._session, self._window, (self._docks[above], self._docks[below]),
                (self._panels[above], self._panels[below]),
            )  # fmt: skip

    def _dock(self, name: str) -> QDockWidget:
        if name not in self._docks:
            assert self._book is not None, "the command table is made before the first panel"
            kind = self._classes[name]
            panel = kind(self._session)
            dock = QDockWidget(str(kind.title), self._window)
            dock.setObjectName(f"dock:{name}")
            panel.setObjectName(f"panel:{name}")
            panel.setProperty("surface", "panel")
            panel.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
            dock.setTitleBarWidget(DockTitle(self._session, dock, panel, self._book))
            room = PanelRoom(self._session, panel, kind.area)
            room.least_changed.connect(self._least.start)
            dock.setWidget(room)
            if hasattr(panel, "count_changed"):
                panel.count_changed.connect(lambda _: self._least.start())
            if hasattr(panel, "menu_asked"):
                panel.menu_asked.connect(partial(self._show_menu, panel))
            dock.visibilityChanged.connect(lambda _: self._session.tell_situation())
            self._window.addDockWidget(AREAS[kind.area], dock)
            self._keeper.watch(dock)
            self._docks[name], self._panels[name] = dock, panel
            self._share_height()
        return self._docks[name]
