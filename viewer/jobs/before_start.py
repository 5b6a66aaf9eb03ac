"""What is told before a training starts, in the window and on the command line. What cannot work is refused."""

import json
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ml.before import Outlook, outlook, preprocess_of, useful_items
from ml.catalogue import ModelSpec, load_spec
from ml.data.storage import file_facts, storage_doubts
from ml.data.targets import TaskFacts
from ml.recipe import Recipe
from ml.seen import start_doubts
from ml.tasks.task import learnt
from viewer import children
from viewer.core.checked import Fields, parse_json
from viewer.core.errors import AppError, BadFile, BadModel, BadRequest
from viewer.core.samples import PLAIN, SampleRule
from viewer.project.snapshots.card import sample_rule_of
from viewer.project.snapshots.items import SnapshotItem
from viewer.project.snapshots.snapshot import Snapshot

if TYPE_CHECKING:
    from viewer.project.records import Task

FITS_S = 300.0
STOP_LOOK_S = 0.2  # so often it is looked whether anybody still waits
FLOAT_BYTES = 4
CACHE_BYTES = 2  # of one cached pixel
# Every image is cached at the input's size and once more for augmentation (ml.data.cache).
CACHED_AREAS = 1 + 1.15**2
# Below this share of a network's tensors the rest is random, and layers before and after it mean nothing to each other.
LEAST_SHARE = 0.5


def before_start(project_folder: Path, snapshot: Snapshot, recipes: Sequence[Recipe]) -> Outlook:
    """What can be said of these runs (the folds of one training, or one) without loading a network.

    Raises AppError where what they start from is not there.
    """
    refusals: list[str] = []
    doubts: list[str] = []
    for recipe in recipes:
        try:
            preprocess_of(recipe, load_spec(recipe.model), sample_rule_of(snapshot.card))
            found = outlook(recipe, snapshot.parts(recipe.fold))
        except BadRequest as error:
            refusals.append(str(error))
            continue
        fold = f"Fold {recipe.fold}: " if len(recipes) > 1 else ""
        doubts += [fold + one for one in _storage(recipe, snapshot.parts(recipe.fold))]
        if recipe.init != "scratch":
            doubts += start_doubts(project_folder, recipe.init, snapshot.parts(recipe.fold))
        refusals += [fold + one for one in found.refusals]
        doubts += [fold + one for one in found.doubts]
    doubts += _task_has_changed(project_folder, snapshot)
    for sentence, refused in _room(project_folder, snapshot, recipes):
        (refusals if refused else doubts).append(sentence)
    return Outlook(refusals=_once(refusals, len(recipes)), doubts=_once(doubts, len(recipes)))


