"""Whoever asks a model means the picture: in every way of storing it, the same levels and the same score."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import pytest
import torch
from PIL import Image

from ml.card import Card, Domain
from ml.catalogue import PreprocessSpec, load_spec
from ml.data.cache import open_cache
from ml.data.preprocess import Preprocess
from ml.data.targets import TaskFacts
from ml.inference.load import LoadedModel
from ml.inference.predict import predict
from ml.training.run import domain_of
from tests.ml.stored_ways import GREY, WAYS, dicom, grey_as_rgb, png
from viewer.core.errors import OutsideDomain
from viewer.core.picture_values import content_sha256
from viewer.reading.frame import Frame
from viewer.reading.frames import read_frame
from viewer.reading.image_id import pixel_sha256
from viewer.reading.series import FrameRef

# float32 has 24 bits: v, 257 v and 2.5 v - 1024 differ in the last of them once both ends of the window are taken off.
# Colours of floats are kept in 16 bits by the reader, which is half a step of 1 / 65535 over the window's 0.3.
EXACT, OF_FLOATS = 1e-6, 3e-5


def frame_of(folder: Path, write: Any) -> Frame:
    write(folder / "film")
    (path,) = folder.iterdir()
    return read_frame(FrameRef(path=path))


def levels_by_hand(window: str) -> np.ndarray:
    """GREY between its own ends, by numpy alone."""
    values = GREY.astype(np.float64)
    low, high = (values.min(), values.max()) if window == "full" else np.percentile(values, (0.5, 99.5))
    return np.clip((values - low) / (high - low), 0, 1)


def tolerance(name: str) -> float:
    return OF_FLOATS if name == "RGB TIFF of floats" else EXACT


@pytest.mark.parametrize("window", ["percentile", "full"])
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("name", WAYS)
def test_the_levels_of_a_picture_are_its_own(tmp_path: Path, name: str, channels: int, window: str) -> None:
    frame = frame_of(tmp_path, WAYS[name])

    levels = Preprocess(PreprocessSpec(size_px=32, channels=channels, window=window)).levels(frame.stored, frame.facts)

    assert levels.shape == GREY.shape
    assert np.abs(levels - levels_by_hand(window)).max() <= tolerance(name)


def a_model(model: str, **card: Any) -> LoadedModel:
    torch.manual_seed(5)
    spec = load_spec(model)
    preprocess = replace(spec.preprocess, size_px=32)
    network = spec.build(2, preprocess.channels).eval()
    values: dict[str, Any] = {
        "name": "M", "model": model, "kind": "classification", "labels": ("A", "B"), "exclusive": True,
        "preprocess": preprocess, "domain": Domain(), "threshold": 0.5, "metrics": {}, "snapshot_id": "",
        "cam_layer": spec.cam_layer, **card,
    }  # fmt: skip
    made = Card(**values)
    return LoadedModel(card=made, network=network, preprocess=Preprocess(made.preprocess), folder=Path("m"))


@pytest.mark.parametrize("model", ["simple_cnn", "resnet18"])
def test_every_way_of_storing_has_the_same_score(tmp_path: Path, model: str) -> None:
    loaded = a_model(model)
    scores = {}
    for number, (name, write) in enumerate(WAYS.items()):
        (tmp_path / str(number)).mkdir()
        frame = frame_of(tmp_path / str(number), write)
        scores[name] = predict(loaded, frame, "a" * 32).scores["B"]

    plain = scores["grey PNG"]
    off = {name: score - plain for name, score in scores.items() if abs(score - plain) > tolerance(name)}
    assert not off
    other = np.roll(GREY, 30, axis=1)
    (tmp_path / "other").mkdir()
    moved = predict(loaded, frame_of(tmp_path / "other", png(other)), "b" * 32).scores["B"]
    assert abs(moved - plain) > 1e-3  # the network does look at the picture


@pytest.mark.parametrize("channels", [1, 3])
def test_jpegs_of_grey_and_of_equal_colours_are_what_they_decode_to(tmp_path: Path, channels: int) -> None:
    preprocess = Preprocess(PreprocessSpec(size_px=32, channels=channels))
    for number, values in enumerate((GREY, grey_as_rgb(GREY))):
        Image.fromarray(values).save(tmp_path / f"{number}.jpg", quality=90)
        decoded = np.asarray(Image.open(tmp_path / f"{number}.jpg").convert("L"))
        (tmp_path / f"{number}.png").write_bytes(imagecodecs.png_encode(decoded))
        frames = [read_frame(FrameRef(path=tmp_path / f"{number}.{end}")) for end in ("jpg", "png")]
        jpeg, png_levels = (preprocess.levels(frame.stored, frame.facts) for frame in frames)
        assert np.abs(jpeg - png_levels).max() <= EXACT


@pytest.mark.parametrize("channels", [1, 3])
def test_a_hair_of_colour_changes_a_picture_by_a_hair(tmp_path: Path, channels: int) -> None:
    nearly = grey_as_rgb(GREY)
    nearly[0, 0] = (100, 101, 100)
    preprocess = Preprocess(PreprocessSpec(size_px=32, channels=channels))

    frame = frame_of(tmp_path, png(nearly))
    levels = preprocess.levels(frame.stored, frame.facts)

    wanted = levels_by_hand("percentile")[1:]
    assert np.abs((levels if levels.ndim == 2 else levels.mean(axis=2))[1:] - wanted).max() < 0.02


@pytest.mark.parametrize("channels", [1, 3])
def test_a_card_from_before_keeps_its_answers(tmp_path: Path, channels: int) -> None:
    document = PreprocessSpec(size_px=32, channels=channels).to_json()
    del document["levels"]
    old = Preprocess(PreprocessSpec.from_json(document))

    frame = frame_of(tmp_path, png(grey_as_rgb(GREY)))
    levels = old.levels(frame.stored, frame.facts)

    assert np.allclose(levels, grey_as_rgb(GREY) / 255)  # divided by its depth, as such a model was trained
    assert PreprocessSpec.from_json(PreprocessSpec(size_px=32).to_json()).levels == "picture"


@pytest.mark.parametrize("first", ["grey", "colour"])
def test_grey_and_colour_share_a_cache_whichever_comes_first(disc_films, tmp_path: Path, first: str) -> None:
    films = disc_films(count=4)
    colours = np.random.default_rng(1).integers(0, 255, (20, 20, 3)).astype(np.uint8)

    def reader(film: Any) -> Any:
        from viewer.core.pixels import PixelFacts

        at = films.items.index(film)
        if (at == 0) == (first == "colour"):
            return colours, PixelFacts(rows=20, cols=20, samples=3, bits_stored=8, photometric="RGB")
        return film.pixels, PixelFacts(rows=film.pixels.shape[0], cols=film.pixels.shape[1])

    task = TaskFacts(kind="classification", labels=("well", "sick"), exclusive=True)
    spec = PreprocessSpec(size_px=32, channels=3)
    cache = open_cache(tmp_path, films.items, spec, task, snapshot_id="s", reader=reader)

    assert cache.exact.shape[1] == 3
    assert not cache.missing
    wanted, _ = Preprocess(spec).unit(*reader(films.items[1]), 32)
    assert np.allclose(cache.exact[1].astype(np.float32), np.broadcast_to(wanted, (3, 32, 32)), atol=1e-3)


def test_a_grey_picture_fits_a_model_of_grey_pictures_however_it_is_stored(tmp_path: Path) -> None:
    loaded = a_model("simple_cnn", domain=Domain(photometric=("grey",)))
    for number, name in enumerate(("MONOCHROME1", "RGB DICOM", "palette PNG")):
        (tmp_path / str(number)).mkdir()
        assert predict(loaded, frame_of(tmp_path / str(number), WAYS[name]), "a" * 32).outside_domain == ""
    colours = grey_as_rgb(GREY)
    colours[..., 2] //= 2
    (tmp_path / "colour").mkdir()
    with pytest.raises(OutsideDomain, match="is in colour, not grey"):
        predict(loaded, frame_of(tmp_path / "colour", png(colours)), "c" * 32)


def test_a_fixed_window_is_of_the_stored_numbers_and_refuses_those_that_run_the_other_way(disc_films) -> None:
    class Data:
        def __init__(self, **spec: Any) -> None:
            self.items = disc_films(count=1).items
            self.spec = PreprocessSpec(size_px=32, **spec)
            self.cache = type("C", (), {"facts": [{"photometric": "MONOCHROME1", "colour": False, "spacing_mm": None}]})

    rows = np.array([0])

    assert domain_of(Data(), rows).photometric == ("grey",)  # type: ignore[arg-type]
    fixed = Data(window="fixed", window_center=40, window_width=400)
    assert domain_of(fixed, rows).photometric == ("MONOCHROME1",)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", [name for name in WAYS if name != "RGB TIFF of floats"])
def test_a_picture_is_known_again_however_it_is_stored(tmp_path: Path, name: str) -> None:
    for folder in ("plain", "way"):
        (tmp_path / folder).mkdir()
    plain = frame_of(tmp_path / "plain", WAYS["grey PNG"])
    frame = frame_of(tmp_path / "way", WAYS[name])

    assert content_sha256(frame.stored, frame.facts) == content_sha256(plain.stored, plain.facts)


def test_another_picture_is_another_and_an_empty_one_nobodys(tmp_path: Path) -> None:
    known = {content_sha256(GREY, read(tmp_path, GREY).facts)}
    changed = GREY.copy()
    changed[20, 20] += 1
    for values in (changed, GREY[:, ::-1], GREY[:-1], 255 - GREY):
        known.add(content_sha256(values, read(tmp_path, values).facts))

    assert len(known) == 5
    assert content_sha256(np.zeros((8, 8), np.uint8), read(tmp_path, np.zeros((8, 8), np.uint8)).facts) == ""
    assert pixel_sha256(GREY) != pixel_sha256(grey_as_rgb(GREY))


def read(folder: Path, values: np.ndarray) -> Frame:
    dicom(np.ascontiguousarray(values))(folder / "one")
    return read_frame(FrameRef(path=folder / "one.dcm"))
