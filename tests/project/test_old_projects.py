"""Projects that released programs wrote, of three schemas: brought up to this one, nothing is lost.

tests/project/old_projects/schemaN.txt says, by hand, what each holds; make.py beside it is what was done.
"""

import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from viewer.core.shapes.annotations import Annotation, Proposal
from viewer.core.shapes.kinds.box import Box
from viewer.core.shapes.kinds.mask import MaskRuns
from viewer.core.shapes.kinds.polygon import Polygon
from viewer.core.shapes.shape import Shape
from viewer.project.project import Project
from viewer.project.snapshots.snapshot import Snapshot, make_snapshot
from viewer.project.store.schema import (
    annotations,
    answers,
    case_images,
    decisions,
    images,
    journal,
    measurements,
    readings,
    rounds,
)
from viewer.project.verify import verify

OLD = Path(__file__).parent / "old_projects"
SCHEMAS = (1, 3, 5)


@pytest.fixture(params=SCHEMAS)
def schema(request: pytest.FixtureRequest) -> int:
    return int(request.param)


@pytest.fixture
def old(schema: int, tmp_path: Path) -> Path:
    """The folder of a project as the program of that schema left it."""
    folder = tmp_path / f"schema{schema}"
    with zipfile.ZipFile(OLD / f"schema{schema}.zip") as archive:
        archive.extractall(folder)
    return folder


def written(schema: int) -> set[str]:
    """What must be there."""
    lines = (OLD / f"schema{schema}.txt").read_text().splitlines()
    return {line for line in lines if line and not line.startswith("#")}


def numbers(values: Iterator[float] | tuple[float, ...]) -> str:
    return " ".join(f"{value:g}" for value in values)


def shape_words(shape: Shape) -> str:
    if isinstance(shape, Box):
        return f"box {numbers((shape.x0_px, shape.y0_px, shape.x1_px, shape.y1_px))}"
    if isinstance(shape, Polygon):
        return f"polygon {numbers(value for point in shape.points_px for value in point)}"
    assert isinstance(shape, MaskRuns)
    return f"mask {shape.to_array().sum()} pixels"


def drawn(one: Annotation, place: int) -> str:
    came = f", from {one.proposal_id}" if one.proposal_id else ""
    words = f"{place} {one.label} {shape_words(one.shape)}, {one.author}, {one.origin.value}, revision {one.revision}"
    return words + came


def proposed(one: Proposal) -> str:
    shape = "" if one.shape is None else f" {shape_words(one.shape)}"
    return f"proposal {one.proposal_id} {one.label} {one.score:g}{shape}, {one.decision.value}"


def of_images(project: Project) -> Iterator[str]:
    for image in project.images.all():
        name = image.path.name
        yield f"image {name} {image.patient_id}, {project.cases.get(image.case_id).status.value}"
        work = project.work
        yield from (f"{name} {drawn(one, place)}" for place, one in enumerate(work.annotations(image.image_id), 1))
        yield from (f"{name} {label}: {said.value}" for label, said in work.image_labels(image.image_id).items())
        for one in work.measurements(image.image_id):
            yield f"{name} {one.kind} {numbers(value for point in one.points_px for value in point)}, {one.author}"
        for answer in work.predictions(image.image_id):
            labels = " ".join(answer.labels) or "none"
            what = f"{answer.prediction_id} of {answer.model_name}"
            yield f'prediction {what}, threshold {answer.threshold:g}, labels {labels}, seen "{answer.seen}"'
            yield from map(proposed, answer.proposals)


def of_project(project: Project) -> Iterator[str]:
    for label in project.labels:
        tint = "" if label.tint is None else f", tint {label.tint}"
        yield f"label {label.scope} {label.name} {label.position}{tint}"
    for task in project.tasks.all():
        yield f"task {task.name} {task.kind} {' '.join(task.labels)}{', exclusive' if task.exclusive else ''}"
    states: dict[str, Counter[str]] = {}
    for entry in project.history.entries(0):
        states.setdefault(entry.author, Counter())[entry.state] += 1
    for author, state in states.items():
        yield f"journal {author}: " + ", ".join(f"{state[word]} {word}" for word in ("done", "undone", "dropped"))
    inside = {image.path for image in project.images.all()}
    yield from (f"outside {path.name}" for path, _ in project.images.files() if path not in inside)
    for name in ("ab", "find", "cut"):
        yield f"snapshot {name} {Snapshot.load(project.folder, task=name).id}"


