"""Models of timm: facts from the library, any of them trained, asked and explained; what does not fit is refused."""

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import timm
import torch

from ml import library_facts
from ml.before import preprocess_of
from ml.card import read_card
from ml.catalogue import FAMILIES, find_in_families, load_family, load_spec, title_of
from ml.evaluation.predicting import load_trained
from ml.explain.heatmap import explain
from ml.inference.load import load_model
from ml.inference.predict import predict
from ml.inference.store import write_model
from ml.models import timm_family
from ml.nets import timm_facts
from ml.recipe import Recipe
from ml.training.run import run_training
from viewer.core.errors import BadModel, BadRequest, MissingExtra, UnknownName
from viewer.core.heat import ARBITRARY, LOGIT
from viewer.core.pixels import FrameIdentity, PixelFacts
from viewer.reading.frame import Frame
from viewer.reading.series import FrameRef

IMAGE = "a" * 32
# Each another design, and whether pooling and one linear layer follow its last map: by their papers and timm's heads,
# ConvNeXt has a LayerNorm between them, MobileNetV3 a layer with a hard swish.
NETWORKS = {
    "test_resnet": LOGIT, "test_efficientnet": LOGIT, "test_nfnet": LOGIT, "test_byobnet": LOGIT,
    "test_convnext": ARBITRARY, "mobilenetv3_small_050": ARBITRARY,
}  # fmt: skip
IN_THE_SUITE = ("test_resnet", "test_nfnet", "test_convnext")  # one head of each sort that is no MobileNet's


@pytest.fixture(autouse=True)
def _asked_in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """torch is here already; a child would load it again for each model. One test asks the child."""

    def answer(library: str, module: str, question: str) -> bytes:
        found = timm_facts.names() if question == timm_facts.NAMES else timm_facts.facts(question)
        return json.dumps(found, allow_nan=False).encode()

    monkeypatch.setattr(library_facts, "_answer", answer)


def a_frame(side: int = 48) -> Frame:
    stored = np.random.default_rng(3).integers(0, 1000, (side, side + 8)).astype(np.uint16)
    return Frame(
        ref=FrameRef(path=Path("x.dcm")), stored=stored, facts=PixelFacts(rows=side, cols=side + 8),
        identity=FrameIdentity(modality="DX"), decoder="native",
    )  # fmt: skip


@pytest.mark.parametrize(
    "name", [name if name in IN_THE_SUITE else pytest.param(name, marks=pytest.mark.full) for name in NETWORKS]
)
def test_a_model_of_the_library_trains_predicts_and_its_map_is_that_of_its_last_features(
    disc_films: Callable[..., Any], film_reader: Any, tiny_recipe: Callable[..., Recipe], new_run: Callable[..., Path],
    name: str,
) -> None:  # fmt: skip
    folder = new_run(tiny_recipe(model=f"timm:{name}", input_px=64, epochs=1, learning_rate=1e-3))

    run_training(folder, disc_films(count=16), reader=film_reader)

    card, loaded = read_card(folder), load_model(folder)
    assert card.library == f"timm {metadata.version('timm')}"
    fresh = timm.create_model(name, num_classes=2).state_dict()
    assert {key: value.shape for key, value in loaded.network.state_dict().items()} == {
        key: value.shape for key, value in fresh.items()
    }
    prediction = predict(loaded, a_frame(), IMAGE)
    assert sum(prediction.scores.values()) == pytest.approx(1)

    heat = explain(loaded, a_frame(), IMAGE, "sick", "gradcam")

    # By the library's own two halves: Grad-CAM of what goes from the one to the other.
    network = loaded.network
    features = network.forward_features(torch.from_numpy(loaded.preprocess.forward(*_pixels())[0])[None])
    features = features.detach().requires_grad_()
    logits = network.forward_head(features)
    (gradients,) = torch.autograd.grad(logits[0, 1], features)
    expected = (gradients.mean(dim=(2, 3), keepdim=True) * features).sum(dim=1)[0].detach().numpy()
    assert heat.grid.shape == expected.shape and heat.grid.size > 1
    np.testing.assert_allclose(heat.grid, expected, rtol=1e-3, atol=1e-5 * float(np.abs(expected).max()))
    scores = torch.softmax(logits, dim=1)[0].detach().numpy()
    assert prediction.scores["sick"] == pytest.approx(float(scores[1]), abs=1e-5)
    assert heat.unit == NETWORKS[name]


