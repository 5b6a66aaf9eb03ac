"""Making, opening and locking a project; images, cases, tasks."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine, event

from tests.project.older_schema import back_to_schema
from viewer.core.errors import BadProject, BadRequest, NotFound, NotWritable
from viewer.core.shapes.annotations import CaseStatus
from viewer.core.shapes.kinds.box import Box
from viewer.project import edit_builders as edits
from viewer.project.disk.lock import LOCK_NAME
from viewer.project.project import DATABASE_NAME, Project
from viewer.project.records import NewImage, Task

ON_FILES = {
    "test_a_second_writer_is_refused_by_name_and_may_read": "a child that is told a folder",
    "test_a_newer_schema_is_refused": "changes the file; test_postgres has its own",
    "test_an_older_schema_is_brought_up_after_a_copy_and_a_failing_step_leaves_it_as_it_was": "as above",
}


def test_a_project_is_a_folder_with_a_database_snapshots_runs_and_models(folder: Path, project: Project) -> None:
    # A project on a server says in `database.txt` which database that is.
    there = {path.name for path in folder.iterdir() if not path.name.startswith(DATABASE_NAME)} - {"database.txt"}
    assert sorted(there) == [
        "models",
        LOCK_NAME,
        "runs",
        "snapshots",
    ]
    assert (project.name, project.author, project.read_only) == ("project", "Ada", False)


def test_a_second_project_cannot_be_made_over_the_first(folder: Path, project: Project) -> None:
    with pytest.raises(BadRequest, match="project already"):
        Project.create(folder)


def test_opening_a_folder_without_a_project_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="negatoscope project create"):
        Project.open(tmp_path, writable=True)


def test_a_second_writer_is_refused_by_name_and_may_read(folder: Path, project: Project) -> None:
    script = (
        "import sys\nfrom pathlib import Path\nfrom viewer.core.errors import NotWritable\n"
        "from viewer.project.project import Project\n"
        "try:\n    Project.open(Path(sys.argv[1]), writable=True)\n"
        "except NotWritable as error:\n    sys.stdout.write(str(error))\n"
    )
    said = subprocess.run([sys.executable, "-c", script, str(folder)], capture_output=True, text=True, check=True)
    assert f"process {os.getpid()}" in said.stdout

    with pytest.raises(NotWritable, match="this very program"):
        Project.open(folder, writable=True)
    with Project.open(folder, writable=False) as reader:
        assert reader.read_only
        image_id = reader.images.all()[0].image_id
        with pytest.raises(NotWritable, match="read-only"):
            reader.history.do(edits.add_annotation(image_id, "n", Box(x0_px=0, y0_px=0, x1_px=1, y1_px=1), author="B"))
        # What the writer does meanwhile is seen at once.
        project.history.do(edits.add_annotation(image_id, "n", Box(x0_px=0, y0_px=0, x1_px=1, y1_px=1), author="A"))
        assert len(reader.work.annotations(image_id)) == 1


def set_schema(folder: Path, version: int) -> None:
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(folder / DATABASE_NAME)) as connection, connection:
        connection.execute("UPDATE meta SET value = ? WHERE key = 'schema_version'", (str(version),))


def test_a_newer_schema_is_refused(folder: Path, project: Project) -> None:
    project.close()
    set_schema(folder, 999)

    for writable in (True, False):
        with pytest.raises(BadProject, match="newer version"):
            Project.open(folder, writable=writable)


def test_an_older_schema_is_brought_up_after_a_copy_and_a_failing_step_leaves_it_as_it_was(
    folder: Path, project: Project
) -> None:
    import sqlite3
    from contextlib import closing

    from alembic.operations import Operations

    from viewer.project.store.dialect import dialect_of
    from viewer.project.store.migrations import migrate

    project.close()
    back_to_schema(folder, 0)
    path = folder / DATABASE_NAME
    file = dialect_of(path)

    def add_column(connection: Operations) -> None:
        connection.execute("ALTER TABLE cases ADD COLUMN reviewer TEXT")

    def fail(connection: Operations) -> None:
        connection.execute("DROP TABLE steps")
        connection.execute("nonsense")

    with pytest.raises(BadProject, match="unchanged"):
        migrate(file, 0, migrations={0: fail}, target=1)
    first = migrate(file, 0, migrations={0: add_column}, target=1)

    with closing(sqlite3.connect(path)) as connection:
        assert "reviewer" in [row[1] for row in connection.execute("PRAGMA table_info(cases)")]
        assert connection.execute("SELECT count(*) FROM steps").fetchone() == (0,)
    with closing(sqlite3.connect(first)) as connection:
        assert "reviewer" not in [row[1] for row in connection.execute("PRAGMA table_info(cases)")]
    with Project.open(folder, writable=True) as again:
        assert len(again.images.all()) == 8


def test_the_schema_is_also_valid_for_postgresql() -> None:
    from sqlalchemy.dialects import postgresql
    from sqlalchemy.schema import CreateTable

    from viewer.project.store.schema import metadata

    for table in metadata.sorted_tables:
        assert f"CREATE TABLE {table.name}" in str(CreateTable(table).compile(dialect=postgresql.dialect()))


def test_registering_twice_adds_nothing_and_keeps_the_first_patient(
    project: Project, new_image: Callable[..., NewImage]
) -> None:
    before = project.images.all()

    again = project.images.register([new_image(0, "somebody else")])

    assert again == [before[0].image_id]
    assert project.images.all() == before


def test_one_picture_under_two_paths_is_one_image_found_by_both(
    project: Project, new_image: Callable[..., NewImage]
) -> None:
    copy = Path("/elsewhere/copy.png")
    (image_id,) = project.images.register([new_image(3, path=copy)])

    assert [image.image_id for image in project.images.find(path=copy)] == [image_id]
    assert [image.image_id for image in project.images.find(path=Path("/pictures/0003.png"))] == [image_id]
    assert len(project.images.all()) == 8


def test_patient_ids_keep_their_leading_zeros(project: Project, new_image: Callable[..., NewImage]) -> None:
    (image_id,) = project.images.register([new_image(100, "00000001")])

    assert project.images.get(image_id).patient_id == "00000001"


def statements(run: Callable[[], object]) -> int:
    """How often a database was asked or told something while `run` ran."""
    told: list[str] = []

    def tell(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        told.append(statement)

    event.listen(Engine, "before_cursor_execute", tell)
    try:
        run()
    finally:
        event.remove(Engine, "before_cursor_execute", tell)
    return len(told)


def test_5000_images_take_a_few_more_statements_than_500(project: Project, new_image: Callable[..., NewImage]) -> None:
    few = [new_image(10_000 + number, f"R{number // 3}") for number in range(500)]
    images = [new_image(1000 + number, f"Q{number // 3}") for number in range(5000)]

    for_few = statements(lambda: project.images.register(few))
    for_many = statements(lambda: project.images.register(images))
    again = statements(lambda: project.images.register(images))

    assert for_few > 0
    assert for_many < 2 * for_few + 50, "one statement for each image would be thousands"
    assert again <= for_many
    assert len(project.cases.all(text="q1666")) == 2


@pytest.mark.parametrize(
    ("unit", "cases"),
    [("film", 5), ("series", 3), ("study", 2)],
)
def test_a_case_is_a_film_a_series_or_a_study(
    tmp_path: Path, new_image: Callable[..., NewImage], unit: str, cases: int
) -> None:
    places = [("st1", "se1"), ("st1", "se1"), ("st1", "se2"), ("st2", "se3"), ("st2", "se3")]
    images = [
        new_image(number, "P", study_uid=study, series_id=series) for number, (study, series) in enumerate(places)
    ]
    with Project.create(tmp_path / unit, case_unit=unit) as project:
        project.images.register(images)
        assert len(project.cases.all()) == cases
        assert sum(case.images for case in project.cases.all()) == 5
        first = project.cases.all()[0]
        assert project.images.by_case(first.case_id)[0].image_id == first.first_image_id


def test_pictures_without_a_study_are_cases_of_their_own_whatever_the_unit(
    tmp_path: Path, new_image: Callable[..., NewImage]
) -> None:
    with Project.create(tmp_path / "p", case_unit="study") as project:
        project.images.register([new_image(1), new_image(2)])
        assert len(project.cases.all()) == 2


def test_the_case_list_filters_by_status_and_text_and_counts_progress(project: Project) -> None:
    first = project.cases.all()[0]
    project.history.do(edits.set_status(first, CaseStatus.COMPLETE))

    assert [case.case_id for case in project.cases.all(CaseStatus.COMPLETE)] == [first.case_id]
    assert len(project.cases.all(text="p003")) == 2
    assert project.cases.progress() == {
        CaseStatus.TO_DO: 7,
        CaseStatus.IN_PROGRESS: 0,
        CaseStatus.COMPLETE: 1,
    }


def test_tasks_are_kept_by_name_and_refuse_nonsense(project: Project) -> None:
    task = Task(name="side", kind="detection", labels=("Right Lung", "Left Lung"))
    project.tasks.put(task)

    assert project.tasks.all() == [task]
    with pytest.raises(NotFound, match="there are side"):
        project.tasks.get("other")
    for labels, kind in (((), "detection"), (("a", "a"), "detection"), (("a",), "classification"), (("a",), "guess")):
        with pytest.raises(BadRequest):
            Task(name="x", kind=kind, labels=labels)


def test_two_threads_may_write_and_read_at_once(project: Project, image_id: str) -> None:
    from concurrent.futures import ThreadPoolExecutor

    def draw(number: int) -> int:
        box = Box(x0_px=number, y0_px=0, x1_px=number + 1, y1_px=1)
        project.history.do(edits.add_annotation(image_id, "n", box, author="A"))
        return len(project.work.annotations(image_id))

    with ThreadPoolExecutor(4) as pool:
        seen = list(pool.map(draw, range(24)))

    assert len(project.work.annotations(image_id)) == 24
    assert min(seen) >= 1