def everything(project: Project) -> set[str]:
    return {*of_images(project), *of_project(project)}


def shared_alone(project: Project) -> None:
    """All that is said is said in the round that all share, each shape is an object, each image is in one case."""
    with project.database.reading() as connection:
        for table in (annotations, measurements, answers, decisions, readings, journal):
            assert set(connection.scalars(select(table.c.round_id))) <= {""}, table.name
        assert list(connection.scalars(select(rounds.c.round_id))) == [""]
        for row in connection.execute(select(annotations)):
            assert (row.object_id, row.anchor_id) == (row.annotation_id, None)
        placed = list(connection.scalars(select(case_images.c.image_id)))
        assert sorted(placed) == sorted(connection.scalars(select(images.c.image_id)))
        kept = connection.execute(select(answers.c.target, answers.c.kind)).all()
        assert set(kept) <= {("image", "verdict")}


def test_all_that_an_old_project_says_is_said_in_the_round_that_all_share(old: Path) -> None:
    with Project.open(old, writable=True) as project:
        shared_alone(project)
        with project.database.reading() as connection:
            assert len(connection.execute(select(answers)).all()) > 0
            assert len(connection.execute(select(readings)).all()) > 0
            assert len(connection.execute(select(decisions)).all()) > 0
    with Project.open(old, writable=True, reader="Ada") as own:
        assert [len(own.work.annotations(image.image_id)) for image in own.images.all()] == [0] * own.images.count()
        assert own.history.undo() is None


@pytest.mark.parametrize("writable", [False, True])
def test_an_old_project_holds_what_was_put_into_it(old: Path, schema: int, writable: bool) -> None:
    with Project.open(old, writable=writable) as project:
        found = everything(project)

    assert found == written(schema)
    report = verify(old)
    assert (report.problems, report.ok) == ([], True)


def test_every_old_edit_is_undone_to_the_beginning_and_done_again(old: Path, schema: int) -> None:
    before = written(schema)
    count = {"Bob": 4, "Ada": {1: 24, 3: 27, 5: 31}[schema]}

    for author in ("Bob", "Ada"):
        with Project.open(old, writable=True, author=author) as project:
            undone = 0
            while project.history.undo() is not None:
                undone += 1
            assert undone == count[author]
            left = everything(project)

    assert not any(line.startswith(("label", "journal Ada: 1", "000")) for line in left), left
    assert {line for line in left if line.startswith("image")} == {
        f"image 000{number}.png P00{number}, to do" for number in range(6)
    }
    assert {line.rpartition(", ")[2] for line in left if line.startswith("proposal")} == {"undecided"}

    for author in ("Ada", "Bob"):
        with Project.open(old, writable=True, author=author) as project:
            for _ in range(count[author]):
                assert project.history.redo() is not None
            found = everything(project)
    assert found == before
    assert verify(old).problems == []


def test_a_snapshot_made_again_of_an_old_project_is_the_same(old: Path, schema: int) -> None:
    with Project.open(old, writable=True) as project:
        made = {
            f"snapshot {name} {make_snapshot(project, project.tasks.get(name), split=(0.5, 0.25, 0.25)).id}"
            for name in ("ab", "find", "cut")
        }

    assert made == {line for line in written(schema) if line.startswith("snapshot")}


def test_what_was_left_undone_is_still_offered(old: Path) -> None:
    for author, text in (("Ada", "draw draft box"), ("Bob", "remove opacity box")):
        with Project.open(old, writable=True, author=author) as project:
            assert project.history.redo_text == text
            done = project.history.redo()
            assert done is not None and done.text == text


@pytest.mark.parametrize("number", SCHEMAS)
def test_an_old_project_is_small_and_names_no_machine(number: int) -> None:
    path = OLD / f"schema{number}.zip"

    assert path.stat().st_size < 100_000
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            held = archive.read(name)
            assert not any(b"/" + place in held for place in (b"tmp", b"root", b"home", b"work")), name
