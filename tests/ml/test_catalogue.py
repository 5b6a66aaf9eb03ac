"""Rows of the catalogue: every one loads, says the truth about itself, and needs no torch to be listed."""

import subprocess
import sys

import pytest
import torch

from ml.catalogue import MODELS, PreprocessSpec, default_spec, load_spec, specs
from ml.tasks import TASKS
from viewer.core.errors import BadRequest, NotFound

OWN = ("simple_cnn", "small_unet", "center_point")


@pytest.mark.parametrize("name", MODELS)
def test_a_row_tells_its_own_name_size_and_heatmap_layer(name: str) -> None:
    spec = load_spec(name)

    with torch.device("meta"):
        network = spec.build(2, spec.preprocess.channels)

    assert spec.name == name
    assert sum(p.numel() for p in network.parameters()) == spec.parameters
    assert spec.cam_layer in dict(network.named_modules())
    assert spec.input_px == spec.preprocess.size_px
    assert spec.input_px % spec.multiple_px == 0


@pytest.mark.parametrize("name", OWN)
def test_own_networks_stay_small(name: str) -> None:
    assert load_spec(name).parameters <= 300_000


@pytest.mark.parametrize("kind", list(TASKS))
def test_every_kind_has_exactly_one_default(kind: str) -> None:
    assert [spec.name for spec in specs(kind) if spec.default] == [default_spec(kind).name]


def test_own_networks_give_the_shapes_of_their_kind() -> None:
    images = torch.rand(2, 1, 64, 64)

    assert load_spec("simple_cnn").build(3, 1)(images).shape == (2, 3)
    assert load_spec("small_unet").build(3, 1)(images).shape == (2, 3, 64, 64)
    found = load_spec("center_point").build(3, 1).eval()(images)
    assert [set(one) for one in found] == [{"boxes", "labels", "scores"}] * 2


def test_the_catalogue_is_listed_without_torch() -> None:
    code = (
        "import sys, ml.catalogue as c, ml.recipe, ml.events, ml.card; c.specs();"
        "sys.exit(any(m in sys.modules for m in ('torch', 'torchvision', 'timm', 'segmentation_models_pytorch')))"
    )

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_an_unknown_row_is_answered_with_the_names_there_are() -> None:
    with pytest.raises(NotFound, match="resnet18"):
        load_spec("resnet19")


def test_a_preprocess_spec_survives_json_and_refuses_nonsense() -> None:
    spec = PreprocessSpec(size_px=64, channels=3, window="fixed", window_center=-600, window_width=1500)

    assert PreprocessSpec.from_json(spec.to_json()) == spec
    for wrong in ({"size_px": 4}, {"size_px": 64, "fit": "crop"}, {"size_px": 64, "window": "fixed"}):
        with pytest.raises(BadRequest):
            PreprocessSpec.from_json(wrong)
    with pytest.raises(BadRequest):
        PreprocessSpec.from_json({"size_px": 64, "colour": 1})
