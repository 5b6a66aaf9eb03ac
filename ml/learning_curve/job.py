"""Making a learning curve: the run's recipe on each part of its training patients, judged on validation.

A training has a folder of its own below `points`, from which it goes on where it was stopped; judged it leaves one
small file and no weights: no model of a part of the patients is to be used.
"""

import gc
import shutil
from collections import defaultdict
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from ml.card import Card, write_json
from ml.data.cache import Reader, read_item
from ml.evaluation.control_rows.seen import Learnt
from ml.evaluation.leaving_out import Groups
from ml.evaluation.measures import figure_of
from ml.evaluation.outcome import Ints
from ml.events import BEST_WEIGHTS, CHECKPOINTS, append_event
from ml.learning_curve.asked import CurveWish, curve_command, part_of_patients, read_wish
from ml.learning_curve.kept import CURVE_FILE, POINTS_FOLDER, LearningCurve, Point, made_curve, read_point
from ml.recipe import Recipe
from ml.report_job import Telling, project_of_job
from ml.tasks.outputs import MODEL, outputs_of
from ml.training.checkpoint import load_network, read_tensors
from ml.training.device import repeat_exactly, use_threads
from ml.training.loop import LAST, Work, fit
from ml.training.run import Images, Prepared, domain_of, prepare, read_recipe, set_up
from ml.training.state import State
from viewer.core.checked import Fields
from viewer.core.errors import AppError, BadRequest
from viewer.core.text.counting import counted
from viewer.project.snapshots.snapshot import Snapshot
from viewer.reading.sources.documents import read_json


@dataclass(frozen=True, slots=True, kw_only=True)
class _Curve:
    """folder: the job's. prepared: with all training rows. strata: of each training patient what its images show."""

    folder: Path
    project: Path
    recipe: Recipe
    wish: CurveWish
    snapshot: Images
    prepared: Prepared
    strata: dict[str, list[tuple[str, ...]]]
    threads: int
    tell: Telling

    @property
    def val_rows(self) -> Ints:
        """Of the validation part, which all points are judged on."""
        return self.prepared.rows["val"]


def make_curve(folder: Path, *, reader: Reader = read_item) -> LearningCurve:
    """Make the points that are not there yet, and write the curve. Raises AppError, Cancelled.

    A point that was made stays, whatever was asked for before: it is of its share, repeat and seed alone.
    """
    folder = folder.resolve()
    run, project, tell = folder.parent, project_of_job(folder), Telling(folder)
    recipe, wish = read_recipe(run), read_wish(folder)
    snapshot = Snapshot.load(project, recipe.snapshot_id)
    threads = use_threads(recipe.threads)
    repeat_exactly()
    prepared = prepare(recipe, snapshot, project, reader=reader, progress=partial(tell, "loading the images"))
    for part, words in (("train", "training"), ("val", "validation")):
        if not len(prepared.rows.get(part, ())):
            lacks = f"The {words} part holds no image with a known label of {recipe.task!r}"
            raise BadRequest(f"{lacks}, so there is no learning curve; make a snapshot that has some.")
    curve = _Curve(
        folder=folder, project=project, recipe=recipe, wish=wish, snapshot=snapshot, prepared=prepared,
        strata=_strata(prepared, snapshot), threads=threads, tell=tell,
    )  # fmt: skip
    points, metric = [], ""
    for place, (share, repeat) in enumerate(wish.trainings):
        point, metric = _point(curve, share, repeat, place)
        points.append(point)
    made = made_curve(
        metric, snapshot.id, wish, points,
        val_cases=len(curve.val_rows), val_patients=len(set(prepared.data.patients(curve.val_rows))),
        notes=_notes(recipe), command=curve_command(project, run, wish),
    )  # fmt: skip
    write_json(folder / CURVE_FILE, made.to_json())
    append_event(folder, "finished", said=made.outlook.said, model_hash="")
    return made


def _notes(recipe: Recipe) -> list[str]:
    notes = [
        f"Every training has {counted(recipe.epochs, 'epoch')}, as the run: of a small part they are fewer steps.",
    ]
    if recipe.init != "scratch":
        notes.append(
            f"Every training starts from {recipe.init}; where that has learnt from these patients, small parts look "
            "better than they are."
        )
    return notes


