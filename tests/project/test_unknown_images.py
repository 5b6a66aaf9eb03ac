"""What is on an image that a project does not know is told by few questions, and is what a whole reading tells."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import event

from tests.project.two_sessions import prediction_of
from viewer.project.at_hand.reading import read_some, read_whole
from viewer.project.at_hand.unknown import Unknown
from viewer.project.at_hand.values import AtHand
from viewer.project.project import Project
from viewer.project.records import NewImage
from viewer.project.taking_out import taking_out


@pytest.fixture
def empty(folder: Path) -> Iterator[Project]:
    with Project.create(folder.with_name("empty"), author="Ada") as opened:
        yield opened


@contextmanager
def asked(project: Project) -> Iterator[list[str]]:
    """What the project's database is asked meanwhile."""
    found: list[str] = []

    def heard(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith("SELECT"):
            found.append(statement)

    engine = project.database._reader.engine
    event.listen(engine, "before_cursor_execute", heard)
    yield found
    event.remove(engine, "before_cursor_execute", heard)


def test_a_project_without_images_is_asked_once(empty: Project) -> None:
    unknown, followed = Unknown(empty), empty.revision()

    with asked(empty) as questions:
        found = [unknown.nothing_on(name, followed) for name in ("one", "another")]

    assert len(questions) == 2, "the revision, and whether it has any"
    assert found == [read_some(empty, [name]) for name in ("one", "another")]


def test_what_enters_such_a_project_is_seen(empty: Project, new_image: Callable[..., NewImage]) -> None:
    """What was told before is of before, and what is told after is asked anew."""
    unknown, at_hand = Unknown(empty), AtHand().taking(read_whole(empty))
    early = unknown.nothing_on("elsewhere", at_hand.as_of)
    assert early is not None
    (image_id,) = empty.images.register([new_image(1)])

    late = unknown.nothing_on(image_id, at_hand.as_of)
    assert late is not None and late.as_of < empty.revision(), "of before it entered, and so read again"
    assert unknown.nothing_on(image_id, empty.revision()) is None


def test_an_unknown_image_costs_three_questions(project: Project) -> None:
    unknown, followed = Unknown(project), project.revision()

    with asked(project) as questions:
        found = unknown.nothing_on("elsewhere", followed)

    assert len(questions) == 3
    assert found == read_some(project, ["elsewhere"])


def test_one_that_is_known_is_left_to_a_whole_reading(project: Project, image_id: str) -> None:
    unknown = Unknown(project)
    assert unknown.nothing_on(image_id, project.revision()) is None

    project.history.do(taking_out(project, [project.cases.get(project.images.get(image_id).case_id)]).edit)

    assert unknown.nothing_on(image_id, project.revision()) is None, "one that was taken out has its work still"


def test_one_that_only_a_model_knows_is_left_to_a_whole_reading(project: Project) -> None:
    project.predictions.keep(prediction_of("elsewhere"))

    assert Unknown(project).nothing_on("elsewhere", project.revision()) is None
