"""How much of CLAIM the program fills by itself, on runs that were really trained and judged by defaults."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from pydicom import dcmread

from ml.recipe import default_recipe
from ml.training.run import run_training
from tests.jobs.test_training_child import made_project
from viewer.cli.main import main
from viewer.core.edits import CaseStatusChange, Edit, ImageLabelChange
from viewer.core.labels import Verdict
from viewer.core.shapes.annotations import CaseStatus
from viewer.jobs.queue import enqueue
from viewer.project.project import Project
from viewer.project.register import add_to_project
from viewer.project.snapshots.snapshot import Snapshot
from viewer.reading.phantom.dicom import write_film
from viewer.reading.scan import scan

CLAIM_ITEMS, ASKED_SHARE = 44, 0.70
IMAGES = 40


def films_of(folder: Path) -> Path:
    """Films of as many patients, made in 2020, every second with a bright square."""
    folder.mkdir()
    rng = np.random.default_rng(0)
    for number in range(IMAGES):
        pixels = rng.integers(800, 1200, (40, 48)).astype(np.uint16)
        if number % 2:
            pixels[10:24, 12:30] += 1500
        path = folder / f"{number:02d}.dcm"
        who = SimpleNamespace(patient_id=f"PH-{number:03d}", age_years=40 + number, sex="FM"[number % 3 == 0])
        write_film(path, pixels, who, pixel_mm=(0.4, 0.4), seed=1)
        data = dcmread(path)
        data.StudyDate = f"202001{1 + number % 28:02d}"
        data.save_as(path)
    return folder


def labelled(folder: Path, films: Path) -> Path:
    """A project in which a person said of each film whether it is sick, and completed it."""
    with Project.create(folder / "project", author="Ada") as project:
        add_to_project(project, scan([films]))
        for image in project.images.all():
            sick = int(Path(image.path).stem) % 2 == 1
            said = {"sick": sick, "well": not sick}
            changes: list[Any] = [
                ImageLabelChange(
                    image_id=image.image_id, label=name, before=None, after=Verdict.YES if yes else Verdict.NO
                )
                for name, yes in said.items()
            ]
            changes.append(CaseStatusChange(case_id=image.case_id, before=CaseStatus.TO_DO, after=CaseStatus.COMPLETE))
            project.history.do(Edit(text="said", changes=tuple(changes)))
    return folder / "project"


def judged(project: Path, out: Path, task: str, labels: str) -> dict[str, Any]:
    if not (project / "snapshots").is_dir() or not list((project / "snapshots").iterdir()):
        words = ["--task", task, "--kind", "classification", "--labels", labels]
        assert main(["snapshot", str(project), *words]) == 0
    snapshot = Snapshot.load(project)
    recipe = default_recipe(
        task=task, kind="classification", labels=snapshot.task.labels, model="simple_cnn", snapshot_id=snapshot.id,
        exclusive=snapshot.task.exclusive, epochs=1, input_px=32, threads=1, precision="fp32", device="cpu",
    )  # fmt: skip
    run = enqueue(project, recipe)
    run_training(run, snapshot)
    assert main(["evaluate", str(project), run.name, "--out", str(out)]) == 0
    claim: dict[str, Any] = json.loads((out / "figures.json").read_text())["claim"]
    return claim


def whole(claim: dict[str, Any]) -> set[str]:
    """The items of which the program says all, counted here: nothing is left to the author, and something is said."""
    assert [item["number"] for item in claim["items"]] == [str(number) for number in range(1, CLAIM_ITEMS + 1)]
    return {item["number"] for item in claim["items"] if item["says"] and not item["author"]}


@pytest.fixture(autouse=True)
def one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")


def test_seven_of_ten_items_are_filled_of_a_run_on_dicom_labelled_here(tmp_path: Path) -> None:
    """Nobody wrote a word for it, and these headers do not say who removed identities."""
    project = labelled(tmp_path, films_of(tmp_path / "films"))

    claim = judged(project, tmp_path / "out", "sick", "well,sick")

    filled = whole(claim)
    assert len(filled) / CLAIM_ITEMS >= ASKED_SHARE, sorted(set(map(str, range(1, 45))) - filled, key=int)
    assert claim["filled"] == len(filled)
    assert not {"3", "4", "11", "14", "15", "16", "34", "41", "42", "43", "44"} & filled
    said = Snapshot.load(project).card["how_said"]
    assert (said["people"], said["images_imported"], said["images_read_again"]) == (1, 0, 0)


def test_of_plain_pictures_with_a_table_of_labels_less_is_filled_and_none_that_only_a_header_or_reader_knows(
    tmp_path: Path,
) -> None:
    project = made_project(tmp_path)

    claim = judged(project, tmp_path / "out", "square", "well,sick")

    assert not {"5", "11", "13", "17", "18", "36"} & whole(claim)
    assert claim["filled"] == len(whole(claim)) == 26
    assert Snapshot.load(project).card["how_said"]["images_imported"] == 24
