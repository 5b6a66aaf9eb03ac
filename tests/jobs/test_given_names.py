"""A run is called by the name that a person gave it, with its digits and its task, in its report as in the lists."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from ml.card import write_json
from ml.evaluation.curves import report_curves
from ml.evaluation.how_trained import how_trained
from ml.evaluation.page import report_page
from ml.given_name import title_of_run
from ml.recipe import default_recipe
from tests.evaluation.test_checklists import CARD
from tests.ui.judged_run import document
from viewer.jobs.reports import read_report
from viewer.jobs.run_marks import change_marks

RUN = "20261121-1415-brightness-3f2a"


@pytest.fixture
def run(tmp_path: Path) -> Path:
    folder = tmp_path / "runs" / RUN
    (folder / "report").mkdir(parents=True)
    write_json(folder / "report" / "figures.json", document(runs=[RUN]))
    return folder


def test_a_run_is_called_as_a_person_named_it_with_its_digits_and_its_task(run: Path) -> None:
    assert title_of_run(run, "Brightness") == "Brightness · 3f2a"
    change_marks(run, title="The good one")
    recipe = default_recipe(task="t", kind="classification", labels=("sick", "well"), model="simple_cnn")
    card = replace(CARD, recipe=recipe.to_json())

    assert title_of_run(run, "Brightness") == "The good one · 3f2a (Brightness)"
    assert how_trained([run], [card])[0].startswith("The good one · 3f2a (t): started from scratch")
    (run / "events.jsonl").write_text(
        "".join(json.dumps({"event": "epoch", "t": "", "epoch": i, "train_loss": 1.0, "val_loss": 1.0}) + "\n"
                for i in range(3))
    )  # fmt: skip
    assert [curve.of for curve in report_curves((), [run], "t")] == ["The good one · 3f2a (t)"]
    (run / "marks.json").write_text("{")
    assert title_of_run(run, "Brightness") == "Brightness · 3f2a", "a damaged file costs the name alone"


def test_a_report_that_is_opened_calls_it_as_it_is_called_now(run: Path) -> None:
    assert read_report(run)["titles"] == ["Brightness · 3f2a"]
    change_marks(run, title="The good one")
    told = read_report(run)

    assert told["titles"] == ["The good one · 3f2a (Brightness)"]
    assert "The good one · 3f2a (Brightness) · snapshot" in report_page(told)
    gone = {**document(runs=["../x"]), "titles": ["Once · 1234 (t)"]}
    write_json(run / "report" / "figures.json", gone)
    assert read_report(run)["titles"] == ["Once · 1234 (t)"], "and nothing outside of the runs is looked at"
