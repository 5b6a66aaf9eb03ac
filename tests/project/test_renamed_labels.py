"""A label that was renamed stays the label that a model asks about by its old name."""

import json

import pytest

from tests.project.test_review import BOX, add_prediction
from viewer.cli.main import main
from viewer.core.edits import Edit, LabelChange
from viewer.core.labels import Label, Verdict
from viewer.core.shapes.annotations import Prediction
from viewer.project import edit_builders as edits
from viewer.project.deciding_proposals import in_the_way, name_now, other_labels, to_accept, to_correct, to_reject
from viewer.project.project import Project
from viewer.project.records import Task


def rename(project: Project, before: str, after: str) -> None:
    label = next(one for one in project.labels if one.name == before)
    new = Label(name=after, scope=label.scope, position=label.position)
    project.history.do(Edit(text="rename", changes=(LabelChange(before=label, after=new),)))


@pytest.fixture
def asked(project: Project, image_id: str) -> Prediction:
    """A model of "nodule" and "pneumonia", both of which have had two other names since."""
    prediction = add_prediction(project, image_id)
    other = project.images.all()[1].image_id
    project.history.do(edits.add_annotation(other, "nodule", BOX, author="Ada"))
    for name in ("pneumonia", "normal"):
        project.history.do(edits.say_image_label(other, name, before=None, after=Verdict.YES))
        project.history.do(edits.say_image_label(other, name, before=Verdict.YES, after=None))
    project.tasks.put(Task(name="chest", kind="classification", labels=("normal", "pneumonia"), exclusive=True))
    for before, between, after in (("nodule", "spot", "lesion"), ("pneumonia", "ill", "sick")):
        rename(project, before, between)
        rename(project, between, after)
    return prediction


def names(project: Project) -> set[str]:
    return {label.name for label in project.labels}


def test_an_accepted_shape_has_the_name_that_the_label_has_now(
    project: Project, image_id: str, asked: Prediction
) -> None:
    box, _ = asked.proposals
    decided = to_accept(project, box, asked)
    project.history.do(decided.edit)

    assert [one.label for one in project.work.annotations(image_id)] == ["lesion"]
    assert names(project) == {"lesion", "sick", "normal"}
    assert decided.words == "The model's “nodule” is called “lesion” here."
    assert [one.label for one in in_the_way(project, box)] == ["lesion"]


@pytest.mark.parametrize(("decide", "said"), [(to_accept, "yes"), (to_reject, "no")])
def test_a_whole_image_answer_is_of_the_label_that_it_is_now(
    project: Project, image_id: str, asked: Prediction, decide: object, said: str
) -> None:
    _, ill = asked.proposals
    decided = decide(project, ill, asked)  # type: ignore[operator]
    project.history.do(decided.edit)

    verdicts = {name: verdict.value for name, verdict in project.work.image_labels(image_id).items()}
    assert verdicts == ({"sick": "yes", "normal": "no"} if said == "yes" else {"sick": "no"})
    assert "“pneumonia” is called “sick” here" in decided.words and "pneumonia" not in names(project)
    assert other_labels(project, ill, asked) == ("normal",)


def test_correcting_it_names_the_labels_of_now(project: Project, image_id: str, asked: Prediction) -> None:
    project.history.do(to_correct(project, asked.proposals[1], asked, label="normal").edit)

    said = project.work.image_labels(image_id)
    assert said["normal"] is Verdict.YES and said.get("sick") is not Verdict.YES and "pneumonia" not in said


def test_a_name_that_is_used_anew_and_one_that_was_never_there_stay(project: Project, asked: Prediction) -> None:
    other = project.images.all()[1].image_id
    assert name_now(project, "region", "nodule") == "lesion"
    project.history.do(edits.add_annotation(other, "nodule", BOX, author="Ada"))

    assert name_now(project, "region", "nodule") == "nodule"
    assert name_now(project, "region", "mass") == "mass"
    assert name_now(project, "region", "pneumonia") == "pneumonia"  # that was a label of whole images


def test_the_list_of_proposals_says_both_names(
    project: Project, asked: Prediction, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = project.folder
    project.close()
    assert main(["review", str(folder), "list", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["proposals"]
    assert {(one["label"], one["called"]) for one in found} == {("nodule", "lesion"), ("pneumonia", "sick")}
    assert main(["review", str(folder), "list"]) == 0
    assert "nodule (called lesion here) 0.91" in capsys.readouterr().out
