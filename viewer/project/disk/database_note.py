"""A line in a project's folder for whoever opens it without the URL of its database: which one that is.

It is words for a person and nothing else: nothing that is read from a folder decides what is contacted.
"""

from pathlib import Path

from viewer.core.errors import NotWritable
from viewer.core.text.shown_text import one_line
from viewer.project.disk.replacing import replace_file

NOTE_NAME = "database.txt"
_MOST_BYTES = 400


def note_database(folder: Path, name: str) -> None:
    """Write down which database a project lies in. name: its URL without a password. Raises NotWritable.

    What follows the database's name in a URL may be a secret too (libpq takes a password there), so it is left out.
    """
    words = one_line(name.partition("?")[0])
    if noted_database(folder) != words:
        replace_file(folder / NOTE_NAME, f"{words}\n".encode())


def noted_database(folder: Path) -> str:
    """What is written down, in one line to be shown; "" where nothing is, or it cannot be read."""
    try:
        with (folder / NOTE_NAME).open("rb") as file:
            return one_line(file.read(_MOST_BYTES).decode("utf-8", "replace").strip())
    except OSError:
        return ""


def lost_words(folder: Path, database: str) -> str:
    """Why a folder with a project's parts and without its database cannot be opened. database: its file's name."""
    noted = noted_database(folder)
    if noted:
        return f"{folder} belongs to a project in the database {noted}: open it with that URL and its password."
    return (
        f"{folder} has lost its {database}; restore it from a backup, or name the URL of the database that it lies in."
    )


def note_where_possible(folder: Path, name: str) -> None:
    """The same for a folder that may take nothing: the project opens all the same."""
    try:
        note_database(folder, name)
    except NotWritable:
        return
