"""Headers read before, kept by path, size and time, so that a second scan is quick."""

import contextlib
import json
import logging
import os
import sqlite3
import time
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from hashlib import sha256
from operator import attrgetter
from pathlib import Path

from viewer.reading.facts.instance_facts import FACTS_VERSION, InstanceFacts
from viewer.reading.sources.private_files import cache_folder, private_file

log = logging.getLogger(__name__)

NAMES = InstanceFacts.__slots__
_values = attrgetter(*NAMES)
# Rows are positional, so another field, or another order, is another version.
VERSION = f"{FACTS_VERSION}_{sha256(repr(NAMES).encode()).hexdigest()[:8]}"
TABLES = (f"folders_{VERSION}", f"headers_{VERSION}")
KEPT_DAYS = 90  # a folder that was not scanned for so long is dropped
WITHOUT = "NEGATOSCOPE_INDEX"  # this environment variable says "off", or where the index lies

Row = tuple[str, int, int, str]  # name, size in bytes, time in ns, facts


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """What tells whether a file changed."""

    size_bytes: int
    mtime_ns: int

    @classmethod
    def of(cls, path: Path) -> "Stamp | None":
        """The file's stamp now; None when it is gone."""
        try:
            stat = path.stat()
        except OSError:
            return None
        return cls(size_bytes=stat.st_size, mtime_ns=stat.st_mtime_ns)


def index_path() -> Path:
    """Where the index lies unless NEGATOSCOPE_INDEX names another place."""
    return cache_folder() / "headers.sqlite"


