"""Many runs as a project may have them: values, and folders with as many epochs, for tables and for what they cost."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from ml.events import CONFIG_FILE, EVENTS_FILE
from ml.recipe import default_recipe
from viewer.jobs.run_story import EpochPoint
from viewer.jobs.runs import RunState, RunStatus

MODELS = ("simple_cnn", "resnet18", "mobilenet_v3_small")
STATES = (RunStatus.FINISHED, RunStatus.FINISHED, RunStatus.FAILED, RunStatus.CANCELLED, RunStatus.QUEUED)


def recipe_of(place: int, **more: Any) -> dict[str, Any]:
    """Each a little different."""
    made = default_recipe(
        task=f"Task {place % 4}", kind="classification", labels=("no", "yes"), model=MODELS[place % 3], seed=place,
        epochs=20 + place % 7, batch_size=2 ** (2 + place % 5), learning_rate=0.001 * (1 + place % 9),
        snapshot_id=f"{place % 3:064x}", **more,
    )  # fmt: skip
    return made.to_json()


def a_run(place: int, *, epochs: int = 20, **facts: Any) -> RunState:
    """One of many, as its folder would tell it."""
    curves = tuple(
        EpochPoint(
            epoch=epoch, train_loss=1 / epoch, val_loss=1.2 / epoch, metrics={"auc": 0.5 + 0.4 * epoch / epochs},
            best=True, note="", threshold=0.5,
        )
        for epoch in range(1, epochs + 1)
    )  # fmt: skip
    report = None
    made = RunState(
        run_id=f"20261121-{place:06d}-task-{place:04x}", folder=Path("runs") / f"{place}", task=f"Task {place % 4}",
        model=MODELS[place % 3], state=STATES[place % 5], curves=curves, best_epoch=epochs, metric_name="auc",
        epoch=epochs, epochs=epochs, started=f"2026-11-{1 + place % 28:02d}T10:{place % 60:02d}:00+01:00",
        worked_s=60.0 * place, recipe=recipe_of(place), val_cases=40, val_patients=20,
    )  # fmt: skip
    if made.state is RunStatus.FINISHED:
        said = f"AUC {0.5 + place % 100 / 250:.3f} (0.400 to 0.960) on the test part: 40 cases of 20 patients"
        report = replace(made, said=said, curves=())
    return replace(made, report=report, **facts)


def write_run(project: Path, place: int, epochs: int) -> Path:
    """A finished run's folder with so many epochs."""
    folder = project / "runs" / f"20261121-{place:06d}-task-{place:04x}"
    folder.mkdir(parents=True)
    (folder / CONFIG_FILE).write_text(json.dumps({"recipe": recipe_of(place)}))
    at = {"t": "2026-11-21T10:00:00.000+01:00"}
    lines = [{"event": "started", **at, "steps_per_epoch": 4, "epochs": epochs, "epoch": 0, "metric": "auc",
              "first_epoch": 1}]  # fmt: skip
    lines += [
        {"event": "epoch", **at, "epoch": epoch, "train_loss": 1 / epoch, "val_loss": 1.2 / epoch,
         "metrics": {"auc": 0.7}, "best": epoch == 1}
        for epoch in range(1, epochs + 1)
    ]  # fmt: skip
    lines.append({"event": "finished", **at, "best_epoch": 1, "model_hash": f"{place:064x}"})
    (folder / EVENTS_FILE).write_text("".join(json.dumps(line) + "\n" for line in lines))
    return folder
