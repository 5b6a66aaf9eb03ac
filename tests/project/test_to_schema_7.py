"""A project of schema 6 with all that such a one could hold is brought up: nothing is lost, the tables are as new ones.

It is made by today's program and taken back to the tables of schema 6 (`older_schema`); what released programs wrote is
in test_old_projects.
"""

import sqlite3
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from sqlalchemy import Connection, inspect, select

from tests.project.conftest import made_up_image
from tests.project.older_schema import to_six
from tests.project.test_old_projects import shared_alone
from viewer.core.edits import Edit, PatientChange
from viewer.core.labels import Verdict
from viewer.core.shapes.annotations import CaseStatus, Decision, Measurement, Prediction, Proposal
from viewer.core.shapes.kinds.box import Box
from viewer.core.shapes.kinds.mask import MaskRuns
from viewer.core.shapes.kinds.polygon import Polygon
from viewer.project import edit_builders as edits
from viewer.project.project import DATABASE_NAME, Project
from viewer.project.records import Task
from viewer.project.snapshots.snapshot import make_snapshot
from viewer.project.store.database import Database
from viewer.project.store.dialect import dialect_of
from viewer.project.store.schema import metadata
from viewer.project.taking_out import taking_out
from viewer.project.verify import verify

if TYPE_CHECKING:
    from tests.project.postgres_server import PostgresServer

BOX = Box(x0_px=1, y0_px=2, x1_px=11, y1_px=12)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a project lies, and how its tables are taken back."""

    folder: Path
    url: str
    back: Callable[[list[str]], None]

    def open(self, author: str = "Ada", *, writable: bool = True) -> Project:
        return Project.open(self.folder, writable=writable, author=author, url=self.url)


@pytest.fixture(params=["sqlite", "postgresql"])
def places(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[str], Place]:
    """By name, each in a database of its own."""

    def on_file(name: str) -> Place:
        def back(statements: Iterable[str]) -> None:
            with closing(sqlite3.connect(tmp_path / name / DATABASE_NAME)) as connection, connection:
                for statement in statements:
                    connection.execute(statement)

        return Place(folder=tmp_path / name, url="", back=back)

    def on_server(name: str) -> Place:
        server: PostgresServer = request.getfixturevalue("postgres")
        url = server.empty_database(name)

        def back(statements: Iterable[str]) -> None:
            with server.connect(name) as connection:
                for statement in statements:
                    connection.execute(statement)

        return Place(folder=tmp_path / name, url=url, back=back)

    return on_file if request.param == "sqlite" else on_server


def made(place: Place) -> None:
    """Several authors, every status, decision and kind of work, files of two paths, cases taken out, things undone."""
    with Project.create(place.folder, author="Ada", case_unit="study", url=place.url) as project:
        project.images.register([made_up_image(n, f"P{n // 4}", study_uid=f"1.{n // 2}") for n in range(12)])
        project.images.register([made_up_image(0, path=Path("/elsewhere/0.png")), made_up_image(5, frame_index=0)])
        ids = [image.image_id for image in project.images.all()]
        for number, image_id in enumerate(ids[:6]):
            project.predictions.add(_answered(number, image_id))
        do = project.history.do
        mask = np.zeros((60, 40), bool)
        mask[10:20, 5:9] = True
        do(edits.add_annotation(ids[0], "nodule", BOX, author="Ada"))
        do(edits.add_annotation(ids[1], "lung", MaskRuns.from_array(mask), author="Ada"))
        do(edits.add_annotation(ids[1], "lung", Polygon(points_px=((1, 1), (9, 1), (5, 8))), author="Ada"))
        do(edits.say_image_label(ids[0], "ill", before=None, after=Verdict.YES))
        do(edits.say_image_label(ids[2], "ill", before=None, after=Verdict.NO))
        do(edits.accept(project.predictions.get_proposal("0-0"), author="Ada"))
        do(edits.reject(project.predictions.get_proposal("0-1")))
        do(edits.correct(project.predictions.get_proposal("1-0"), author="Ada", shape=BOX))
        whose = PatientChange(image_id=ids[3], before="P0", after="P9")
        do(Edit(text="give a patient", changes=(whose,)))
        _status(project, ids[0], CaseStatus.COMPLETE)
        _status(project, ids[2], CaseStatus.IN_PROGRESS)
        project.tasks.put(Task(name="find", kind="detection", labels=("nodule", "lung")))
        make_snapshot(project, project.tasks.get("find"))
    with place.open("Bob") as project:
        line = Measurement(measurement_id="m", image_id=ids[2], kind="length", points_px=((1, 1), (5, 5)), author="Bob")
        project.history.do(edits.add_measurement(line))
        project.history.do(edits.reject(project.predictions.get_proposal("4-0")))
        _status(project, ids[6], CaseStatus.COMPLETE)
        project.history.do(taking_out(project, project.cases.all()[3:5]).edit)
        project.history.do(edits.add_annotation(ids[11], "nodule", BOX, author="Bob"))
        project.history.undo()


def _answered(number: int, image_id: str) -> Prediction:
    found = tuple(
        Proposal(proposal_id=f"{number}-{place}", prediction_id=f"q{number}", image_id=image_id, label="nodule",
                 score=0.5, shape=Box(x0_px=20 * place, y0_px=0, x1_px=20 * place + 9, y1_px=9))
        for place in range(2)
    )  # fmt: skip
    return Prediction(
        prediction_id=f"q{number}", image_id=image_id, model_hash="h", model_name="m", kind="detection",
        created="2026-01-01", threshold=0.4, proposals=found, labels=("nodule",),
    )  # fmt: skip


def _status(project: Project, image_id: str, status: CaseStatus) -> None:
    project.history.do(edits.set_status(project.cases.get(project.images.get(image_id).case_id), status))


def rows(project: Project) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table, but the schema's number."""
    with project.database.reading() as connection:
        return {
            table.name: sorted((dict(row._mapping) for row in connection.execute(select(table))), key=repr)
            for table in metadata.sorted_tables
            if table.name != "meta"
        }


