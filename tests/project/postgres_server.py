"""A PostgreSQL server of the tests' own: on a socket in a folder of its own, as another user where they run as root.

On Debian it must be there (`start.py test` installs the package postgresql); elsewhere its tests are skipped.
"""

import os
import shutil
import signal
import subprocess
import tempfile
from functools import partial
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import MetaData

from tests.waiting import until
from viewer.project.store.postgres_dialect import PostgresDialect
from viewer.project.store.schema import metadata

_DEBIAN = Path("/usr/lib/postgresql")
_SHORT = 60  # the path of a socket has at most 107 bytes, and its own name takes its share
_SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",  # a test's machine may die; its projects are of nobody
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "shared_buffers": "16MB",
    "max_connections": "40",
    "autovacuum": "off",
    "jit": "off",
}


def programs() -> Path | None:
    """The folder of the newest server's programs; None where there is none."""
    found = sorted(_DEBIAN.glob("*/bin/initdb"), key=lambda path: [int(part) for part in path.parts[-3].split(".")])
    if found:
        return found[-1].parent
    initdb = shutil.which("initdb")
    return Path(initdb).resolve().parent if initdb else None


_COUNTERS = ("annotation_order_position_seq", "journal_edit_id_seq", "steps_step_id_seq")


def is_debian() -> bool:
    """Whether `start.py test` has installed one here."""
    return Path("/etc/debian_version").exists()


class PostgresServer:
    """Runs until `stop`."""

    def __init__(self) -> None:
        bin_folder = programs()
        if bin_folder is None:
            if is_debian():
                pytest.fail(
                    "PostgreSQL is not installed; `apt-get install postgresql`, or `start.py test`", pytrace=False
                )
            pytest.skip("needs a PostgreSQL server")
        if os.name != "posix":
            pytest.skip("needs a PostgreSQL server on a socket of its own")
        within = tempfile.gettempdir() if len(tempfile.gettempdir()) < _SHORT else "/tmp"
        self.folder = Path(tempfile.mkdtemp(prefix="pg-", dir=within))
        self._as_other = _as_other(self.folder)
        self._with_tables: dict[str, psycopg.Connection[tuple[object, ...]]] = {}
        self._env = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "TZ": "UTC"}
        data = self.folder / "data"
        # The order of English words, which is not that of code points: what sorts by itself shows here.
        words = ["initdb", "-D", data, "-U", "tests", "-A", "trust", "-E", "UTF8", "--no-sync", "--no-instructions"]
        words += ["--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=en"]
        made = subprocess.run(
            [*self._as_other, bin_folder / words[0], *words[1:]],
            env=self._env,
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
        )
        if made.returncode:
            shutil.rmtree(self.folder, ignore_errors=True)
            pytest.fail(f"initdb: {made.stderr}", pytrace=False)
        settings = [word for name, value in _SETTINGS.items() for word in ("-c", f"{name}={value}")]
        self._words = [*self._as_other, bin_folder / "postgres", "-D", data, "-k", self.folder, *settings]
        self.start()

    def start(self) -> None:
        """Until it answers."""
        with (self.folder / "log").open("ab") as said:
            self._process = subprocess.Popen(
                self._words, env=self._env, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=said, stderr=said
            )
        try:
            until(self._answers, "PostgreSQL")
        except BaseException:
            self.stop()
            raise

    def kill(self) -> None:
        """In the middle of whatever it does; `start` recovers what was committed."""
        self._process.send_signal(signal.SIGQUIT)
        self._process.wait()

    def _answers(self) -> bool:
        """Raises AssertionError with what it said when it has ended."""
        assert self._process.poll() is None, (self.folder / "log").read_text(errors="replace")
        try:
            self.connect().close()
        except psycopg.OperationalError:
            return False
        return True

    def connect(self, database: str = "postgres") -> "psycopg.Connection[tuple[object, ...]]":
        """A connection of the tests' own."""
        return psycopg.connect(host=str(self.folder), user="tests", dbname=database, autocommit=True)

    def empty_database(self, name: str) -> str:
        """The URL of a database without anything in it."""
        try:
            connection = self.connect(name)
        except psycopg.OperationalError:
            with self.connect() as main:
                main.execute(f'CREATE DATABASE "{name}" STRATEGY file_copy')
            return self.url(name)
        with connection:
            others = f"FROM pg_stat_activity WHERE datname = '{name}' AND pid <> pg_backend_pid()"
            connection.execute(f"SELECT pg_terminate_backend(pid) {others}")
            query = "SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'"
            for (schema,) in connection.execute(query).fetchall():
                connection.execute(f'DROP SCHEMA "{schema}" CASCADE')
            connection.execute("CREATE SCHEMA public")
        return self.url(name)

    def database_with_empty_tables(self, name: str) -> str:
        """The URL of a database with a project's tables and without a row."""
        if name not in self._with_tables:
            PostgresDialect(self.empty_database(name)).make(partial(MetaData.create_all, metadata, checkfirst=False))
            self._with_tables[name] = self.connect(name)
        tables = [f'DELETE FROM "{table.name}"' for table in reversed(metadata.sorted_tables)]
        counters = [f"ALTER SEQUENCE {row} RESTART" for row in _COUNTERS]
        self._with_tables[name].execute("; ".join([*tables, *counters]))
        return self.url(name)

    def holds_project(self, name: str) -> bool:
        """Whether there is more than tables."""
        row = self._with_tables[name].execute("SELECT EXISTS (SELECT FROM meta)").fetchone()
        return row == (True,)

    def url(self, name: str) -> str:
        """What a project is opened with."""
        return f"postgresql://tests@/{name}?host={self.folder}"

    def stop(self) -> None:
        """Stop it and remove all it made."""
        for connection in self._with_tables.values():
            connection.close()
        # Fast: SIGTERM waits for every connection, and a test that fails may leave one open.
        self._process.send_signal(signal.SIGINT)
        self._process.wait()
        shutil.rmtree(self.folder)


def _as_other(folder: Path) -> list[str]:
    """How a program is started that refuses root, and that ends when the tests do; the folder is that user's then."""
    import pwd

    setpriv = shutil.which("setpriv")
    ends_too = ["--pdeathsig", "INT"]
    if os.geteuid() != 0:
        return [setpriv, *ends_too] if setpriv else []
    names = {user.pw_name for user in pwd.getpwall()}
    user = pwd.getpwnam("postgres" if "postgres" in names else "nobody")
    folder.chmod(0o711)
    os.chown(folder, user.pw_uid, user.pw_gid)
    if setpriv is None:
        pytest.fail("setpriv is not installed; `apt-get install util-linux`", pytrace=False)
    return [setpriv, f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups", *ends_too]
