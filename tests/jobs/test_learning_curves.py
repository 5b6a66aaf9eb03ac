"""A learning curve is a job beside its run: nested parts by patient, judged on validation, gone on with if stopped."""

import json
from pathlib import Path
from typing import Any

import pytest

from ml.card import write_json
from ml.events import CONTROL_FILE, LOG_FILE
from ml.job import run_job
from ml.learning_curve import job
from ml.learning_curve.asked import CurveWish, part_of_patients, shares_typed
from ml.learning_curve.folder import CURVE_FOLDER
from ml.learning_curve.kept import CURVE_FILE
from tests.jobs.test_reports import only_run
from tests.jobs.test_reports import project as project
from tests.jobs.test_reports import trained as trained
from viewer.cli.main import main
from viewer.core.errors import BadFile, BadRequest, NotFound
from viewer.jobs.learning_curves import ask_for_curve, kept_curve
from viewer.jobs.removing import remove_run, what_hangs
from viewer.jobs.runs import RunStatus, list_runs, read_run
from viewer.project.project import SNAPSHOTS
from viewer.project.snapshots.openings import OPENINGS_NAME

SMALL = CurveWish(shares=(50, 100), repeats=2)


def test_the_command_trains_every_part_and_judges_it_on_validation_alone(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = only_run(project)
    capsys.readouterr()

    words = ["learning-curve", str(project), run.run_id[-4:], "--parts", "50,100%", "--repeats", "2", "--json"]
    assert main(words) == 0, (run.folder / CURVE_FOLDER / LOG_FILE).read_text()[-2000:]
    document = json.loads(capsys.readouterr().out)

    assert [(point["share"], point["repeat"], point["patients"], point["cases"]) for point in document["points"]] == [
        (50, 1, 3, 6), (100, 1, 6, 12), (50, 2, 3, 6), (100, 2, 6, 12),
    ]  # fmt: skip
    assert document["metric"] == "auc" and document["val_cases"] == 6
    assert "cannot be said: 2 parts with a figure" in document["outlook"]["sentence"]
    # The whole part with the run's own seed is the run again, bit for bit.
    assert main(["evaluate", str(project), run.run_id, "--split", "val", "--out", str(tmp_path / "val")]) == 0
    own = json.loads((tmp_path / "val" / "figures.json").read_text())["answers"]["model"]["auc"]
    assert document["points"][1]["value"] == own["value"] and document["points"][1]["why"] == own["why"]
    # A report of the run says it too.
    noted = json.loads((tmp_path / "val" / "figures.json").read_text())["notes"]
    assert f"Learning curve, on validation: {document['outlook']['sentence']}" in noted
    # Nothing of it is a run, or a look at the test part; no weights of a part stay.
    assert [one.run_id for one in list_runs(project)] == [run.run_id]
    assert not (project / SNAPSHOTS / OPENINGS_NAME).exists()
    assert not list((run.folder / CURVE_FOLDER).rglob("*.safetensors"))
    now = only_run(project)
    assert now.state is RunStatus.FINISHED and now.curve is not None and now.curve.state is RunStatus.FINISHED
    capsys.readouterr()
    assert main(["learning-curve", str(project), run.run_id, "--show"]) == 0
    lines = capsys.readouterr().out
    assert "50 %, 3 patients, 6 cases: " in lines and "The test part was not looked at." in lines


def test_what_was_stopped_goes_on_with_the_trainings_that_are_missing(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, fits = only_run(project), []
    folder = ask_for_curve(run.folder, SMALL)
    real = job.fit

    def counting(work: Any, state: Any) -> None:
        fits.append(work.recipe.seed)
        if len(fits) == 2:
            write_json(folder / CONTROL_FILE, {"wish": "cancel"})
        real(work, state)

    monkeypatch.setattr(job, "fit", counting)
    assert run_job(folder, resume=True) == 0
    curve = read_run(run.folder).curve
    assert curve is not None and curve.state is RunStatus.CANCELLED and not (folder / CURVE_FILE).exists()
    assert len(list((folder / "points").glob("*.json"))) == 1

    with pytest.raises(NotFound):
        kept_curve(run.folder)
    assert ask_for_curve(run.folder, SMALL) == folder
    assert run_job(folder, resume=True) == 0
    assert len(fits) == 2 + 3, "the first of the four is not trained again"
    assert len(kept_curve(run.folder).points) == 4

    ask_for_curve(run.folder, CurveWish(shares=(50, 75, 100), repeats=2))
    assert run_job(folder, resume=True) == 0
    assert len(fits) == 5 + 2, "of a curve with one part more only that part is trained"


def test_each_larger_part_holds_the_smaller_ones_and_as_much_of_what_is_rare() -> None:
    """Of 40 patients 8 have the rare label: a quarter of them has 2 of these 8, whatever the draw."""
    strata = {f"p{n:02}": [("rare",) if n < 8 else ("common",)] for n in range(40)}
    for repeat in range(1, 30):
        parts = [part_of_patients(strata, share, seed=1, repeat=repeat) for share in (5, 25, 50, 100)]
        assert [len(part) for part in parts] == [2, 10, 20, 40]
        assert parts[0] <= parts[1] <= parts[2] <= parts[3]
        assert sum(patient < "p08" for patient in parts[1]) == 2
        assert sum(patient < "p08" for patient in parts[2]) == 4
    drawn = {part_of_patients(strata, 25, seed=1, repeat=repeat) for repeat in range(1, 30)}
    assert len(drawn) > 20, "another repeat has other patients"
    assert part_of_patients(strata, 1, seed=1, repeat=1) == part_of_patients(strata, 2, seed=1, repeat=1)


def test_what_cannot_be_asked_for_is_one_sentence(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = only_run(project).run_id
    for words, said in (
        (["--parts", "ten,20"], "whole numbers of percent"),
        (["--parts", "100"], "from 2 to 20 different parts"),
        (["--parts", "0,50"], "from 1 to 100 percent"),
        (["--repeats", "0"], "from 1 to 50 repeats"),
        (["--seed", "-1"], "The seed of a learning curve"),
    ):
        assert main(["learning-curve", str(project), run, *words]) == 2
        assert said in capsys.readouterr().err
    assert main(["learning-curve", str(project), run, "--show"]) != 0
    assert "ask for the learning curve anew" in capsys.readouterr().err
    assert shares_typed("100 %, 10;50") == (10, 50, 100)


def test_a_curve_that_is_damaged_is_named_and_one_that_works_is_not_asked_for_twice(project: Path) -> None:
    run = only_run(project)
    folder = ask_for_curve(run.folder, SMALL)
    with pytest.raises(BadRequest, match="on its way already"):
        ask_for_curve(run.folder, SMALL)
    for text in ('{"metric": "auc"', '{"metric": 3}', '{"points": 1, "metric": "auc"}'):
        (folder / CURVE_FILE).write_text(text)
        with pytest.raises(BadFile, match=CURVE_FILE):
            kept_curve(run.folder)


def test_a_run_that_is_deleted_takes_its_curve_along_and_says_so(project: Path) -> None:
    run = only_run(project)
    ask_for_curve(run.folder, SMALL)
    run = only_run(project)

    assert "Its learning curve goes too, with all that was trained for it." in what_hangs(run, [run]).goes
    remove_run(run, [run])
    assert list_runs(project) == []
