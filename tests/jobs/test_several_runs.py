"""Several runs beside each other: what differs, figures, each against the first with all comparisons allowed for."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from ml.card import write_json
from ml.evaluation.comparing import BETTER, NONE, UNCLEAR, WORSE
from ml.evaluation.two_reports import Compared
from ml.events import append_event
from ml.recipe import default_recipe
from tests.cli.test_predict_explain import run
from tests.evaluation.test_two_reports import PATIENTS, STRONG, TRUTH, WEAK, ranked
from tests.ui.test_run_report import DOCUMENT
from viewer.core.errors import BadRequest
from viewer.jobs import comparing
from viewer.jobs.queue import enqueue
from viewer.jobs.runs import RunState, read_run
from viewer.jobs.several_runs import MOST_RUNS, _allowed_for, compare_several
from viewer.project.project import Project
from viewer.project.snapshots.openings import OPENINGS_NAME

RECIPE = default_recipe(task="Lung", kind="classification", labels=("a",), model="simple_cnn", exclusive=False)
MIDDLING = TRUTH + 1.6 * np.random.default_rng(3).random(PATIENTS)


def finished(project: Path, *settings: str) -> Path:
    folder = enqueue(project, RECIPE.with_settings(list(settings)))
    append_event(folder, "started", device="cpu", precision="fp32", threads=2, steps_per_epoch=4, epochs=20, epoch=0,
                 metric="auc", first_epoch=1)  # fmt: skip
    append_event(folder, "epoch", epoch=1, train_loss=1.4, val_loss=1.2, metrics={"auc": 0.7}, best=True)
    append_event(folder, "finished", best_epoch=1, model_hash="")
    return folder


def with_report(folder: Path, scores: Any) -> Path:
    """Judged by these scores of the 30 test cases."""
    report, figures = ranked(folder / "report", scores)
    value = figures["answers"]["model"]["auc"]["value"]
    figure = {"value": value, "low": value - 0.1, "high": value + 0.1, "method": "m", "why": ""}
    write_json(report / "config.json", {"report": {"part": "test", "seen_anyway": False}})
    write_json(
        report / "figures.json",
        {**DOCUMENT, "decides": "auc", "primary": "auc", "snapshot": "s" * 64, "cases": PATIENTS, "patients": PATIENTS,
         "answers": {"model": {"auc": figure}}},
    )  # fmt: skip
    append_event(report, "finished", said="AUC on the test part", model_hash="h")
    return folder


@pytest.fixture
def three(tmp_path: Path) -> list[RunState]:
    """A weak run, a strong one with another rate and seed, a middling one with another rate."""
    project = tmp_path / "project"
    Project.create(project).close()
    made = [
        with_report(finished(project, "learning_rate=0.001"), WEAK),
        with_report(finished(project, "learning_rate=0.01", "seed=7"), STRONG),
        with_report(finished(project, "learning_rate=0.02"), MIDDLING),
    ]
    return [read_run(folder) for folder in made]


def test_what_differs_stands_in_a_row_for_each_setting(three: list[RunState]) -> None:
    found = compare_several(three)

    rows = dict(found.settings)
    assert rows == {"Learning rate": ("0.001", "0.01", "0.02"), "Seed": ("1", "7", "1")}
    assert found.names == tuple(run.run_id[-4:] for run in three)
    assert dict(found.figures)["Test"][1].startswith("AUC 1.000")


def test_the_others_are_compared_with_the_first(three: list[RunState]) -> None:
    found = compare_several(three)

    (strong, gap), (middling, _) = found.against
    assert (strong, middling) == (three[1].run_id[-4:], three[2].run_id[-4:])
    assert gap.verdict == BETTER and gap.gap is not None
    wanted = roc_auc_score(TRUTH, STRONG) - roc_auc_score(TRUTH, np.round(WEAK, 6))
    assert gap.gap["value"] == pytest.approx(wanted, abs=1e-6)
    assert gap.gap["p_holm"] >= gap.gap["p"] and "2 comparisons allowed for (Holm)" in found.rule

    turned = compare_several([three[1], three[0], three[2]])
    assert turned.against[0][1].verdict == WORSE and turned.against[0][1].gap is not None
    assert turned.against[0][1].gap["value"] == pytest.approx(-wanted, abs=1e-6)


def test_it_is_one_opening_of_the_test_part(three: list[RunState], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comparing, "snapshot_digest", lambda *_: "d" * 32)
    project = three[0].folder.parent.parent
    (project / "snapshots").mkdir(exist_ok=True)

    found = compare_several(three)

    (line,) = (project / "snapshots" / OPENINGS_NAME).read_text().splitlines()
    assert "comparison" in line and "opened 1 time (1 comparison)" in found.opened


def test_one_that_is_not_judged_is_said_and_the_others_are_compared(three: list[RunState]) -> None:
    other = read_run(finished(three[0].folder.parent.parent))

    found = compare_several([*three[:2], other])

    assert found.against[0][1].verdict == BETTER
    assert found.against[1][1].said == f"No comparison: {other.run_id[-4:]} is not judged on the test part yet."
    assert dict(found.figures)["Test"][2] == "not judged yet"


def test_a_damaged_report_is_named_and_the_others_are_compared(three: list[RunState]) -> None:
    (three[2].folder / "report" / "figures.json").write_text("{")

    found = compare_several(three)

    assert found.against[0][1].verdict == BETTER and "is not JSON" in found.against[1][1].said


def pair(p: float, verdict: str = BETTER) -> Compared:
    return Compared(said="b is better.", verdict=verdict, gap={"value": 0.1, "low": 0.01, "high": 0.2, "p": p})


def test_what_is_clear_alone_need_not_be_with_all_allowed_for() -> None:
    """By hand, of three with p 0.01, 0.04 and 0.03: times 3, 2, 1 in their order, never falling: 0.03, 0.06, 0.06."""
    found = _allowed_for([pair(0.01), pair(0.04), pair(0.03)])

    assert [one.verdict for one in found] == [BETTER, UNCLEAR, UNCLEAR]
    assert [one.gap["p_holm"] for one in found if one.gap] == pytest.approx([0.03, 0.06, 0.06])
    assert "With all 3 comparisons allowed for it is not clear (p 0.060)." in found[1].said
    assert _allowed_for([pair(0.04)])[0].verdict == BETTER, "alone there is nothing to allow for"
    none = Compared(said="No comparison: x.", verdict=NONE)
    assert [one.verdict for one in _allowed_for([pair(0.04), none])] == [BETTER, NONE]


def test_too_few_and_too_many_are_refused(three: list[RunState]) -> None:
    for runs in (three[:1], three * 5):
        with pytest.raises(BadRequest, match=f"From 2 to {MOST_RUNS} runs"):
            compare_several(runs)
    with pytest.raises(BadRequest, match="named twice"):
        compare_several([three[0], three[1], three[0]])


def test_the_command_line_says_the_same(three: list[RunState], capsys: pytest.CaptureFixture[str]) -> None:
    names = [one.run_id for one in three]

    code, document, _ = run(capsys, "compare", three[0].folder.parent.parent, *names)

    assert code == 0 and document["runs"] == names
    assert document["facts"]["Seed"] == ["1", "7", "1"]
    assert [one["run"] for one in document["against"]] == names[1:] and document["against"][0]["verdict"] == BETTER
    code, document, _ = run(capsys, "compare", three[0].folder.parent.parent, names[0])
    assert code == 2 and "compared with nothing" in document["error"]["message"]
