"""Tools lent while a key is held, and overlays hidden while one is held."""

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from viewer.ui.session import Session

TAP_S = 0.25


class Lending:
    """Holding W, Z or Space lends a tool and gives it back; tapping does what the key does when tapped."""

    def __init__(self, session: "Session") -> None:
        self._session = session
        self._before = ""
        self._shown_before = "all"
        self._since = 0.0
        self._used = False

    def lend(self, tool: str) -> None:
        """A key goes down."""
        self._before, self._since, self._used = self._session.tool, time.monotonic(), False
        self._session.set_tool(tool)

    def note_use(self) -> None:
        """The lent tool was dragged, so letting go gives the old one back however short it was."""
        self._used = True

    def give_back_or_arm(self) -> None:
        """W or Z goes up: a tap arms the tool for good."""
        if self._was_held():
            self._session.set_tool(self._before)

    def give_back_or_step_overlays(self) -> None:
        """Space goes up: a tap steps all, outlines, none."""
        self._session.set_tool(self._before)
        if not self._was_held():
            steps = ("all", "outlines", "none")
            self._session.set_overlays_shown(steps[(steps.index(self._session.overlays_shown) + 1) % 3])

    def hide_overlays(self) -> None:
        """H goes down: the bare image."""
        self._shown_before, self._since, self._used = self._session.overlays_shown, time.monotonic(), False
        self._session.set_overlays_shown("none")

    def show_overlays(self) -> None:
        """H goes up: after a hold as before, after a tap the other way round."""
        if self._was_held():
            self._session.set_overlays_shown(self._shown_before)
        else:
            self._session.set_overlays_shown("all" if self._shown_before == "none" else "none")

    def _was_held(self) -> bool:
        return self._used or time.monotonic() - self._since >= TAP_S
