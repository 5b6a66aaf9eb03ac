"""What can be said of a training before it starts: what cannot work, and what is doubtful. Loads no torch."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import numpy as np

from ml.catalogue import ModelSpec, PreprocessSpec
from ml.data.targets import Item, TaskFacts, label_rows, region_known
from ml.nets.most_boxes import MOST_BOXES
from ml.recipe import Recipe
from viewer.core.errors import BadRequest
from viewer.core.text.counting import counted

AnItem = TypeVar("AnItem", bound=Item)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """refusals: why it cannot work. doubts: why it may not be worth it. One sentence each."""

    refusals: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()


def preprocess_of(recipe: Recipe, spec: ModelSpec) -> PreprocessSpec:
    """The catalogue row's preprocess with the recipe's own settings over it. Raises BadRequest."""
    size_px = recipe.input_px or spec.input_px
    if size_px % spec.multiple_px:
        raise BadRequest(f"{spec.title} needs an input size that is a multiple of {spec.multiple_px}, not {size_px}.")
    values: dict[str, Any] = {"size_px": size_px, "fit": recipe.fit}
    if recipe.window:
        values |= {
            "window": recipe.window,
            "window_center": recipe.window_center,
            "window_width": recipe.window_width,
        }
    return replace(spec.preprocess, **values)


def outlook(recipe: Recipe, parts: Mapping[str, Sequence[Item]]) -> Outlook:
    """Of what the images of each part ("train", "val") say of the recipe's labels.

    Raises BadRequest where an image contradicts the task.
    """
    train, val = (useful_items(recipe, parts.get(part, ())) for part in ("train", "val"))
    if not train:
        return Outlook(
            refusals=(
                f"The training part holds no image with a known label of {recipe.task!r}; complete some cases first.",
            )
        )
    look = _classes if recipe.kind == "classification" else _objects
    refusals, doubts = look(recipe, train, val)
    return Outlook(refusals=tuple(refusals), doubts=(*doubts, *_parts(train, val), *_settings(recipe)))


def useful_items(recipe: Recipe, items: Sequence[AnItem]) -> list[AnItem]:
    """Those that say something of this task, as `ml.data.batches.ImageData.rows_of` takes them."""
    task = _task(recipe)
    if recipe.kind == "classification":
        known = np.asarray(~np.isnan(label_rows(items, task)).all(axis=1), np.bool_).tolist()
        return [item for item, says in zip(items, known, strict=True) if says]
    enough = any if recipe.kind == "segmentation" else all
    return [item for item in items if enough(region_known(item, task).tolist())]


def _task(recipe: Recipe) -> TaskFacts:
    return TaskFacts(kind=recipe.kind, labels=recipe.labels, exclusive=recipe.exclusive)


def _classes(recipe: Recipe, train: Sequence[Item], val: Sequence[Item]) -> tuple[list[str], list[str]]:
    rows, tested = label_rows(train, _task(recipe)), label_rows(val, _task(recipe))
    positive, negative = (np.nansum(rows == value, axis=0) for value in (1, 0))
    if recipe.exclusive:
        shown = [label for label, count in zip(recipe.labels, positive, strict=True) if count]
        if len(shown) < 2:
            return [
                f"Every training image shows {shown[0]}: there is nothing to tell apart. Complete cases of "
                f"{_listed([label for label in recipe.labels if label not in shown], 'or')}, or split anew."
            ], []
        doubts = [_absent(label) for label, count in zip(recipe.labels, positive, strict=True) if not count]
        if len(tested) and (np.nansum(tested, axis=0) > 0).sum() < 2:
            one = recipe.labels[int(np.nansum(tested, axis=0).argmax())]
            doubts.append(f"Every validation image shows {one}, so there will be no AUC to choose the best epoch by.")
        return [], doubts
    taught = (positive > 0) & (negative > 0)
    if not taught.any():
        return ["No label is yes on some training images and no on others: there is nothing to tell apart."], []
    doubts = []
    for label, yes, no in zip(recipe.labels, positive, negative, strict=True):
        if not yes:
            doubts.append(_absent(label))
        elif not no:
            doubts.append(f"No training image says no to {label}, so the model learns to say yes to it always.")
    if len(tested):
        for place, label in enumerate(recipe.labels):
            if taught[place] and not {0.0, 1.0} <= set(tested[:, place].tolist()):
                doubts.append(f"The validation part does not hold {label} as yes and as no, so it has no AUC.")
    return [], doubts


def _objects(recipe: Recipe, train: Sequence[Item], val: Sequence[Item]) -> tuple[list[str], list[str]]:
    thing = "box" if recipe.kind == "detection" else "mask"
    drawn, tested = (
        {label for item in items for label, _ in (item.boxes if thing == "box" else item.masks)}
        for items in (train, val)
    )
    missing = [label for label in recipe.labels if label not in drawn]
    if len(missing) == len(recipe.labels):
        return [f"No training image holds a {thing} of {_listed(missing, 'or')}: there is nothing to learn."], []
    doubts = [_absent(label) for label in missing]
    if val and not tested & set(recipe.labels):
        doubts.append(f"No validation image holds a {thing}, so there will be no figure to choose the best epoch by.")
    most = max(sum(label in recipe.labels for label, _ in item.boxes) for item in (*train, *val))
    if thing == "box" and most > MOST_BOXES:
        doubts.append(f"An image holds {most} boxes, and a detector proposes at most {MOST_BOXES}: the rest is missed.")
    return [], doubts


def _absent(label: str) -> str:
    return f"No training image shows {label}: it has no weight in the loss, and the model cannot learn it."


def _parts(train: Sequence[Item], val: Sequence[Item]) -> Iterator[str]:
    people = {item.patient_id or item.image_id for item in train}
    if len(people) == 1 and len(train) > 1:
        yield f"All {counted(len(train), 'training image')} are of one patient: the model learns that one person."
    elif len(train) == 1:
        yield "There is a single training image: the model learns it by heart."
    if not val:
        yield "There is no validation part: no figure is measured, the last epoch is kept and the threshold is 0.5."


def _settings(recipe: Recipe) -> Iterator[str]:
    """Settings that do nothing here, or not what they seem to."""
    softmax = recipe.kind == "classification" and recipe.exclusive
    if recipe.label_smoothing and not softmax:
        yield "Label smoothing has no effect here: it is for classification of labels that exclude each other."
    if recipe.class_weights and recipe.kind != "classification":
        yield f"Class weights have no effect on {recipe.kind}."
    if not recipe.window and (recipe.window_center or recipe.window_width):
        yield "The centre and width of a window have no effect without window=fixed."
    if recipe.freeze_epochs and recipe.init == "scratch":
        yield "Frozen layers that start from scratch stay random while they are frozen; start from trained weights."


def _listed(words: Sequence[str], last: str) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {last} {words[-1]}"