def go_back(place: Place) -> None:
    """To schema 6."""
    block = "BYTEA" if place.url else "BLOB"
    place.back([*to_six(block), "UPDATE meta SET value = '6' WHERE key = 'schema_version'"])


def test_nothing_of_a_project_of_schema_6_is_lost_and_all_is_said_in_the_shared_round(
    places: Callable[[str], Place],
) -> None:
    place = places("older")
    made(place)
    with place.open(writable=False) as project:
        before = rows(project)
        counts = {name: len(found) for name, found in before.items()}
    assert all(counts[name] > 1 for name in ("annotations", "answers", "decisions", "readings", "case_images", "steps"))
    assert {row["decision"] for row in before["decisions"]} == {one.value for one in Decision} - {"undecided"}
    assert {row["state"] for row in before["readings"]} == {"in progress", "complete"}
    assert counts["readings"] < counts["cases"] < counts["images"] < counts["image_files"]
    assert sum(row["taken_out"] for row in before["images"]) == 4
    go_back(place)

    with place.open() as project:
        assert rows(project) == before
        shared_alone(project)
        snapshot = make_snapshot(project, project.tasks.get("find"))
    assert [path.name for path in (place.folder / "snapshots").iterdir() if path.is_dir()] == [snapshot.id]
    assert verify(place.folder, url=place.url).problems == []


def test_edits_of_schema_6_are_undone_to_the_beginning_by_each_author_and_done_again(
    places: Callable[[str], Place],
) -> None:
    place = places("older")
    made(place)
    with place.open(writable=False) as project:
        before = rows(project)
    go_back(place)

    gestures = {"Bob": 4, "Ada": 11}
    for author, count in gestures.items():
        with place.open(author) as project:
            for _ in range(count):
                assert project.history.undo() is not None
            assert project.history.undo() is None
            left = rows(project)
    assert all(not left[name] for name in ("annotations", "answers", "measurements", "decisions", "readings", "labels"))
    assert not any(row["taken_out"] for row in left["images"])
    for author in ("Ada", "Bob"):
        with place.open(author) as project:
            for _ in range(gestures[author]):
                assert project.history.redo() is not None
            found = rows(project)
    for name in ("annotations", "answers", "measurements", "decisions", "readings", "labels", "images", "case_images"):
        assert found[name] == before[name], name
    assert verify(place.folder, url=place.url).problems == []


def shape_of_tables(connection: Connection) -> dict[str, object]:
    """Columns, keys, links, indexes and checks of each table, without the names that a database gives to links."""
    look = inspect(connection)
    found: dict[str, object] = {}
    for name in sorted(look.get_table_names()):
        found[name] = {
            "columns": sorted((c["name"], str(c["type"]), c["nullable"]) for c in look.get_columns(name)),
            "key": look.get_pk_constraint(name)["constrained_columns"],
            "links": sorted(
                (link["constrained_columns"], link["referred_table"], link["referred_columns"])
                for link in look.get_foreign_keys(name)
            ),
            "indexes": sorted(
                (str(one["name"]), one["column_names"], bool(one["unique"])) for one in look.get_indexes(name)
            ),
            "unique": sorted(one["column_names"] for one in look.get_unique_constraints(name)),
            "checks": sorted((str(one["name"]), one["sqltext"]) for one in look.get_check_constraints(name)),
        }
    return found


def test_the_tables_that_were_brought_up_are_as_new_ones(places: Callable[[str], Place]) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.runtime.migration import MigrationContext

    place, fresh = places("older"), places("fresh")
    made(place)
    go_back(place)
    place.open().close()
    Project.create(fresh.folder, url=fresh.url).close()

    shapes = []
    for one in (place, fresh):
        database = Database(dialect_of(one.folder / DATABASE_NAME, one.url), writable=False)
        with database.reading() as connection:
            shapes.append(shape_of_tables(connection))
            assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        database.close()
    assert set(shapes[0]) == {table.name for table in metadata.sorted_tables}
    assert len([name for name, facts in shapes[1].items() if facts["checks"]]) == 3  # type: ignore[index]
    assert shapes[0] == shapes[1]
