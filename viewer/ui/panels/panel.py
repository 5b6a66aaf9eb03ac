"""What a panel is: the contract of the rows of PANELS, and what its lists say of keys.

A panel is made with the session when it is first shown. It may also have `title_commands`, ids of commands that are
drawn as icons in its title, and a signal `count_changed(str)` for the text beside its title.
"""

from typing import Literal, Protocol

GIVES_RETURN = "gives_return"  # property of a list in which Enter is the work space's: a click chooses
TAKES_DELETE = "takes_delete"  # property of a list that does something with Delete itself


class Panel(Protocol):
    """A QWidget. title: over it. area: where it docks. workspaces: where it stands by default."""

    title: str
    area: Literal["left", "right", "bottom"]
    workspaces: tuple[str, ...]
