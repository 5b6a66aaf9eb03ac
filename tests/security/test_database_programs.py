"""A project's database is data: what would run in it when somebody works is refused before anything is written."""

import sqlite3
from pathlib import Path

import pytest

from viewer.core.errors import BadProject
from viewer.project.project import Project

TRIGGER = "CREATE TRIGGER ours AFTER INSERT ON labels BEGIN DELETE FROM labels; END"
VIEW = ("ALTER TABLE labels RENAME TO others", "CREATE VIEW labels AS SELECT * FROM others")


@pytest.mark.parametrize("program", [(TRIGGER,), VIEW], ids=["trigger", "view"])
def test_a_program_in_a_database_never_runs(tmp_path: Path, program: tuple[str, ...]) -> None:
    folder = tmp_path / "p"
    Project.create(folder, author="Ada").close()
    with sqlite3.connect(folder / "project.db") as database:
        for line in program:
            database.execute(line)
    database.close()
    before = (folder / "project.db").read_bytes()

    with pytest.raises(BadProject, match=r"project\.db.*(ours|labels)"):
        Project.open(folder, writable=True)

    assert (folder / "project.db").read_bytes() == before
    Project.open(folder, writable=False).close()


def test_a_project_of_this_program_has_no_program(tmp_path: Path) -> None:
    Project.create(tmp_path / "p", author="Ada").close()
    Project.open(tmp_path / "p", writable=True).close()