def _strata(prepared: Prepared, snapshot: Snapshot) -> dict[str, list[tuple[str, ...]]]:
    data, rows = prepared.data, prepared.rows["train"]
    found: dict[str, list[tuple[str, ...]]] = defaultdict(list)
    for row, patient in zip(rows.tolist(), data.patients(rows), strict=True):
        found[patient].append(tuple(snapshot.task.of_kind.strata(data.items[row], snapshot.task.labels)))
    return dict(found)


def _point(curve: _Curve, share: int, repeat: int, place: int) -> tuple[Point, str]:
    """One point and the name of its figure, read back where it was made before."""
    name = f"{curve.wish.seed}-{repeat}-{share}"
    kept, at_work = (curve.folder / POINTS_FOLDER / each for each in (f"{name}.json", name))
    if kept.is_file():
        try:
            fields = Fields(read_json(kept), str(kept))
            return read_point(fields), fields.text("metric", most=200)
        except AppError:
            kept.unlink()  # a file that is no point is made anew
    chosen = part_of_patients(curve.strata, share, seed=curve.wish.seed, repeat=repeat)
    every = curve.prepared.rows["train"]
    rows = every[[patient in chosen for patient in curve.prepared.data.patients(every)]]
    words = f"learning from {len(chosen)} of {counted(len(curve.strata), 'training patient')}, repeat {repeat}"
    curve.tell(words, place, len(curve.wish.trainings))
    seed = curve.recipe.seed + 1000 * (curve.wish.seed - 1) + repeat - 1
    recipe = replace(curve.recipe, seed=max(0, seed), keep_every_epoch=False)
    prepared = replace(curve.prepared, recipe=recipe, rows={**curve.prepared.rows, "train": rows})
    (at_work / CHECKPOINTS).mkdir(parents=True, exist_ok=True)
    work, state = set_up(
        at_work, prepared, curve.snapshot, curve.threads, going_on=(at_work / LAST).is_file(), project=curve.project
    )  # fmt: skip
    fit(replace(work, obeys=curve.folder), state)
    figure, metric = _judged(curve, work, state)
    point = Point(
        share=share, repeat=repeat, patients=len(chosen), cases=len(rows), value=figure["value"], low=figure["low"],
        high=figure["high"], why=figure["why"],
    )  # fmt: skip
    write_json(kept, {**point.to_json(), "metric": metric})
    shutil.rmtree(at_work, ignore_errors=True)
    del work, state
    gc.collect()
    return point, metric


def _judged(curve: _Curve, work: Work, state: State) -> tuple[dict[str, Any], str]:
    """The figure that decides of the best epoch on validation, with its interval over patients."""
    recipe, counters, data, rows = work.recipe, state.counters, work.data, curve.val_rows
    load_network(state.network, read_tensors(work.folder / BEST_WEIGHTS)[0])
    card = Card(
        name="", model=recipe.model, task=recipe.task, kind=recipe.kind, labels=recipe.labels,
        exclusive=recipe.exclusive, preprocess=data.spec, domain=domain_of(data, work.train_rows),
        threshold=counters.best_threshold, metrics={}, snapshot_id=curve.snapshot.id,
        cam_layer=curve.prepared.spec.cam_layer, recipe=recipe.to_json(), scales=work.objective.scales,
        operating_point=counters.best_point,
    )  # fmt: skip
    outputs, learnt = outputs_of(recipe.kind), Learnt.of(work.train_rows, rows[:0])
    run, network = curve.folder.parent.name, state.network.eval()
    said = outputs.judge(network, data, rows, learnt, card, run=run, tell=_quiet)
    outcome = outputs.outcome(card, [said[MODEL]], np.zeros(len(rows), np.int64))
    measure = outcome.measures()[outcome.primary]
    return figure_of(measure, Groups.of(data.patients(rows))).to_json(), outcome.primary


def _quiet(_what: str, _done: int, _total: int) -> None:
    """A training's own steps are not told: how many trainings are done is."""
