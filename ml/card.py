"""A model's card: what it is, what it was trained on, how it reads an image."""

import hashlib
import json
import os
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from ml.catalogue import PreprocessSpec
from ml.chosen import Chosen, read_chosen
from ml.events import BEST_WEIGHTS, CARD_FILE, MODEL_WEIGHTS, finite
from ml.metric_words import best_cut_words
from ml.tasks import TASKS
from viewer.core.checked import Fields
from viewer.core.deciding import Decides, DecisionRule, decision_rule
from viewer.core.errors import BadModel, BadRequest, NotFound
from viewer.reading.sources.documents import read_json
from viewer.reading.sources.private_files import beside as name_beside

MOST_LABELS = 10_000
MOST_NETWORKS = 100
MOST_CARD_BYTES = 16 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Domain:
    """What the training images were; an image that does not fit is refused.

    modality, photometric, body_part: the values seen, sorted; "" stands for "the file does not say". photometric is
    "grey" or "colour" for models that see the picture and not its storage, and DICOM's terms for those from before.
    spacing_mm: smallest and largest pixel spacing seen, or None. phantom: trained on the generated phantom only.
    source: where the images came from, in words.
    """

    modality: tuple[str, ...] = ()
    photometric: tuple[str, ...] = ()
    body_part: tuple[str, ...] = ()
    spacing_mm: tuple[float, float] | None = None
    phantom: bool = False
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberScale:
    """mean, spread (standard deviation): of a number over the training part, in its unit; an output of the network
    counts spreads from the mean. unit: as UCUM writes it, "" for a number of things."""

    mean: float
    spread: float
    unit: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """Everything that is needed to use a model, beside its weights.

    labels: in the order of the outputs. exclusive: softmax (segmentation: with an implicit background of logit 0),
    else sigmoid. threshold: the operating point chosen on validation, in 0..1. metrics: of the best epoch, on
    validation. size_limits: smallest and largest rows and cols of the training images.
    notes: sentences a reader must know, e.g. images without a patient.
    decides_by, decides: how scores become an answer, as data (a `Decides` value) and in words; "" in a card from before
    they were written, which decides by the same rule of its kind.
    scales: of labels that are numbers, by label; else empty.
    operating_point: the rule that chose the threshold (`ml.operating_points`), "" for the kind's own. chosen: what else
    was chosen on validation; None of a card from before.
    networks: how many the weights are of: the folds of a training as one model, else 1.
    library: name and version of the library that built the network, "" for a row of the catalogue.
    model_hash: SHA-256 over the weights file and this card without the hash itself.
    """

    name: str
    model: str
    kind: str
    labels: tuple[str, ...]
    exclusive: bool
    preprocess: PreprocessSpec
    domain: Domain
    threshold: float
    metrics: dict[str, Any]
    snapshot_id: str
    cam_layer: str
    task: str = ""
    init: str = "scratch"
    fold: int | None = None
    best_epoch: int = 0
    created: str = ""
    licence: str = ""
    notes: tuple[str, ...] = ()
    model_hash: str = ""
    recipe: dict[str, Any] = field(default_factory=dict)
    decides_by: str = ""
    decides: str = ""
    scales: dict[str, NumberScale] = field(default_factory=dict)
    library: str = ""
    operating_point: str = ""
    chosen: Chosen | None = None
    networks: int = 1

    @property
    def called(self) -> str:
        """Its task as titles have it; of several networks that are one model with that said."""
        return self.task if self.networks == 1 else f"{self.task or self.name}, {self.networks} folds as one"

    @property
    def rule(self) -> DecisionRule:
        """How its scores become an answer."""
        return decision_rule(self.kind, self.labels, exclusive=self.exclusive)

    @property
    def cut_from(self) -> str:
        """Where the threshold comes from: "validation", "default" (no validation case gave one), "none" (no cut)."""
        if self.rule.never_cuts:
            return "none"
        return "validation" if any(isinstance(value, (int, float)) for value in self.metrics.values()) else "default"

    def with_rule(self) -> "Card":
        """The card with its rule written into it, as data and in words, and where its cut was chosen."""
        note = "" if self.rule.never_cuts else best_cut_words(self.metrics, self.threshold, self.operating_point)
        return replace(
            self,
            decides_by=self.rule.by.value,
            decides=self.rule.words(self.threshold),
            notes=(*self.notes, note) if note else self.notes,
        )

    def to_json(self) -> dict[str, Any]:
        """A plain dict; `from_json` reads it back."""
        document = {f.name: getattr(self, f.name) for f in fields(self)}
        # An older card keeps its own hash.
        for name in ("decides_by", "decides", "scales", "library", "operating_point", "chosen"):
            if not document[name]:
                del document[name]
        if self.networks == 1:
            del document["networks"]
        if self.scales:
            document["scales"] = {label: asdict(scale) for label, scale in self.scales.items()}
        if self.chosen is not None:
            document["chosen"] = self.chosen.to_json()
        document["preprocess"] = self.preprocess.to_json()
        document["domain"] = {f.name: getattr(self.domain, f.name) for f in fields(self.domain)}
        plain: dict[str, Any] = finite(document)
        return plain

    @classmethod
    def from_json(cls, document: dict[str, Any], where: str = "The model card") -> "Card":
        """Reads what `to_json` wrote. Raises BadModel, in a sentence that says what is wrong in `where`."""
        values = Fields(document, where, error=BadModel, advice="train the model or export it again")
        unknown = sorted(set(values.names()) - {f.name for f in fields(cls)})
        if unknown:
            names = ", ".join(name[:60] for name in unknown[:5])
            raise BadModel(f"{where} has parts that this version does not know ({names}); update the program.")
        texts = {name: values.text(name, most=4096) for name in ("name", "model", "snapshot_id", "cam_layer")}
        more = (
            "task",
            "init",
            "created",
            "licence",
            "model_hash",
            "decides_by",
            "decides",
            "library",
            "operating_point",
        )
        domain = values.inner("domain")
        try:
            preprocess = PreprocessSpec.from_json(values.plain("preprocess"))
        except BadRequest as error:
            raise BadModel(f"{where}: {error}") from error
        card = cls(
            **texts,
            **{name: values.text(name, "scratch" if name == "init" else "", most=4096) for name in more},
            kind=values.word("kind", tuple(TASKS)),
            labels=_labels(values),
            exclusive=values.flag("exclusive"),
            preprocess=preprocess,
            domain=_domain(domain),
            threshold=values.number("threshold", 0, 1),
            metrics=_metrics(values),
            fold=values.integer_or_none("fold", 0, 10_000),
            best_epoch=values.integer("best_epoch", -1, 10_000_000, 0),
            notes=values.texts("notes", (), most=5000),
            recipe=values.plain("recipe", {}),
            scales=_scales(values),
            networks=values.integer("networks", 1, MOST_NETWORKS, 1),
            chosen=read_chosen(values.inner("chosen"), len(_labels(values))) if values.has("chosen") else None,
        )
        if card.rule.by is Decides.NUMBER and set(card.scales) != set(card.labels):
            raise values.refuse("scales", "the mean and spread of each of its numbers")
        if card.decides_by and card.decides_by != card.rule.by:
            raise BadModel(
                f'{where} says that the model decides by "{card.decides_by[:80]}", and this version decides by '
                f'"{card.rule.by}" for such labels; train the model again or update the program.'
            )
        return card


