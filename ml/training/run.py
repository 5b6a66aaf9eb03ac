"""One training run, from its folder's config.json to a registered model."""

import logging
import math
import random
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray

from ml.before import assure_samples, outlook, preprocess_of
from ml.card import Card, Domain, hash_model, write_json
from ml.catalogue import LEVELS, ModelSpec, PreprocessSpec, load_spec
from ml.data.batches import ImageData
from ml.data.cache import Reader, open_cache, read_item
from ml.data.storage import storage_doubts
from ml.data.targets import TaskFacts
from ml.events import BEST_WEIGHTS, CARD_FILE, CONFIG_FILE, FIRST_EPOCH, MODEL_WEIGHTS, append_event, now
from ml.explain.measuring_scale import scale_of_run
from ml.explain.scale import SCALE_FILE, write_scale
from ml.inference.domain import PHANTOM_MANUFACTURER, looks
from ml.recipe import Recipe
from ml.seen import SEEN_FILE, start_doubts
from ml.starts import log_mark
from ml.tasks.outputs import outputs_of
from ml.training.device import Precision, choose_device, choose_precision, repeat_exactly, use_threads
from ml.training.initial import head_names, resolve_init, start_from
from ml.training.loop import LAST, Work, fit
from ml.training.objective import Objective
from ml.training.seen_list import record_seen, storage_and_truth
from ml.training.state import (
    Counters,
    State,
    chosen_of,
    load_state,
    make_optimizer,
    read_facts,
    save_state,
    start_average,
)
from viewer.core.checked import Fields
from viewer.core.errors import BadRequest, JobFailed
from viewer.core.samples import SampleRule
from viewer.core.text.counting import counted
from viewer.core.text.nameless import Word
from viewer.project.snapshots.card import sample_rule_of, sample_words
from viewer.reading.sources.documents import read_json
from viewer.reading.sources.private_files import beside as name_beside

log = logging.getLogger(__name__)

LOADING_EVENT_S = 1.0


class Images(Protocol):
    """A snapshot, as training reads it (see `viewer.project.snapshots.snapshot.Snapshot`)."""

    @property
    def id(self) -> str: ...
    @property
    def card(self) -> dict[str, Any]: ...
    @property
    def items(self) -> Sequence[Any]: ...
    def parts(self, fold: int | None) -> dict[str, list[Any]]: ...


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Prepared:
    """Everything a run needs before its first step. rows: by part, in the order of the cache."""

    recipe: Recipe
    spec: ModelSpec
    data: ImageData
    rows: dict[str, NDArray[np.int64]]
    device: torch.device
    device_reason: str


def read_recipe(folder: Path) -> Recipe:
    """The recipe of a run folder. Raises BadRequest."""
    path = folder / CONFIG_FILE
    try:
        document = read_json(path, error=BadRequest)
    except FileNotFoundError as error:
        raise BadRequest(f"{path} is not there; start the run anew.") from error
    recipe = Fields(document, str(path), error=BadRequest, advice="start the run anew").plain("recipe")
    try:
        return Recipe.from_json(recipe)
    except BadRequest as error:
        raise BadRequest(f"{path}: {error}") from error


def project_of(folder: Path) -> Path:
    """The project folder of PROJECT/runs/RUN."""
    return folder.resolve().parent.parent


