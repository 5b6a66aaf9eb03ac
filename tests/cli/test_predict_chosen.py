"""`predict` on a part or a filter of a project, and `project cases` by what a model says: by the same words."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.cli.test_predict_explain import a_model, run
from viewer.core.labels import Verdict
from viewer.core.shapes.annotations import CaseStatus, Prediction
from viewer.project.edit_builders import add_label, say_image_label, set_status
from viewer.project.project import Project
from viewer.project.records import Task
from viewer.project.register import FrameToAdd, add_frames
from viewer.project.snapshots.openings import seal_words
from viewer.project.snapshots.snapshot import make_snapshot
from viewer.project.snapshots.split import SplitFile
from viewer.reading.series import FrameRef

PARTS = ("train", "test", "train", "test", "val", "")
SCORES = (0.9, 0.2, 0.75, 0.55, 0.4, None)  # of "clear"; the cut is 0.5; "nodule" is never said


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Six films of six patients, five of them complete and in a part. "clear" is said yes of the first three."""
    (tmp_path / "films").mkdir()
    frames = []
    for number in range(6):
        path = tmp_path / "films" / f"film{number}.png"
        Image.fromarray(np.random.default_rng(number).integers(0, 255, (40, 30)).astype(np.uint8)).save(path)
        ref = FrameRef(path=path, frame_index=0, sop_instance_uid="", instance_number="", along_normal_mm=None)
        frames.append(FrameToAdd(ref=ref, source="films", patient_id=f"P{number}", modality="DX"))
    made = tmp_path / "project"
    with Project.create(made, author="Ada") as project:
        add_frames(project, frames)
        for label in ("clear", "nodule"):
            project.history.do(add_label(label, "image", project.labels))
        rows = project.cases.all()
        for place, row in enumerate(rows[:5]):
            for label, verdict in (("clear", Verdict.YES if place < 3 else Verdict.NO), ("nodule", Verdict.NO)):
                project.history.do(say_image_label(row.first_image_id, label, before=None, after=verdict))
            project.history.do(set_status(project.cases.get(row.case_id), CaseStatus.COMPLETE))
        lines = [f"{row.first_image_id},{part}" for row, part in zip(rows, PARTS, strict=True)]
        (tmp_path / "parts.csv").write_text("\n".join(["image_id,part", *lines]) + "\n")
        task = Task(name="T", kind="classification", labels=("clear", "nodule"), exclusive=False)
        make_snapshot(project, task, split_file=SplitFile(path=tmp_path / "parts.csv", column="part"))
    a_model(made / "models" / "m", threshold=0.5)
    return made


def films_of(document: Any) -> list[str]:
    return [Path(one["path"]).name for one in document["predictions"]]


