"""What a panel is: the contract of the rows of PANELS, and what its lists say of keys.

A panel is made with the session when it is first shown. It may also have `title_commands`, ids of commands that are
drawn as icons in its title, and a signal `count_changed(str)` for the text beside its title.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal, Protocol

from PySide6.QtWidgets import QWidget

from viewer.ui.look.on_screen import is_out_of_sight

if TYPE_CHECKING:
    from viewer.ui.flows.desk import Desk

GIVES_RETURN = "gives_return"  # property of a list in which Enter is the work space's: a click chooses
TAKES_DELETE = "takes_delete"  # property of a list that does something with Delete itself


class Panel(Protocol):
    """A QWidget. title: over it. area: where it docks. workspaces: where it stands by default."""

    title: str
    area: Literal["left", "right", "bottom"]
    workspaces: tuple[str, ...]


def follow_shown(panel: QWidget, session: "Desk", read: Callable[[], None], *others: Any) -> None:
    """Read again what a panel says of the shown image when another is shown, when something of it or of its case
    arrives, and on other signals. A panel that nobody sees reads in its showEvent."""

    def follow(*_: object) -> None:
        if not is_out_of_sight(panel):
            read()

    for signal in (session.image_shown, session.image_gone, *others):
        signal.connect(follow)
    session.work_arrived.connect(lambda images, cases: follow() if session.is_about_shown(images, cases) else None)
