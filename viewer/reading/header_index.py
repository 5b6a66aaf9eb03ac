"""Headers read before, kept by path, size and time, so that a second scan is quick."""

import json
import logging
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from viewer.reading.instance import FACTS_VERSION, InstanceFacts

log = logging.getLogger(__name__)


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


class HeaderIndex:
    """A small SQLite file of header facts. Damaged, locked or not writable: the scan goes on without it."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @classmethod
    def of_user(cls) -> "HeaderIndex":
        """The index in the user's cache folder."""
        from platformdirs import user_cache_path

        return cls(user_cache_path("negatoscope", appauthor=False) / "headers.sqlite")

    def _open(self) -> sqlite3.Connection:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(self._path, timeout=2.0)
        # What is lost here is read again from the files, so nothing waits for the disk.
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute(
            f"CREATE TABLE IF NOT EXISTS headers_{FACTS_VERSION} "
            "(path TEXT PRIMARY KEY, size INTEGER NOT NULL, mtime INTEGER NOT NULL, facts TEXT NOT NULL)"
        )
        return connection

    def recall(self, paths: Sequence[Path]) -> dict[Path, InstanceFacts]:
        """The facts of those files that have not changed since they were kept."""
        found: dict[Path, InstanceFacts] = {}
        try:
            with closing(self._open()) as connection:
                for path in paths:
                    row = connection.execute(
                        f"SELECT size, mtime, facts FROM headers_{FACTS_VERSION} WHERE path = ?", (_key(path),)
                    ).fetchone()
                    if row is None:
                        continue
                    stamp = Stamp.of(path)
                    if stamp is not None and (stamp.size_bytes, stamp.mtime_ns) == row[:2]:
                        found[path] = InstanceFacts.from_json(json.loads(row[2]))
        except (sqlite3.Error, OSError, ValueError, TypeError, KeyError) as error:
            log.info("header index not used: %s", error)
            self._discard(error)
        return found

    def keep(self, rows: Iterable[tuple[Path, Stamp, InstanceFacts]]) -> None:
        """Remember facts; silently without effect where the index cannot be written."""
        values = [(_key(path), s.size_bytes, s.mtime_ns, json.dumps(facts.to_json())) for path, s, facts in rows]
        try:
            with closing(self._open()) as connection, connection:
                connection.executemany(f"INSERT OR REPLACE INTO headers_{FACTS_VERSION} VALUES (?, ?, ?, ?)", values)
        except (sqlite3.Error, OSError) as error:
            log.info("header index not written: %s", error)

    def _discard(self, error: Exception) -> None:
        """A file that is no database any more is put out of the way; it holds nothing that is not elsewhere."""
        if isinstance(error, sqlite3.DatabaseError) and not isinstance(error, sqlite3.OperationalError):
            try:
                self._path.unlink(missing_ok=True)
            except OSError:
                log.info("damaged header index could not be removed")


def _key(path: Path) -> str:
    return str(path.absolute()).encode("utf-8", "backslashreplace").decode()
