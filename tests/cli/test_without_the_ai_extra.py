"""With the reading part alone: opening, reading and annotating work; what needs torch says so in one sentence."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.waiting import LIMIT_S
from viewer.project.verify import verify
from viewer.reading.phantom.sample import write_radiographs

CHILD = Path(__file__).with_name("run_without_ai.py")
HINT = "packaging/start.py"


def _child(*words: str, stdin: str = "") -> Any:
    env = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run(
        [sys.executable, str(CHILD), *words], input=stdin, capture_output=True, text=True, env=env, timeout=LIMIT_S
    )
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout.splitlines()[-1])
    assert document["loaded"] == []
    return document["answer"]


@pytest.fixture
def films(tmp_path: Path) -> Path:
    return write_radiographs(tmp_path / "phantom", 6, size_px=48).films_csv


def test_reading_and_annotating_work_and_the_rest_names_what_to_install(home: Path, films: Path) -> None:
    project, folder, film = home / "project", films.parent / "films", next((films.parent / "films").iterdir())
    columns = "image=path,patient=patient_id,label=label"
    works = [
        ["scan", str(folder), "--verify", "--json"],
        ["export", str(film), "--out", str(home / "film.npy")],
        ["render", str(film), "--out", str(home / "film.png")],
        ["project", "create", str(project)],
        ["annotate", "import", str(project), "--format", "csv", str(films), "--map", columns, "--complete"],
        ["annotate", "export", str(project), "--format", "csv", "--out", str(home / "out.csv")],
        ["snapshot", str(project), "--task", "nodule", "--kind", "classification", "--labels", "nodule,clear"],
        ["models", str(project)],
        ["runs", str(project)],
        ["project", "verify", str(project)],
    ]
    waits = [
        ["train", str(project), "--task", "nodule", "--model", "simple_cnn"],
        ["predict", str(film), "--model", "phantom_classifier", "--out", str(home / "p.json")],
        ["explain", str(film), "--model", "phantom_classifier", "--class", "nodule", "--out", str(home / "e.png")],
        ["evaluate", str(project), "some-run", "--out", str(home / "report")],
    ]

    answers = _child("commands", stdin=json.dumps(works + waits))

    for words, (code, _, stderr) in zip(works, answers, strict=False):
        assert code == 0, f"{' '.join(words)}: {stderr}"
    for words, (code, _, stderr) in zip(waits, answers[len(works) :], strict=True):
        assert code == 1, f"{' '.join(words)}: {stderr}"
        assert stderr.count("\n") == 1, stderr
        assert HINT in stderr, stderr
    assert (home / "film.npy").is_file()
    assert (home / "film.png").is_file()
    assert (home / "out.csv").is_file()
    assert not (home / "p.json").exists()


def test_the_window_annotates_and_says_what_train_and_review_wait_for(home: Path, films: Path) -> None:
    said = _child("window", str(films.parent / "films"))

    assert said["kept"] == ["Nodule"]
    report = verify(Path(said["project"]))
    assert (report.ok, report.annotations) == (True, 1)
    assert said["train_waits"]
    assert HINT in said["train"][0]
    assert len(said["review"]) == 1
    assert HINT in said["review"][0]
