"""`project about`: written once, shown in the project's reports as the author's words, counted apart."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from ml.evaluation.checklists.claim import CLAIM
from ml.evaluation.checklists.told import summary
from ml.evaluation.checklists.tripod import TRIPOD_AI
from tests.ui.judged_run import document
from viewer.cli.main import main
from viewer.core.errors import BadFile
from viewer.jobs.reports import read_report
from viewer.project.disk.about import ABOUT_FILE, QUESTIONS, read_about


def items() -> list[dict[str, str]]:
    """Item 1 told by the program, 8 in part, 44 by nobody; the others are left out."""
    by = {"1": "program", "8": "program and author", "44": "author"}
    return [
        {
            "number": number, "asks": "a", "by": who, "says": "" if who == "author" else "Said.",
            "author": "" if who == "program" else "to be written",
        }
        for number, who in by.items()
    ]  # fmt: skip


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "p"
    assert main(["project", "create", str(folder)]) == 0
    report = folder / "runs" / "r" / "report"
    report.mkdir(parents=True)
    told = {"name": "CLAIM 2024", "source": "x", "of": 3, "filled": 1, "in_part": 1, "for_the_author": 1}
    written = {**copy.deepcopy(document()), "claim": {**told, "items": items()}}
    (report / "figures.json").write_text(json.dumps(written))
    return folder


def claim(project: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((project / "runs" / "r" / "report" / "figures.json").read_text())["claim"]
    return found


def test_what_is_written_stands_in_the_reports_as_the_author_s_words(project: Path, capsys) -> None:
    capsys.readouterr()
    assert main(["project", "about", str(project), "--set", "funding", "Nobody <paid>.", "--json"]) == 0

    said = json.loads(capsys.readouterr().out)
    assert said["about"] == {"funding": "Nobody <paid>."} and len(said["reports"]) == 1 and said["problems"] == []
    told = claim(project)
    assert [item["words"] for item in told["items"]] == ["", "", "Nobody <paid>."]
    assert (told["filled"], told["answered"], told["in_part"], told["for_the_author"]) == (1, 1, 1, 0)
    assert summary(told) == (
        "CLAIM 2024: 1 of 3 filled by the program, 1 answered by the author, 1 in part, 0 for the author"
    )
    page = (project / "runs" / "r" / "report" / "report.html").read_text()
    assert "<i>The author: Nobody &lt;paid&gt;.</i>" in page and page.count("For the author: to be written.") == 1
    assert read_report(project / "runs" / "r")["claim"]["items"][2]["words"] == "Nobody <paid>."

    assert main(["project", "about", str(project), "--set", "funding", ""]) == 0
    assert read_about(project) == {} and claim(project)["answered"] == 0 and claim(project)["for_the_author"] == 1


def test_a_sheet_is_read_from_a_file_and_what_is_not_asked_is_refused_by_name(
    project: Path, tmp_path: Path, capsys
) -> None:
    sheet = tmp_path / "about.toml"
    sheet.write_text('eligibility = "Adults"\ndata_source = "Two wards"\n', encoding="utf-8")
    assert main(["project", "about", str(project), "--from", str(sheet)]) == 0
    assert claim(project)["items"][1]["words"] == "Adults\nTwo wards"

    for text, words in (
        ('founding = "x"', "about.toml names 'founding', which is not asked; asked are objective, "),
        ("funding = 3", "about.toml: funding is a text of at most 5000 characters"),
        ("funding: x", "about.toml is no TOML file"),
    ):
        sheet.write_text(text, encoding="utf-8")
        capsys.readouterr()
        assert main(["project", "about", str(project), "--from", str(sheet)]) != 0
        assert words in capsys.readouterr().err
    assert read_about(project) == {"eligibility": "Adults", "data_source": "Two wards"}, "nothing of it was taken"
    (project / ABOUT_FILE).write_text("[]")
    with pytest.raises(BadFile, match=ABOUT_FILE):
        read_about(project)
    assert read_report(project / "runs" / "r")["claim"]["items"][1]["says"] == "Said.", (
        "the report is shown all the same"
    )


def test_each_question_of_the_sheet_is_the_part_of_some_item_and_none_asks_another() -> None:
    asked = {name for checklist in (CLAIM, TRIPOD_AI) for item in checklist.items for name in item.about}
    assert asked == set(QUESTIONS)
