"""A project in a PostgreSQL database: a server that goes away, another writer, another schema, what is no project."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest
from sqlalchemy import Column, Connection, Integer, event

from tests.project.conftest import made_up_image
from tests.project.older_schema import to_six
from tests.waiting import until
from viewer.core.errors import BadProject, BadRequest, NotWritable
from viewer.core.shapes.kinds.box import Box
from viewer.project import edit_builders as edits
from viewer.project import history
from viewer.project import project as projects
from viewer.project.label_history import later_labels
from viewer.project.project import Project
from viewer.project.records import Task
from viewer.project.store import postgres_dialect
from viewer.project.store.dialect import dialect_of
from viewer.project.store.migrations import migrate
from viewer.project.store.postgres_dialect import PostgresDialect
from viewer.project.store.schema import metadata
from viewer.project.verify import verify

if TYPE_CHECKING:
    from alembic.operations import Operations

    from tests.project.postgres_server import PostgresServer

BOX = Box(x0_px=1, y0_px=2, x1_px=3, y1_px=4)


@pytest.fixture
def url(postgres: "PostgresServer") -> str:
    return postgres.empty_database("alone")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "project"


@pytest.fixture
def project(folder: Path, url: str) -> Iterator[Project]:
    with Project.create(folder, author="Ada", url=url) as opened:
        opened.images.register([made_up_image(number) for number in range(3)])
        yield opened


def draw(project: Project) -> None:
    project.history.do(edits.add_annotation(project.images.all()[0].image_id, "nodule", BOX, author="Ada"))


def drawn(project: Project) -> int:
    return len(project.work.annotations(project.images.all()[0].image_id))


def end_connections(postgres: "PostgresServer") -> None:
    """What a server does to its clients when it is shut down."""
    with postgres.connect() as connection:
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'alone'")


def in_the_middle(monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> None:
    """Once, when the rows of a gesture are written and its revision is not."""
    real = history.raise_revision

    def then(*words: object, **facts: object) -> int:
        monkeypatch.setattr(history, "raise_revision", real)
        act()
        return real(*words, **facts)  # type: ignore[arg-type]

    monkeypatch.setattr(history, "raise_revision", then)


def test_a_connection_that_breaks_in_the_middle_of_a_gesture_loses_nothing(
    project: Project, folder: Path, url: str, postgres: "PostgresServer", monkeypatch: pytest.MonkeyPatch
) -> None:
    draw(project)
    before = project.revision()
    in_the_middle(monkeypatch, lambda: end_connections(postgres))

    with pytest.raises(
        NotWritable, match=r"does not answer .* Nothing of this step was kept, and nothing before"
    ) as told:
        draw(project)

    assert "\n" not in str(told.value)
    assert verify(folder, url=url).problems == []
    with pytest.raises(BadProject, match="does not answer"):  # the reading connection has broken too, and says so once
        project.revision()
    assert (drawn(project), project.revision()) == (1, before)
    draw(project)
    assert (drawn(project), project.revision()) == (2, before + 1)


def test_a_server_that_dies_in_the_middle_of_a_gesture_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.project.postgres_server import PostgresServer

    server = PostgresServer()
    try:
        url = server.empty_database("alone")
        with Project.create(tmp_path / "project", url=url) as project:
            project.images.register([made_up_image(0)])
            draw(project)
            in_the_middle(monkeypatch, server.kill)
            for _ in range(2):  # as it dies, and while it is dead
                with pytest.raises((NotWritable, BadProject), match="does not answer"):
                    draw(project)
            with pytest.raises(BadProject, match="does not answer"):
                Project.open(tmp_path / "project", writable=False, url=url)
            server.start()
            assert drawn(project) == 1
            draw(project)
            assert drawn(project) == 2
        assert verify(tmp_path / "project", url=url).problems == []
    finally:
        server.stop()


def test_a_server_stops_although_a_test_left_a_project_open() -> None:
    from tests.project.postgres_server import PostgresServer

    server = PostgresServer()
    left_open = server.connect()
    stopping = threading.Thread(target=server.stop)
    stopping.start()
    try:
        until(lambda: not stopping.is_alive(), "the end of the server")
    finally:
        left_open.close()
        stopping.join()


def test_of_a_connection_that_breaks_at_the_end_nothing_is_claimed(
    project: Project, postgres: "PostgresServer", monkeypatch: pytest.MonkeyPatch
) -> None:
    def end(connection: Connection) -> None:
        end_connections(postgres)

    edit = edits.add_annotation(project.images.all()[0].image_id, "nodule", BOX, author="Ada")
    event.listen(Connection, "commit", end)
    try:
        with pytest.raises(NotWritable, match="look whether it is there"):
            project.history.do(edit)
    finally:
        event.remove(Connection, "commit", end)


def test_a_connection_that_breaks_while_the_journal_is_read_is_not_called_damage(
    project: Project, postgres: "PostgresServer"
) -> None:
    end_connections(postgres)

    with pytest.raises(BadProject, match="does not answer") as told:
        later_labels(project.database, "region", ["nodule"])
    assert "bytes" not in str(told.value)


def test_another_program_in_the_middle_of_writing_refuses_a_gesture_and_not_the_next(
    folder: Path, url: str, postgres: "PostgresServer", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_dialect, "_PATIENCE_S", 0.05)
    with Project.create(folder, url=url) as project:
        project.images.register([made_up_image(0)])
        with postgres.connect("alone") as other, other.transaction():
            other.execute("SELECT * FROM revision_counter FOR UPDATE")
            with pytest.raises(NotWritable, match="Another program is writing to it"):
                draw(project)
        draw(project)
        assert drawn(project) == 1


def test_a_server_that_is_not_there_is_said_without_the_password(tmp_path: Path) -> None:
    url = f"postgresql://ada:secret@/x?host={tmp_path}"

    for use in (
        lambda: Project.create(tmp_path / "project", url=url),
        lambda: Project.open(tmp_path, writable=True, url=url),
        lambda: verify(tmp_path, url=url),
    ):
        with pytest.raises(BadProject, match="does not answer") as told:
            use()
        assert "secret" not in str(told.value)
        assert str(told.value).count(".") < 8
    assert list(tmp_path.iterdir()) == []


def test_a_database_that_holds_a_project_is_not_taken_for_a_second(project: Project, tmp_path: Path, url: str) -> None:
    with pytest.raises(BadRequest, match="is a project already"):
        Project.create(tmp_path / "other", url=url)
    assert drawn(project) == 0


def test_a_project_that_cannot_be_made_leaves_an_empty_database(
    folder: Path, url: str, postgres: "PostgresServer", monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(folder: Path) -> None:
        raise NotWritable("no lock")

    monkeypatch.setattr(projects.WriterLock, "take", refuse)
    with pytest.raises(NotWritable, match="no lock"):
        Project.create(folder, url=url)

    with postgres.connect("alone") as connection:
        assert connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone() == (0,)
    assert not folder.exists()


def test_the_folder_says_which_database_it_belongs_to_and_nothing_is_contacted_for_it(
    project: Project, folder: Path, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw(project)
    name = project.database.dialect.name
    project.close()
    assert (folder / "database.txt").read_text() == f"{name.partition('?')[0]}\n"

    def contacted(*_: object, **__: object) -> None:
        raise AssertionError("a URL that stands in a folder was asked")

    for asks in ("exists", "open_to_read", "open_to_write"):
        monkeypatch.setattr(PostgresDialect, asks, contacted)
    for gesture in (lambda: Project.open(folder, writable=True), lambda: Project.open(folder, writable=False)):
        with pytest.raises(BadProject, match=r"belongs to a project in the database postgresql://.*: open it with"):
            gesture()
    with pytest.raises(BadProject, match=r"Nothing is made there: .* belongs to a project in the database"):
        Project.create(folder)
    (folder / "database.txt").unlink()
    with pytest.raises(BadProject, match=r"has lost its project\.db; restore it from a backup, or name the URL"):
        Project.open(folder, writable=True)


def test_no_secret_of_the_url_is_written_down(tmp_path: Path) -> None:
    from viewer.project.disk.database_note import note_database, noted_database

    name = PostgresDialect("postgresql://ada:secret@server/lungs?password=hidden&sslmode=require").name
    note_database(tmp_path, name)
    assert noted_database(tmp_path) == "postgresql://ada:***@server/lungs"


def test_a_note_that_is_none_is_shown_in_one_line(tmp_path: Path) -> None:
    from viewer.project.disk.database_note import noted_database

    (tmp_path / "database.txt").write_bytes(b"postgresql://a\n\x1b[31mb\xff" + b"x" * 100_000)
    assert "\n" not in noted_database(tmp_path) and "\x1b" not in noted_database(tmp_path)
    assert len(noted_database(tmp_path)) < 1000


def test_a_project_that_was_made_before_is_noted_when_it_is_opened(project: Project, folder: Path, url: str) -> None:
    project.close()
    (folder / "database.txt").unlink()
    Project.open(folder, writable=False, url=url).close()
    assert not (folder / "database.txt").exists()
    Project.open(folder, writable=True, url=url).close()
    assert (folder / "database.txt").exists()


@pytest.mark.parametrize(
    ("kind", "statement"),
    [
        ("view", "CREATE VIEW more AS SELECT * FROM labels"),
        (
            "trigger",
            "CREATE FUNCTION more() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'; "
            "CREATE TRIGGER more BEFORE INSERT ON labels FOR EACH ROW EXECUTE FUNCTION more()",
        ),
        ("rule", "CREATE RULE more AS ON INSERT TO labels DO INSTEAD NOTHING"),
    ],
)
def test_what_would_run_as_somebody_works_is_refused(
    project: Project, folder: Path, url: str, postgres: "PostgresServer", kind: str, statement: str
) -> None:
    project.close()
    with postgres.connect("alone") as connection:
        connection.execute(statement)

    with pytest.raises(BadProject, match=f"holds a {kind} \\('more'\\)"):
        Project.open(folder, writable=True, url=url)


def test_lists_are_sorted_as_in_a_file(project: Project) -> None:
    """The server of the tests sorts English words: a, B, c."""
    for name in ("c", "a", "B"):
        project.tasks.put(Task(name=name, kind="detection", labels=("nodule",)))

    assert [task.name for task in project.tasks.all()] == ["B", "a", "c"]


def set_schema(connection: "psycopg.Connection[tuple[object, ...]]", version: int) -> None:
    connection.execute("UPDATE meta SET value = %s WHERE key = 'schema_version'", [str(version)])


def test_a_newer_schema_is_refused(project: Project, folder: Path, url: str, postgres: "PostgresServer") -> None:
    project.close()
    with postgres.connect("alone") as connection:
        set_schema(connection, 999)

    for writable in (True, False):
        with pytest.raises(BadProject, match="newer version"):
            Project.open(folder, writable=writable, url=url)


def test_an_older_schema_is_brought_up_after_a_copy(
    project: Project, folder: Path, url: str, postgres: "PostgresServer"
) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.runtime.migration import MigrationContext

    draw(project)
    project.close()
    with postgres.connect("alone") as connection:
        for statement in to_six("BYTEA"):
            connection.execute(statement)
        connection.execute("DROP TABLE revisions; DROP TABLE revision_counter; ALTER TABLE labels DROP COLUMN tint")
        connection.execute("ALTER TABLE images DROP COLUMN relative_path")
        connection.execute("ALTER TABLE image_files DROP COLUMN relative_path")
        set_schema(connection, 4)

    with pytest.raises(BadProject, match="open it once to write"):
        Project.open(folder, writable=False, url=url)
    with Project.open(folder, writable=True, url=url) as again:
        assert (drawn(again), again.revision()) == (1, 0)
        draw(again)
        with again.database.reading() as reader:
            assert compare_metadata(MigrationContext.configure(reader), metadata) == []
    with postgres.connect("alone") as connection:
        assert connection.execute("SELECT count(*) FROM schema4.annotations").fetchone() == (1,)


def test_a_step_that_fails_leaves_the_database_as_it_was(
    project: Project, folder: Path, url: str, postgres: "PostgresServer"
) -> None:
    def fail(op: "Operations") -> None:
        op.add_column("cases", Column("reviewer", Integer()))
        op.execute("nonsense")

    project.close()
    with pytest.raises(BadProject, match=r"it is unchanged, and the schema schema7 of .* is its copy"):
        migrate(dialect_of(folder, url), 7, migrations={7: fail}, target=8)

    with Project.open(folder, writable=True, url=url) as again:
        draw(again)
        assert drawn(again) == 1
    assert verify(folder, url=url).problems == []


@pytest.mark.parametrize(
    ("debian", "outcome", "said"),
    [(True, pytest.fail.Exception, "apt-get install postgresql"), (False, pytest.skip.Exception, "needs a PostgreSQL")],
)
def test_without_a_server_the_tests_fail_on_debian_and_are_skipped_elsewhere(
    monkeypatch: pytest.MonkeyPatch, debian: bool, outcome: type[BaseException], said: str
) -> None:
    from tests.project import postgres_server

    monkeypatch.setattr(postgres_server, "programs", lambda: None)
    monkeypatch.setattr(postgres_server, "is_debian", lambda: debian)

    with pytest.raises(outcome, match=said):
        postgres_server.PostgresServer()
