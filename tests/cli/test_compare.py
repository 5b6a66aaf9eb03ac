"""`negatoscope compare`: the table, the sentence, the document; and what cannot be compared is refused by name."""

from pathlib import Path

import pytest

from tests.cli.test_predict_explain import run
from viewer.cli.main import main


def test_the_table_and_the_sentence_are_printed(runs: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    older, newer = runs
    folder = newer.parent.parent

    assert main(["compare", str(folder), newer.name, older.name]) == 0
    lines = capsys.readouterr().out.splitlines()

    assert lines[0].split() == [newer.name[-4:], older.name[-4:]] or newer.name[-4:] in lines[0]
    tested = next(line for line in lines if line.startswith("Test "))
    assert "F1 0.910 (0.850 to 0.960), 40 cases of 20 patients" in tested and tested.endswith("not judged yet")
    assert lines[-1] == f"No comparison: {older.name[-4:]} is not judged on the test part yet."


def test_the_document_says_the_same(runs: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    older, newer = runs
    code, document, _ = run(capsys, "compare", newer.parent.parent, older.name, newer.name)

    assert code == 0 and document["runs"] == [older.name, newer.name]
    assert document["facts"]["Test"][0] == "not judged yet" and document["facts"]["Test"][1].startswith("F1 0.910")
    assert document["verdict"] in (None, "", "none") and document["sentence"].startswith("No comparison: ")


def test_a_run_beside_itself_and_one_that_is_not_there_are_refused(
    runs: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    _, newer = runs
    folder = newer.parent.parent

    code, document, _ = run(capsys, "compare", folder, newer.name, newer.name)
    assert code == 2 and document["error"]["message"] == f"{newer.name} is named twice; name two runs to compare."
    code, document, _ = run(capsys, "compare", folder, newer.name, "no-such-run")
    assert code == 2 and "no-such-run" in document["error"]["message"]
