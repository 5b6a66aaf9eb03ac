"""A model ready to answer: card, network, preprocessing. Only card.json and safetensors are ever read."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from torch import nn

from ml.card import Card, other_library_words, read_card, weights_path
from ml.catalogue import ModelSpec, load_spec
from ml.data.preprocess import Inverse, Preprocess
from ml.events import CARD_FILE, finite
from ml.inference.folds_as_one import CLASSIFICATION
from ml.inference.mean_network import MeanOfNetworks
from ml.inference.resolve import PICKLES, WEIGHTS_SUFFIX, resolve_model
from ml.seen import Seen, read_seen
from ml.training.checkpoint import load_network, read_tensors
from ml.training.device import use_threads
from viewer.core.boundary import at_boundary
from viewer.core.errors import AppError, BadModel, BadRequest, LacksFrames, NotFound
from viewer.core.text.counting import counted
from viewer.core.text.titles import model_title
from viewer.reading.frame import Frame
from viewer.reading.sources.documents import read_json

__all__ = ["LoadedModel", "load_model", "resolve_model"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LoadedModel:
    """network: in evaluation mode, frozen, on the CPU; it is shared, so nothing may change it.

    seen: the images it was trained and validated on, None where that is not known.
    """

    card: Card
    network: nn.Module
    preprocess: Preprocess
    folder: Path
    seen: Seen | None = None

    @property
    def title(self) -> str:
        """What it is called in a sentence, as in the list of models."""
        return model_title(self.card.called, self.card.name, self.folder.name, self.card.fold)

    def input_of(self, frame: Frame, sample: Sequence[Frame]) -> tuple[NDArray[np.float32], Inverse]:
        """What the network sees of a frame (channel, row, col), and the way back to its image points.

        sample: every frame of its sample, in the order of the card's rule, itself among them; () for an image alone.
        Raises LacksFrames where the model reads more than it is given.
        """
        rule, given = self.preprocess.spec.rule, list(sample) or [frame]
        if len(given) != rule.count:
            raise LacksFrames(
                f"{self.title} reads {rule.words(self.card.domain.modality)}, and of {frame.ref.path.name} it was "
                f"given {counted(len(given), 'frame')}; ask about an image of a series that has them."
            )
        return self.preprocess.forward_sample([(one.stored, one.facts) for one in given])


def load_model(place: Path) -> LoadedModel:
    """Read a model. place: a run's or model's folder, or a weights file with its card beside it.

    Raises NotFound, or BadModel when the card or the weights are foreign, changed since they were written, or do not
    fit; nothing in them runs. Whoever computes with it does so in this thread, with the fixed number of threads.
    """
    use_threads()
    folder, weights = _parts(place)
    card = read_card(folder)
    if card.model_hash != hash_as_written(weights, folder / CARD_FILE):
        raise BadModel(
            f"{weights} and its card do not belong together, or one was changed after training; take them from a copy."
        )
    try:
        spec = load_spec(card.model)
    except (NotFound, BadRequest) as error:
        if card.library:
            raise BadModel(f"{folder} was made with {card.library}, and here: {error}") from error
        raise BadModel(f"{folder} needs the architecture {card.model!r}, which this version does not have.") from error
    if card.networks > 1 and card.kind != CLASSIFICATION:
        raise BadModel(
            f"The card of {folder} says several networks of {card.kind}, which have no mean; train it again."
        )
    if not spec.serves(card.kind):
        raise BadModel(f"The card of {folder} says {card.kind}, but {card.model} does {spec.kind}; train it again.")
    tensors, _ = read_tensors(weights)
    with at_boundary(folder, error=BadModel, what="a model", advice="train the model again"):
        network = _built(card, spec)
    try:
        load_network(network, tensors)
    except BadModel as error:
        raise BadModel(f"{weights}: {error}{other_library_words(card, spec.library)}") from error
    network.eval().requires_grad_(False)
    preprocess, seen = Preprocess(card.preprocess), read_seen(folder)
    return LoadedModel(card=card, network=network, preprocess=preprocess, folder=folder, seen=seen)


def _built(card: Card, spec: ModelSpec) -> nn.Module:
    """The network that the card names, or several of them as one."""
    each = [spec.build(len(card.labels), card.preprocess.channels) for _ in range(card.networks)]
    return each[0] if len(each) == 1 else MeanOfNetworks(each, exclusive=card.exclusive)


def hash_as_written(weights: Path, card_file: Path) -> str:
    """`ml.card.hash_model` of the card as it stands in the file.

    A later version's card may have more fields; their defaults must not make an old model look changed.
    """
    digest = hashlib.sha256()
    with weights.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    document = read_json(card_file, error=BadModel)
    document.pop("model_hash", None)
    digest.update(json.dumps(finite(document), sort_keys=True, allow_nan=False).encode())
    return digest.hexdigest()


def _parts(place: Path) -> tuple[Path, Path]:
    """The folder that holds the card, and the weights file."""
    if place.is_dir():
        return place, weights_path(place)
    if place.suffix.lower() in PICKLES:
        raise BadModel(f"{place} can run code when it is read, so it was not opened; give a {WEIGHTS_SUFFIX} file.")
    if not place.is_file():
        raise NotFound(f"There is no model at {place}; it may have been moved or deleted.")
    folder = place.parent.parent if place.parent.name == "checkpoints" else place.parent
    try:
        read_card(folder)
    except AppError as error:
        raise BadModel(
            f"{place} has no readable card.json beside it, so labels and input are not known; start a training from it."
        ) from error
    return folder, place
