"""Several readers on the command line: each imports, decides and takes back in a reading of their own."""

from pathlib import Path

import numpy as np
import pytest

from tests.cli.conftest import Run


@pytest.fixture
def films(tmp_path: Path) -> Path:
    """Four films of four patients, and what two readers say of them in a table each."""
    from PIL import Image

    folder = tmp_path / "set"
    folder.mkdir()
    said = {"Ada": ("ill", "ill", "well", "well"), "Bob": ("ill", "well", "well", "well")}
    for number in range(4):
        pixels = np.random.default_rng(number).integers(0, 255, (30, 20), np.uint8)
        Image.fromarray(pixels).save(folder / f"P{number}.png")
    for name, labels in said.items():
        rows = [f"P{number}.png,P{number},{label}" for number, label in enumerate(labels)]
        (folder / f"{name}.csv").write_text("path,patient_id,label\n" + "\n".join(rows))
    return folder


@pytest.fixture
def read(run: Run, tmp_path: Path, films: Path) -> Path:
    """A project that both have read."""
    folder = tmp_path / "project"
    run("project", "create", folder)
    run("project", "readings", folder, "--each")
    for name in ("Ada", "Bob"):
        table = films / f"{name}.csv"
        run("annotate", "import", folder, "--format", "csv", table, "--complete", "--reader", name)
    return folder


def answers(run: Run, folder: Path, reader: str) -> dict[str, int]:
    info = run("project", "info", folder, "--reader", reader)
    return {label["name"]: label["yes"] for label in info["labels"]}


def test_two_readers_import_and_take_back_each_their_own(run: Run, read: Path) -> None:
    assert answers(run, read, "Ada") == {"ill": 2, "well": 2}
    assert answers(run, read, "Bob") == {"ill": 1, "well": 3}
    assert answers(run, read, "shared") == {"ill": 0, "well": 0}

    run("project", "undo", read, "--reader", "Bob")

    assert answers(run, read, "Ada") == {"ill": 2, "well": 2}
    assert answers(run, read, "Bob") == {"ill": 0, "well": 0}
    assert run("project", "verify", read)["ok"] is True


def test_who_reads_and_how_far_each_is_is_said(run: Run, read: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = run("project", "readings", read)

    assert said["readers"] == "each"
    assert {one["reader"]: one["progress"]["complete"] for one in said["rounds"]} == {"": 0, "Ada": 4, "Bob": 4}
    assert [case["status"] for case in run("project", "cases", read, "--reader", "shared")["cases"]] == ["to do"] * 4
    assert run("project", "readings", read, "--together")["readers"] == "together"


def test_a_snapshot_takes_what_its_rule_says(run: Run, read: Path) -> None:
    told = ("snapshot", read, "--task", "t", "--kind", "classification", "--split", 1, 0, 0)

    agreed = run(*told)
    assert agreed["images"] == 3 and agreed["left_out"]["its readers differ"] == 1
    hers = run("snapshot", read, "--task", "t", "--split", 1, 0, 0, "--readings", "reader:Ada")
    assert hers["labels"]["ill"]["yes"] == 2 and hers["task"]["readings"] == "reader:Ada"
    again = run("snapshot", read, "--task", "t", "--split", 1, 0, 0)
    assert again["id"] == hers["id"]  # the task keeps its rule

    refused = run("snapshot", read, "--task", "t", "--readings", "last", code=2)
    assert "agreed, majority, union, shared, reader:NAME" in refused["error"]["message"]


def test_an_export_is_that_of_a_reader(run: Run, read: Path, tmp_path: Path) -> None:
    run("annotate", "export", read, "--format", "csv", "--out", tmp_path / "bob.csv", "--reader", "Bob")

    rows = (tmp_path / "bob.csv").read_text().splitlines()
    said = {tuple(row.split(",")[7:9]) for row in rows if "P1.png" in row and "image label" in row}
    assert said == {("ill", "no"), ("well", "yes")}


def test_a_reader_reads_again_and_before_ai(
    run: Run, read: Path, films: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = films / "Bob.csv"
    for words in ("Ada, repeat", "Ada, first"):
        run("annotate", "import", read, "--format", "csv", table, "--complete", "--reader", words)
    said = {(one["reader"], one["kind"], one["number"]) for one in run("project", "readings", read)["rounds"]}
    assert said >= {("Ada", "own", 1), ("Ada", "repeat", 1), ("Ada", "first", 1), ("Bob", "own", 1)}
    assert answers(run, read, "Ada") == {"ill": 2, "well": 2}
    assert answers(run, read, "Ada, repeat") == answers(run, read, "Ada, first") == {"ill": 1, "well": 3}
    refused = run("review", read, "list", "--reader", "Ada, first", code=2)
    assert "is a reading before AI is shown" in refused["error"]["message"]


def test_when_ai_was_shown_of_a_case_is_listed(run: Run, read: Path) -> None:
    from viewer.project.project import Project

    with Project.open(read, writable=True, reader="Ada") as project:
        case_id = project.cases.all()[0].case_id
        project.reveal(case_id)
        time = project.cases.get(case_id).revealed
    shown = {one["case_id"]: one.get("ai_shown") for one in run("project", "cases", read, "--reader", "Ada")["cases"]}
    assert shown.pop(case_id) == time and set(shown.values()) == {None}
    rounds = {one["reader"]: one["ai_shown"] for one in run("project", "readings", read)["rounds"]}
    assert rounds == {"": 0, "Ada": 1, "Bob": 0}
