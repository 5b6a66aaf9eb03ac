"""A sentence over the views that goes when its cause does."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, QTimer

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


def say_over(session: "Session", sentence: str, show: Callable[[], bool]) -> None:
    """Say a sentence, and again with the image that `show` brings: what is said of an image goes with the next one.

    show: whether it has anything to show. It may show it at once, so it is listened to before.
    """
    session.said.emit(sentence)

    def again(_shown: object) -> None:
        session.said.emit(sentence)

    session.image_shown.connect(again, Qt.ConnectionType.SingleShotConnection)
    if not show():
        session.image_shown.disconnect(again)