def test_a_part_is_asked_about_once_and_what_is_left_can_be_asked_after_a_stop(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("predict", folder, "--model", "m", "--out", tmp_path / "p.json")
    with Project.open(folder, writable=False) as project:
        snapshot = next(folder.glob("snapshots/*/card.json")).parent.name
        assert len(project.cases.all()) == 6

    code, document, _ = run(capsys, *words, "--part", "train")
    assert (code, films_of(document), document["opened"]) == (0, ["film0.png", "film2.png"], None)
    assert seal_words(folder, snapshot) == "sealed, not opened yet"

    code, document, _ = run(capsys, *words, "--part", "Test,Validation", "--filter", "film3")
    assert films_of(document) == ["film3.png"], "a look at one case of the test part tells nothing of a model"
    assert seal_words(folder, snapshot) == "sealed, not opened yet"

    code, document, _ = run(capsys, *words, "--part", "test")
    assert films_of(document) == ["film1.png", "film3.png"] and document["opened"]["times"] == 1
    assert seal_words(folder, snapshot) == "opened 1 time (1 prediction)"

    code, document, _ = run(capsys, *words, "--unanswered")
    assert films_of(document) == ["film4.png", "film5.png"], "each image once"
    code, document, _ = run(capsys, *words, "--part", "test", "--unanswered")
    assert (code, document["predictions"]) == (0, []) and seal_words(folder, snapshot).startswith("opened 1 time")

    for more, said in (
        (("--part", "tests"), "has no part called “tests”. It can be part:train"),
        (("--filter", "score>8"), "“8” is no number from 0 to 1"),
        (("--filter", "score(mass)>0.8"), "The model has no label “mass”; it has clear, nodule."),
        (("--filter", "nowhere"), "None of the 6 cases of"),
    ):
        code, document, error = run(capsys, *words, *more)
        assert code == 2 and said in error and error.strip().count("\n") == 0
    film = tmp_path / "films" / "film0.png"
    code, _, error = run(
        capsys, "predict", film, "--project", folder, "--model", "m", "--out", "p.json", "--part", "test"
    )
    assert code == 2 and "choose among the cases of a project: name it alone." in error


def test_a_look_that_cannot_be_counted_asks_about_nothing(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "snapshots" / "openings.jsonl").mkdir()

    code, document, _ = run(capsys, "predict", folder, "--model", "m", "--out", tmp_path / "p.json", "--part", "test")

    assert (code, document["error"]["kind"]) == (1, "NotWritable")
    with Project.open(folder, writable=False) as project:
        assert project.predictions.all() == [], "an answer that is kept would be seen in the window"


def test_cases_are_listed_sorted_and_filtered_by_what_a_model_has_said(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model_hash = json.loads((folder / "models" / "m" / "card.json").read_text())["model_hash"]
    with Project.open(folder, writable=True) as project:
        for row, score in zip(project.cases.all(), SCORES, strict=True):
            if score is not None:
                project.predictions.add(
                    Prediction(
                        prediction_id=row.case_id, image_id=row.first_image_id, model_hash=model_hash,
                        model_name="Test classification", kind="classification", created="2026-11-30", threshold=0.5,
                        scores={"clear": score, "nodule": 0.05}, labels=("clear", "nodule"), exclusive=False,
                    )
                )  # fmt: skip

    def listed(*words: object) -> list[str]:
        code, document, _ = run(capsys, "project", "cases", folder, *words)
        assert code == 0
        return [one["title"][-5:-4] for one in document["cases"]]

    assert listed("--model", "m", "--find", "score>0.5") == ["0", "2", "3"]
    assert listed("--model", "m", "--find", "score(CLEAR):0.2..0.55", "--part", "test") == ["1", "3"]
    # Said yes of 0, 1 and 2; the answer says it of 0, 2 and 3.
    assert listed("--model", "m", "--find", "disagrees") == ["1", "3"]
    # The nearest score to the cut 0.5: 0.4 away (0), 0.3 (1), 0.25 (2), 0.05 (3), 0.1 (4).
    assert listed("--model", "m", "--sort", "uncertainty") == ["3", "4", "2", "1", "0", "5"]
    assert listed("--model", "m", "--sort", "score") == ["0", "2", "3", "4", "1", "5"]
    assert listed("--model", "m", "--find", "uncertain<0.09") == ["3"]
    code, document, _ = run(capsys, "project", "cases", folder, "--model", "m")
    said = [one["said"] for one in document["cases"]]
    assert said[3] == {
        "label": "clear", "score": 0.55, "scores": {"clear": 0.55, "nodule": 0.05}, "said": ["clear"],
        "disagrees": ["clear"], "margin": pytest.approx(0.05), "seen": "",
    }  # fmt: skip
    assert said[5] is None and "parts" not in document["cases"][0]

    for words in (("--find", "score>0.5"), ("--sort", "score")):
        code, _, error = run(capsys, "project", "cases", folder, *words)
        assert code == 2 and "name it with --model." in error
    code, document, _ = run(capsys, "project", "cases", folder, "--model", "m", "--reader", "Eve, first")
    assert all(one["said"] is None for one in document["cases"]), "nothing of AI before a case is complete there"
