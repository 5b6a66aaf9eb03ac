"""A project with a few images that need no files, in an SQLite file and in a PostgreSQL database.

Every test that asks for `project`, `folder` or `backend` runs on both: its projects are made and opened in the database
of the backend, whatever calls `Project`. A module whose tests are about the file says so: `ON_FILES = "why"`, or of
some of its tests `ON_FILES = {"test_name": "why"}`.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import Connection, MetaData, event, select

from viewer.project.project import Project
from viewer.project.records import NewImage
from viewer.project.store.database import Database
from viewer.project.store.schema import metadata, revision_counter

if TYPE_CHECKING:
    from tests.project.postgres_server import PostgresServer

BACKENDS = ("sqlite", "postgresql")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "backend" not in metafunc.fixturenames:
        return
    on_files = getattr(metafunc.module, "ON_FILES", {})
    both = metafunc.function.__name__ not in on_files if isinstance(on_files, dict) else not on_files
    metafunc.parametrize("backend", BACKENDS if both else BACKENDS[:1], indirect=True)


def made_up_image(number: int, patient: str = "", **facts: object) -> NewImage:
    """An image that only exists in the database."""
    values = {
        "path": Path(f"/pictures/{number:04}.png"),
        "rows": 60,
        "cols": 40,
        "pixel_sha256": f"{number:064x}",
        "patient_id": patient,
        "source": "made up",
        **facts,
    }
    return NewImage(**values)


@pytest.fixture
def new_image() -> Callable[..., NewImage]:
    return made_up_image


@pytest.fixture(scope="session")
def postgres() -> Iterator["PostgresServer"]:
    """A server for all tests of this process."""
    from tests.project.postgres_server import PostgresServer

    server = PostgresServer()
    yield server
    server.stop()


@pytest.fixture
def backend(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Where the projects of this test lie; see the head of this file."""
    kind = str(request.param)
    if kind == "postgresql":
        put_projects_into(request.getfixturevalue("postgres"), monkeypatch)
    return kind


def put_projects_into(server: "PostgresServer", monkeypatch: pytest.MonkeyPatch) -> None:
    """Each folder's project gets a database of its own, as if each caller had named its URL."""
    from viewer.project import verify
    from viewer.project.store.postgres_dialect import PostgresDialect

    urls: dict[Path, str] = {}
    create, opened, verified = Project.create.__func__, Project.open.__func__, verify.verify  # type: ignore[attr-defined]

    def url_of(folder: Path) -> str:
        key = folder.resolve()
        if key not in urls:
            urls[key] = server.database_with_empty_tables(f"project{len(urls)}")
        return urls[key]

    def create_there(kind: type[Project], folder: Path, **how: Any) -> Project:
        made: Project = create(kind, folder, **{"url": url_of(folder), **how})
        return made

    def open_there(kind: type[Project], folder: Path, **how: Any) -> Project:
        made: Project = opened(kind, folder, **{"url": url_of(folder), **how})
        return made

    def create_tables(connection: Any, **how: Any) -> None:
        if connection.dialect.name != "postgresql":
            MetaData.create_all(metadata, connection, **how)

    def verify_there(folder: Path, **how: Any) -> Any:
        return verified(folder, **{"url": url_of(folder), **how})

    # Making tables takes longer than most tests; `test_postgres` has databases without any.
    monkeypatch.setattr(metadata, "create_all", create_tables)
    monkeypatch.setattr(PostgresDialect, "exists", lambda dialect: server.holds_project(str(dialect._url.database)))
    monkeypatch.setattr(Project, "create", classmethod(create_there))
    monkeypatch.setattr(Project, "open", classmethod(open_there))
    for module in [module for module in list(sys.modules.values()) if getattr(module, "verify", None) is verified]:
        monkeypatch.setattr(module, "verify", verify_there)


@pytest.fixture
def folder(tmp_path: Path, backend: str) -> Path:
    return tmp_path / "project"


@pytest.fixture
def project(folder: Path) -> Iterator[Project]:
    with Project.create(folder, author="Ada") as opened:
        opened.images.register([made_up_image(number, f"P{number // 2:03}") for number in range(8)])
        yield opened


@pytest.fixture
def image_id(project: Project) -> str:
    return project.images.all()[0].image_id


@pytest.fixture(autouse=True)
def _every_transaction_raises_the_revision(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the tests of this folder do: a transaction that changes a row raises the revision by one, no other."""
    writing = Database.writing

    def now(connection: Connection) -> int:
        return connection.execute(select(revision_counter.c.revision)).scalar_one_or_none() or 0

    @contextmanager
    def watched(database: Database) -> Iterator[Connection]:
        changed: list[str] = []

        def look(connection: Any, cursor: Any, statement: str, *rest: object) -> None:
            if statement.startswith(("INSERT", "UPDATE", "DELETE")) and cursor.rowcount:
                changed.append(statement)

        with writing(database) as connection:
            before = now(connection)
            event.listen(connection, "after_cursor_execute", look)
            try:
                yield connection
            finally:
                event.remove(connection, "after_cursor_execute", look)
            assert now(connection) == before + bool(changed), changed

    monkeypatch.setattr(Database, "writing", watched)
