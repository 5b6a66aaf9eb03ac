"""The name of an image is what it is, never where it lies."""

from pathlib import Path

import numpy as np
import pytest

from viewer.reading.image_id import image_id, pixel_sha256
from viewer.reading.sources.data_folder import find_data


def test_an_image_id_is_32_hex_digits_that_depend_on_each_part() -> None:
    base = image_id("1.2.3", 0, "ab")

    assert len(base) == 32
    assert set(base) <= set("0123456789abcdef")
    assert len({base, image_id("1.2.4", 0, "ab"), image_id("1.2.3", 1, "ab"), image_id("1.2.3", 0, "ac")}) == 4
    assert image_id("", 0, "ab") == image_id("", 0, "ab")


def test_the_hash_does_not_depend_on_byte_order_or_memory_layout() -> None:
    pixels = np.arange(12, dtype=np.int16).reshape(3, 4)

    same = {pixel_sha256(a) for a in (pixels, pixels.astype(">i2"), np.asfortranarray(pixels), pixels[::-1][::-1])}

    assert len(same) == 1


def test_the_hash_tells_shape_and_dtype_apart() -> None:
    pixels = np.zeros((3, 4), np.int16)

    assert len({pixel_sha256(pixels), pixel_sha256(pixels.reshape(4, 3)), pixel_sha256(pixels.view(np.uint16))}) == 3


def test_the_data_folder_is_the_one_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEGATOSCOPE_DATA", str(tmp_path))
    assert find_data() == tmp_path

    monkeypatch.setenv("NEGATOSCOPE_DATA", str(tmp_path / "gone"))
    assert find_data() is None
