"""What can be said of a training before it starts: what cannot work, and what is doubtful. Loads no torch."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from ml.catalogue import ModelSpec, PreprocessSpec
from ml.data.targets import Item, TaskFacts
from ml.recipe import Recipe
from ml.tasks.task import learnt
from viewer.core.errors import BadRequest
from viewer.core.samples import PLAIN, SampleRule
from viewer.core.text.counting import counted
from viewer.core.text.titles import short_id

AnItem = TypeVar("AnItem", bound=Item)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """refusals: why it cannot work. doubts: why it may not be worth it. One sentence each."""

    refusals: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()


def preprocess_of(recipe: Recipe, spec: ModelSpec, rule: SampleRule = PLAIN) -> PreprocessSpec:
    """The catalogue row's preprocess with the recipe's own settings over it. Raises BadRequest.

    rule: which frames make a sample of the snapshot.
    """
    size_px = recipe.input_px or spec.input_px
    for side_px in (size_px, recipe.input_cols_px or size_px):
        refuse_size(spec, side_px)
    values: dict[str, Any] = {"size_px": size_px, "cols_px": recipe.input_cols_px, "fit": recipe.fit}
    if recipe.spacing_row_mm:
        values["spacing_mm"] = (recipe.spacing_row_mm, recipe.spacing_col_mm)
    if recipe.window:
        values |= {
            "window": recipe.window,
            "window_center": recipe.window_center,
            "window_width": recipe.window_width,
        }
    if not rule.is_plain:
        values |= _of_samples(spec.preprocess, rule, values.get("window", spec.preprocess.window))
    return replace(spec.preprocess, **values)


def assure_samples(preprocess: PreprocessSpec, rule: SampleRule, snapshot_id: str) -> None:
    """Raise BadRequest where a model does not read the samples that a snapshot holds."""
    if preprocess.rule != rule:
        raise BadRequest(
            f"The model reads {preprocess.rule.words()}, and the snapshot {short_id(snapshot_id)} holds "
            f"{rule.words()}; make one with the frames that the model reads."
        )


def _of_samples(preprocess: PreprocessSpec, rule: SampleRule, window: str) -> dict[str, Any]:
    """A channel for each frame, all normalised alike: they are grey, whatever the row's own channels stand for."""
    if window == "fixed" and rule.series:
        raise BadRequest(
            f"A fixed window is in the units of one series, and a sample also has {' and '.join(rule.series)}; choose "
            "window=percentile or window=full."
        )
    return {
        "context": rule.context,
        "with_series": rule.series,
        "with_views": rule.views,
        "channels": rule.count,
        "mean": (sum(preprocess.mean) / len(preprocess.mean),),
        "std": (sum(preprocess.std) / len(preprocess.std),),
    }


def refuse_size(spec: ModelSpec, side_px: int) -> None:
    """Raises BadRequest for rows or cols that the network does not take."""
    if side_px % spec.multiple_px:
        raise BadRequest(f"{spec.title} needs an input size that is a multiple of {spec.multiple_px}, not {side_px}.")
    if spec.fixed_px and side_px != spec.input_px:
        raise BadRequest(f"{spec.title} takes images of {spec.input_px} px and no other size, not {side_px}.")
    if side_px < spec.least_px:
        raise BadRequest(f"{spec.title} takes images of {spec.least_px} px at the least, not {side_px}.")


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
    refusals, doubts = learnt(recipe.kind).checks(recipe, train, val)
    return Outlook(refusals=tuple(refusals), doubts=(*doubts, *_parts(train, val), *_settings(recipe)))


def useful_items(recipe: Recipe, items: Sequence[AnItem]) -> list[AnItem]:
    """Those that say something of this task, as `ml.data.batches.ImageData.rows_of` takes them."""
    task = TaskFacts(kind=recipe.kind, labels=recipe.labels, exclusive=recipe.exclusive)
    useful = learnt(recipe.kind).useful(items, task).tolist()
    return [item for item, says in zip(items, useful, strict=True) if says]


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
    kind = learnt(recipe.kind)
    if recipe.label_smoothing and not kind.uses("label_smoothing", recipe):
        yield "Label smoothing has no effect here: it is for classification of labels that exclude each other."
    if recipe.class_weights and not kind.uses("class_weights", recipe):
        yield f"Class weights have no effect on {recipe.kind}."
    if not recipe.window and (recipe.window_center or recipe.window_width):
        yield "The centre and width of a window have no effect without window=fixed."
    if recipe.freeze_epochs and recipe.init == "scratch":
        yield "Frozen layers that start from scratch stay random while they are frozen; start from trained weights."
