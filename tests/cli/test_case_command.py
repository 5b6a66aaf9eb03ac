"""project case: send to review, approve and return, as a person types them."""

from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Run
from tests.cli.test_project_cases_command import films
from viewer.cli.main import main

__all__ = ["films"]
WHY = "The left lung is cut off."


def statuses(run: Run, folder: Path, *words: str) -> list[str]:
    return [case["status"] for case in run("project", "cases", folder, *words)["cases"]]


def act(run: Run, folder: Path, name: str, *words: str, code: int = 0) -> dict[str, Any]:
    told: dict[str, Any] = run("project", "case", folder, name, *words, code=code)
    return told


def test_cases_are_sent_approved_and_returned_and_it_is_one_step_that_undo_takes_back(run: Run, films: Path) -> None:
    sent = act(run, films, "send", "A1_PA.png", "A1_LAT.png")
    assert [case["status"] for case in sent["cases"]] == ["needs review"] * 2
    act(run, films, "approve", "A1_PA.png")
    returned = act(run, films, "return", "A1_LAT.png", "--comment", WHY)
    assert returned["cases"][0]["comment"] == WHY

    assert sorted(statuses(run, films)) == ["approved", "returned", "to do", "to do"]
    assert statuses(run, films, "--find", "returned") == ["returned"]
    assert run("project", "info", films)["progress"] == {
        "to do": 2, "in progress": 0, "complete": 0, "approved": 1, "returned": 1,
    }  # fmt: skip

    assert run("project", "undo", films)["undone"] == "set case returned"
    run("project", "undo", films)
    assert run("project", "undo", films)["undone"] == "set case needs review"
    assert statuses(run, films) == ["to do"] * 4
    assert run("project", "verify", films)["ok"]


def test_the_list_says_why_a_case_was_returned_and_is_otherwise_as_it_always_was(
    run: Run, films: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["project", "cases", str(films)])
    before = capsys.readouterr().out
    main(["project", "info", str(films)])
    assert "  to do        1 image  " in before  # eleven letters wide
    assert "4 to do, 0 in progress, 0 complete\n" in capsys.readouterr().out

    act(run, films, "complete", "A1_PA.png", "B2_PA.png")
    act(run, films, "return", "A1_PA.png", "--comment", WHY)
    act(run, films, "send", "B2_PA.png")
    main(["project", "cases", str(films)])
    lines = capsys.readouterr().out.splitlines()
    assert any(line.endswith(f"A1_PA.png: {WHY}") for line in lines)
    assert any("  needs review  1 image  " in line for line in lines)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("approve", "A1_PA.png"), "It is to do; only a case that is complete or needs review can be approved."),
        (("reopen", "A1_PA.png"), "only a case that is complete, needs review or approved can be reopened"),
        (("return", "A1_PA.png"), "A case is returned with a comment that says why."),
        (("complete", "A1_PA.png", "--comment", "fine"), "only one that is returned has one"),
        (("send", "nobody.png"), "No case is called nobody.png"),
    ],
)
def test_what_cannot_be_done_is_refused_with_the_reason_and_changes_nothing(
    run: Run, films: Path, words: tuple[str, ...], said: str
) -> None:
    assert said in act(run, films, words[0], *words[1:], code=2)["error"]["message"]
    assert statuses(run, films) == ["to do"] * 4


def test_of_several_one_that_does_not_allow_it_leaves_all_as_they_are(run: Run, films: Path) -> None:
    act(run, films, "complete", "A1_PA.png")
    refused = act(run, films, "approve", "A1_PA.png", "B2_PA.png", code=2)
    assert "B2_PA.png stays as it is" in refused["error"]["message"]
    assert sorted(statuses(run, films)) == ["complete", "to do", "to do", "to do"]


def test_a_reviewer_returns_a_case_in_the_reading_of_its_reader(run: Run, films: Path) -> None:
    run("project", "readings", films, "--each")
    act(run, films, "complete", "A1_PA.png", "--reader", "Bob")
    act(run, films, "return", "A1_PA.png", "--reader", "Bob", "--comment", WHY)
    assert sorted(statuses(run, films, "--reader", "Bob")) == ["returned", "to do", "to do", "to do"]
    assert statuses(run, films, "--reader", "Eve") == ["to do"] * 4
