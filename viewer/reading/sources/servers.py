"""Network shares: a path that came in a file leads to no server that the person has not named.

On Windows, asking whether \\\\server\\share\\film.dcm is there makes a connection, which tells that server who asks. A
project, a table or a recipe from somebody else may name any. A server counts as named when the person opened something
on it in this session, or when it stands in $NEGATOSCOPE_SERVERS (names divided by semicolons), which children inherit.
"""

import os
import re
from pathlib import Path

from viewer.core.errors import BadFile

VARIABLE = "NEGATOSCOPE_SERVERS"
_SHARE = re.compile(r"[\\/]{2}(?:[?.][\\/]UNC[\\/])?([^\\/?.][^\\/]*)", re.IGNORECASE)


def has_shares() -> bool:
    """Whether paths of this system may name a server."""
    return os.name == "nt"


def server_of(path: Path | str) -> str:
    """The server that a path names, in small letters; "" for a path of this computer."""
    if not has_shares():
        return ""
    found = _SHARE.match(str(path))
    return found[1].casefold() if found else ""


def name_server(path: Path | str) -> None:
    """The person opened this path, so the server it lies on is one of theirs."""
    server = server_of(path)
    if server and server not in _named():
        os.environ[VARIABLE] = ";".join([*sorted(_named()), server])


def is_foreign(path: Path | str) -> bool:
    """Whether a path leads to a server that nobody here has named; it must not even be looked for."""
    server = server_of(path)
    return bool(server) and server not in _named()


def refuse_foreign(path: Path | str) -> None:
    """Raise BadFile, which says how to allow it, for a path that leads to a server nobody here has named."""
    if is_foreign(path):
        raise BadFile(
            f"{path} lies on the server {server_of(path)}, which you have not opened anything on, so it was not looked "
            f"for; open its folder yourself, or name the server in {VARIABLE}."
        )


def _named() -> set[str]:
    return {name.strip().casefold() for name in os.environ.get(VARIABLE, "").split(";")} - {""}