def _pixels() -> tuple[Any, PixelFacts]:
    return a_frame().stored, a_frame().facts


def test_facts_are_those_of_the_library() -> None:
    for name in ("mobilenetv3_small_050.lamb_in1k", "test_convnext"):
        spec, published = load_spec(f"timm:{name}"), timm.get_pretrained_cfg(name)

        assert spec.input_px == spec.preprocess.size_px == published.input_size[1]
        assert spec.preprocess.mean == tuple(published.mean) and spec.preprocess.std == tuple(published.std)
        assert spec.parameters == sum(p.numel() for p in timm.create_model(name, num_classes=2).parameters())
    assert load_spec("timm:test_convnext").serves("regression")
    assert not load_spec("timm:test_convnext").serves("detection")
    licences = {row.name: row.licence for row in load_family("timm").rows()}
    weights = timm.get_pretrained_cfg("convnextv2_atto.fcmae_ft_in1k").license
    assert weights == "cc-by-nc-4.0"
    assert licences["timm:convnextv2_atto.fcmae_ft_in1k"] == f"Apache-2.0, published weights {weights}"


def test_every_architecture_of_the_library_is_found_by_its_name() -> None:
    rows = {row.name for row in load_family("timm").rows()}

    assert {f"timm:{name}" for name in timm.list_models()} <= rows
    found = find_in_families("resnet10t")
    assert [row.name for row in found][:2] == ["timm:resnet10t", "timm:resnet10t.c3_in1k"]
    assert found[0].input_px == timm.get_pretrained_cfg("resnet10t").input_size[1]


def test_a_name_that_is_none_is_answered_with_names_that_are_near() -> None:
    with pytest.raises(UnknownName, match=r"^timm [\d.]+ has no model 'resnet10'; near names are .*resnet10t"):
        load_spec("timm:resnet10")
    for hostile in ("timm:../../etc", "timm:hf-hub:someone/something", "timm:", "timm:-c"):
        with pytest.raises(UnknownName):
            load_spec(hostile)
    with pytest.raises(UnknownName, match="timm"):
        load_spec("somewhere:resnet10t")


def test_a_network_without_a_map_is_used_and_explains_nothing(tmp_path: Path) -> None:
    spec = load_spec("timm:test_vit")
    assert spec.cam_layer == ""
    loaded = _stored(tmp_path, "timm:test_vit")

    assert set(predict(loaded, a_frame(), IMAGE).scores) == {"well", "sick"}
    with pytest.raises(BadRequest, match="no map of the image"):
        explain(loaded, a_frame(), IMAGE, "sick", "gradcam")


def test_sizes_that_a_network_does_not_take_are_refused(tiny_recipe: Callable[..., Recipe]) -> None:
    fixed, free = load_spec("timm:test_vit"), load_spec("timm:test_convnext")
    assert fixed.fixed_px and not free.fixed_px

    with pytest.raises(BadRequest, match="takes images of 160 px and no other size, not 320"):
        preprocess_of(tiny_recipe(model="timm:test_vit", input_px=320), fixed)
    with pytest.raises(BadRequest, match=f"{free.least_px} px at the least, not 8"):
        preprocess_of(tiny_recipe(model="timm:test_convnext", input_px=8), free)
    network = timm.create_model("test_convnext", num_classes=2).eval()
    assert network(torch.rand(1, 3, free.least_px, free.least_px)).shape == (1, 2)
    with pytest.raises(RuntimeError):
        network(torch.rand(1, 3, 8, 8))


class _NoClassifier(torch.nn.Module):
    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return images.mean(dim=1)


class _TwoAnswers(torch.nn.Module):
    def forward(self, images: torch.Tensor) -> Any:
        answer = images.mean(dim=(2, 3))[:, :2]
        return (answer, answer) if self.training else answer


@pytest.mark.parametrize("network", [_NoClassifier(), _TwoAnswers()])
def test_a_network_that_does_not_answer_for_each_class_is_refused(
    monkeypatch: pytest.MonkeyPatch, network: torch.nn.Module
) -> None:
    monkeypatch.setattr(timm_facts, "on_paper", lambda name: network)

    assert "one number for each class" in timm_facts.facts("test_resnet")["refused"]


