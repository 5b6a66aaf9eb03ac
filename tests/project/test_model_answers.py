"""How much of a model's work lies in a project: what is said before its run is deleted."""

from tests.project.test_review import add_prediction
from viewer.project import edit_builders as edits
from viewer.project.lists.model_answers import ModelAnswers, answers_of_model
from viewer.project.project import Project


def test_answers_and_decisions_of_one_model_are_counted(project: Project, image_id: str) -> None:
    own, other = "1" * 64, "2" * 64
    box, pneumonia = add_prediction(project, image_id, "a", own).proposals
    add_prediction(project, image_id, "b", own)
    add_prediction(project, image_id, "c", other)
    project.history.do(edits.accept(box, author="Ada"))
    project.history.do(edits.reject(pneumonia))

    assert answers_of_model(project, own) == ModelAnswers(answers=2, decided=2)
    assert answers_of_model(project, other) == ModelAnswers(answers=1, decided=0)
    assert answers_of_model(project, "") == ModelAnswers()

    project.history.undo()
    assert answers_of_model(project, own).decided == 1
