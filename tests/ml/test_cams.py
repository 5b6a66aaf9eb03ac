"""Heatmap methods: what they read, what they leave alone, and what they say."""

import threading

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from ml.explain.cam import heat as heat_by
from ml.explain.cam import methods
from ml.explain.cams import CAMS
from ml.explain.tap import tap, with_layer
from ml.nets.simple_cnn import SimpleCNN
from viewer.core.errors import BadRequest
from viewer.core.registry import load


class BrightSquare(nn.Module):
    """Hand-made: channel 0 keeps what is bright, channel 1 what is dark; class 0 is for bright."""

    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Sequential(nn.Conv2d(1, 2, 1), nn.ReLU(), nn.AvgPool2d(4))
        self.head = nn.Linear(2, 2)
        with torch.no_grad():
            self.features[0].weight[:] = torch.tensor([1.0, -1.0]).view(2, 1, 1, 1)
            self.features[0].bias[:] = torch.tensor([-0.5, 0.2])
            self.head.weight[:] = torch.tensor([[4.0, -0.5], [-1.0, 2.0]])
            self.head.bias[:] = torch.tensor([0.25, -0.75])

    def forward(self, images: Tensor) -> Tensor:
        return self.head(self.features(images).mean(dim=(2, 3)))


class InPlaceHead(nn.Module):
    """Goes on from its features with a ReLU in place, as DenseNet does."""

    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Conv2d(1, 3, 3, padding=1)
        self.head = nn.Linear(3, 2)

    def forward(self, images: Tensor) -> Tensor:
        maps = nn.functional.relu(self.features(images), inplace=True)
        return self.head(maps.mean(dim=(2, 3)))


def logit(index: int):
    return lambda network, images: network(images)[0, index]


def square(rows: slice = slice(8, 16), cols: slice = slice(20, 28)) -> Tensor:
    image = torch.zeros((1, 1, 32, 32))
    image[0, 0, rows, cols] = 1.0
    return image


def simple_cnn(seed: int = 3) -> SimpleCNN:
    torch.manual_seed(seed)
    return SimpleCNN(classes=3, channels=1).eval().requires_grad_(False)


