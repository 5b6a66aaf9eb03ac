"""What a network gets of a colour picture is what the screen shows of it, whatever kind of number the file has."""

from pathlib import Path

import numpy as np
import pytest

from ml.catalogue import PreprocessSpec
from ml.data.preprocess import Preprocess
from tests.reading.test_picture_colours import ALIKE, COARSE, RGB
from viewer.core.pixels import PixelFacts
from viewer.reading.frames import read_frame
from viewer.reading.series import FrameRef


@pytest.mark.parametrize("name", ALIKE)
def test_the_levels_of_the_same_colours_are_the_same(tmp_path: Path, name: str) -> None:
    ALIKE[name][1](tmp_path / "a.tif")
    frame = read_frame(FrameRef(path=tmp_path / "a.tif", frame_index=0))

    levels = Preprocess(PreprocessSpec(size_px=32, channels=3, window="full")).levels(frame.stored, frame.facts)

    low, high = RGB.min(), RGB.max()  # of all three channels: one window, so that no colour becomes another
    assert np.abs(levels * (high - low) + low - RGB).max() <= 2 * COARSE.get(name, 3)  # its ends are rounded too
    old = Preprocess(PreprocessSpec(size_px=32, channels=3, levels="stored")).levels(frame.stored, frame.facts)
    assert np.abs(old * 255 - RGB).max() <= COARSE.get(name, 3)


@pytest.mark.parametrize("bits", [8, 12, 16, 24, 32])
def test_half_of_full_brightness_is_a_half_at_every_depth_to_a_model_from_before(bits: int) -> None:
    stored = np.full((4, 4, 3), (1 << bits) // 2, np.uint8 if bits == 8 else np.uint16 if bits <= 16 else np.uint32)

    levels = Preprocess(PreprocessSpec(size_px=32, channels=3, levels="stored")).levels(
        stored, PixelFacts(rows=4, cols=4, samples=3, bits_stored=bits, photometric="RGB")
    )

    assert np.allclose(levels, 0.5, atol=0.01)
