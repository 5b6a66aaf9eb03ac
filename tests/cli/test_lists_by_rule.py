"""`project cases` and `project info` name the rule by which they list what several have read, and take no last word."""

from pathlib import Path

import numpy as np
import pytest

from tests.cli.conftest import Run
from viewer.cli.main import main

AGREED = {"rule": "agreed", "words": "what all readers say alike"}
COLUMNS = "path,reader,finding\n"


@pytest.fixture
def folder(run: Run, tmp_path: Path) -> Path:
    """Of three films: the first Ada and Bob have read and differ, the second Ada alone, the third nobody."""
    from PIL import Image

    for number in range(3):
        array = np.random.default_rng(number).integers(0, 255, (30, 20), np.uint8)
        Image.fromarray(array).save(tmp_path / f"{number}.png")
    run("project", "create", tmp_path / "project", "--author", "Eve")
    (tmp_path / "all.csv").write_text("path\n0.png\n1.png\n2.png\n")
    run("annotate", "import", tmp_path / "project", "--format", "csv", tmp_path / "all.csv")
    (tmp_path / "t.csv").write_text(COLUMNS + "0.png,Ada,1\n0.png,Bob,0\n1.png,Ada,1\n")
    run("annotate", "import", tmp_path / "project", "--format", "csv", tmp_path / "t.csv", "--complete")
    return tmp_path / "project"


@pytest.mark.parametrize(
    ("wanted", "states", "yes", "no", "readings"),
    [
        ((), ["complete", "complete", "to do"], 1, 0, AGREED),
        (("--readings", "union"), ["complete", "complete", "to do"], 2, 0,
         {"rule": "union", "words": "what any of the readers says"}),
        (("--readings", "reader:Bob"), ["complete", "to do", "to do"], 0, 1,
         {"rule": "reader:Bob", "words": "what Bob says"}),
        (("--reader", "Ada"), ["complete", "complete", "to do"], 2, 0,
         {"rule": "", "words": "the reading of Ada as it stands"}),
        (("--reader", "shared"), ["to do"] * 3, 0, 0, {"rule": "", "words": "the reading of all as it stands"}),
    ],
)  # fmt: skip
def test_cases_and_counts_are_those_of_the_rule_and_name_it(
    run: Run, folder: Path, wanted: tuple[str, ...], states: list[str], yes: int, no: int, readings: dict[str, str],
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    cases, info = run("project", "cases", folder, *wanted), run("project", "info", folder, *wanted)

    assert [case["status"] for case in cases["cases"]] == states
    assert {status: states.count(status) for status in info["progress"] if info["progress"][status]} == {
        status: count for status, count in info["progress"].items() if count
    }
    (label,) = info["labels"]
    assert (label["yes"], label["no"]) == (yes, no)
    assert cases["readings"] == info["readings"] == readings
    for action in ("cases", "info"):
        assert main(["project", action, str(folder), *wanted]) == 0
        assert f"of several readings: {readings['words']}\n" in capsys.readouterr().out


def test_a_list_takes_one_rule_or_one_reader(run: Run, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for words, said in (
        (("--readings", "each"), "A list says one thing of each case, so it takes agreed, majority, union, shared, "),
        (("--readings", "agreed", "--reader", "Ada"), "give one of them"),
        (("--readings", "newest"), "There is no rule newest"),
    ):
        for action in ("cases", "info"):
            assert main(["project", action, str(folder), *words]) == 2
            assert said in capsys.readouterr().err


def test_where_all_work_in_one_reading_no_rule_is_told(run: Run, tmp_path: Path) -> None:
    run("project", "create", tmp_path / "project")

    assert run("project", "info", tmp_path / "project")["readings"] == {"rule": "", "words": ""}
