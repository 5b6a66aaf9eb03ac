"""A finished run of two labels that exclude each other, judged on the eight films of a session's project."""

from pathlib import Path
from typing import Any

import numpy as np

from ml.card import write_json
from ml.evaluation.collected import CASE_COLUMNS
from ml.evaluation.curves import PRECISION, RELIABILITY, ROC, Curve, Line
from ml.events import append_event
from ml.recipe import default_recipe
from ml.report_job import REPORT_FOLDER
from viewer.core.text.table_text import comma_text
from viewer.jobs.queue import enqueue
from viewer.project.project import Project

LABELS = ("Dark", "Bright")
# (truth, answer, score of Bright) of each film; its answer is Bright from 0.5 on.
ANSWERS = (
    ("Dark", 0.10), ("Bright", 0.95), ("Dark", 0.90), ("Bright", 0.40), ("Bright", 0.70), ("Dark", 0.55),
    ("Dark", 0.30), ("Bright", 0.85),
)  # fmt: skip
SENTENCE = "On these cases it is not clearly better than the view alone."
RULE = "The answer: Bright where its score is at least 0.500."
FIGURE = {"value": 0.75, "low": 0.4, "high": 0.96, "method": "", "why": ""}


def document(**more: Any) -> dict[str, Any]:
    line = Line(x=(0.0, 0.25, 1.0), y=(0.0, 0.75, 1.0))
    point = Line(name="operating point", x=(0.5,), y=(0.75,))
    of = "Bright against Dark"
    curves = [
        Curve(kind=ROC, of=of, lines=(line, point)),
        Curve(kind=PRECISION, of=of, lines=(Line(x=(0.25, 1.0), y=(1.0, 0.5)), point)),
        Curve(kind=RELIABILITY, of=of, lines=(line,)),
    ]
    return {
        "task": "Brightness", "kind": "classification", "labels": list(LABELS), "model": "simple_cnn", "runs": ["r"],
        "model_hashes": ["h"], "snapshot": "s" * 64, "part": "test", "cases": 8, "patients": 6, "primary": "auc",
        "decides": "auc", "interval": "95 % of the patients", "sentence": SENTENCE, "notes": [], "rule": RULE,
        "seen": {"mark": ""}, "curves": [one.to_json() for one in curves], "tables": [],
        "controls": [{"name": "view alone", "tells": "what the header alone reaches", "why": ""}],
        "answers": {"model": {"auc": FIGURE, "accuracy": {**FIGURE, "value": 0.625}},
                    "view alone": {"auc": {**FIGURE, "value": 0.5}, "accuracy": FIGURE}},
        **more,
    }  # fmt: skip


def case_rows(project: Project) -> list[dict[str, Any]]:
    """Of the films in the order of their files."""
    rows = []
    images = sorted(project.images.all(), key=lambda one: str(one.path))
    for image, (truth, score) in zip(images, ANSWERS, strict=True):
        answer = "Bright" if score >= 0.5 else "Dark"
        for label, own in (("Dark", 1 - score), ("Bright", score)):
            rows.append({
                "image": image.image_id, "patient": image.patient_id, "fold": 0, "part": "test", "label": label,
                "score": f"{own:.6f}", "truth": "yes" if label == truth else "no",
                "answer": "yes" if label == answer else "no", "false": "", "seen": "", "file": image.path.name,
            })  # fmt: skip
    return rows


def trained(project: Project, *, epochs: int = 3, snapshot_id: str = "", **recipe: Any) -> Path:
    """The folder of a finished run that nobody has judged. epochs: each is told."""
    asked = default_recipe(
        task="Brightness", kind="classification", labels=LABELS, model="simple_cnn", epochs=epochs,
        snapshot_id=snapshot_id, **recipe,
    )  # fmt: skip
    folder = enqueue(project.folder, asked)
    append_event(folder, "started", device="cpu", device_reason="no GPU was found", precision="fp32", threads=2,
                 steps_per_epoch=4, epochs=epochs, epoch=0, metric="auc", images={"train": 9, "val": 12},
                 patients={"train": 5, "val": 6})  # fmt: skip
    for epoch in range(epochs):
        figures = {"auc": 0.8 - 0.1 / (epoch + 1), "accuracy": 0.7}
        append_event(folder, "epoch", epoch=epoch, train_loss=1.4 / (epoch + 1), val_loss=1.2, metrics=figures,
                     best=epoch == epochs - 1, seconds=9)  # fmt: skip
    append_event(folder, "finished", best_epoch=epochs - 1, metrics={"auc": 0.8}, model_hash="a" * 64)
    return folder


def judge(folder: Path, project: Project, **more: Any) -> None:
    """What a report's job leaves beside the run."""
    report = folder / REPORT_FOLDER
    report.mkdir(exist_ok=True)
    write_json(report / "config.json", {"report": {"part": "test", "seen_anyway": False}})
    write_json(report / "figures.json", document(**more))
    (report / "cases.csv").write_text(comma_text(CASE_COLUMNS, case_rows(project)), encoding="utf-8")
    append_event(report, "finished", said="AUC 0.750 (0.400 to 0.960) on the test part: 8 cases of 6 patients",
                 model_hash="h")  # fmt: skip


def by_hand(truth: str, answer: str) -> list[int]:
    """Which films are of one cell, by their numbers."""
    said = np.where(np.array([score for _, score in ANSWERS]) >= 0.5, "Bright", "Dark")
    return [place for place, (one, _) in enumerate(ANSWERS) if one == truth and said[place] == answer]