def other_library_words(card: Card, library: str) -> str:
    """Why weights may not fit: built by another version of a library than is here; "" where it is the same."""
    if not card.library or card.library == library:
        return ""
    return (
        f" They were made with {card.library}, whose network of that name is another than that of {library}, which is "
        f"installed here; install {card.library}, or train the model again."
    )


def _metrics(values: Fields) -> dict[str, Any]:
    """Figures by name: each a finite number, or null where it is not defined."""
    found = values.inner("metrics")
    return {name: found.number_or_none(name) for name in found.names()}


def _scales(values: Fields) -> dict[str, NumberScale]:
    found = values.inner("scales", {})
    return {label: _scale(found.inner(label)) for label in found.names()}


def _scale(values: Fields) -> NumberScale:
    mean, spread = values.number("mean", -1e300, 1e300), values.number("spread", 0, 1e300)
    if spread <= 0:
        raise values.refuse("spread", "a number above 0")
    return NumberScale(mean=mean, spread=spread, unit=values.text("unit", "", most=100))


def _labels(values: Fields) -> tuple[str, ...]:
    labels = values.texts("labels")
    if not labels or len(labels) > MOST_LABELS or len(set(labels)) < len(labels) or not all(labels):
        raise values.refuse("labels", f"1 to {MOST_LABELS} different names")
    return labels


def _domain(values: Fields) -> Domain:
    spacing = None if values.plain_value("spacing_mm") is None else values.numbers("spacing_mm", 1e-9, 1e6)
    if spacing is not None and (len(spacing) != 2 or spacing[0] > spacing[1]):
        raise values.refuse("spacing_mm", "the smallest and the largest spacing")
    return Domain(
        **{name: values.texts(name, ()) for name in ("modality", "photometric", "body_part")},
        spacing_mm=None if spacing is None else (spacing[0], spacing[1]),
        phantom=values.flag("phantom", False),
        source=values.text("source", "", most=5000),
    )


def hash_model(weights: Path, card: Card) -> str:
    """SHA-256 over the weights file and the card without its own hash."""
    digest = hashlib.sha256()
    with weights.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    document = card.to_json()
    document.pop("model_hash")
    digest.update(json.dumps(document, sort_keys=True, allow_nan=False).encode())
    return digest.hexdigest()


def weights_path(folder: Path) -> Path:
    """The weights of a run or model folder. Raises NotFound when neither is there."""
    for name in (MODEL_WEIGHTS, BEST_WEIGHTS):
        if (folder / name).is_file():
            return folder / name
    raise NotFound(f"{folder} holds no weights; choose a finished run or a model.")


def read_card(folder: Path) -> Card:
    """The card of a run or model folder. Raises NotFound or BadModel."""
    path = folder / CARD_FILE
    try:
        document = read_json(path, most=MOST_CARD_BYTES, error=BadModel)
    except FileNotFoundError as error:
        raise NotFound(f"{folder} has no card.json; choose a finished run or a model.") from error
    return Card.from_json(document, str(path))


def write_json(path: Path, document: Any) -> None:
    """Write beside, then rename: the file is whole or not there."""
    beside = name_beside(path)
    try:
        with beside.open("x", encoding="utf-8") as file:
            json.dump(finite(document), file, indent=1, allow_nan=False)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
