"""A path as a person types it: made whole where it is typed, so that it means the same place at the next start."""

from pathlib import Path


def typed_path(text: str) -> Path:
    """The absolute path of what was typed, against the folder that the program was started in; ~ is one's own folder.

    "" is no path, and stays so. Links stay as they were typed, unless ".." has to be followed through them.
    """
    named = Path(text.strip())
    if not text.strip():
        return named
    try:
        named = named.expanduser()
    except RuntimeError:  # ~ of nobody: a folder may be called so
        named = Path(text.strip())
    return named.resolve() if ".." in named.parts else named.absolute()
