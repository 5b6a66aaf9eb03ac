"""Opens the window: builds each object once, passes it on, shows the first paint before anything heavy is loaded."""

import logging
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QTimer
from PySide6.QtGui import QFontDatabase, QIcon
from PySide6.QtWidgets import QApplication
from shiboken6 import isValid

import resources
from viewer.core.text.nameless import Word
from viewer.reading.sources.private_files import config_folder
from viewer.ui.flows.desk import Desk
from viewer.ui.flows.installing import show_installation
from viewer.ui.flows.projects import OPEN_PROJECT
from viewer.ui.flows.recent import LEFT_AT, left_at, open_then
from viewer.ui.look.apply_theme import apply_theme
from viewer.ui.rows.table import command_table
from viewer.ui.state.session import Trace
from viewer.ui.state.settings import Settings
from viewer.ui.window.main_window import MainWindow
from viewer.ui.window.qt_messages import log_qt_messages

log = logging.getLogger(__name__)
FONTS = ("Inter-Regular.otf", "Inter-Medium.otf", "Inter-SemiBold.otf", "JetBrainsMono-Regular.ttf")


def settings_folder() -> Path:
    """Where the window keeps what it remembers."""
    return config_folder()


def make_application(argv: Sequence[str]) -> QApplication:
    """The Qt application with our fonts; the one there is when there is one."""
    app = QApplication.instance()
    if not isinstance(app, QApplication):
        log_qt_messages()
        QApplication.setStyle("Fusion")
        app = QApplication(list(argv))
    app.setApplicationName("Negatoscope")
    app.setDesktopFileName("negatoscope")
    for name in FONTS:
        if QFontDatabase.addApplicationFont(str(resources.path(f"fonts/{name}"))) < 0:
            log.warning("The font %s could not be loaded", Word(name))
    return app


def make_window(
    paths: Sequence[Path] = (),
    *,
    beside: Sequence[Path] = (),
    settings: Settings | None = None,
    trace: Trace | None = None,
    author: str = "",
) -> MainWindow:
    """Make the session and the window and show it; what needs more than the first paint is started after it.

    beside: what is only listed again, and not shown.
    """
    settings = settings or Settings(settings_folder() / "window.json")
    session = Desk(settings, author=author, trace=trace)
    apply_theme(session.theme, settings.folder)
    window = MainWindow(session, command_table)
    session.setParent(window)  # dies with its window
    window.setWindowIcon(QIcon(session.icons.pixmap("app", "acc", 64)))
    show_installation(session, window)
    window.show()
    QTimer.singleShot(0, window, lambda: _after_first_paint(session, window, list(paths), list(beside)))
    return window


def start_decoder() -> None:
    """Start the first decoding child beside the window: it is ready before there is an image to decode."""
    from viewer.reading.decoding.pool import POOL

    threading.Thread(target=lambda: POOL.warm(count=1), name="decoder-start", daemon=True).start()


def _log_bugs(session: Desk) -> None:
    """A bug outside a command is logged with its traceback and told in one calm sentence; the window lives on."""
    before = sys.excepthook

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if not isinstance(error, Exception) or not isValid(session):
            before(kind, error, trace)
            return
        log.error("A bug in the window", exc_info=(kind, error, trace))
        session.announce_failure(error)

    sys.excepthook = hook


def _after_first_paint(session: Desk, window: MainWindow, paths: list[Path], beside: list[Path]) -> None:
    session.trace("window_shown")
    window.garbage.start()
    projects = [path for path in paths if (path / "project.db").is_file()]
    if not projects:
        session.projects.open_last()
    if paths:
        session.open_paths(paths)
    session.opening.list_paths(beside)


def is_first_start(settings: Settings) -> bool:
    """Whether nothing was opened before, as far as is remembered."""
    return not settings.recent and not settings.word(OPEN_PROJECT)


def open_window(paths: Sequence[Path] = (), trace: Trace | None = None) -> int:
    """Open the window and stay until it is closed. trace: called with (event, facts...). Returns the exit code."""
    start_decoder()
    app = make_application(sys.argv[:1])
    settings = Settings(settings_folder() / "window.json")
    if paths:
        return _stay(app, make_window(paths, settings=settings, trace=trace))
    return _stay(app, window_as_left(settings, trace=trace))


def window_as_left(settings: Settings, *, trace: Trace | None = None, author: str = "") -> MainWindow:
    """The window where it was left: with what was on the screen, and a project beside which folders were open."""
    beside = open_then(settings) if settings.word(OPEN_PROJECT) or settings.word(LEFT_AT) else []
    return make_window(left_at(settings), beside=beside, settings=settings, trace=trace, author=author)


def open_sample(trace: Trace | None = None, *, at_first_only: bool = False) -> int:
    """The same on the sample study, which is made behind the open window when it is not there yet.

    at_first_only: only where nothing was opened before; else the window opens where it was left.
    """
    if at_first_only and not is_first_start(Settings(settings_folder() / "window.json")):
        return open_window(trace=trace)
    start_decoder()
    app = make_application(sys.argv[:1])
    window = make_window(trace=trace)
    QTimer.singleShot(0, window, window.file_dialogs.open_sample)
    return _stay(app, window)


def _stay(app: QApplication, window: MainWindow) -> int:
    _log_bugs(window.session)
    code = app.exec()
    window.deleteLater()
    return int(code)


def tour(project: Path, study: Path, film: Path, place: Path) -> list[tuple[str, str]]:
    """Pictures of the window at each step of the main job, for the demo's report; (file name in `place`, caption).

    project: its folder. study: a folder with a CT series. film: an image of the project with proposals.
    """
    from tempfile import TemporaryDirectory

    from viewer.ui.window.tour import take_pictures

    make_application(sys.argv[:1])
    with TemporaryDirectory(prefix="negatoscope-tour-") as folder:
        window = make_window([project], settings=Settings(Path(folder) / "window.json"))
        pictures = take_pictures(window, study, film, place)
        window.deleteLater()
    return pictures