def test_a_refusal_of_the_library_s_facts_names_the_model_and_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = timm_family._asked

    def refused(question: str) -> Any:
        return timm_family.Fields({"refused": "it takes 5 channels"}, "x") if question == "dla34" else asked(question)

    monkeypatch.setattr(timm_family, "_asked", refused)
    with pytest.raises(
        BadRequest, match=r"^timm:dla34 cannot be used here: it takes 5 channels. Choose another model.$"
    ):
        load_spec("timm:dla34")


@pytest.mark.parametrize(
    ("change", "why"), [({"input_size": (5, 64, 64)}, "5 channels"), ({"input_size": (3, 64, 96)}, "64 x 96")]
)
def test_an_input_that_is_no_square_image_is_refused(
    monkeypatch: pytest.MonkeyPatch, change: dict[str, Any], why: str
) -> None:
    published = timm.get_pretrained_cfg("test_resnet")
    monkeypatch.setattr(timm_facts, "published", lambda name: replace(published, **change))

    assert why in timm_facts.facts("test_resnet")["refused"]


def _stored(folder: Path, model: str, library: str | None = None) -> Any:
    from ml.card import Card, Domain

    spec = load_spec(model)
    torch.manual_seed(2)
    card = Card(
        name="M", model=model, kind=spec.kind, labels=("well", "sick"), exclusive=True, preprocess=spec.preprocess,
        domain=Domain(), threshold=0.5, metrics={}, snapshot_id="", cam_layer=spec.cam_layer,
        library=spec.library if library is None else library,
    )  # fmt: skip
    write_model(folder, spec.build(2, 3), card)
    return load_model(folder)


def test_weights_of_a_version_whose_network_is_another_are_refused_by_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _stored(tmp_path, "timm:test_resnet", library="timm 0.9.1")
    build = timm_family.build
    here = f"timm {metadata.version('timm')}"
    monkeypatch.setattr(timm, "create_model", lambda name, **values: _other_network(values["num_classes"]))
    assert build(2, 3, name="test_resnet").state_dict().keys() != {}

    wanted = rf"made with timm 0\.9\.1.*than that of {here.replace('.', chr(92) + '.')}.*install timm 0\.9\.1"
    with pytest.raises(BadModel, match=wanted):
        load_model(tmp_path)
    with pytest.raises(BadModel, match=wanted):
        load_trained(tmp_path, read_card(tmp_path), torch.device("cpu"))


def _other_network(classes: int) -> torch.nn.Module:
    return torch.nn.Sequential(torch.nn.AdaptiveAvgPool2d(1), torch.nn.Flatten(), torch.nn.Linear(3, classes))


def test_a_run_goes_on_with_the_version_that_it_began_with(
    disc_films: Callable[..., Any], film_reader: Any, tiny_recipe: Callable[..., Recipe], new_run: Callable[..., Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    folder = new_run(tiny_recipe(model="timm:test_resnet", epochs=1))
    run_training(folder, disc_films(count=16), reader=film_reader)

    monkeypatch.setattr(timm_family, "library_version", lambda library: "99")
    with pytest.raises(BadModel, match="library"):
        run_training(folder, disc_films(count=16), reader=film_reader, resume=True)


def test_a_library_that_is_not_installed_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> str:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "version", absent)
    with pytest.raises(MissingExtra, match="A model of timm"):
        load_spec("timm:test_resnet")


def test_what_a_library_says_is_asked_once_and_kept(home: Path) -> None:
    code = (
        "import sys, json; from ml.catalogue import load_spec; import ml.library_facts as f; calls = [];"
        "own = f._answer; f._answer = lambda *words: (calls.append(words[2]), own(*words))[1];"
        "spec = load_spec('timm:test_resnet'); load_spec('timm:test_resnet');"
        "heavy = [m for m in ('torch', 'timm') if m in sys.modules];"
        "print(json.dumps([calls, heavy, spec.parameters]))"
    )

    def ask() -> Any:
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        return json.loads(done.stdout)

    first, second = ask(), ask()

    assert first == [["names", "test_resnet"], [], load_spec("timm:test_resnet").parameters]
    assert second == [[], [], first[2]]


def test_a_title_needs_no_library() -> None:
    assert title_of("timm:anything") == "timm anything"
    assert title_of("resnet18") == "ResNet-18"
    assert title_of("gone") == "gone"
    assert set(FAMILIES) == {"timm"}
