"""What a document says of the model that made it."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ml.inference.load import LoadedModel


def model_document(loaded: "LoadedModel") -> dict[str, Any]:
    """Which model answered, and at which operating point."""
    card = loaded.card
    return {
        "name": card.name, "model_hash": card.model_hash, "folder": str(loaded.folder), "architecture": card.model,
        "library": card.library, "reads": card.preprocess.rule.words(card.domain.modality),
        "kind": card.kind, "labels": list(card.labels), "exclusive": card.exclusive, "threshold": card.threshold,
        "decides_by": card.rule.by.value, "decides": card.rule.words(card.threshold), "trained_on": card.domain.source,
        "training_images": "not known" if loaded.seen is None else "known",
    }  # fmt: skip
