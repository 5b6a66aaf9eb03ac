"""A kind of task that lives under tests/ alone works as the program's own do: snapshot, training, report, heatmap."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ml.before import outlook
from ml.card import read_card
from ml.catalogue import default_spec, specs
from ml.evaluation.report import evaluate_runs
from ml.recipe import default_recipe
from ml.tasks import TASKS
from tests.ml import grading
from viewer.cli.main import main
from viewer.core.edits import CaseStatusChange, Edit, ImageLabelChange
from viewer.core.errors import BadRequest
from viewer.core.labels import Verdict
from viewer.core.shapes.annotations import CaseStatus
from viewer.core.task_kinds import TASK_KINDS
from viewer.project import edit_builders as edits
from viewer.project.project import Project
from viewer.project.records import Task
from viewer.project.register import add_to_project
from viewer.project.snapshots.snapshot import Snapshot
from viewer.reading.scan import scan

GRADES = ("none", "mild", "severe")
FILMS = 24


@pytest.fixture
def _known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(TASK_KINDS, grading.NAME, "tests.ml.grading:GRADING")
    monkeypatch.setitem(TASKS, grading.NAME, "tests.ml.grading:LEARNT_GRADING")


@pytest.fixture
def project(tmp_path: Path, _known: None) -> Path:
    """Films that are the brighter in their middle the higher their grade is; the last has none, and stays out."""
    films = tmp_path / "films"
    films.mkdir()
    for number in range(FILMS):
        film = np.random.default_rng(number).integers(40, 60, (40, 40)).astype(np.uint8)
        film[10:30, 10:30] += np.uint8(70 * (number % 3))
        Image.fromarray(film).save(films / f"f{number:02}.png")
    with Project.create(tmp_path / "p") as made:
        add_to_project(made, scan([films]))
        for grade in GRADES:
            made.history.do(edits.add_label(grade, "image", made.labels))
        for image in made.images.all():
            number = int(image.path.stem[1:])
            said = GRADES[number % 3 : number % 3 + 1] if number < FILMS - 1 else ()
            changes = [
                ImageLabelChange(image_id=image.image_id, label=label, before=None, after=Verdict.YES) for label in said
            ]
            status = CaseStatusChange(
                case_id=image.case_id, before=made.cases.get(image.case_id).status, after=CaseStatus.COMPLETE
            )
            made.history.do(Edit(text="say", changes=(*changes, status)))
    return tmp_path / "p"


def snapshot_of(project: Path) -> Snapshot:
    words = ["snapshot", str(project), "--task", "burden", "--kind", grading.NAME, "--labels", ",".join(GRADES)]
    assert main([*words, "--split", "0.5", "0.25", "0.25"]) == 0
    return Snapshot.load(project, task="burden")


def test_a_task_of_it_is_held_to_what_it_asks(_known: None) -> None:
    task = Task(name="burden", kind=grading.NAME, labels=GRADES)

    assert (task.scope, task.tells_apart, task.words) == ("image", True, "grading from none to severe")
    with pytest.raises(BadRequest, match="A task of grading needs 3 labels at least; burden has 2"):
        Task(name="burden", kind=grading.NAME, labels=GRADES[:2])
    with pytest.raises(BadRequest, match="A grading needs at least 3 labels"):
        default_recipe(task="burden", kind=grading.NAME, labels=GRADES[:2], model="simple_cnn")
    assert [spec.name for spec in specs(grading.NAME)] == [spec.name for spec in specs("classification")]
    assert default_spec(grading.NAME).name == "resnet18"


def test_it_is_taken_trained_judged_and_explained(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from ml.card import write_json
    from ml.training.run import run_training

    snapshot = snapshot_of(project)
    assert "grading, in this order: none, mild, severe" in capsys.readouterr().out
    assert snapshot.card["left_out"] == {"no single grade": 1}
    assert sum(snapshot.card["instances"].values()) == len(snapshot.items) == FILMS - 1

    recipe = default_recipe(
        task="burden", kind=grading.NAME, labels=GRADES, model="simple_cnn", input_px=32, batch_size=4, threads=1,
        precision="fp32", device="cpu", snapshot_id=snapshot.id,
    )  # fmt: skip
    assert outlook(recipe, snapshot.parts()).doubts[0] == "Grades are no measurement."
    run = project / "runs" / "run-1"
    run.mkdir(parents=True)
    write_json(run / "config.json", {"recipe": recipe.to_json()})
    run_training(run, snapshot)
    card = read_card(run)
    assert (card.kind, list(card.metrics), card.recipe["epochs"]) == (grading.NAME, ["agreement"], 2)

    document = evaluate_runs([run], snapshot, project, tmp_path / "out")
    assert set(document["answers"]) == {"model", "the middle grade"}
    assert document["decides"] == "agreement"
    assert "A grade is a judgement." in document["notes"]
    assert [table["title"] for table in document["tables"]] == ["Grades"]
    assert "A grade is a judgement." in (tmp_path / "out" / "report.html").read_text("utf-8")

    film = str(tmp_path / "films" / "f01.png")
    asked = ["predict", film, "--model", str(run), "--out", str(tmp_path / "said.json")]
    assert main(asked) == 0
    (said,) = json.loads((tmp_path / "said.json").read_text())["predictions"]
    assert sum(said["scores"].values()) == pytest.approx(1)
    assert [row["label"] for row in said["proposals"] if row["proposed"]] == [
        max(said["scores"], key=said["scores"].get)
    ]

    told = ["explain", film, "--model", str(run), "--class", "severe", "--out", str(tmp_path / "h.npy"), "--json"]
    capsys.readouterr()
    assert main(told) == 0
    assert json.loads(capsys.readouterr().out)["maps"][0]["unit"] == grading.STEPS