class HeaderIndex:
    """A small SQLite file of header facts. Damaged, locked or not writable: the scan goes on without it."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @classmethod
    def of_user(cls) -> "HeaderIndex | None":
        """The index in the user's cache folder; None where NEGATOSCOPE_INDEX says "off", or the one it names."""
        said = os.environ.get(WITHOUT, "")
        if said.lower() == "off":
            return None
        return cls(Path(said) if said else index_path())

    def recall(self, paths: Sequence[Path]) -> dict[Path, InstanceFacts]:
        """The facts of those files that have not changed since they were kept; one question for each folder.

        What is kept of a file that is gone is dropped on the way.
        """
        found: dict[Path, InstanceFacts] = {}
        try:
            with closing(self._open()) as connection, connection:
                for folder, asked in _by_folder(paths).items():
                    found |= _recalled(connection, folder, asked)
        except (sqlite3.Error, OSError, ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
            log.info("header index not used: %s", error)
            self._put_aside(error)
        return found

    def keep(self, rows: Iterable[tuple[Path, Stamp, InstanceFacts]]) -> None:
        """Remember facts; silently without effect where the index cannot be written."""
        listed = {path: (stamp, facts) for path, stamp, facts in rows}
        folders, headers = TABLES
        today = int(time.time()) // 86_400
        try:
            with closing(self._open()) as connection, connection:
                for folder, asked in _by_folder(list(listed)).items():
                    connection.execute(f"INSERT OR IGNORE INTO {folders} (path, day) VALUES (?, ?)", (folder, today))
                    (number,) = connection.execute(f"SELECT id FROM {folders} WHERE path = ?", (folder,)).fetchone()
                    values = []
                    for name, path in asked.items():
                        stamp, facts = listed[path]
                        text = _json(facts)
                        if text is not None:
                            values.append((number, name, stamp.size_bytes, stamp.mtime_ns, text))
                    connection.executemany(f"INSERT OR REPLACE INTO {headers} VALUES (?, ?, ?, ?, ?)", values)
                _drop_old(connection, today)
        except (sqlite3.Error, OSError) as error:
            log.info("header index not written: %s", error)

    def forget(self, roots: Collection[Path]) -> int:
        """Drop what is kept of files at or below `roots`, leaving no trace in the file. Returns of how many.

        Raises OSError where that cannot be written.
        """
        if not self._path.exists():
            return 0
        try:
            with closing(self._open()) as connection:
                with connection:
                    dropped = sum(_forgotten(connection, root) for root in roots)
                # What is deleted stays in the file's free pages until it is written anew.
                connection.execute("VACUUM")
        except sqlite3.Error:
            log.info("the header index is thrown away instead of being cleaned", exc_info=True)
            return self.forget_all()
        return dropped

    def forget_all(self) -> int:
        """Throw the index away. Returns of how many files it knew. Raises OSError where it cannot be removed."""
        if not self._path.parent.is_dir():
            return 0
        known = 0
        with contextlib.suppress(sqlite3.Error, OSError), closing(sqlite3.connect(self._path)) as connection:
            known = connection.execute(f"SELECT count(*) FROM {TABLES[1]}").fetchone()[0]
        for path in self._path.parent.glob(f"{self._path.name}*"):
            path.unlink(missing_ok=True)
        return int(known)

    def _open(self) -> sqlite3.Connection:
        # It holds the names of patients. SQLite gives its journal the mode of the file that is there.
        connection = sqlite3.connect(private_file(self._path), timeout=2.0)
        # What is lost here is read again from the files, so nothing waits for the disk.
        connection.execute("PRAGMA synchronous = OFF")
        there = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if not there.issuperset(TABLES):
            folders, headers = TABLES
            for name in there:  # of an earlier version, which meant something else by its rows
                connection.execute(f'DROP TABLE "{name}"')
            connection.execute(
                f"CREATE TABLE {folders} (id INTEGER PRIMARY KEY, path TEXT UNIQUE NOT NULL, day INTEGER NOT NULL)"
            )
            connection.execute(
                f"CREATE TABLE {headers} (folder INTEGER NOT NULL, name TEXT NOT NULL, size INTEGER NOT NULL, "
                "mtime INTEGER NOT NULL, facts TEXT NOT NULL, PRIMARY KEY (folder, name)) WITHOUT ROWID"
            )
        return connection

    def _put_aside(self, error: Exception) -> None:
        """A file that is no database any more is put out of the way; it holds nothing that is not elsewhere."""
        if isinstance(error, sqlite3.DatabaseError) and not isinstance(error, sqlite3.OperationalError):
            try:
                self._path.replace(self._path.with_name(self._path.name + ".damaged"))
            except OSError:
                log.info("the damaged header index could not be put aside")


def _by_folder(paths: Sequence[Path]) -> dict[str, dict[str, Path]]:
    """Folder's absolute path > file's name > path. In plain strings: pathlib alone would take longer than the scan."""
    names: dict[str, dict[str, Path]] = defaultdict(dict)
    absolute: dict[str, str] = {}
    for path in paths:
        folder, name = os.path.split(path)
        if folder not in absolute:
            absolute[folder] = _text(os.path.abspath(folder))  # noqa: PTH100  # the same: strings
        names[absolute[folder]][_text(name)] = path
    return names


def _recalled(connection: sqlite3.Connection, folder: str, asked: Mapping[str, Path]) -> dict[Path, InstanceFacts]:
    folders, headers = TABLES
    known = connection.execute(f"SELECT id FROM {folders} WHERE path = ?", (folder,)).fetchone()
    if known is None:
        return {}
    connection.execute(f"UPDATE {folders} SET day = ? WHERE id = ?", (int(time.time()) // 86_400, known[0]))
    rows: list[Row] = connection.execute(
        f"SELECT name, size, mtime, facts FROM {headers} WHERE folder = ?", known
    ).fetchall()
    paths, texts, gone = [], [], []
    for name, size, mtime, facts in rows:
        path = asked.get(name)
        try:
            stat = os.stat(path if path is not None else os.path.join(folder, name))  # noqa: PTH116, PTH118
        except OSError:
            gone.append((known[0], name))
            continue
        if path is not None and (stat.st_size, stat.st_mtime_ns) == (size, mtime):
            paths.append(path)
            texts.append(facts)
    if gone:
        connection.executemany(f"DELETE FROM {headers} WHERE folder = ? AND name = ?", gone)
    # All rows are read as one document: ten thousand small ones take three times as long.
    return dict(zip(paths, map(InstanceFacts.from_row, json.loads(f"[{','.join(texts)}]"))))


def _forgotten(connection: sqlite3.Connection, root: Path) -> int:
    """Drop the rows of a file, or of every file in and below a folder. Returns how many."""
    folders, headers = TABLES
    text = _text(str(root.absolute()))
    below = f"{text.rstrip(os.sep)}{os.sep}"
    found = f"SELECT id FROM {folders} WHERE path = ? OR substr(path, 1, ?) = ?"
    asked = (text, len(below), below)
    dropped = connection.execute(f"DELETE FROM {headers} WHERE folder IN ({found})", asked).rowcount
    connection.execute(f"DELETE FROM {folders} WHERE id IN ({found})", asked)
    folder, name = os.path.split(text)
    of_file = f"DELETE FROM {headers} WHERE name = ? AND folder IN (SELECT id FROM {folders} WHERE path = ?)"
    return dropped + connection.execute(of_file, (name, folder)).rowcount


def _drop_old(connection: sqlite3.Connection, today: int) -> None:
    folders, headers = TABLES
    old = connection.execute(f"SELECT id FROM {folders} WHERE day < ?", (today - KEPT_DAYS,)).fetchall()
    connection.executemany(f"DELETE FROM {headers} WHERE folder = ?", old)
    connection.executemany(f"DELETE FROM {folders} WHERE id = ?", old)


def _text(name: str) -> str:
    # Names that are no UTF-8 come with surrogates, which SQLite does not take.
    return name.encode("utf-8", "backslashreplace").decode()


def _json(facts: InstanceFacts) -> str | None:
    """Facts as they are kept; None for those that JSON cannot hold (a number that is none): the file is read again."""
    try:
        return json.dumps(_values(facts), allow_nan=False)
    except ValueError:
        return None
