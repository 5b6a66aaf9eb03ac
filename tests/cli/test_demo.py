"""The demo does the whole main job with the program's own commands and says what it measured."""

import json
from pathlib import Path

import pytest

from viewer.cli.demo_report import Report, write_report
from viewer.cli.main import main

FIGURES = {
    "kind": "classification",
    "model": "simple_cnn",
    "part": "test",
    "cases": 4,
    "patients": 4,
    "interval": "95% patient bootstrap",
    "sentence": "The model beats nothing.",
    "answers": {
        "model": {"auc": {"value": 0.75, "low": 0.5, "high": 1.0}},
        "most frequent class": {"auc": {"value": None, "low": None, "high": None}},
    },
}


def test_the_whole_main_job_ends_in_a_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("torch")
    place = tmp_path / "demo"

    code = main(["demo", "--out", str(place), "--films", "24", "--epochs", "1", "--no-window", "--json"])
    document = json.loads(capsys.readouterr().out)

    assert code == 0, document
    assert Path(document["report"]).is_file()
    assert set(document["figures"]) == {"nodule", "boxes", "lungs"}
    assert all("model" in figures["answers"] for figures in document["figures"].values())
    assert all(Path(picture).is_file() for picture in document["pictures"])
    assert main(["project", "verify", str(place / "project")]) == 0
    assert len(list((place / "project" / "runs").glob("*/card.json"))) == 3
    page = Path(document["report"]).read_text(encoding="utf-8")
    for command in ("scan", "render", "annotate", "snapshot", "train", "evaluate", "predict", "explain", "review"):
        assert f"negatoscope {command} " in page


def test_a_folder_that_holds_something_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "mine.txt").write_text("x")

    assert main(["demo", "--out", str(tmp_path)]) != 0
    assert "not empty" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_the_report_gives_every_figure_its_interval_part_and_patients(tmp_path: Path) -> None:
    report = Report()
    report.figures("nodule", FIGURES)
    report.command(["scan", "a folder"])

    page = write_report(tmp_path / "report.html", report, seconds=7).read_text(encoding="utf-8")

    assert "0.750 (0.500 to 1.000)" in page
    assert "not defined" in page
    assert "test part, 4 cases of 4 patients" in page
    assert "Not a diagnosis." in page
    assert "negatoscope scan &quot;a folder&quot;" in page


def test_what_the_report_quotes_cannot_become_markup(tmp_path: Path) -> None:
    report = Report()
    report.say("Scan", "<script>alert(1)</script>")

    page = write_report(tmp_path / "report.html", report, seconds=7).read_text(encoding="utf-8")

    assert "<script>" not in page
