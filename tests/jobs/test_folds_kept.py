"""The folds of a training are kept as one model, which is asked like any other and knows what any fold has seen."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file

from ml.card import read_card, write_json
from ml.explain.heatmap import explain
from ml.inference.load import load_model
from ml.inference.mean_network import MeanOfNetworks
from ml.inference.predict import predict
from ml.recipe import default_recipe
from ml.training.initial import start_from
from tests.jobs.test_folds_as_one import project as project  # a fixture
from tests.jobs.test_folds_as_one import trained as trained  # two folds beside a test part
from viewer.cli.main import main
from viewer.core.errors import BadModel, BadRequest
from viewer.jobs.folds import folds_of, keep_folds
from viewer.jobs.queue import enqueue
from viewer.jobs.runs import RunState, list_runs, read_run
from viewer.project.snapshots.snapshot import Snapshot, SnapshotItem
from viewer.reading.frame import Frame
from viewer.reading.frames import read_frame
from viewer.reading.series import FrameRef


@pytest.fixture
def folds(project: Path) -> tuple[RunState, ...]:
    runs = list_runs(project)
    return folds_of(runs[0], runs)


def frame_of(item: SnapshotItem) -> Frame:
    return read_frame(FrameRef(path=Path(item.path), frame_index=item.frame_index))


def test_what_it_says_is_the_mean_of_what_each_fold_says(folds: tuple[RunState, ...], project: Path) -> None:
    kept = keep_folds(folds)

    snapshot = Snapshot.load(project, str(folds[0].recipe["snapshot_id"]))
    one, each = load_model(kept), [load_model(run.folder) for run in folds]
    cards = [member.card for member in each]
    assert (one.card.networks, one.card.fold, one.card.cam_layer) == (2, None, "")
    assert one.card.threshold == pytest.approx((cards[0].threshold + cards[1].threshold) / 2)
    assert one.title == f"square, 2 folds as one · {kept.name[-4:]}"
    for item in snapshot.items[:4]:
        frame = frame_of(item)
        said = [predict(member, frame, item.image_id).scores for member in each]
        mean = {label: (said[0][label] + said[1][label]) / 2 for label in said[0]}
        assert predict(one, frame, item.image_id).scores == pytest.approx(mean, abs=1e-6)
    assert keep_folds(folds) == kept, "the same folds are the same model"
    assert [one.name for one in kept.parent.iterdir() if "as-one" in one.name] == []


def test_an_image_that_any_fold_was_trained_on_is_one_that_it_was_trained_on(
    folds: tuple[RunState, ...], project: Path
) -> None:
    one = load_model(keep_folds(folds))

    snapshot = Snapshot.load(project, str(folds[0].recipe["snapshot_id"]))
    learnt = {item.image_id for fold in range(2) for item in snapshot.parts(fold)["train"]}
    apart = {item.image_id for item in snapshot.parts(0)["train"]} ^ {
        item.image_id for item in snapshot.parts(1)["train"]
    }
    shared = {item.image_id for item in snapshot.parts(None)["test"]}
    assert apart and shared and not shared & learnt
    for item in snapshot.items:
        seen = predict(one, frame_of(item), item.image_id).seen
        assert (seen == "trained on") is (item.image_id in learnt), item.image_id
        assert not (seen and item.image_id in shared)


@pytest.mark.parametrize("exclusive", [True, False])
def test_the_mean_is_of_probabilities_also_where_they_are_all_but_sure(exclusive: bool) -> None:
    logits = [torch.tensor([[40.0, -40.0]]), torch.tensor([[-1.0, 2.0]])]

    class Says(torch.nn.Module):
        def __init__(self, said: torch.Tensor) -> None:
            super().__init__()
            self.said = said

        def forward(self, _images: torch.Tensor) -> torch.Tensor:
            return self.said

    mean = MeanOfNetworks([Says(one) for one in logits], exclusive=exclusive)(torch.zeros(1))
    said = [one.double().numpy() for one in logits]
    if exclusive:
        odds = [np.exp(one - one.max()) / np.exp(one - one.max()).sum() for one in said]
        found = torch.softmax(mean, dim=-1)
    else:
        odds = [1 / (1 + np.exp(-one)) for one in said]
        found = torch.sigmoid(mean)
    assert torch.isfinite(mean).all()
    assert found.numpy() == pytest.approx(np.mean(odds, axis=0), abs=1e-6)


def test_its_weights_are_those_of_the_folds_and_it_has_no_heatmap_and_is_no_start(
    folds: tuple[RunState, ...], tmp_path: Path
) -> None:
    kept = keep_folds(folds)
    joined = load_file(kept / "weights.safetensors")
    for place, run in enumerate(folds):
        for name, value in load_file(run.folder / "checkpoints" / "best.safetensors").items():
            assert (joined[f"networks.{place}.{name}"] == value).all()
    one = load_model(kept)
    item = Snapshot.load(kept.parent.parent).items[0]
    with pytest.raises(BadRequest, match="has no heatmap: several networks have no layer in common"):
        explain(one, frame_of(item), item.image_id, "sick", "gradcam")
    with pytest.raises(BadModel, match="is 2 folds as one model; begin with the weights of one of them"):
        start_from(one.network, None, ("well", "sick"), kept, tmp_path, kind="classification")


def test_what_is_no_model_together_is_refused_in_a_sentence(folds: tuple[RunState, ...], project: Path) -> None:
    card = json.loads((folds[1].folder / "card.json").read_text())
    write_json(folds[1].folder / "card.json", {**card, "labels": ["well", "ill"]})
    with pytest.raises(BadRequest, match="has another labels than"):
        keep_folds(folds)
    write_json(folds[1].folder / "card.json", card)
    weights = folds[1].folder / "checkpoints" / "best.safetensors"
    weights.write_bytes(weights.read_bytes()[:-8])
    with pytest.raises(BadModel, match="is no whole safetensors file; train that fold again"):
        keep_folds(folds)
    enqueue(project, default_recipe(task="square", kind="classification", labels=("well", "sick"), model="simple_cnn"))
    waits = next(run for run in list_runs(project) if run.state == "queued")
    with pytest.raises(BadRequest, match=f"{waits.run_id} has not finished"):
        keep_folds((folds[0], waits))
    with pytest.raises(BadRequest, match="One run is one model already"):
        keep_folds(folds[:1])
    assert not [one for one in (project / "models").iterdir() if "as-one" in one.name], "no half of a model is left"


def test_a_kind_without_probabilities_has_no_mean(folds: tuple[RunState, ...]) -> None:
    for run in folds:
        card = json.loads((run.folder / "card.json").read_text())
        for name in ("decides_by", "decides"):
            card.pop(name, None)
        write_json(run.folder / "card.json", {**card, "kind": "segmentation"})
    with pytest.raises(BadRequest, match="a segmentation has none; review with the model of one fold"):
        keep_folds(folds)


def test_the_command_line_keeps_them_and_asks_them(
    folds: tuple[RunState, ...], project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["runs", str(project), "as-one", "both", "--json"]) == 0
    name = json.loads(capsys.readouterr().out)["model"]
    assert read_card(project / "models" / name).networks == 2
    out = tmp_path / "said.json"
    assert main(["predict", str(project), "--model", name, "--part", "test", "--out", str(out)]) == 0
    assert out.is_file()
    assert main(["runs", str(project), "as-one"]) == 2
    assert "Say which folds" in capsys.readouterr().err
    shutil.rmtree(folds[0].folder)
    assert load_model(project / "models" / name).card.networks == 2, "it needs no run any more"
    assert read_run(folds[1].folder).state == "finished"
