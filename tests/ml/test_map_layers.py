"""The layers that a map may be read from: found by a copy of the network, each of the size that it says."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from ml.catalogue import load_spec
from ml.explain.heatmap import explain, score_of
from ml.explain.layers import map_layers
from ml.explain.scale import HeatScale, write_scale
from ml.explain.tap import tap
from ml.inference.load import LoadedModel
from ml.inference.wire import heat_document, heat_of
from tests.ml.test_explain import IMAGE, a_frame, a_model
from viewer.core.errors import BadRequest
from viewer.core.heat import MapLayer

# A ResNet halves the sides in its first convolution, its pooling and at layers 2, 3 and 4 (He et al., table 1).
RESNET_AT_64 = {"conv1": 32, "layer1": 16, "layer2": 8, "layer3": 4, "layer4": 2}


def a_net(folder: Path, model: str, **changed: Any) -> LoadedModel:
    return a_model(folder, model, preprocess=replace(load_spec(model).preprocess, size_px=64), **changed)


def test_of_a_resnet_they_are_its_stages(tmp_path: Path) -> None:
    heat = explain(a_net(tmp_path, "resnet18"), a_frame(), IMAGE, "left", "gradcam")

    assert {layer.name: (layer.rows, layer.cols) for layer in heat.layers} == {
        name: (side, side) for name, side in RESNET_AT_64.items()
    }
    assert [layer.name for layer in heat.layers] == list(RESNET_AT_64), "as the network goes through them"


@pytest.mark.parametrize("model", ["resnet18", "simple_cnn", "densenet121", "center_point", "unet_resnet18"])
def test_each_that_is_offered_gives_a_map_of_the_size_that_it_says(tmp_path: Path, model: str) -> None:
    loaded = a_net(tmp_path, model, exclusive=model not in ("unet_resnet18", "center_point"), threshold=0.0)
    images = torch.from_numpy(loaded.input_of(a_frame(), ())[0])[None]
    score = score_of(loaded.card, loaded.network, "left")
    layers = map_layers(loaded.network, loaded.card.cam_layer, images, score)

    assert len(layers) > 2
    for layer in layers:
        evidence = tap(loaded.network, layer.name, images, score)
        assert tuple(evidence.features.shape[2:]) == (layer.rows, layer.cols), layer.name


def test_the_model_s_own_is_one_of_them_and_its_map_the_one_without_a_choice(tmp_path: Path) -> None:
    loaded = a_net(tmp_path, "resnet18")
    plain = explain(loaded, a_frame(), IMAGE, "left", "gradcam")

    chosen = explain(loaded, a_frame(), IMAGE, "left", "gradcam", layer="layer4")

    assert loaded.card.cam_layer == "layer4"
    np.testing.assert_array_equal(chosen.grid, plain.grid)
    assert not np.array_equal(explain(loaded, a_frame(), IMAGE, "left", "gradcam", layer="layer3").grid, plain.grid)


def test_the_network_is_looked_at_by_a_copy(tmp_path: Path) -> None:
    loaded = a_net(tmp_path, "resnet18")
    before = {name: value.clone() for name, value in loaded.network.state_dict().items()}

    explain(loaded, a_frame(), IMAGE, "left", "gradcam")

    assert not any(module._forward_hooks for module in loaded.network.modules())
    assert all(torch.equal(value, before[name]) for name, value in loaded.network.state_dict().items())


def test_another_layer_is_not_measured_by_the_scale_of_the_model_s_own(tmp_path: Path) -> None:
    loaded = a_net(tmp_path, "resnet18")
    write_scale(tmp_path, HeatScale(tops={"left": {"gradcam": 123.0}}, images=5))

    assert explain(loaded, a_frame(), IMAGE, "left", "gradcam").scale_top == 123.0
    assert explain(loaded, a_frame(), IMAGE, "left", "gradcam", layer="layer2").scale_top is None


def test_a_layer_that_there_is_not_is_refused_with_those_that_there_are(tmp_path: Path) -> None:
    loaded = a_net(tmp_path, "resnet18")

    for wrong in ("layer9", "fc", "layer4.0.conv1.weight"):
        with pytest.raises(BadRequest, match=r"There are conv1, layer1, layer2, layer3, layer4\.") as refused:
            explain(loaded, a_frame(), IMAGE, "left", "gradcam", layer=wrong)
        assert wrong in str(refused.value)


def test_a_network_without_parts_has_its_one_layer() -> None:
    class One(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.body = torch.nn.Conv2d(1, 2, 3, padding=1)

        def forward(self, images: torch.Tensor) -> torch.Tensor:
            made: torch.Tensor = self.body(images).mean((2, 3))
            return made

    found = map_layers(One().eval(), "body", torch.zeros(1, 1, 6, 8), lambda network, images: network(images)[0, 0])

    assert found == (MapLayer(name="body", rows=6, cols=8),)
    assert found[0].words == "body · 8 × 6 cells"


def test_they_come_through_the_wire(tmp_path: Path) -> None:
    heat = explain(a_model(tmp_path, "simple_cnn"), a_frame(), IMAGE, "left", "gradcam", layer="features.4")

    again = heat_of(heat_document(heat))

    assert again.layers == heat.layers and again.layer == heat.layer
