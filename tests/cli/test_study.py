"""The study on a small generated set: folds from the file, skipped when done, a table with its controls."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from viewer.cli import study
from viewer.cli.main import main
from viewer.cli.study_plan import ROWS
from viewer.jobs.runs import list_runs


def small_kermany(data: Path) -> None:
    """20 films of 10 patients in 5 folds, in the layout of the real set."""
    folder = data / "cxr" / "kermany"
    (folder / "images").mkdir(parents=True)
    rng = np.random.default_rng(1)
    labels, folds = (
        ["path,patient_id,label,sublabel,orig_width,orig_height"],
        ["path,patient_id,fold_label,fold_sublabel"],
    )
    for number in range(20):
        sick = number % 2 == 1
        pixels = rng.integers(40, 90, (32, 40)).astype(np.uint8)
        pixels[8:20, 10:26] += 100 * sick
        name, patient = f"images/{number}.png", f"p{number // 2}"
        Image.fromarray(pixels).save(folder / name)
        kind, part = ("PNEUMONIA", "bacteria") if sick else ("NORMAL", "normal")
        labels.append(f"{name},{patient},{kind},{part},{400 + number},300")
        folds.append(f"{name},{patient},{(number // 2) % 5},")
    (folder / "labels.csv").write_text("\n".join(labels) + "\n")
    (folder / "folds.csv").write_text("\n".join(folds) + "\n")


@pytest.fixture
def in_process(monkeypatch) -> list[Path]:
    """Train where the test runs instead of in children; returns the folders, as they are trained."""
    from ml.training.run import project_of, read_recipe, run_training
    from viewer.project.snapshots.snapshot import Snapshot

    trained: list[Path] = []

    def follow(folders: list[Path], out: object) -> None:
        for folder in folders:
            trained.append(folder)
            run_training(folder, Snapshot.load(project_of(folder), read_recipe(folder).snapshot_id), resume=True)

    monkeypatch.setattr(study, "follow", follow)
    return trained


def words(tmp_path: Path) -> list[str]:
    settings = ("model=simple_cnn", "input_px=32", "epochs=1", "threads=1", "precision=fp32")
    chosen = [word for setting in settings for word in ("--set", setting)]
    place = ["--out", str(tmp_path / "out"), "--data", str(tmp_path / "data")]
    return ["study", *place, "--only", "kermany-pneumonia", *chosen, "--json"]


def test_the_study_trains_each_fold_once_and_writes_the_table(tmp_path: Path, in_process, capsys) -> None:
    small_kermany(tmp_path / "data")

    assert main(words(tmp_path)) == 0
    row = json.loads(capsys.readouterr().out)["rows"][0]
    assert (row["cases"], row["patients"], row["folds"], len(in_process)) == (20, 10, 5, 5)
    assert set(row["answers"]) == {
        "model",
        "most frequent class",
        "logistic regression on 32x32",
        "header facts only",
        "32x32 with the middle covered",
        "32x32 on shuffled labels",
    }
    table = (tmp_path / "out" / "results.md").read_text()
    assert "Kermany, normal or pneumonia | 20 / 10" in table
    assert row["sentence"] in table
    assert "negatoscope train kermany --task pneumonia" in table

    newest = in_process[-1]
    for path in (newest / "events.jsonl", newest / "card.json"):
        path.unlink()  # as if the machine had gone down before the last fold
    assert main(words(tmp_path)) == 0
    assert len(in_process) == 6
    assert len({run.fold for run in list_runs(tmp_path / "out" / "kermany")}) == 5


def test_a_repeated_fold_says_whether_the_weights_are_the_same(tmp_path: Path, in_process, capsys) -> None:
    small_kermany(tmp_path / "data")

    assert main([*words(tmp_path), "--full"]) == 0

    again = json.loads(capsys.readouterr().out)["rows"][0]["repeated"]
    assert again["same_weights"] is True
    assert again["values"][0] == again["values"][1]
    assert "bit for bit" in (tmp_path / "out" / "results.md").read_text()


def test_without_the_films_or_with_an_unknown_row_the_study_says_so(tmp_path: Path, capsys) -> None:
    assert main(["study", "--out", str(tmp_path), "--data", str(tmp_path)]) == 1
    assert "--data" in capsys.readouterr().err
    assert main(["study", "--out", str(tmp_path), "--only", "mnist"]) == 2
    assert "kermany-pneumonia" in capsys.readouterr().err


def test_every_row_of_the_plan_is_a_recipe_that_holds() -> None:
    names = [row.name for row in ROWS]
    for row in ROWS:
        recipe = study._recipe(row, "ab" * 32, Path(), settings=()) if not row.init_row else None
        assert recipe is None or recipe.input_px == 128
        assert row.source in study.SOURCES
        assert {row.init_row, row.against_row} <= {"", *names[: names.index(row.name)]}
