"""The cache: made once, whole, and honest about what cannot be read."""

from pathlib import Path

import numpy as np
import pytest
import torch

from ml.catalogue import PreprocessSpec
from ml.data.batches import ImageData
from ml.data.cache import enlarged, open_cache
from ml.data.targets import TaskFacts
from viewer.core.errors import BadFile, BadRequest
from viewer.core.labels import Verdict

TASK = TaskFacts(kind="classification", labels=("well", "sick"), exclusive=True)
SPEC = PreprocessSpec(size_px=32)


def test_a_cache_is_built_once_and_holds_what_a_prediction_sees(disc_films, film_reader, tmp_path: Path) -> None:
    films, calls = disc_films(count=6), []

    def reader(film):
        calls.append(film.image_id)
        return film_reader(film)

    first = open_cache(tmp_path, films.items, SPEC, TASK, snapshot_id="s", reader=reader)
    read = len(calls)
    second = open_cache(tmp_path, films.items, SPEC, TASK, snapshot_id="s", reader=reader)

    assert read == len(calls)
    assert first.train.shape == (6, 1, *enlarged(SPEC))
    assert second.exact.dtype == np.float16
    data = ImageData(second, films.items, TASK, SPEC, torch.device("cpu"))
    stored, facts = film_reader(films.items[2])
    wanted, _ = data.preprocess.forward(stored, facts)
    assert np.allclose(data.exact_batch(np.array([2])).images[0].numpy(), wanted, atol=0.005)


def test_an_unreadable_film_is_left_out_and_named(disc_films, film_reader, tmp_path: Path) -> None:
    films = disc_films(count=4)
    films.items[1].pixels = None

    cache = open_cache(tmp_path, films.items, SPEC, TASK, snapshot_id="s", reader=film_reader)

    assert [image_id for image_id, _ in cache.missing] == [films.items[1].image_id]
    assert cache.rows_of(films.items) == [0, 1, 2]
    assert cache.image_ids[1] == films.items[2].image_id
    films.items[1].pixels = films.items[0].pixels  # its drive is there again
    assert not open_cache(tmp_path, films.items, SPEC, TASK, snapshot_id="s", reader=film_reader).missing
    for film in films.items:
        film.pixels = None
    with pytest.raises(BadFile, match="None of the 4"):
        open_cache(tmp_path, films.items, SPEC, TASK, snapshot_id="other", reader=film_reader)


def test_a_sample_that_lacks_a_frame_is_not_looked_for_in_vain(disc_films, film_reader, tmp_path: Path) -> None:
    """Its own image can be read: that alone makes no cache anew each time it is opened."""
    films, calls = disc_films(count=4), []
    spec = PreprocessSpec(size_px=32, channels=3, context=1)
    for film in films.items:
        film.frames = (film, film, film)
    gone = disc_films(count=5).items[4]
    gone.pixels = None
    films.items[1].frames = (gone, films.items[1], gone)

    def reader(film):
        calls.append(film.image_id)
        return film_reader(film)

    first = open_cache(tmp_path, films.items, spec, TASK, snapshot_id="s", reader=reader)
    made = (first.folder / "cache.json").stat().st_ino
    calls.clear()
    again = open_cache(tmp_path, films.items, spec, TASK, snapshot_id="s", reader=reader)

    assert first.exact.shape == (4, 3, 32, 32) and len(first.image_ids) == 3
    assert (again.folder / "cache.json").stat().st_ino == made and len(calls) == 1
    gone.pixels = films.items[0].pixels
    assert not open_cache(tmp_path, films.items, spec, TASK, snapshot_id="s", reader=reader).missing


def test_augmentation_moves_all_frames_of_a_sample_alike(disc_films, film_reader, tiny_recipe, tmp_path: Path) -> None:
    films = disc_films(count=4)
    spec = PreprocessSpec(size_px=32, channels=3, context=1)
    for film in films.items:
        film.frames = (film, film, film)
    cache = open_cache(tmp_path, films.items, spec, TASK, snapshot_id="s", reader=film_reader)
    data = ImageData(cache, films.items, TASK, spec, torch.device("cpu"))

    images = data.train_batch(np.arange(4), tiny_recipe(augment_flip=True), epoch=3).images

    assert torch.equal(images[:, 0], images[:, 1]) and torch.equal(images[:, 0], images[:, 2])
    assert not torch.allclose(images, data.exact_batch(np.arange(4)).images, atol=0.1)


def test_another_window_is_another_cache(disc_films, film_reader, tmp_path: Path) -> None:
    films = disc_films(count=2)
    full = PreprocessSpec(size_px=32, window="full")

    a = open_cache(tmp_path, films.items, SPEC, TASK, snapshot_id="s", reader=film_reader)
    b = open_cache(tmp_path, films.items, full, TASK, snapshot_id="s", reader=film_reader)

    assert a.folder != b.folder


def test_what_nobody_assessed_is_no_case(disc_films, film_reader, tmp_path: Path) -> None:
    films = disc_films(count=4)
    films.items[0].labels = {}
    films.items[1].labels = {"sick": Verdict.NOT_ASSESSED}
    films.items[2].labels = {"sick": Verdict.YES}
    cache = open_cache(tmp_path, films.items, SPEC, TASK, snapshot_id="s", reader=film_reader)

    data = ImageData(cache, films.items, TASK, SPEC, torch.device("cpu"))

    assert data.rows_of(films.items).tolist() == [2, 3]
    assert data.labels[2].tolist() == [0, 1]
    films.items[3].labels = {"sick": Verdict.YES, "well": Verdict.YES}
    with pytest.raises(BadRequest, match="both well and sick"):
        ImageData(cache, films.items, TASK, SPEC, torch.device("cpu"))


def test_seen_and_empty_differs_from_unknown(disc_films, film_reader, tmp_path: Path) -> None:
    films = disc_films("segmentation", count=3)
    task = TaskFacts(kind="segmentation", labels=("disc", "other"), exclusive=False)
    films.items[1].complete = False
    films.items[2].complete, films.items[2].masks = False, ()
    cache = open_cache(tmp_path, films.items, SPEC, task, snapshot_id="s", reader=film_reader)

    data = ImageData(cache, films.items, task, SPEC, torch.device("cpu"))

    assert data.known.tolist() == [[True, True], [True, False], [False, False]]
    assert data.rows_of(films.items).tolist() == [0, 1]
    batch = data.exact_batch(np.array([0]))
    assert float(batch.masks[0, 0].max()) == pytest.approx(1.0)
    assert float(batch.masks[0, 1].max()) == 0.0


def test_a_file_that_changed_since_the_snapshot_is_not_trained_on(disc_films, tmp_path: Path) -> None:
    from PIL import Image

    from ml.data.cache import read_item
    from viewer.reading.image_id import pixel_sha256

    film = disc_films(count=1).items[0]
    film.path = tmp_path / "film.png"
    Image.fromarray(np.full((20, 20), 7, np.uint8)).save(film.path)
    film.pixel_sha256 = pixel_sha256(read_item(film)[0])

    assert read_item(film)[0].shape == (20, 20)
    Image.fromarray(np.full((20, 20), 8, np.uint8)).save(film.path)
    with pytest.raises(BadFile, match="other pixels"):
        read_item(film)
