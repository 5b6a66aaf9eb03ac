"""`negatoscope runs`: sorted, filtered, named, noted, tagged, deleted; and `train --like`."""

import io
from dataclasses import replace
from pathlib import Path

import pytest

from ml.recipe import Recipe
from tests.cli.test_predict_explain import run
from tests.jobs.test_training_child import made_project
from viewer.cli import train
from viewer.cli.main import command_parser, main
from viewer.cli.train import recipes_of
from viewer.core.errors import BadRequest
from viewer.jobs.queue import enqueue
from viewer.jobs.runs import list_runs, read_run
from viewer.project.snapshots.snapshot import Snapshot


def test_a_run_is_named_noted_and_tagged(runs: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    older, newer = runs
    project = older.parent.parent

    assert run(capsys, "runs", project, "rename", older.name, "The", "good one")[0] == 0
    assert run(capsys, "runs", project, "note", "The good one", "lower rate")[0] == 0
    assert run(capsys, "runs", project, "tag", older.name[-4:], "best", "shown")[0] == 0
    code, document, _ = run(capsys, "runs", project, "tag", older.name, "SHOWN", "--remove")

    (told,) = document["runs"]
    assert code == 0 and (told["title"], told["note"], told["tags"]) == ("The good one", "lower rate", ["best"])
    assert main(["runs", str(project), "--filter", "tag:best"]) == 0
    line = capsys.readouterr().out
    assert older.name in line and "“The good one”" in line and "#best" in line and newer.name not in line


def test_runs_are_sorted_by_their_figures(runs: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    older, newer = runs
    project = older.parent.parent

    up = run(capsys, "runs", project, "--sort", "test")[1]["runs"]
    assert [one["run_id"] for one in up] == [newer.name, older.name]  # the other has no figure
    code, document, _ = run(capsys, "runs", project, "--sort", "speed")
    assert code == 2 and "sorted by 'speed'" in document["error"]["message"]
    code, document, _ = run(capsys, "runs", project, "--filter", "lr:3")
    assert code == 2 and "no 'lr' to be found by" in document["error"]["message"]
    code, document, _ = run(capsys, "runs", project, "--filter", "nothing-like-it")
    assert (code, document) == (0, {"runs": []})


def test_nothing_is_deleted_before_it_is_agreed_to(
    runs: tuple[Path, Path], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    older, newer = runs
    project = older.parent.parent
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n" * 2))  # no terminal

    code, document, err = run(capsys, "runs", project, "delete", newer.name)
    assert code == 2 and document["error"]["message"] == "Nothing was deleted; say --yes to delete."
    assert "Its report goes too" in err and "stays counted" in err and len(list_runs(project)) == 2
    assert main(["runs", str(project), "delete", newer.name]) == 2 and len(list_runs(project)) == 2

    code, document, _ = run(capsys, "runs", project, "delete", newer.name, "--yes")
    assert code == 0 and document == {"deleted": [newer.name]}
    assert [one.folder for one in list_runs(project)] == [older]
    code, document, _ = run(capsys, "runs", project, "delete", newer.name, "--yes")
    assert code == 2 and newer.name in document["error"]["message"]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("answer", "left"), [("y\n", 1), ("\n", 2), ("n\n", 2), ("", 2)])
def test_at_a_terminal_it_is_asked(
    answer: str, left: int, runs: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    project = runs[0].parent.parent
    monkeypatch.setattr("sys.stdin", Terminal(answer))

    main(["runs", str(project), "delete", runs[0].name])

    assert len(list_runs(project)) == left


def test_what_lacks_its_words_is_said(runs: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    project = runs[0].parent.parent

    for words in (["tag", runs[0].name], ["delete"], ["rename"]):
        code, document, _ = run(capsys, "runs", project, *words)
        assert code == 2 and document["error"]["message"].startswith("Say which run")


@pytest.fixture
def trained(tmp_path: Path) -> Path:
    """A run on the first of two snapshots of one task."""
    project = made_project(tmp_path)
    words = ["--task", "square", "--kind", "classification", "--labels", "well,sick"]
    assert main(["snapshot", str(project), *words, "--folds", "3"]) == 0
    line = [
        str(project),
        "--task",
        "square",
        "--model",
        "simple_cnn",
        "--epochs",
        "3",
        "--name",
        "of-monday",
        "--fold",
        "1",
    ]
    (recipe,), _ = recipes_of(command_parser("train").parse_args([*line, "--name", "of-monday", "--fold", "1"]))
    folder = enqueue(project, recipe.with_settings(["augment_flip=true"]))
    assert main(["snapshot", str(project), *words, "--split", "0.6", "0.2", "0.2"]) == 0
    return folder


def like(folder: Path, *words: str) -> Recipe:
    line = [str(folder.parent.parent), "--like", folder.name[-4:], *words]
    (recipe,), _ = recipes_of(command_parser("train").parse_args(line))
    return recipe


def test_a_run_like_another_differs_in_what_is_given_alone(trained: Path) -> None:
    before = Recipe.from_json(read_run(trained).recipe)

    assert (before.fold, before.run_name) == (1, "of-monday")
    assert like(trained) == replace(before, run_name="")
    after = like(trained, "--epochs", "7", "--set", "batch_size=4", "--init", str(trained))
    assert after == replace(before, run_name="", epochs=7, batch_size=4, init=str(trained))


def test_a_run_like_another_learns_from_its_snapshot_unless_another_is_given(trained: Path) -> None:
    project = trained.parent.parent
    own, newest = read_run(trained).recipe["snapshot_id"], Snapshot.load(project, task="square").id
    assert own != newest

    assert like(trained).snapshot_id == own
    other = like(trained, "--snapshot", newest[:10])
    assert (other.snapshot_id, other.fold) == (newest, None)  # which has no folds


def test_what_is_another_is_said_before_the_start(
    trained: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(train, "require_torch", lambda: None)
    monkeypatch.setattr(train, "follow", lambda folders, out: {"runs": [folder.name for folder in folders]})
    project = trained.parent.parent

    code, document, err = run(capsys, "train", project, "--like", trained.name, "--epochs", "7")

    assert code == 0 and f"Like {trained.name}, except: the number of epochs 7 instead of 3." in err
    assert read_run(project / "runs" / document["runs"][0]).epochs == 7


def test_settings_that_cannot_be_read_are_no_pattern(trained: Path) -> None:
    (trained / "config.json").write_text('{"recipe": {"task": "square", "speed": 3}}')

    with pytest.raises(BadRequest, match=f"No run can be made like {trained.name}: .*does not know: speed"):
        like(trained)