def picture(seed: int = 0) -> Tensor:
    return torch.randn((1, 1, 64, 64), generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("name", CAMS)
def test_every_method_lands_on_a_planted_bright_square(name: str) -> None:
    heat = heat_by(load(CAMS, name), BrightSquare().eval(), "features", square(), logit(0))

    assert heat.shape == (8, 8)
    assert heat.dtype == np.float32
    planted = np.zeros((8, 8), bool)
    planted[2:4, 5:7] = True
    assert heat[planted].min() > heat[~planted].max()
    assert heat[planted].min() > 0


@pytest.mark.parametrize("name", CAMS)
def test_every_method_leaves_the_shared_network_as_it_was(name: str) -> None:
    network = simple_cnn()
    before = {key: value.clone() for key, value in network.state_dict().items()}

    heat_by(load(CAMS, name), network, "features", picture(), logit(1))

    assert all(torch.equal(before[key], value) for key, value in network.state_dict().items())
    assert all(p.grad is None and not p.requires_grad for p in network.parameters())
    assert not any(m._forward_hooks or m._backward_hooks for m in network.modules())
    assert not network.training


def test_every_method_has_words_for_people() -> None:
    assert all(method.title and method.note.endswith(".") for method in methods().values())


@pytest.mark.parametrize("index", [0, 1, 2])
def test_the_map_of_a_pooled_linear_net_and_the_bias_add_up_to_the_logit(index: int) -> None:
    network = simple_cnn()
    heat = heat_by(load(CAMS, "gradcam"), network, "features", picture(), logit(index))

    expected = float(network(picture())[0, index])
    assert heat.astype(np.float64).sum() + float(network.head.bias[index]) == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("attribute", ["GradCAM", "GradCAMPlusPlus", "HiResCAM", "XGradCAM", "LayerCAM"])
def test_own_path_equals_the_librarys_hooks_up_to_scale(attribute: str) -> None:
    import pytorch_grad_cam

    name = {"GradCAM": "gradcam", "GradCAMPlusPlus": "gradcam++"}.get(attribute, attribute.lower())
    own = heat_by(load(CAMS, name), simple_cnn(), "features", picture(), logit(0))

    network = simple_cnn()
    cam = getattr(pytorch_grad_cam, attribute)(model=network, target_layers=[network.features])
    logit(0)(network, picture().requires_grad_()).backward()
    kept = cam.activations_and_grads
    theirs = cam.get_cam_image(None, None, None, kept.activations[0].numpy(), kept.gradients[0].numpy(), False)[0]
    kept.release()

    assert np.abs(own / np.abs(own).max() - theirs / np.abs(theirs).max()).max() < 1e-5


def test_a_relu_in_place_after_the_layer_is_counted_on_a_copy() -> None:
    torch.manual_seed(5)
    network = InPlaceHead().eval()

    evidence = tap(network, "features", picture(), logit(0))
    heat = heat_by(load(CAMS, "gradcam"), network, "features", picture(), logit(0))

    assert evidence.layer == "relu(features)"
    assert float(evidence.features.min()) == 0.0
    expected = float(network(picture())[0, 0].detach())
    assert evidence.score == pytest.approx(expected, abs=1e-6)
    assert float(heat.sum()) + float(network.head.bias[0].detach()) == pytest.approx(expected, abs=1e-4)


def test_the_unscaled_map_tells_a_weak_network_from_a_strong_one() -> None:
    strong, weak = BrightSquare().eval(), BrightSquare().eval()
    with torch.no_grad():
        weak.head.weight /= 1000

    a = heat_by(load(CAMS, "gradcam"), strong, "features", square(), logit(0))
    b = heat_by(load(CAMS, "gradcam"), weak, "features", square(), logit(0))

    assert b.max() == pytest.approx(a.max() / 1000, rel=1e-4)


def test_negative_evidence_is_kept() -> None:
    heat = heat_by(load(CAMS, "gradcam"), BrightSquare().eval(), "features", square(), logit(1))

    assert heat[2:4, 5:7].max() < 0


def test_two_threads_on_one_network_give_the_maps_of_one_thread() -> None:
    network = simple_cnn()
    method = load(CAMS, "gradcam")
    images = [picture(seed) for seed in range(12)]
    serial = [heat_by(method, network, "features", image, logit(i % 3)) for i, image in enumerate(images)]
    found: dict[tuple[int, int], np.ndarray] = {}

    def work(worker: int) -> None:
        for turn in range(4):
            for i in range(len(images)):
                j = (i * (1 + 4 * worker) + worker) % len(images)
                heat = heat_by(method, network, "features", images[j], logit(j % 3))
                found[worker * 10 + turn, j] = heat
                assert torch.is_grad_enabled()

    threads = [threading.Thread(target=work, args=(worker,)) for worker in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(found) == 2 * 4 * len(images)
    assert all(np.array_equal(heat, serial[j]) for (_, j), heat in found.items())


def test_a_tapped_network_shares_every_parameter() -> None:
    network = simple_cnn()

    other = with_layer(network, "features.2", nn.Identity())

    assert other.head.weight is network.head.weight
    assert isinstance(other.features[2], nn.Identity)
    assert isinstance(network.features[2], nn.Sequential) or not isinstance(network.features[2], nn.Identity)


def test_a_layer_that_is_not_there_is_refused() -> None:
    with pytest.raises(BadRequest, match="no layer 'layer9'"):
        heat_by(load(CAMS, "gradcam"), simple_cnn(), "layer9", picture(), logit(0))


def test_a_layer_without_a_map_is_refused() -> None:
    with pytest.raises(BadRequest, match="no map"):
        heat_by(load(CAMS, "gradcam"), simple_cnn(), "head", picture(), logit(0))
