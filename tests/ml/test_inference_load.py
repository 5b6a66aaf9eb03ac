"""Models are found by name and loaded without running anything that is in them."""

import json
import pickle
from pathlib import Path
from typing import Any

import pytest
import torch

from ml.card import Card, Domain
from ml.catalogue import load_spec
from ml.inference.load import load_model, resolve_model
from ml.inference.resolve import bundled_models
from ml.inference.store import write_model
from viewer.core.errors import Ambiguous, BadModel, NotFound


def a_card(**changed: Any) -> Card:
    values: dict[str, Any] = {
        "name": "Bright or dark",
        "model": "simple_cnn",
        "kind": "classification",
        "labels": ("dark", "bright"),
        "exclusive": True,
        "preprocess": load_spec("simple_cnn").preprocess,
        "domain": Domain(),
        "threshold": 0.5,
        "metrics": {"auc": 0.9},
        "snapshot_id": "0" * 64,
        "cam_layer": "features",
    }
    return Card(**{**values, **changed})


def a_model(folder: Path, **changed: Any) -> Path:
    torch.manual_seed(1)
    card = a_card(**changed)
    write_model(folder, load_spec("simple_cnn").build(len(card.labels), card.preprocess.channels), card)
    return folder


class Planted:
    """Unpickling this makes a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return (Path.touch, (self.path,))


def test_a_written_model_loads_with_its_card_and_the_same_outputs(tmp_path: Path) -> None:
    loaded = load_model(a_model(tmp_path / "m"))

    torch.manual_seed(1)
    expected = load_spec("simple_cnn").build(2, 1).eval()
    images = torch.rand((1, 1, 128, 128))
    assert torch.equal(loaded.network(images), expected(images))
    assert loaded.card.labels == ("dark", "bright")
    assert len(loaded.card.model_hash) == 64
    assert not loaded.network.training
    assert not any(p.requires_grad for p in loaded.network.parameters())


def test_a_runs_best_checkpoint_is_what_loads(tmp_path: Path) -> None:
    run = a_model(tmp_path / "runs" / "20261121-1200-nodule-1a2b")
    (run / "checkpoints").mkdir()
    (run / "weights.safetensors").rename(run / "checkpoints" / "best.safetensors")

    assert load_model(resolve_model(tmp_path, "20261121-1200-nodule-1a2b")).folder == run
    assert load_model(run / "checkpoints" / "best.safetensors").folder == run


def test_one_changed_byte_of_the_weights_is_refused(tmp_path: Path) -> None:
    weights = a_model(tmp_path / "m") / "weights.safetensors"
    data = bytearray(weights.read_bytes())
    data[-1] ^= 1
    weights.write_bytes(bytes(data))

    with pytest.raises(BadModel, match="do not belong together"):
        load_model(tmp_path / "m")


def test_a_changed_threshold_on_the_card_is_refused(tmp_path: Path) -> None:
    card = a_model(tmp_path / "m") / "card.json"
    card.write_text(card.read_text().replace('"threshold": 0.5', '"threshold": 0.1'))

    with pytest.raises(BadModel, match="do not belong together"):
        load_model(tmp_path / "m")


def test_a_card_of_an_older_version_with_fewer_fields_still_loads(tmp_path: Path) -> None:
    from ml.inference.load import hash_as_written

    folder = a_model(tmp_path / "m")
    document = json.loads((folder / "card.json").read_text())
    del document["notes"]
    (folder / "card.json").write_text(json.dumps(document))
    document["model_hash"] = hash_as_written(folder / "weights.safetensors", folder / "card.json")
    (folder / "card.json").write_text(json.dumps(document))

    assert load_model(folder).card.notes == ()


@pytest.mark.parametrize("suffix", [".pt", ".pth", ".pkl", ".ckpt", ".bin"])
def test_a_poisoned_pickle_is_refused_and_nothing_in_it_runs(tmp_path: Path, suffix: str) -> None:
    planted = tmp_path / "planted"
    poison = tmp_path / f"weights{suffix}"
    poison.write_bytes(pickle.dumps(Planted(planted)))

    with pytest.raises(BadModel, match="not opened"):
        resolve_model(None, str(poison))
    with pytest.raises(BadModel, match="not opened"):
        load_model(poison)

    assert not planted.exists()
    pickle.loads(poison.read_bytes())  # the poison is real
    assert planted.exists()


def test_a_pickle_under_the_name_of_safetensors_is_refused_and_nothing_in_it_runs(tmp_path: Path) -> None:
    from ml.card import hash_model, read_card, write_json

    folder = a_model(tmp_path / "m")
    planted = tmp_path / "planted"
    (folder / "weights.safetensors").write_bytes(pickle.dumps(Planted(planted)))
    card = read_card(folder)
    document = {**card.to_json(), "model_hash": hash_model(folder / "weights.safetensors", card)}
    write_json(folder / "card.json", document)

    with pytest.raises(BadModel, match="cannot be read as a safetensors file"):
        load_model(folder)
    assert not planted.exists()


def test_weights_with_values_that_are_no_numbers_are_refused(tmp_path: Path) -> None:
    network = load_spec("simple_cnn").build(2, 1)
    with torch.no_grad():
        network.get_parameter("head.bias")[0] = float("nan")
    write_model(tmp_path / "m", network, a_card())

    with pytest.raises(BadModel, match=r"no numbers \(head.bias\)"):
        load_model(tmp_path / "m")


def test_weights_of_another_architecture_are_refused(tmp_path: Path) -> None:
    write_model(tmp_path / "m", load_spec("simple_cnn").build(3, 1), a_card())

    with pytest.raises(BadModel, match="do not fit"):
        load_model(tmp_path / "m")


def test_a_card_of_an_architecture_that_is_not_here_is_refused(tmp_path: Path) -> None:
    write_model(tmp_path / "m", load_spec("simple_cnn").build(2, 1), a_card(model="os:system"))

    with pytest.raises(BadModel, match="does not have"):
        load_model(tmp_path / "m")


@pytest.mark.parametrize("text", ["not json", "[]", "{}", '{"name": "x"}'])
def test_a_card_that_is_none_is_refused(tmp_path: Path, text: str) -> None:
    folder = a_model(tmp_path / "m")
    (folder / "card.json").write_text(text)

    with pytest.raises(BadModel):
        load_model(folder)


def test_weights_without_a_card_are_refused(tmp_path: Path) -> None:
    folder = a_model(tmp_path / "m")
    (folder / "card.json").unlink()

    with pytest.raises(BadModel, match="no readable card"):
        load_model(resolve_model(None, str(folder / "weights.safetensors")))


def test_a_name_means_a_run_before_a_model(tmp_path: Path) -> None:
    run, model = a_model(tmp_path / "runs" / "abc-1"), a_model(tmp_path / "models" / "abc-1")

    assert resolve_model(tmp_path, "abc-1") == run
    assert resolve_model(tmp_path, "abc") == run
    assert resolve_model(None, str(model)) == model


def test_a_model_is_found_by_the_beginning_of_its_hash_and_by_the_name_on_its_card(tmp_path: Path) -> None:
    model = a_model(tmp_path / "models" / "deadbeef00", name="Nodule 2")

    assert resolve_model(tmp_path, "dead") == model
    assert resolve_model(tmp_path, "Nodule 2") == model


def test_an_ambiguous_name_is_an_error_that_lists_the_choices(tmp_path: Path) -> None:
    a_model(tmp_path / "runs" / "20261121-a")
    a_model(tmp_path / "runs" / "20261121-b")

    with pytest.raises(Ambiguous, match="20261121-a, 20261121-b"):
        resolve_model(tmp_path, "20261121")
    assert resolve_model(tmp_path, "20261121-b").name == "20261121-b"


def test_two_models_of_one_name_are_ambiguous(tmp_path: Path) -> None:
    a_model(tmp_path / "models" / "aa", name="Nodule")
    a_model(tmp_path / "models" / "bb", name="Nodule")

    with pytest.raises(Ambiguous):
        resolve_model(tmp_path, "Nodule")


def test_a_name_that_leads_nowhere_says_which_models_are_bundled(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="bundled models are"):
        resolve_model(tmp_path, "nothing")
    with pytest.raises(NotFound):
        resolve_model(tmp_path, " ")


def test_bundled_models_are_found_by_name() -> None:
    for name, folder in bundled_models().items():
        assert resolve_model(None, name) == folder
        assert json.loads((folder / "card.json").read_text())["labels"]
