"""`models`: what can be trained, models of libraries among them, and a wrong name of one in `train`."""

from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Run
from tests.ui.kept_library import keep_library_answers
from viewer.cli.main import main


@pytest.fixture(autouse=True)
def _asked_already(home: Path) -> None:
    keep_library_answers()


def test_models_of_a_library_are_found_by_a_part_of_their_names(run: Run) -> None:
    plain, found = run("models"), run("models", "--search", "RESNET test")

    assert "found" not in plain
    assert found["catalogue"] == plain["catalogue"]
    row: dict[str, Any] = {"kind": "classification", "input_px": 160, "licence": "Apache-2.0"}
    assert found["found"] == [
        {"name": "timm:test_resnet", **row}, {"name": "timm:test_resnet.r160_in1k", **row}
    ]  # fmt: skip


def test_the_list_says_that_there_are_more_and_how_to_find_them(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models"]) == 0
    assert "timm: `negatoscope models --search WORD`" in capsys.readouterr().out

    assert main(["models", "--search", "no such"]) == 0
    assert "No model of timm has no such." in capsys.readouterr().out
