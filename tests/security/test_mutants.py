"""Weights, cards, checkpoints and run folders with one thing changed: a sentence or a sound answer, nothing else."""

import json
import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from ml.card import Card, Domain, hash_model, read_card, write_json
from ml.catalogue import load_spec
from ml.events import append_event
from ml.inference.load import load_model
from ml.recipe import default_recipe
from ml.training.checkpoint import read_tensors, write_tensors
from ml.training.run import read_recipe
from ml.training.state import Counters, State, load_state, make_optimizer, save_state
from viewer.core.errors import AppError
from viewer.jobs.queue import enqueue
from viewer.jobs.runs import list_runs

RECIPE = default_recipe(task="Mass", kind="classification", labels=("no", "yes"), model="simple_cnn", epochs=3)
STRANGE: list[Any] = [None, True, -1, 0, 2**70, 1e999, "", "\ud800", "../..", [], {}, [[]], {"a": [1]}, "x" * 10_000]
SEED = 20261129


def any_bytes(content: bytes, rng: random.Random) -> bytes:
    """One change: bits, a cut, a piece twice, a piece of zeros, or a length in the first eight bytes."""
    data = bytearray(content)
    at = rng.randrange(max(1, min(len(data), 4096) if rng.random() < 0.7 else len(data)))
    way = rng.randrange(6)
    if way == 0:
        data[at] ^= 1 << rng.randrange(8)
    elif way == 1:
        del data[at:]
    elif way == 2:
        data[at:at] = data[at : at + rng.randrange(1, 64)]
    elif way == 3:
        data[at : at + 32] = bytes(32)
    elif way == 4:
        data[:8] = rng.choice([0, 1, 2**31, 2**63, 2**64 - 1, len(data)]).to_bytes(8, "little")
    else:
        data[at : at + 1] = rng.choice([b"\xff", b"\x00", b"]", b"}", b'"', b"-", b"9" * 30, b"\xed\xa0\x80"])
    return bytes(data)


def any_value(document: Any, rng: random.Random) -> Any:
    """One value somewhere in a document replaced by a strange one, taken away, or under another name."""
    if isinstance(document, dict) and document and rng.random() < 0.85:
        name = rng.choice(sorted(document))
        changed = dict(document)
        way = rng.random()
        if way < 0.15:
            del changed[name]
        elif way < 0.25:
            changed[name + rng.choice(["2", " ", "\0"])] = changed.pop(name)
        else:
            changed[name] = any_value(document[name], rng)
        return changed
    if isinstance(document, list) and document and rng.random() < 0.7:
        at = rng.randrange(len(document))
        return [*document[:at], any_value(document[at], rng), *document[at + 1 :]]
    return rng.choice(STRANGE)


def changed_json(path: Path, rng: random.Random) -> None:
    if rng.random() < 0.25:
        path.write_bytes(any_bytes(path.read_bytes(), rng))
        return
    lines = path.read_text().splitlines() if path.suffix == ".jsonl" else [path.read_text()]
    at = rng.randrange(len(lines))
    lines[at] = json.dumps(any_value(json.loads(lines[at]), rng))
    path.write_text("\n".join(lines) + "\n")


