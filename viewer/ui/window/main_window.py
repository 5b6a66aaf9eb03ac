"""The main window: it places parts and nothing else."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QResizeEvent
from PySide6.QtWidgets import QApplication, QLineEdit, QMainWindow, QVBoxLayout, QWidget

from viewer.ui.commands.book import CommandBook
from viewer.ui.commands.command import Command
from viewer.ui.commands.context_menu import view_menu
from viewer.ui.flows.desk import Desk
from viewer.ui.flows.projects import window_title
from viewer.ui.look.apply_theme import apply_theme
from viewer.ui.look.plain_text import set_field, set_title
from viewer.ui.look.theme import Theme
from viewer.ui.views.grid import ViewGrid
from viewer.ui.window.banner import Banner
from viewer.ui.window.bars import CommandBox, JobChip, MainBar, ToolRail, fill_menu_bar
from viewer.ui.window.centre import Centre
from viewer.ui.window.docks.docks import Docks
from viewer.ui.window.file_dialogs import FileDialogs
from viewer.ui.window.garbage import Garbage
from viewer.ui.window.kept_choices import KeptChoices
from viewer.ui.window.keys import KeyTable
from viewer.ui.window.placement import place
from viewer.ui.window.report_offer import ReportOffer
from viewer.ui.window.status import StatusBar
from viewer.ui.window.view_commands import Cine, ImageCommands, Navigation
from viewer.ui.window.warming import Warming
from viewer.ui.window.welcome import WelcomePage

if TYPE_CHECKING:
    from viewer.reading.scan import ScanResult


class MainWindow(QMainWindow):
    """Bars, docks, views and the welcome page."""

    def __init__(self, session: Desk, commands: Callable[[Desk, "MainWindow"], tuple[Command, ...]]) -> None:
        """commands: what makes the command table, of the floor above."""
        super().__init__()
        self.session = session
        self.setWindowTitle("Negatoscope")
        self.setAcceptDrops(True)
        self.setDockNestingEnabled(False)
        self.setCorner(Qt.Corner.BottomLeftCorner, Qt.DockWidgetArea.LeftDockWidgetArea)
        self.setCorner(Qt.Corner.BottomRightCorner, Qt.DockWidgetArea.RightDockWidgetArea)
        self._kept = KeptChoices(session)
        self.grid = ViewGrid(session)
        self.image_commands = ImageCommands(session, self.grid)
        self.navigation = Navigation(session)
        self.cine = Cine(session)
        self.file_dialogs = FileDialogs(session, self)
        self.docks = Docks(session, self)
        self.book = CommandBook(session, commands(session, self))
        self.docks.use(self.book)
        self.welcome = WelcomePage(session, self.book)
        self._build_centre()
        self._build_bars()
        self._connect()
        self.keys = KeyTable(session, self.book, self)
        self.garbage = Garbage(self, lambda: session.opening.scanning, lambda: session.edits.are_passing)
        self.warming = Warming(session, self.docks, lambda: self.is_waiting, self)
        app = QApplication.instance()
        assert app is not None
        app.installEventFilter(self.keys)
        place(self, session.settings.geometry)
        self.show_welcome()

    def _build_centre(self) -> None:
        self.pages = Centre(self.session, self.book, self.welcome, self.grid)
        centre = QWidget()
        column = QVBoxLayout(centre)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.pages, 1)
        self.banner = Banner(self.session)
        column.addWidget(self.banner)
        self.setCentralWidget(centre)

    def _build_bars(self) -> None:
        session, book = self.session, self.book
        self.job_chip, self.command_box = JobChip(session), CommandBox(session)
        fill_menu_bar(self.menuBar(), session, book, self.job_chip, self.command_box)
        self.bar, self.rail = MainBar(session, book), ToolRail(session, book)
        self.addToolBar(Qt.ToolBarArea.TopToolBarArea, self.bar)
        self.addToolBar(Qt.ToolBarArea.LeftToolBarArea, self.rail)
        self.setStatusBar(StatusBar(session))

    def _connect(self) -> None:
        session = self.session
        self.command_box.clicked.connect(self.open_palette)
        self.job_chip.clicked.connect(lambda: self.enter("train"))
        self.banner.report_asked.connect(self.show_report)
        self.banner.retry_asked.connect(lambda: self.book.run("edit.retry"))
        self.grid.menu_asked.connect(self._on_menu_asked)
        self.grid.layout_changed.connect(self.bar.show_layout)
        session.workspace_changed.connect(self._on_workspace_changed)
        session.series_opened.connect(lambda _: self._on_arrived())
        session.scan_progressed.connect(self._on_arrived)
        session.scan_finished.connect(self._on_scan_finished)
        session.scan_finished.connect(lambda _: self.garbage.keep())
        session.closing.emptied.connect(self.show_welcome)
        session.views_asked.connect(self._show_images)
        self.file_dialogs.forgetting.forgotten.connect(self.welcome.show_recent)
        session.project_entered.connect(self._on_project_entered)
        session.theme_changed.connect(self._on_theme_changed)
        session.readings.changed.connect(lambda: set_title(self, window_title(session.project, session.readings.words)))
        self._follow_jobs()

    def _follow_jobs(self) -> None:
        self.session.jobs.runs_changed.connect(self.job_chip.show_runs)
        self.report_offer = ReportOffer(self.session, self.banner, self)

    # Pages and work spaces

    def show_welcome(self) -> None:
        """The page with recent studies; bars and docks step aside."""
        if not self.pages.is_welcome:
            self.docks.leave()
        self.welcome.show_recent()
        self.pages.bring_welcome()
        self.bar.hide()
        self.rail.hide()
        self.welcome.setFocus()

    @property
    def is_waiting(self) -> bool:
        """Whether the welcome page is there and nothing is being opened."""
        return self.pages.is_welcome and not self.session.opening.scanning

    def show_views(self) -> None:
        """The views of the current work space; in Train its pages."""
        if self.pages.is_welcome:
            self.pages.bring()
            self._arrange()
        self.focus_image()

    def _show_images(self) -> None:
        self.pages.go_to_images()
        self.show_views()

    def enter(self, workspace: str) -> None:
        """Go to a work space; from the welcome page too."""
        self.session.set_workspace(workspace)
        self.show_views()
        self.session.tell_situation()

    def _on_workspace_changed(self, workspace: str) -> None:
        if not self.pages.is_welcome:
            self.pages.bring()
            self._arrange()
        self._kept.enter(workspace)

    def _arrange(self) -> None:
        self.docks.enter(self.session.workspace)
        # A remembered arrangement holds the tool bars too; what they show goes by the work space alone.
        self.bar.show()
        self.rail.setVisible(self.session.workspace == "annotate")

    def focus_image(self) -> None:
        """Give the keys back to the image, or to what is in its place."""
        if self.session.active_cell is not None:
            self.activateWindow()
            self.pages.take_focus()

    def focus_search(self) -> None:
        """Go to the filter of the list at the left."""
        name = {"read": "studies", "train": "runs"}.get(self.session.workspace, "cases")
        self.show_views()
        if not self.docks.is_open(name):
            self.docks.toggle(name)
        fields = self.docks.panel(name).findChildren(QLineEdit)
        if fields:
            fields[0].setFocus()
            fields[0].selectAll()

    def _on_project_entered(self) -> None:
        if self.session.workspace == "read":
            self.session.set_workspace("annotate")
        self.show_views()

    def _on_scan_finished(self, result: "ScanResult") -> None:
        if result.patients and result is not self.session.opening.only_listed:
            self._on_arrived()

    def _on_arrived(self, *told: object) -> None:
        """Something is being opened, or was. It comes when it comes: who types by then, goes on typing."""
        is_typing = not self.pages.is_welcome and isinstance(QApplication.focusWidget(), QLineEdit)
        if told in ((), (0, 0)) and not is_typing:  # (0, 0): a scan begins; the list of studies shows how far it is
            self._show_images()

    # What commands ask for

    def maximise_active(self) -> None:
        """The active view over the whole grid, and back."""
        self.grid.maximise_active()

    def cancel_gesture(self) -> None:
        """Drop the stroke; without one, go back to the first tool; leave a field."""
        cell = self.session.active_cell
        self.session.set_fact("cine", holds=False)
        if self.pages.is_welcome:
            if self.session.shown is not None:
                self.show_views()
            return
        if not self.session.covered and cell is not None and not cell.view.cancel():
            self.session.set_tool("window" if self.session.workspace in ("read", "review") else "select")
        self.focus_image()

    def leave(self) -> None:
        """Close the window."""
        self.close()

    def open_palette(self, typed: str = "") -> None:
        """Commands, series and labels by typing. typed: what stands in its field at first."""
        from viewer.ui.window.palette import Palette

        for before in self.findChildren(Palette):
            before.close()
        palette = Palette(self.session, self.book, self)
        self.pages.currentChanged.connect(palette.close_over)
        palette.open_at(self.command_box)
        set_field(palette.field, typed)

    def show_keys(self) -> None:
        """Every command with its key."""
        from viewer.ui.dialogs.keys import KeysDialog

        KeysDialog(self.session, self.book, self).exec()
        self.focus_image()

    def show_about(self) -> None:
        """What this is and what it is not."""
        from viewer.ui.dialogs.about import AboutDialog

        AboutDialog(self.session, self).exec()
        self.focus_image()

    def show_report(self) -> None:
        """The files that could not be shown."""
        self.show_views()
        if not self.docks.is_open("report"):
            self.docks.toggle("report")

    def choose_theme(self, name: str) -> None:
        """Dark or light."""
        self.session.set_theme(Theme(name=name, font_scale=self.session.theme.font_scale))

    def scale_text(self, step: float) -> None:
        """Larger or smaller text, 90 to 150 %."""
        scale = min(1.5, max(0.9, round(self.session.theme.font_scale + step, 1)))
        self.session.set_theme(Theme(name=self.session.theme.name, font_scale=scale))

    def toggle_full_screen(self) -> None:
        """The whole screen, and back."""
        self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)

    def _on_theme_changed(self, theme: Theme) -> None:
        apply_theme(theme, self.session.settings.folder)
        self.bar.fit_to(self.width())
        self.grid.update()

    def _on_menu_asked(self, point: QPoint) -> None:
        self.book.follow(self.session.situation())  # the view and its shape became the current ones just now
        menu = self.book.menu(view_menu(self.session), self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(point)

    # Qt

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.bar.fit_to(event.size().width())

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        if paths:
            event.acceptProposedAction()
            # The drop is answered first: whoever dropped waits for it.
            QTimer.singleShot(0, self, lambda: self.session.open_paths(paths))

    def closeEvent(self, event: QCloseEvent) -> None:
        if not self.pages.is_welcome:
            self.docks.leave()
        self.session.settings.geometry = self.saveGeometry()
        self._kept.keep()
        if (app := QApplication.instance()) is not None:
            app.removeEventFilter(self.keys)
        self.session.close()
        self.garbage.stop()  # no thread of ours is left
        super().closeEvent(event)
