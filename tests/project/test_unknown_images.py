"""What is on an image that a project does not know is told by two questions, and is what a whole reading tells."""

from sqlalchemy import event

from tests.project.two_sessions import prediction_of
from viewer.project.at_hand.reading import read_some
from viewer.project.at_hand.unknown import nothing_on
from viewer.project.project import Project
from viewer.project.taking_out import taking_out


def _questions(project: Project, image_id: str) -> int:
    asked: list[str] = []

    def heard(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith("SELECT"):
            asked.append(statement)

    engine = project.database._reader.engine
    event.listen(engine, "before_cursor_execute", heard)
    nothing_on(project, image_id)
    event.remove(engine, "before_cursor_execute", heard)
    return len(asked)


def test_an_unknown_image_costs_two_questions(project: Project) -> None:
    assert nothing_on(project, "elsewhere") == read_some(project, ["elsewhere"])
    assert _questions(project, "elsewhere") == 2, "the revision, and whether it is there"


def test_one_that_is_known_is_left_to_a_whole_reading(project: Project, image_id: str) -> None:
    assert nothing_on(project, image_id) is None

    project.history.do(taking_out(project, [project.cases.get(project.images.get(image_id).case_id)]).edit)

    assert nothing_on(project, image_id) is None, "one that was taken out has its work still"


def test_one_that_only_a_model_knows_is_left_to_a_whole_reading(project: Project) -> None:
    project.predictions.keep(prediction_of("elsewhere"))

    assert nothing_on(project, "elsewhere") is None
