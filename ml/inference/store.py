"""Writing a model's folder: weights.safetensors and card.json, each whole or not there."""

from dataclasses import replace
from pathlib import Path

from torch import nn

from ml.card import Card, hash_model, write_json
from ml.events import CARD_FILE, MODEL_WEIGHTS
from viewer.core.errors import NotWritable
from viewer.reading.sources.private_files import beside as name_beside


def write_model(folder: Path, network: nn.Module, card: Card) -> Card:
    """Write both and return the card with its hash. Raises NotWritable."""
    from safetensors.torch import save

    weights = folder / MODEL_WEIGHTS
    beside = name_beside(weights)
    tensors = {name: value.detach().cpu().contiguous().clone() for name, value in network.state_dict().items()}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        beside.write_bytes(save(tensors))
        beside.replace(weights)
        done = replace(card, model_hash=hash_model(weights, card))
        write_json(folder / CARD_FILE, done.to_json())
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise NotWritable(f"The model cannot be written to {folder}: {error.strerror or error}.") from error
    return done
