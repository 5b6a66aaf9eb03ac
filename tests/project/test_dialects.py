"""What is one database's own stands in its dialect alone, and the schema is the same however a project came to it."""

import ast
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from viewer.core.errors import BadRequest
from viewer.core.registry import load
from viewer.project.project import DATABASE_NAME, Project
from viewer.project.store.dialect import DIALECTS, Dialect, dialect_of
from viewer.project.store.schema import metadata

PROJECT = Path(__file__).resolve().parents[2] / "viewer" / "project"
DRIVERS = {"sqlite3", "psycopg", "psycopg2", "asyncpg"}
ITS_OWN = {"orig", "sqlite_errorcode", "sqlite_errorname", "sqlstate", "pgcode", "exec_driver_sql", "driver_connection"}
STATEMENTS = re.compile(
    r"\bPRAGMA\b|sqlite_master|\bpg_[a-z]+|-wal\b|-shm\b|FOREIGN KEY|UNIQUE constraint|json_each|json_extract"
)


def of_one_database(source: str) -> Iterator[str]:
    """Lines of a file that only one kind of database understands; what is said in docstrings does not count."""
    tree = ast.parse(source)
    said = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
    }
    for node in ast.walk(tree):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)]
        elif isinstance(node, ast.Attribute) and node.attr in ITS_OWN:
            yield f"{node.lineno}: .{node.attr}"
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in said:
            yield from (f"{node.lineno}: {word}" for word in STATEMENTS.findall(node.value))
        for name in names:
            if name.split(".")[0] in DRIVERS or name == "sqlalchemy.text" or name.startswith("sqlalchemy.dialects"):
                yield f"{node.lineno}: {name}"  # type: ignore[attr-defined]


def dialect_files() -> set[Path]:
    modules = {row.partition(":")[0].rpartition(".")[2] for row in DIALECTS.values()}
    return {PROJECT / "store" / f"{module}.py" for module in modules}


def test_only_the_dialects_know_which_database_it_is() -> None:
    found = {
        str(path.relative_to(PROJECT)): lines
        for path in sorted(PROJECT.rglob("*.py"))
        if path not in dialect_files() and (lines := list(of_one_database(path.read_text(encoding="utf-8"))))
    }

    assert found == {}


@pytest.mark.parametrize(
    "planted",
    [
        "import sqlite3",
        "def f():\n    from psycopg import errors",
        "from sqlalchemy.dialects import postgresql",
        "c.execute('PRAGMA journal_mode')",
        "from sqlalchemy import select, text",
        "f'SELECT one.value FROM json_each({x}) AS one'",
        "if 'FOREIGN KEY' in str(error): pass",
        "error.orig",
        "path.with_name(f'{path.name}-wal')",
        "f'SELECT * FROM pg_class WHERE x = {y}'",
    ],
)
def test_what_only_one_database_understands_is_found(planted: str) -> None:
    assert list(of_one_database(planted)) != []


def test_what_is_said_of_a_database_in_words_is_no_matter() -> None:
    assert list(of_one_database('"""SQLite\'s PRAGMA and pg_class."""\n# import sqlite3\nname = "sqlite"')) == []


@pytest.mark.parametrize("name", DIALECTS)
def test_each_dialect_keeps_the_whole_contract(name: str) -> None:
    kind = load(DIALECTS, name)

    assert issubclass(kind, Dialect)
    assert not kind.__abstractmethods__
    assert kind.driver_errors


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("sqlite:///elsewhere.db", "in its folder or in a PostgreSQL database"),
        ("mysql://server/x", "in its folder or in a PostgreSQL database, not in mysql"),
        ("server/x", "begins with postgresql://"),
    ],
)
def test_another_kind_of_database_is_refused(tmp_path: Path, url: str, said: str) -> None:
    for use in (
        lambda: Project.create(tmp_path / "new", url=url),
        lambda: Project.open(tmp_path, writable=True, url=url),
    ):
        with pytest.raises(BadRequest, match=said):
            use()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("schema", [1, 3, 5])
def test_a_project_that_was_brought_up_has_the_tables_of_a_new_one(tmp_path: Path, schema: int) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.runtime.migration import MigrationContext

    with zipfile.ZipFile(Path(__file__).parent / "old_projects" / f"schema{schema}.zip") as archive:
        archive.extractall(tmp_path)
    Project.open(tmp_path, writable=True).close()

    connection = dialect_of(tmp_path / DATABASE_NAME).open_to_read()
    try:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
    finally:
        connection.close()
        connection.engine.dispose()
