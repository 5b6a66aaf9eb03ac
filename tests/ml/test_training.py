"""The loop on tiny data: all three kinds learn, unknown counts for nothing, odd data gets a sentence."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from ml.card import read_card, weights_path
from ml.catalogue import load_spec
from ml.data.batches import Batch
from ml.events import read_events
from ml.tasks.classification_outputs import ClassObjective
from ml.training.initial import head_names
from ml.training.loop import epoch_line
from ml.training.objective import Validation
from ml.training.run import prepare, project_of, run_training
from viewer.core.errors import BadRequest, JobFailed
from viewer.core.labels import Verdict


def events(folder: Path, kind: str) -> list[dict]:
    return [event for event in read_events(folder) if event["event"] == kind]


@pytest.mark.parametrize("kind", ["classification", "detection", "segmentation", "regression"])
def test_training_lowers_the_loss_and_registers_a_model(kind, disc_films, film_reader, tiny_recipe, new_run) -> None:
    folder = new_run(tiny_recipe(kind, epochs=4, learning_rate=3e-3, augment=False))

    card = run_training(folder, disc_films(kind, count=24), reader=film_reader)

    losses = [event["train_loss"] for event in events(folder, "epoch")]
    assert losses[-1] < losses[0]
    assert events(folder, "finished")[0]["model_hash"] == card.model_hash
    model = project_of(folder) / "models" / card.model_hash[:16]
    assert read_card(model) == read_card(folder) == card
    assert weights_path(model).read_bytes() == weights_path(folder).read_bytes()
    assert card.domain.modality == ("DX",)
    assert card.labels == tiny_recipe(kind).labels


def test_the_run_says_what_it_works_on(disc_films, film_reader, tiny_recipe, new_run) -> None:
    folder = new_run(tiny_recipe(epochs=1, keep_every_epoch=True))

    run_training(folder, disc_films(count=24), reader=film_reader)

    started = events(folder, "started")[0]
    assert started["device"] == "cpu"
    assert started["device_reason"]
    assert started["threads"] == 1
    assert started["images"] == {"train": 12, "val": 6, "test": 6}
    assert (folder / "checkpoints" / "epoch-0001.safetensors").is_file()


def test_an_unknown_label_moves_no_weight(tiny_recipe) -> None:
    recipe = tiny_recipe()
    network = load_spec("simple_cnn").build(2, 1).eval()
    images = torch.rand(3, 1, 32, 32)
    nan = float("nan")

    def gradient(labels: list[list[float]], *, exclusive: bool) -> torch.Tensor:
        objective = ClassObjective.__new__(ClassObjective)
        objective.recipe = recipe.with_settings([f"exclusive={exclusive}"])
        objective.weights = None
        network.zero_grad()
        batch = Batch(
            images=images, labels=torch.tensor(labels), masks=torch.zeros(0), known=torch.zeros(0), targets=[]
        )
        objective.loss(network, batch).backward()
        return network.head.weight.grad.clone()

    for exclusive in (True, False):
        some = gradient([[1, 0], [0, 1], [nan, nan]], exclusive=exclusive)
        network.zero_grad()
        images[2] += 1  # the third film may look like anything
        again = gradient([[1, 0], [0, 1], [nan, nan]], exclusive=exclusive)
        assert torch.equal(some, again)
        assert gradient([[nan, nan]] * 3, exclusive=exclusive).abs().max() == 0


def test_frozen_layers_keep_weights_and_batch_statistics(disc_films, film_reader, tiny_recipe, new_run) -> None:
    films = disc_films(count=24)
    base = new_run(tiny_recipe(epochs=1), "base")
    run_training(base, films, reader=film_reader)
    folder = new_run(tiny_recipe(epochs=1, init="base", freeze_epochs=1, learning_rate=0.1), "tuned")

    run_training(folder, films, reader=film_reader)

    from safetensors.torch import load_file

    before, after = load_file(weights_path(base)), load_file(weights_path(folder))
    head = head_names(load_spec("simple_cnn"))
    assert head == {"head.weight", "head.bias"}
    assert all(torch.equal(before[name], after[name]) for name in before if name not in head)
    assert not torch.equal(before["head.weight"], after["head.weight"])


def test_fine_tuning_for_other_labels_replaces_the_head(disc_films, film_reader, tiny_recipe, new_run) -> None:
    films = disc_films(count=24)
    run_training(new_run(tiny_recipe(epochs=1), "base"), films, reader=film_reader)
    for film in films.items:
        film.labels = {"ill": film.labels["sick"], "fine": film.labels["well"]}
    films.id = "relabelled"
    recipe = tiny_recipe(epochs=1, init="base").with_settings(["labels=fine,ill"])
    folder = new_run(recipe, "tuned")

    run_training(folder, films, reader=film_reader)

    initialised = events(folder, "initialised")[0]
    assert initialised["skipped_names"] == ["head.weight", "head.bias"]
    assert initialised["loaded"] == len(load_spec("simple_cnn").build(2, 1).state_dict()) - 2


def test_one_class_in_validation_is_said_and_training_goes_on(disc_films, film_reader, tiny_recipe, new_run) -> None:
    films = disc_films(count=24)
    for film in films.items:
        if film.part == "val":
            film.labels = {"sick": Verdict.NO, "well": Verdict.YES}
    folder = new_run(tiny_recipe())

    card = run_training(folder, films, reader=film_reader)

    epochs = events(folder, "epoch")
    assert all(epoch["metrics"]["auc"] is None for epoch in epochs)
    assert "one class only" in epochs[0]["note"]
    assert "auc" not in card.metrics


@pytest.mark.parametrize("kind", ["classification", "detection", "segmentation"])
def test_a_single_film_trains(kind, disc_films, film_reader, tiny_recipe, new_run) -> None:
    films = disc_films(kind, count=1)
    folder = new_run(tiny_recipe(kind, epochs=1, precision="auto"))

    card = run_training(folder, films, reader=film_reader)

    assert "no validation part" in " ".join(card.notes)


def test_nothing_to_learn_from_is_one_sentence(disc_films, film_reader, tiny_recipe, new_run) -> None:
    films = disc_films(count=4)
    for film in films.items:
        film.labels = {}

    with pytest.raises(BadRequest, match="no image with a known label"):
        run_training(new_run(tiny_recipe()), films, reader=film_reader)
    with pytest.raises(BadRequest, match="does segmentation"):
        prepare(tiny_recipe(model="small_unet"), films, Path("nowhere"))
    with pytest.raises(BadRequest, match="not on this machine"):
        run_training(new_run(tiny_recipe(device="cuda:7"), "gpu"), disc_films(count=4), reader=film_reader)


def test_a_loss_that_is_no_number_ends_the_run_with_a_hint(disc_films, film_reader, tiny_recipe, new_run) -> None:
    films = disc_films(count=24)
    folder = new_run(tiny_recipe(epochs=6, learning_rate=1e30))

    with pytest.raises(JobFailed, match="learning rate"):
        run_training(folder, films, reader=film_reader)


def test_the_best_epoch_is_kept_not_the_last(disc_films, film_reader, tiny_recipe, new_run) -> None:
    folder = new_run(tiny_recipe(epochs=5, learning_rate=0.05, keep_every_epoch=True))

    card = run_training(folder, disc_films(count=32), reader=film_reader)

    scores = [event["metrics"]["auc"] for event in events(folder, "epoch")]
    assert scores[card.best_epoch - 1] == max(scores)
    best = folder / "checkpoints" / f"epoch-{card.best_epoch:04d}.safetensors"
    from safetensors.torch import load_file

    kept, epoch = load_file(weights_path(folder)), load_file(best)
    assert all(torch.equal(kept[name], epoch[name]) for name in kept)


def test_an_average_of_the_weights_is_what_is_kept(disc_films, film_reader, tiny_recipe, new_run) -> None:
    folder = new_run(tiny_recipe(epochs=1, ema_decay=0.5))

    run_training(folder, disc_films(count=24), reader=film_reader)

    from ml.training.checkpoint import read_tensors

    last, document = read_tensors(folder / "checkpoints" / "last.safetensors")
    kept, _ = read_tensors(weights_path(folder))
    assert torch.equal(kept["head.weight"], last["ema.head.weight"])
    assert not torch.equal(kept["head.weight"], last["model.head.weight"])
    assert document["counters"]["epoch"] == 1
    assert json.loads((folder / "checkpoints" / "last.json").read_text()) == document
    assert np.isfinite(kept["head.weight"].numpy()).all()


def test_the_log_says_the_figures_of_an_epoch_in_words() -> None:
    metrics = {"auc": 1.0, "accuracy": 0.9597423510466989, "auc:Nodule": float("nan")}
    validation = Validation(loss=0.815, metrics=metrics, score=1.0, threshold=0.5)

    line = epoch_line(5, 0.3703, validation)

    assert line == "epoch 5: loss 0.3703, validation 0.8150 · AUC 1.000 · accuracy 0.960 · AUC Nodule –"


def test_the_log_says_once_how_the_cut_is_chosen_and_then_the_cut() -> None:
    """A sentence of thirty words stood there for each epoch."""
    same = Validation(loss=0.8, metrics={"accuracy": 0.9}, score=1.0, threshold=0.371, chosen_here=True)
    assert "the best one for these same cases" in same.cut_note

    first, second = epoch_line(1, 0.4, same), epoch_line(2, 0.3, same, noted=True)

    assert first.endswith(same.cut_note)
    assert second == "epoch 2: loss 0.3000, validation 0.8000 · accuracy 0.900 · cut 0.371"
