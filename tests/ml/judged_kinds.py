"""A small project of each kind of task, with a run whose cut lies where the answers of its test films part.

Nothing here asks the program what it says of a film: truth is what was drawn, figures are scikit-learn's or numpy's.
"""

import csv
import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ml.card import hash_model, read_card, weights_path, write_json
from ml.recipe import default_recipe
from ml.training.run import run_training
from viewer.cli.main import main
from viewer.core.edits import CaseStatusChange, Edit, ImageLabelChange
from viewer.core.labels import Verdict
from viewer.core.shapes.annotations import CaseStatus
from viewer.core.shapes.kinds.box import Box
from viewer.core.shapes.kinds.mask import MaskRuns
from viewer.project import edit_builders as edits
from viewer.project.project import Project
from viewer.project.records import Task
from viewer.project.register import add_to_project
from viewer.project.snapshots.snapshot import SplitFile, make_snapshot
from viewer.reading.scan import scan

SIDE = 48
PARTS = ("train",) * 10 + ("val",) * 6 + ("test",) * 12
MODELS = {"classification": "simple_cnn", "detection": "center_point", "segmentation": "small_unet"}


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A task. cut: the operating point that its card is given; None: the median of its own test scores."""

    kind: str
    labels: tuple[str, ...]
    exclusive: bool
    cut: float | None = None
    epochs: int = 1


KINDS = {
    "two exclusive labels": Kind(kind="classification", labels=("NORMAL", "PNEUMONIA"), exclusive=True),
    "three exclusive labels": Kind(kind="classification", labels=("A", "B", "C"), exclusive=True, cut=0.5),
    "labels for themselves": Kind(kind="classification", labels=("A", "B", "C"), exclusive=False),
    "boxes": Kind(kind="detection", labels=("A", "B"), exclusive=False, epochs=14),
    "exclusive masks": Kind(kind="segmentation", labels=("A", "B"), exclusive=True, cut=0.2),
    "masks for themselves": Kind(kind="segmentation", labels=("A", "B"), exclusive=False, cut=0.45),
}


@dataclass(frozen=True, kw_only=True)
class Judged:
    """A project with a finished run. truth: by file name, what was drawn on the film, one entry a label."""

    project: Path
    run: str
    kind: Kind
    films: Path
    truth: dict[str, list[Any]]

    def test_films(self) -> list[Path]:
        return sorted(path for number, path in enumerate(sorted(self.films.glob("*.png"))) if PARTS[number] == "test")


def draw(kind: Kind, number: int) -> tuple[NDArray[np.uint8], list[Any]]:
    """A film, and of each label whether it is there (classification), its mask, or its boxes."""
    random = np.random.default_rng(number)
    film = random.integers(40, 110, (SIDE, SIDE + 4)).astype(np.uint8)
    places = [
        (int(random.integers(2, SIDE - 20)), 2 + side + int(random.integers(0, 8)), int(random.integers(10, 16)))
        for side in ((0, 26) if number % 3 else (26, 0))
    ]
    shapes = []
    for row, col, size in places:
        mask = np.zeros(film.shape, np.bool_)
        mask[row : row + size, col : col + size] = True
        shapes.append(mask)
    there = [(number + i) % 4 != 0 for i in range(2)]  # now and then one is missing
    for mask, seen in zip(shapes, there, strict=True):
        film[mask] += np.uint8(60 * seen)
    if kind.kind == "segmentation":
        return film, [mask & seen for mask, seen in zip(shapes, there, strict=True)]
    if kind.kind == "detection":
        boxes = [[(col, row, col + size, row + size)] for row, col, size in places]
        return film, [box if seen else [] for box, seen in zip(boxes, there, strict=True)]
    if kind.exclusive:
        return film, [i == number % len(kind.labels) for i in range(len(kind.labels))]
    return film, [bool(random.integers(0, 2)) for _ in kind.labels]


def make(folder: Path, kind: Kind) -> Judged:
    """Films, project, complete cases, snapshot with a fixed split, a short run, and its card at the cut."""
    films = folder / "films"
    films.mkdir(parents=True)
    truth = {}
    for number in range(len(PARTS)):
        film, truth[f"f{number:02}.png"] = draw(kind, number)
        Image.fromarray(film).save(films / f"f{number:02}.png")
    table = folder / "parts.csv"
    with table.open("w", newline="") as file:
        csv.writer(file).writerows(
            [("path", "part"), *((f"films/{name}", part) for name, part in zip(sorted(truth), PARTS, strict=True))]
        )
    task = Task(name="t", kind=kind.kind, labels=kind.labels, exclusive=kind.exclusive)
    with Project.create(folder / "p") as project:
        add_to_project(project, scan([films]))
        for image in project.images.all():
            say(project, image.image_id, kind, truth[Path(image.path).name])
        project.tasks.put(task)
        snapshot = make_snapshot(project, task, split_file=SplitFile(path=table, column="part"))
    run = folder / "p" / "runs" / "run-1"
    run.mkdir(parents=True)
    recipe = default_recipe(
        task="t", kind=kind.kind, labels=kind.labels, model=MODELS[kind.kind], exclusive=kind.exclusive,
        input_px=32, epochs=kind.epochs, batch_size=4, threads=1, precision="fp32", device="cpu", augment=False,
        learning_rate=0.003, snapshot_id=snapshot.id,
    )  # fmt: skip
    write_json(run / "config.json", {"recipe": recipe.to_json()})
    run_training(run, snapshot)
    judged = Judged(project=folder / "p", run="run-1", kind=kind, films=films, truth=truth)
    move_cut(run, kind.cut if kind.cut is not None else median_score(judged, folder / "first.json"))
    return judged


def median_score(judged: Judged, out: Path) -> float:
    """Of the last label, or of the boxes, over the test films: so that answers fall on both sides of the cut."""
    run = judged.project / "runs" / judged.run
    assert main(["predict", *map(str, judged.test_films()), "--model", str(run), "--out", str(out)]) == 0
    rows = [row for one in asked(out).values() for row in one["proposals"]]
    if judged.kind.kind == "classification":
        rows = [row for row in rows if row["label"] == judged.kind.labels[-1]]
    # In the widest gap of the middle third, never on a score: batches of another size give one other last digits.
    scores = np.sort([row["score"] for row in rows])
    middle = scores[len(scores) // 3 : -(len(scores) // 3)]
    widest = int(np.argmax(np.diff(middle)))
    assert middle[widest + 1] - middle[widest] > 1e-4
    return float(middle[widest : widest + 2].mean())


def say(project: Project, image_id: str, kind: Kind, there: list[Any]) -> None:
    """What was drawn becomes the case's work, and the case is complete."""
    case = project.images.get(image_id).case_id
    changes: list[Any] = []
    for label, what in zip(kind.labels, there, strict=True):
        if kind.kind == "classification":
            verdict = Verdict.YES if what else Verdict.NO
            changes.append(ImageLabelChange(image_id=image_id, label=label, before=None, after=verdict))
        elif kind.kind == "detection":
            for x0, y0, x1, y1 in what:
                box = Box(x0_px=x0, y0_px=y0, x1_px=x1, y1_px=y1)
                changes += edits.add_annotation(image_id, label, box, author="A").changes
        elif what.any():
            changes += edits.add_annotation(image_id, label, MaskRuns.from_array(what), author="A").changes
    before = project.cases.get(case).status
    changes.append(CaseStatusChange(case_id=case, before=before, after=CaseStatus.COMPLETE))
    project.history.do(Edit(text="say", changes=tuple(changes)))


def move_cut(run: Path, threshold: float) -> None:
    """Give a run's card another operating point, as a validation of other cases would have."""
    card = replace(read_card(run), threshold=threshold, decides_by="", decides="").with_rule()
    card = replace(card, model_hash=hash_model(weights_path(run), card))
    write_json(run / "card.json", card.to_json())


def asked(path: Path) -> dict[str, dict[str, Any]]:
    """What `predict` wrote, by file name."""
    return {Path(one["path"]).name: one for one in json.loads(path.read_text())["predictions"]}
