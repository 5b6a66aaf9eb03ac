"""`negatoscope review` keeps labels lawful as the window does, and asks where the window would ask."""

from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.project.conftest import made_up_image
from viewer.cli.main import main
from viewer.core.labels import Verdict
from viewer.core.shapes.annotations import CaseStatus, Prediction, Proposal
from viewer.core.shapes.kinds.box import Box
from viewer.project.edit_builders import add_annotation, add_label, say_image_label, set_status
from viewer.project.project import Project
from viewer.project.records import Task

BOX = Box(x0_px=1, y0_px=1, x1_px=11, y1_px=11)


@pytest.fixture
def run(run: Run) -> Run:
    """Runs `review` so."""
    return lambda *words, code=0: run("review", *words, code=code)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A complete film that is NORMAL, with a box of a person; a model says PNEUMONIA (ab) and a box there (cd)."""
    with Project.create(tmp_path / "project", author="Ada") as project:
        project.images.register([made_up_image(1, "P1")])
        (record,) = project.images.all()
        for name in ("NORMAL", "PNEUMONIA"):
            project.history.do(add_label(name, "image", project.labels))
        project.tasks.put(Task(name="chest", kind="classification", labels=("NORMAL", "PNEUMONIA"), exclusive=True))
        project.history.do(add_annotation(record.image_id, "nodule", BOX, author="Ada"))
        for name, verdict in (("NORMAL", Verdict.YES), ("PNEUMONIA", Verdict.NO)):
            project.history.do(say_image_label(record.image_id, name, before=None, after=verdict))
        project.history.do(set_status(project.cases.get(record.case_id), CaseStatus.COMPLETE))
        proposals = tuple(
            Proposal(
                proposal_id=digits * 16,
                prediction_id="p",
                image_id=record.image_id,
                label=label,
                score=0.9,
                shape=shape,
            )
            for digits, label, shape in (("ab", "PNEUMONIA", None), ("cd", "nodule", BOX))
        )
        project.predictions.add(
            Prediction(
                prediction_id="p", image_id=record.image_id, model_hash="h", model_name="m", kind="classification",
                created="2026", threshold=0.5, scores={"PNEUMONIA": 0.9}, proposals=proposals,
            )
        )  # fmt: skip
    return tmp_path / "project"


def state(folder: Path) -> tuple[dict[str, str], str, int]:
    """What is said of the film, its case's status, and how many boxes it has."""
    with Project.open(folder, writable=False) as project:
        (record,) = project.images.all()
        said = {label: verdict.value for label, verdict in project.work.image_labels(record.image_id).items()}
        return said, project.cases.all()[0].status.value, len(project.work.annotations(record.image_id))


def test_accept_sets_one_and_unsets_the_other(run: Run, folder: Path) -> None:
    (done,) = run(folder, "accept", "ab")["done"]

    assert done["said"] == "“PNEUMONIA” is yes, “NORMAL” is no. “NORMAL” was yes before."
    assert state(folder) == ({"NORMAL": "no", "PNEUMONIA": "yes"}, "complete", 1)


def test_correct_wants_the_right_label(run: Run, folder: Path) -> None:
    with Project.open(folder, writable=True) as project:
        (record,) = project.images.all()
        project.history.do(say_image_label(record.image_id, "NORMAL", before=Verdict.YES, after=Verdict.NO))

    (problem,) = run(folder, "correct", "ab", code=1)["problems"]
    assert "say which one holds, “NORMAL”" in problem["reason"]
    assert run(folder, "accept", "ab", "--label", "NORMAL", code=2)["error"]["kind"] == "BadRequest"
    run(folder, "correct", "ab", "--label", "NORMAL")

    assert state(folder)[0] == {"NORMAL": "yes", "PNEUMONIA": "no"}


def test_not_assessed_answers_the_whole_question(run: Run, folder: Path) -> None:
    run(folder, "correct", "ab", "--label", "not assessed")

    assert state(folder)[:2] == ({"NORMAL": "not assessed", "PNEUMONIA": "not assessed"}, "complete")


def test_reject_says_what_becomes_of_the_label(run: Run, folder: Path) -> None:
    (done,) = run(folder, "reject", "ab")["done"]

    assert done["said"] == "Rejected: the label stays “NORMAL”."
    assert state(folder) == ({"NORMAL": "yes", "PNEUMONIA": "no"}, "complete", 1)


@pytest.mark.parametrize(("over", "boxes"), [("replace", 1), ("keep-both", 2)])
def test_a_box_over_one_that_is_there_waits_for_a_word(run: Run, folder: Path, over: str, boxes: int) -> None:
    (problem,) = run(folder, "accept", "cd", code=1)["problems"]
    assert "--over replace or --over keep-both" in problem["reason"]

    run(folder, "accept", "cd", "--over", over)

    assert state(folder)[2] == boxes


def test_a_finding_on_several_slices_is_listed_once_and_decided_once(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "series"
    with Project.create(folder, case_unit="series", author="Ada") as project:
        project.images.register([made_up_image(n, "P1", series_id="s", of_stack=True) for n in range(3)])
        for number, record in enumerate(project.images.all()):
            one = Proposal(
                proposal_id=f"{number}" * 32, prediction_id=f"p{number}", image_id=record.image_id, label="nodule",
                score=0.6 + number / 10, shape=BOX, object_id="o",
            )  # fmt: skip
            project.predictions.add(
                Prediction(
                    prediction_id=f"p{number}", image_id=record.image_id, model_hash="h", model_name="m",
                    kind="detection", created="2026", threshold=0.5, proposals=(one,),
                )
            )  # fmt: skip

    (listed,) = run(folder, "list")["proposals"]
    assert listed["score"] == 0.8 and [one["proposal_id"][0] for one in listed["slices"]] == ["0", "1", "2"]
    assert len(run(folder, "accept", "0", "1")["done"]) == 1

    with Project.open(folder, writable=False) as project:
        drawn = [one for record in project.images.all() for one in project.work.annotations(record.image_id)]
        assert len(drawn) == 3 and len({one.object_key for one in drawn}) == 1
    assert run(folder, "list")["proposals"] == []
    (listed,) = run(folder, "list", "--decision", "accepted")["proposals"]
    assert len(listed["slices"]) == 3


def test_a_listed_score_is_told_from_its_model_s_cut(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Project.open(folder, writable=True) as project:
        image_id = project.images.all()[0].image_id
        scores = {"ef": 0.4996, "01": 0.5004, "23": 0.24}
        near = tuple(
            Proposal(
                proposal_id=digits * 16, prediction_id="q", image_id=image_id, label="nodule", score=score, shape=BOX
            )
            for digits, score in scores.items()
        )
        project.predictions.add(
            Prediction(
                prediction_id="q", image_id=image_id, model_hash="h", model_name="m", kind="detection",
                created="2026", threshold=0.5, proposals=near, labels=("nodule",),
            )
        )  # fmt: skip

    assert main(["review", str(folder), "list"]) == 0
    said = {line[:2]: line for line in capsys.readouterr().out.splitlines()}
    assert main(["review", str(folder), "reject", "ef"]) == 0
    rejected = capsys.readouterr().out

    assert "nodule 0.4996  " in said["ef"] and "nodule 0.5004  " in said["01"] and "nodule 0.24  " in said["23"]
    assert "nodule 0.4996  rejected" in rejected
