"""A sentence over the views that goes when its cause does."""

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QTimer

if TYPE_CHECKING:
    from viewer.ui.state.session import Session

OVER = "over"  # a level of `Session.announced`: the cause of this sentence has ended


def announce_here(session: "Session", level: str, sentence: str) -> None:
    """Show a sentence about the shown image until another one, or another work space, is shown."""
    announce_until(session, level, sentence, session.image_shown, session.workspace_changed)


def announce_until(session: "Session", level: str, sentence: str, *ends: Any) -> None:
    """Show a sentence until the first of some signals comes. ends: signals of what would make it untrue or past.

    What is on its way already, such as the repaint behind an import, ends nothing: only what comes after it.
    """
    session.announced.emit(level, sentence)

    def over(*_: object) -> None:
        for signal in ends:
            signal.disconnect(over)
        session.announced.emit(OVER, sentence)

    def listen() -> None:
        for signal in ends:
            signal.connect(over)

    QTimer.singleShot(0, session, listen)