class Place:
    """A model, a checkpoint and a run as they should be, put back after each change."""

    def __init__(self, folder: Path) -> None:
        self.project = folder / "project"
        self.model = folder / "model"
        self.model.mkdir()
        spec = load_spec("simple_cnn")
        torch.manual_seed(0)
        network = spec.build(2, 1)
        weights = self.model / "weights.safetensors"
        write_tensors(weights, dict(network.state_dict()), {"epoch": 1})
        card = Card(
            name="m", model="simple_cnn", kind="classification", labels=("no", "yes"), exclusive=True,
            preprocess=spec.preprocess, domain=Domain(modality=("DX",), spacing_mm=(0.1, 0.2)), threshold=0.5,
            metrics={"auc": 0.9}, snapshot_id="s", cam_layer=spec.cam_layer, recipe=RECIPE.to_json(),
        )  # fmt: skip
        write_json(self.model / "card.json", replace(card, model_hash=hash_model(weights, card)).to_json())
        self.state = State(
            network=network, optimizer=make_optimizer(network, RECIPE), average=None, counters=Counters(),
            facts={"threads": 1, "precision": "fp32", "channels_last": False, "labels": ["no", "yes"]},
        )  # fmt: skip
        self.checkpoint = folder / "last.safetensors"
        save_state(self.checkpoint, self.state)
        self.run = enqueue(self.project, RECIPE)
        append_event(self.run, "started", steps_per_epoch=4, epochs=3, epoch=0, device="cpu", metric="auc", threads=1)
        append_event(self.run, "step", epoch=0, step=2, loss=0.6, images_per_s=10.0, left_s=9.0, memory_bytes=1)
        append_event(self.run, "epoch", epoch=0, train_loss=0.5, val_loss=0.4, metrics={"auc": 0.7}, best=True)
        append_event(self.run, "finished", best_epoch=0, metrics={"auc": 0.7}, model_hash="ab")
        files = (
            weights,
            self.model / "card.json",
            self.checkpoint,
            *(self.run / n for n in ("config.json", "events.jsonl")),
        )
        self._sound = {path: path.read_bytes() for path in files}

    def put_back(self) -> None:
        for path, content in self._sound.items():
            path.write_bytes(content)

    def resigned(self, rng: random.Random) -> None:
        """A changed model whose hash fits again: what a stranger hands over."""
        weights, card = self.model / "weights.safetensors", self.model / "card.json"
        if rng.random() < 0.5:
            weights.write_bytes(any_bytes(weights.read_bytes(), rng))
        document = json.loads(card.read_text())
        if rng.random() < 0.7:
            document = any_value(document, rng)
        try:
            fitting = Card.from_json(document)
            document["model_hash"] = hash_model(weights, replace(fitting, model_hash=""))
        except (AppError, TypeError):
            pass
        card.write_text(json.dumps(document))

    def checkpoint_of_another(self, rng: random.Random) -> None:
        """The state's document changed, its tensors as they were; or the bytes of the file."""
        if rng.random() < 0.5:
            self.checkpoint.write_bytes(any_bytes(self.checkpoint.read_bytes(), rng))
            return
        tensors, document = read_tensors(self.checkpoint)
        if rng.random() < 0.3:
            name = rng.choice(sorted(tensors))
            old = tensors[name]
            odd = [old.double(), old.reshape(-1)[:1], torch.zeros(0), torch.ones(3, dtype=torch.bool)]
            tensors[name] = rng.choice(odd)
        changed = any_value(document, rng)
        write_tensors(self.checkpoint, tensors, changed)


def _change(place: Place, rng: random.Random) -> Callable[[], object]:
    """Change one thing; hand back what reads it."""
    way = rng.randrange(5)
    if way == 0:
        path = place.model / "weights.safetensors"
        path.write_bytes(any_bytes(path.read_bytes(), rng))
        return lambda: (read_tensors(path), load_model(place.model))
    if way == 1:
        changed_json(place.model / "card.json", rng)
        return lambda: (read_card(place.model), load_model(place.model))
    if way == 2:
        place.resigned(rng)
        return lambda: load_model(place.model)
    if way == 3:
        place.checkpoint_of_another(rng)
        return lambda: load_state(place.checkpoint, place.state)
    changed_json(place.run / rng.choice(["config.json", "events.jsonl"]), rng)
    return lambda: (list_runs(place.project), read_recipe(place.run))


def campaign(folder: Path, count: int) -> dict[str, int]:
    """Try `count` mutants; what is neither sound nor a sentence fails with the number that repeats it."""
    place = Place(folder)
    told = {"sound": 0, "refused": 0}
    for number in range(count):
        place.put_back()
        try:
            read = _change(place, random.Random(SEED + number))
            read()
        except AppError as error:
            sentence = str(error)
            plain = "\n" not in sentence and "Something unexpected" not in sentence
            assert sentence.endswith(".") and plain, (number, sentence)
            told["refused"] += 1
        except Exception as error:
            raise AssertionError(f"mutant {number}: {type(error).__name__}: {error}") from error
        else:
            told["sound"] += 1
    return told


def test_a_changed_model_checkpoint_or_run_is_refused_in_a_sentence_or_sound(tmp_path: Path) -> None:
    told = campaign(tmp_path, 80)

    assert told["refused"] > 30
    assert told["sound"] > 5


@pytest.mark.full
def test_a_thousand_changed_models_checkpoints_and_runs(tmp_path: Path) -> None:
    told = campaign(tmp_path, 1000)

    assert told["refused"] > 400
