"""A project with a few images that need no files."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, event, select

from viewer.project.project import Project
from viewer.project.records import NewImage
from viewer.project.store.database import Database
from viewer.project.store.schema import revision_counter


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


@pytest.fixture
def folder(tmp_path: Path) -> Path:
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