def of_its_start(
    project_folder: Path, recipe: Recipe, rule: SampleRule = PLAIN, stopped: Callable[[], bool] = lambda: False
) -> Outlook:
    """Whether the weights that a run starts from fit its network: a child reads them, which takes seconds.

    rule: which frames make a sample of its snapshot.
    stopped: whether nobody waits for the answer any more; the child is ended then, and the answer means nothing.
    """
    if recipe.init == "scratch":
        return Outlook()
    asked: dict[str, object] = {
        "model": recipe.model,
        "kind": recipe.kind,
        "labels": list(recipe.labels),
        "init": recipe.init,
    }
    if not rule.is_plain:
        asked["channels"] = rule.count
    question = json.dumps(asked, allow_nan=False)
    try:
        child = children.start(
            "ml.training.fits", project_folder.resolve(), question,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        answer = Fields(parse_json(_said(child, stopped) or b"{}", "The answer"), "The answer")
        if answer.has("error"):
            return Outlook(refusals=(answer.text("error"),))
        loaded, total, spread = (answer.integer(name, 0, 10**9) for name in ("loaded", "total", "spread"))
    except (OSError, subprocess.TimeoutExpired, BadFile, BadModel):
        return Outlook(refusals=(f"{recipe.init} could not be read as weights; choose others.",))
    title = load_spec(recipe.model).title
    if loaded < LEAST_SHARE * total:
        return Outlook(
            doubts=(
                f"Only {loaded} of {total} tensors of {title} are taken over from {recipe.init}: these are weights of "
                "another network, and the rest starts at random.",
            )
        )
    doubts = [f"{loaded} of {total} tensors of {title} are taken over from {recipe.init}."] if loaded < total else []
    if spread:
        doubts.append(
            f"{recipe.init} sees another number of channels: the first layer of {title} starts with the mean of its "
            "weights at each channel."
        )
    return Outlook(doubts=tuple(doubts))


class StartsRead:
    """Answers of `of_its_start`, kept for as long as the file of the weights is the same: another number of epochs does
    not change what the weights fit."""

    def __init__(self) -> None:
        self._kept: dict[tuple[object, ...], Outlook] = {}

    def of(
        self,
        project_folder: Path,
        recipe: Recipe,
        rule: SampleRule = PLAIN,
        stopped: Callable[[], bool] = lambda: False,
    ) -> Outlook:
        """As `of_its_start`; a file that was read is not read again."""
        file = _identity(project_folder, recipe.init)
        asked = (recipe.model, recipe.kind, recipe.labels, recipe.init, rule.count, file)
        if asked in self._kept:
            return self._kept[asked]
        found = of_its_start(project_folder, recipe, rule, stopped)
        if file is not None and not stopped():
            self._kept[asked] = found
        return found


def _identity(project_folder: Path, init: str) -> tuple[object, ...] | None:
    """What tells a file of weights from every other one, and from itself after a change; None where there is none."""
    if init == "scratch":
        return None
    from ml.card import weights_path
    from ml.inference.resolve import resolve_model

    try:
        given = Path(init).expanduser()
        place = given if given.is_file() else resolve_model(project_folder, init)
        file = place if place.is_file() else weights_path(place)
        facts = file.stat()
    except (AppError, OSError):
        return None
    return str(file.resolve()), facts.st_ino, facts.st_size, facts.st_mtime_ns


def _said(child: "subprocess.Popen[bytes]", stopped: Callable[[], bool]) -> bytes:
    """What the child says to its end. Raises TimeoutExpired where that took too long or nobody waits any more."""
    until = time.monotonic() + FITS_S
    while True:
        try:
            return child.communicate(timeout=STOP_LOOK_S)[0]
        except subprocess.TimeoutExpired:
            if stopped() or time.monotonic() > until:
                child.kill()
                child.communicate()
                raise


def _storage(recipe: Recipe, parts: Mapping[str, Sequence[SnapshotItem]]) -> tuple[str, ...]:
    """Whether the files alone, none of them read yet, tell a label; the run itself looks at how each one is coded."""
    task = TaskFacts(kind=recipe.kind, labels=recipe.labels, exclusive=recipe.exclusive)
    items = [item for part in ("train", "val") for item in useful_items(recipe, parts.get(part, ()))]
    facts = [file_facts(Path(item.path), rows=item.rows, cols=item.cols) for item in items]
    return storage_doubts(facts, learnt(recipe.kind).shown(items, task), recipe.labels)


def _once(sentences: Sequence[str], recipes: int) -> tuple[str, ...]:
    """What every fold says alike is said once."""
    plain = [one.split(": ", 1)[1] if one.startswith("Fold ") else one for one in sentences]
    kept = [rest if plain.count(rest) == recipes else one for one, rest in zip(sentences, plain, strict=True)]
    return tuple(dict.fromkeys(kept))


def _task_has_changed(project_folder: Path, snapshot: Snapshot) -> Iterator[str]:
    """A snapshot keeps its task as it was; that of the project may be another by now."""
    now = _task_now(project_folder, snapshot.task.name)
    if now is None or now == snapshot.task:
        return
    yield (
        f"The task {now.name} has changed since this snapshot was made. It is trained as it was: "
        f"{snapshot.task.words}. Now it is {now.words}; make a new snapshot to train that."
    )


def _task_now(project_folder: Path, name: str) -> "Task | None":
    from viewer.project.project import Project

    try:
        with Project.open(project_folder, writable=False) as project:
            return project.tasks.get(name)
    except AppError:
        return None


def _room(project_folder: Path, snapshot: Snapshot, recipes: Sequence[Recipe]) -> Iterator[tuple[str, bool]]:
    """(what is to be said of the disk, whether it is a refusal)."""
    try:
        free = shutil.disk_usage(project_folder).free
    except OSError:
        return
    specs = [load_spec(recipe.model) for recipe in recipes]
    needed = sum(run_bytes(recipe, spec) for recipe, spec in zip(recipes, specs, strict=True))
    needed += max(_state_bytes(recipe, spec) for recipe, spec in zip(recipes, specs, strict=True))
    if free < needed:
        kept = " Without the weights of every epoch it needs less." if recipes[0].keep_every_epoch else ""
        yield (
            f"The checkpoints of this training need {_size(needed)}, but only {_size(free)} are free where the project "
            f"lies; make room first.{kept}",
            True,
        )
        return
    frames = sample_rule_of(snapshot.card).count
    cache = cache_bytes(recipes[0], specs[0], len(snapshot.items), frames)
    if free < needed + cache:
        yield (
            f"Checkpoints and the cache of images need {_size(needed + cache)}, and {_size(free)} are free where the "
            "project lies; unless the cache is there already, the training will stop for want of room.",
            False,
        )


def run_bytes(recipe: Recipe, spec: ModelSpec) -> int:
    """What a run leaves on the disk: its state, the best weights and their copy among the models, those of epochs."""
    weights = FLOAT_BYTES * spec.parameters
    return _state_bytes(recipe, spec) + weights * (2 + (recipe.epochs if recipe.keep_every_epoch else 0))


def _state_bytes(recipe: Recipe, spec: ModelSpec) -> int:
    """Of the last state, which is written beside the one before: weights, two moments each, the average."""
    return FLOAT_BYTES * spec.parameters * (4 if recipe.ema_decay else 3)


def cache_bytes(recipe: Recipe, spec: ModelSpec, images: int, frames: int = 1) -> int:
    """What the cache of grey images takes. frames: of each sample."""
    rows_px = recipe.input_px or spec.input_px
    area = rows_px * (recipe.input_cols_px or rows_px)
    masks = area * 1.15**2 * len(recipe.labels) if learnt(recipe.kind).keeps_masks else 0
    return round(images * (frames * area * CACHED_AREAS * CACHE_BYTES + masks))


def _size(size_bytes: float) -> str:
    return f"{size_bytes / 1e9:.1f} GB" if size_bytes >= 1e8 else f"{size_bytes / 1e6:.1f} MB"
