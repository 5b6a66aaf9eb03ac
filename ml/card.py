"""A model's card: what it is, what it was trained on, how it reads an image."""

import hashlib
import json
import os
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from ml.catalogue import PreprocessSpec
from ml.events import BEST_WEIGHTS, CARD_FILE, MODEL_WEIGHTS, finite
from viewer.core.errors import BadModel, NotFound


@dataclass(frozen=True, slots=True, kw_only=True)
class Domain:
    """What the training images were; an image that does not fit is refused.

    modality, photometric, body_part: the values seen, sorted; "" stands for "the file does not say".
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
class Card:
    """Everything that is needed to use a model, beside its weights.

    labels: in the order of the outputs. exclusive: softmax (segmentation: with an implicit background of logit 0),
    else sigmoid. threshold: the operating point chosen on validation, in 0..1. metrics: of the best epoch, on
    validation. size_limits: smallest and largest rows and cols of the training images.
    notes: sentences a reader must know, e.g. images without a patient.
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

    def to_json(self) -> dict[str, Any]:
        """A plain dict; `from_json` reads it back."""
        document = {f.name: getattr(self, f.name) for f in fields(self)}
        document["preprocess"] = self.preprocess.to_json()
        document["domain"] = {f.name: getattr(self.domain, f.name) for f in fields(self.domain)}
        plain: dict[str, Any] = finite(document)
        return plain

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> "Card":
        """Reads what `to_json` wrote. Raises BadModel when parts are missing or unknown."""
        try:
            values = _tuples(document)
            values["preprocess"] = PreprocessSpec.from_json(document["preprocess"])
            values["domain"] = Domain(**_tuples(document["domain"]))
            return cls(**values)
        except (KeyError, TypeError, AttributeError) as error:
            raise BadModel(f"The model card does not fit this version ({error}); train or export it again.") from error


def _tuples(document: dict[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in document.items()}


def hash_model(weights: Path, card: Card) -> str:
    """SHA-256 over the weights file and the card without its own hash."""
    digest = hashlib.sha256()
    with weights.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    document = card.to_json()
    document.pop("model_hash")
    digest.update(json.dumps(document, sort_keys=True).encode())
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
    if not path.is_file():
        raise NotFound(f"{folder} has no card.json; choose a finished run or a model.")
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise BadModel(f"{path} is not JSON: {error}.") from error
    if not isinstance(document, dict):
        raise BadModel(f"{path} is no model card.")
    return Card.from_json(document)


def write_json(path: Path, document: Any) -> None:
    """Write beside, then rename: the file is whole or not there."""
    beside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    with beside.open("w", encoding="utf-8") as file:
        json.dump(finite(document), file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
