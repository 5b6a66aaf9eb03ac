"""What Qt has to say goes into the program's log, not onto the terminal of whoever called it: but its last words."""

import logging
import os

from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler

from viewer.core.text.shown_text import for_terminal

log = logging.getLogger("qt")
LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}
# The offscreen platform says this of every window; it says nothing of ours.
EXPECTED = ("This plugin does not support propagateSizeHints",)


def log_qt_messages() -> None:
    """Send Qt's messages to the logger `qt`."""
    qInstallMessageHandler(_on_message)


def _on_message(kind: QtMsgType, _context: QMessageLogContext, message: str) -> None:
    level = logging.DEBUG if message.startswith(EXPECTED) else LEVELS.get(kind, logging.WARNING)
    log.log(level, "%s", message)
    if kind == QtMsgType.QtFatalMsg:  # Qt ends the process behind this: nothing can be said later
        first = message.strip().partition("\n")[0]
        os.write(2, f"negatoscope: Qt cannot go on and ends the program: {for_terminal(first)}\n".encode())
