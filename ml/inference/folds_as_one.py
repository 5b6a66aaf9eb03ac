"""The folds of a training kept as one model: all their weights in one file, one card, all that any of them has seen.

No torch: files of safetensors are joined as they lie on the disk, and nothing in them is read but their lists.
"""

import json
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from statistics import fmean
from typing import Any, BinaryIO

from ml.card import Card, Domain, hash_model, read_card, weights_path, write_json
from ml.events import CARD_FILE, MODEL_WEIGHTS
from ml.seen import Seen, read_seen, write_seen
from viewer.core.boundary import cannot_be_written
from viewer.core.errors import BadModel, BadRequest
from viewer.reading.sources.private_files import beside as name_beside

CLASSIFICATION = "classification"
NO_MAP = "several networks have no layer in common to read a map from; ask the model of one fold"
MOST_HEADER_BYTES = 100 << 20
_BLOCK_BYTES = 1 << 20


def keep_as_one(runs: Sequence[Path], models: Path) -> Path:
    """Keep finished folds as one model in the project's folder of models; returns its folder, the same one again where
    it is there already.

    Raises BadRequest where they are no folds of one task, or their kind has no mean of answers; BadModel where a card,
    weights or list of images cannot be read; NotWritable.
    """
    cards = [read_card(run) for run in runs]
    _assure_together(cards, runs)
    seen = _all_seen(runs, [card.name for card in cards])
    card = _card_of(cards)
    folder = name_beside(models / "as-one")
    try:
        folder.mkdir(parents=True)
        weights = folder / MODEL_WEIGHTS
        _join([weights_path(run) for run in runs], weights)
        card = replace(card, model_hash=hash_model(weights, card))
        write_json(folder / CARD_FILE, card.to_json())
        if seen is not None:
            write_seen(folder, seen)
        kept = models / card.model_hash[:16]
        if not kept.is_dir():
            folder.rename(kept)
        return kept
    except OSError as error:
        raise cannot_be_written(models, error) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _assure_together(cards: Sequence[Card], runs: Sequence[Path]) -> None:
    first = cards[0]
    if len(cards) < 2:
        raise BadRequest("One run is one model already; several folds are kept as one.")
    if first.kind != CLASSIFICATION:
        raise BadRequest(
            f"Several folds are taken as one by the mean of their probabilities, and a {first.kind} has none; review "
            "with the model of one fold."
        )
    for card, run in zip(cards, runs, strict=True):
        alike = ("task", "kind", "labels", "exclusive", "model", "preprocess", "library", "snapshot_id")
        apart = next((name for name in alike if getattr(card, name) != getattr(first, name)), "")
        if apart:
            raise BadRequest(
                f"{run.name} has another {apart.replace('_', ' ')} than {runs[0].name}, so they are no folds of one "
                "training."
            )


def _card_of(cards: Sequence[Card]) -> Card:
    """The card of all: means of their cuts and of their figures, and every kind of image that any was trained on."""
    first, many = cards[0], len(cards)
    names = [name for name in first.metrics if all(isinstance(card.metrics.get(name), (int, float)) for card in cards)]
    notes = (
        f"{many} networks, one for each fold: what it says is the mean of their probabilities, its cut the mean of "
        f"their cuts. Its figures are the means of theirs, each on its own validation part.",
        f"It has no heatmap: {NO_MAP}.",
        *dict.fromkeys(note for card in cards for note in card.notes),
    )
    return replace(
        first,
        threshold=fmean(card.threshold for card in cards),
        metrics={name: fmean(card.metrics[name] for card in cards) for name in names},
        domain=_domain_of([card.domain for card in cards]),
        cam_layer="",
        fold=None,
        best_epoch=0,
        created=max(card.created for card in cards),
        notes=notes,
        operating_point="",
        chosen=None,
        decides=first.rule.words(fmean(card.threshold for card in cards)),
        networks=many,
        model_hash="",
    )


def _domain_of(domains: Sequence[Domain]) -> Domain:
    known = [one.spacing_mm for one in domains if one.spacing_mm is not None]
    return replace(
        domains[0],
        modality=tuple(sorted({word for one in domains for word in one.modality})),
        photometric=tuple(sorted({word for one in domains for word in one.photometric})),
        body_part=tuple(sorted({word for one in domains for word in one.body_part})),
        spacing_mm=(min(low for low, _ in known), max(high for _, high in known))
        if len(known) == len(domains)
        else None,
        phantom=all(one.phantom for one in domains),
    )


def _all_seen(runs: Sequence[Path], names: Sequence[str]) -> Seen | None:
    """What any of them has seen; None where that is not known of one."""
    every: Seen | None = None
    for run, name in zip(runs, names, strict=True):
        seen = read_seen(run)
        if seen is None:
            return None
        every = seen if every is None else seen.after(every, name)
    assert every is not None
    return every


def _join(files: Sequence[Path], out: Path) -> None:
    """Safetensors files in one: the tensors of the first are called networks.0.NAME. Raises BadModel."""
    heads = []
    for file in files:
        with file.open("rb") as stream:
            heads.append(_head(stream, file))
    table: dict[str, Any] = {}
    base = 0
    for place, (tensors, _, size) in enumerate(heads):
        for name, facts in tensors.items():
            start, end = facts["data_offsets"]
            table[f"networks.{place}.{name}"] = {**facts, "data_offsets": [base + start, base + end]}
        base += size
    text = json.dumps(table, separators=(",", ":"), allow_nan=False).encode()
    text += b" " * (-len(text) % 8)
    with out.open("wb") as joined:
        joined.write(len(text).to_bytes(8, "little") + text)
        for file, (_, begin, _) in zip(files, heads, strict=True):
            with file.open("rb") as stream:
                stream.seek(begin)
                shutil.copyfileobj(stream, joined, _BLOCK_BYTES)


def _head(stream: BinaryIO, file: Path) -> tuple[dict[str, Any], int, int]:
    """(the tensors of a file, where their data begins, how much there is of it), as the format has it."""
    try:
        length = int.from_bytes(stream.read(8), "little")
        if length > MOST_HEADER_BYTES:
            raise ValueError
        tensors = json.loads(stream.read(length))
        tensors.pop("__metadata__", None)
        size = max((facts["data_offsets"][1] for facts in tensors.values()), default=0)
        if size != file.stat().st_size - 8 - length:
            raise ValueError
    except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        raise BadModel(f"{file} is no whole safetensors file; train that fold again.") from error
    return tensors, 8 + length, size
