"""What is known of the model: what it is, how it was trained, what it was started from and how it answers."""

import platform
from importlib import metadata
from typing import Any

from ml.catalogue import load_spec, title_of
from ml.evaluation.checklists.item import Known
from ml.evaluation.checklists.of_data import program
from ml.evaluation.page import PART_WORDS
from ml.metric_words import metric_title
from viewer.core.errors import AppError
from viewer.core.text.counting import counted

LIBRARIES = ("torch", "torchvision", "timm", "numpy", "scikit-learn")
SHOWN_LABELS = 12


def labels(known: Known) -> str:
    """What is answered."""
    names = [str(label) for label in known.document["labels"]]
    more = f" and {len(names) - SHOWN_LABELS} more" if len(names) > SHOWN_LABELS else ""
    return ", ".join(names[:SHOWN_LABELS]) + more


def technology(known: Known) -> str:
    """What kind of program it is."""
    kind, model = known.document["kind"], title_of(str(known.document["model"]))
    modality = " or ".join(filter(None, known.cards[0].domain.modality))
    return f"Deep learning: the network {model}, for {kind} ({labels(known)}){f' on {modality}' if modality else ''}."


def goal(known: Known) -> str:
    """Creation and test, or test alone on other data."""
    on = PART_WORDS.get(str(known.document["part"]), "")
    what = (
        "Test of a model on other data than its own" if is_external(known) else f"Creation of a model, judged on {on}"
    )
    return f"{what}: {known.document['kind']} of {labels(known)}."


def is_external(known: Known) -> bool:
    """Whether the cases are from another project than those that were learnt from."""
    return bool(known.document.get("external"))


def preprocessing(known: Known) -> str:
    """How an image becomes the input."""
    spec = known.cards[0].preprocess
    rows_px, cols_px = spec.shape_px
    window = {
        "percentile": f"grey values from the percentile {spec.lower_percentile:g} to {spec.upper_percentile:g} of "
        "each image",
        "full": "the stored range of values",
        "fixed": f"the window {spec.window_center:g} / {spec.window_width:g}",
    }.get(spec.window, spec.window)
    if spec.spacing_mm is not None:
        size = f"resampled to {spec.spacing_mm[0]:g} x {spec.spacing_mm[1]:g} mm in {rows_px} x {cols_px} pixels"
    else:
        size = f"resized to {rows_px} x {cols_px} pixels ({spec.fit})"
    mean, spread = (", ".join(f"{one:g}" for one in each) for each in (spec.mean, spec.std))
    return f"Each image: {window}, mapped to 0 to 1, {size}, less the mean {mean}, over {spread}."


def predictors(_known: Known) -> str:
    """What the model looks at."""
    return "The pixels of the image alone, as they are; nothing of its header or of the patient is an input."


def architecture(known: Known) -> str:
    """Name, inputs, outputs, parameters."""
    card = known.cards[0]
    rows_px, cols_px = card.preprocess.shape_px
    try:
        count = f"about {load_spec(card.model).parameters:,} parameters, "
    except AppError:  # a network that is not installed here
        count = ""
    ends = "a softmax" if card.exclusive else "a sigmoid each"
    outputs = "numbers in their units" if card.scales else f"scores by {ends}"
    library = f" Built by {card.library}." if card.library else ""
    return (
        f"{title_of(card.model)}: {count}input {counted(card.preprocess.channels, 'channel')} of {rows_px} x {cols_px} "
        f"pixels, output {labels(known)} as {outputs}.{library} Weights: SHA-256 "
        f"{', '.join(known.document['model_hashes'])}."
    )


def software(_known: Known) -> str:
    """What the figures were computed with."""
    found = []
    for name in LIBRARIES:
        try:
            found.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            continue
    return f"Judged with {program()}, Python {platform.python_version()}, {', '.join(found)}."


def start(known: Known) -> str:
    """What the weights were at first."""
    card = known.cards[0]
    seed = card.recipe.get("seed", "")
    if card.init in ("scratch", ""):
        return f"Random weights, by the seed {seed}: no transfer learning."
    frozen = int(card.recipe.get("freeze_epochs", 0) or 0)
    held = f", the first {counted(frozen, 'epoch')} with the head alone" if frozen else ""
    return f"Transfer learning, from {card.init}{held}."


def training(known: Known) -> str:
    """The training in full: what it was, then every setting."""
    card = known.cards[0]
    apart = ("task", "kind", "labels", "exclusive", "snapshot_id", "run_name", "model", "init", "checkpoint_every_s")
    settings = "; ".join(f"{name} {_word(value)}" for name, value in card.recipe.items() if name not in apart)
    said = " ".join(line for line in known.document["trained"] if not line.startswith("Settings: "))
    every = f" All settings: {settings}." if settings else ""
    return f"{said} Optimiser AdamW, a learning rate that rises and then falls by a cosine.{every}".strip()


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return "none" if value in ("", None) else f"{value:g}" if isinstance(value, float) else str(value)


def selection(known: Known) -> str:
    """How the epoch and the cut were chosen."""
    card = known.cards[0]
    by = "loss" if card.recipe.get("select") == "loss" else f"figure ({metric_title(str(known.document['primary']))})"
    return f"The weights are those of the epoch with the best {by} on validation. {known.document['rule']}"


def ensemble(known: Known) -> str:
    """Whether several networks answer one case."""
    several = known.document.get("ensemble")
    if several:
        return str(several)
    count = int(known.document["folds"])
    if count > 1:
        return f"None: {count} networks of as many folds, each case answered by the one that had not seen its patient."
    return "None: one network answers each case."


def predictions(_known: Known) -> str:
    """How answers are had."""
    return (
        f"By {program()}: `negatoscope predict` gives the answers for new images; the command of these figures stands "
        "in figures.json."
    )


def cut(known: Known) -> str:
    """What the output is, and where it is cut."""
    return str(known.document["rule"])


def domain(known: Known) -> str:
    """What images the model takes."""
    found = known.cards[0].domain
    what = ", ".join(filter(None, (*found.modality, *found.photometric, *found.body_part)))
    return (
        f"An image that is unlike those of the training ({what or 'as the card says'}) is refused in words, and so is "
        "one that cannot be read."
    )


def availability(known: Known) -> str:
    """By what model and data can be known again."""
    return (
        f"The weights are known by SHA-256 {', '.join(known.document['model_hashes'])}, the data by the id of their "
        f"snapshot, {known.document['snapshot']}."
    )