def prepare(
    recipe: Recipe,
    snapshot: Images,
    project_folder: Path,
    *,
    reader: Reader = read_item,
    preprocess: PreprocessSpec | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Prepared:
    """Cache, data and device. preprocess: that of a trained model's card; None: as a new run has it.

    progress: called with how many images are read, and of how many. Raises BadRequest when there is nothing to learn
    from.
    """
    spec = load_spec(recipe.model)
    if not spec.serves(recipe.kind):
        raise BadRequest(f"{spec.title} does {spec.kind}, but the task {recipe.task!r} is {recipe.kind}.")
    device, reason = choose_device(recipe.device)
    units = {str(label): str(unit) for label, unit in dict(snapshot.card.get("units", {})).items()}
    task = TaskFacts(kind=recipe.kind, labels=recipe.labels, exclusive=recipe.exclusive, units=units)
    rule = sample_rule_of(snapshot.card)
    preprocess = preprocess or preprocess_of(recipe, spec, rule)
    assure_samples(preprocess, rule, snapshot.id)
    cache = open_cache(
        project_folder / "cache",
        snapshot.items,
        preprocess,
        task,
        snapshot_id=getattr(snapshot, "cache_id", snapshot.id),
        reader=reader,
        progress=progress,
    )
    data = ImageData(cache, snapshot.items, task, preprocess, device)
    rows = {part: data.rows_of(items) for part, items in snapshot.parts(recipe.fold).items()}
    return Prepared(recipe=recipe, spec=spec, data=data, rows=rows, device=device, device_reason=reason)


def run_training(folder: Path, snapshot: Images, *, resume: bool = False, reader: Reader = read_item) -> Card:
    """Train until the end, write the card, register the model. Raises AppError, and Cancelled when asked to stop."""
    recipe = read_recipe(folder)
    last = folder / LAST
    going_on = resume and last.is_file()
    # The number of threads is part of the arithmetic, so a resumed run takes the one it began with.
    threads = use_threads(int(read_facts(last)["threads"]) if going_on else recipe.threads)
    _seed(recipe.seed)
    repeat_exactly()
    preprocess = _as_it_began(last, recipe, sample_rule_of(snapshot.card)) if going_on else None
    prepared = prepare(
        recipe, snapshot, project_of(folder), reader=reader, preprocess=preprocess, progress=_Loading(folder)
    )
    if not len(prepared.rows.get("train", ())):
        raise BadRequest(
            f"The training part holds no image with a known label of {recipe.task!r}; complete some cases first."
        )
    record_seen(folder, project_of(folder), recipe, prepared.data, prepared.rows)
    append_event(folder, "loading", what="the network")
    work, state = set_up(folder, prepared, snapshot, threads, going_on=going_on, project=project_of(folder))
    if not going_on:
        # Before the first step: a run that is killed soon goes on with these weights, this precision, these threads.
        save_state(last, state)
    arithmetic = f"{prepared.device.type}, {work.precision.name} ({work.precision.reason})"
    log.info("%s, threads: %d", Word(arithmetic), threads)
    append_event(
        folder,
        "started",
        first_epoch=FIRST_EPOCH,
        notes=_doubts(folder, snapshot, prepared),
        device=str(prepared.device),
        device_reason=prepared.device_reason,
        precision=work.precision.name,
        precision_reason=work.precision.reason,
        channels_last=work.precision.channels_last,
        threads=threads,
        steps_per_epoch=work.steps_per_epoch,
        epochs=recipe.epochs,
        epoch=state.counters.epoch,
        metric=work.objective.metric,
        images={part: len(rows) for part, rows in prepared.rows.items()},
        patients={part: len(set(prepared.data.patients(rows))) for part, rows in prepared.rows.items()},
        left_out=len(prepared.data.cache.missing),
    )
    fit(work, state)
    card = _finish(folder, prepared, snapshot, state, work.objective)
    append_event(
        folder, "finished", best_epoch=card.best_epoch, metrics=card.metrics, model_hash=card.model_hash
    )  # fmt: skip
    return card


def set_up(
    folder: Path, prepared: Prepared, snapshot: Images, threads: int, *, going_on: bool, project: Path
) -> tuple[Work, State]:
    """What the loop works on, and its first state, or the one that was saved in the folder. project: its folder."""
    recipe, spec, data = prepared.recipe, prepared.spec, prepared.data
    train_rows = prepared.rows["train"]
    _seed(recipe.seed)  # whatever was read or built until here has no part in the first weights
    network = spec.build(len(recipe.labels), data.spec.channels)
    last = folder / LAST
    if recipe.init != "scratch" and not going_on:
        source = resolve_init(project, recipe.init)
        loaded = start_from(network, spec, recipe.labels, source, project / "cache" / "foreign", kind=recipe.kind)
        known = Word(log_mark(source)) or source
        log.info("from %s: %d tensors taken over, %d not", known, loaded.loaded, len(loaded.skipped))
        append_event(
            folder,
            "initialised",
            source=loaded.source,
            loaded=loaded.loaded,
            skipped=len(loaded.skipped),
            spread=list(loaded.spread),
            skipped_names=list(loaded.skipped[:20]),
        )
    network = network.to(prepared.device)
    objective = outputs_of(recipe.kind).objective(recipe, data, train_rows)
    facts = {
        "snapshot": snapshot.id,
        "labels": list(recipe.labels),
        "model": recipe.model,
        "threads": threads,
        "seed": recipe.seed,
        "epochs": recipe.epochs,
        "levels": data.spec.levels,
    }
    if going_on:
        saved = read_facts(last)
        precision = Precision(
            name=saved["precision"], channels_last=saved["channels_last"], reason="as before the interruption"
        )
    else:
        precision = choose_precision(recipe, prepared.device)
    if precision.channels_last:
        network = network.to(memory_format=torch.channels_last)
    if spec.library:
        facts["library"] = spec.library
    facts |= {"precision": precision.name, "channels_last": precision.channels_last}
    state = State(
        network=network,
        optimizer=make_optimizer(network, recipe),
        average=start_average(network, recipe),
        counters=Counters(),
        facts=facts,
    )
    # Building the network must not leave a trace: what follows draws from the seed alone.
    _seed(recipe.seed)
    if going_on:
        load_state(last, state)
    work = Work(
        folder=folder,
        recipe=recipe,
        data=data,
        train_rows=train_rows,
        val_rows=prepared.rows.get("val", np.zeros(0, np.int64)),
        objective=objective,
        precision=precision,
        device=prepared.device,
        head=frozenset(head_names(spec)) if recipe.freeze_epochs else frozenset(),
    )
    return work, state


def _seed(seed: int) -> None:
    """Every generator a step might draw from."""
    torch.manual_seed(seed)
    random.seed(seed)
    np.random.seed(seed % 2**32)


def domain_of(data: ImageData, rows: NDArray[np.int64]) -> Domain:
    """What the training images are, from their header facts."""
    items = [data.items[row] for row in rows.tolist()]
    tags = [item.tags for item in items]
    facts = [data.cache.facts[row] for row in rows.tolist()]
    spacings = [value for fact in facts if fact["spacing_mm"] for value in fact["spacing_mm"]]
    return Domain(
        modality=tuple(sorted({item.modality or item.tags.get("Modality", "") for item in items})),
        photometric=(
            looks(bool(fact["colour"]) for fact in facts)
            if data.spec.sees_pictures
            else tuple(sorted({str(fact["photometric"]) for fact in facts}))
        ),
        body_part=tuple(sorted({tag.get("BodyPartExamined", "") for tag in tags})),
        spacing_mm=(min(spacings), max(spacings)) if spacings else None,
        phantom=bool(tags) and all(tag.get("Manufacturer", "") == PHANTOM_MANUFACTURER for tag in tags),
        source="; ".join(sorted({item.source for item in items} - {""}))[:300],
    )


def _finish(folder: Path, prepared: Prepared, snapshot: Images, state: State, objective: Objective) -> Card:
    """Write the card and register the model under its hash. Raises JobFailed when no epoch was kept."""
    weights = folder / BEST_WEIGHTS
    if not weights.is_file():
        raise JobFailed(f"{weights} is missing, so there is no model to keep; start the run anew.")
    recipe, counters = prepared.recipe, state.counters
    card = Card(
        name=recipe.run_name or folder.name,
        model=recipe.model,
        task=recipe.task,
        kind=recipe.kind,
        labels=recipe.labels,
        exclusive=recipe.exclusive,
        preprocess=prepared.data.spec,
        domain=domain_of(prepared.data, prepared.rows["train"]),
        threshold=counters.best_threshold,
        metrics={name: value for name, value in counters.best_metrics.items() if not _undefined(value)},
        snapshot_id=snapshot.id,
        cam_layer=prepared.spec.cam_layer,
        init=recipe.init,
        fold=recipe.fold,
        best_epoch=counters.best_epoch,
        created=now(),
        licence=prepared.spec.licence,
        library=prepared.spec.library,
        notes=_notes(folder, snapshot, prepared),
        recipe=recipe.to_json(),
        scales=objective.scales,
        operating_point=counters.best_point,
        chosen=chosen_of(counters, len(recipe.labels), folder / LAST),
    )
    card = card.with_rule()
    card = replace(card, model_hash=hash_model(weights, card))
    write_json(folder / CARD_FILE, card.to_json())
    # What full colour stands for in a heatmap of this model: measured once, so that a weak map looks weak.
    write_scale(folder, scale_of_run(folder, card, prepared.data, prepared.rows.get("val", np.zeros(0, np.int64))))
    register_model(project_of(folder) / "models", weights, card)
    return card


def register_model(models: Path, weights: Path, card: Card) -> Path:
    """Copy weights and card to models/HASH (the first 16 digits of the hash); whole or not there."""
    folder = models / card.model_hash[:16]
    if folder.is_dir():
        return folder
    beside = name_beside(folder)
    try:
        beside.mkdir(parents=True)
        shutil.copyfile(weights, beside / MODEL_WEIGHTS)
        if (weights.parent.parent / SEEN_FILE).is_file():
            shutil.copyfile(weights.parent.parent / SEEN_FILE, beside / SEEN_FILE)
        if (weights.parent.parent / SCALE_FILE).is_file():
            shutil.copyfile(weights.parent.parent / SCALE_FILE, beside / SCALE_FILE)
        write_json(beside / CARD_FILE, card.to_json())
        beside.rename(folder)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return folder


def _notes(folder: Path, snapshot: Images, prepared: Prepared) -> tuple[str, ...]:
    """For the card, which leaves the project: no name of a file."""
    notes = [str(note) for note in snapshot.card.get("notes", ())]
    if sample_words(snapshot.card):
        notes.append(f"It reads several frames: {sample_words(snapshot.card)}.")
        notes.append(f"Of several frames {prepared.data.spec.window_words}.")
    if prepared.data.cache.missing:
        notes.append(f"{len(prepared.data.cache.missing)} images could not be read and were left out.")
    return (*notes, *_doubts(folder, snapshot, prepared, with_names=False))


def _doubts(folder: Path, snapshot: Images, prepared: Prepared, *, with_names: bool = True) -> tuple[str, ...]:
    """What was told before the start, or would have been: kept with the run and on the card."""
    recipe, parts = prepared.recipe, snapshot.parts(prepared.recipe.fold)
    found = outlook(recipe, parts)
    missing = prepared.data.cache.missing
    unread = [f"{counted(len(missing), 'image')} left out, since it cannot be read: {why}" for _, why in missing[:1]]
    return (
        *found.refusals,
        *found.doubts,
        *(unread if with_names else ()),
        *start_doubts(project_of(folder), recipe.init, parts),
        *storage_doubts(*storage_and_truth(prepared.data, prepared.rows)),
    )


class _Loading:
    """Says at most once a second how far the images are."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._told = 0.0

    def __call__(self, done: int, total: int) -> None:
        if time.monotonic() - self._told >= LOADING_EVENT_S:
            append_event(self._folder, "loading", what="the images", done=done, total=total)
            self._told = time.monotonic()


def _undefined(value: object) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value))


def _as_it_began(last: Path, recipe: Recipe, rule: SampleRule) -> PreprocessSpec:
    """The preprocess of a run that goes on: pictures keep the levels that its first steps saw."""
    preprocess = preprocess_of(recipe, load_spec(recipe.model), rule)
    levels = read_facts(last).get("levels", "stored")
    return replace(preprocess, levels=levels if levels in LEVELS else preprocess.levels)
