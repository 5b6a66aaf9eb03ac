"""What a network gets of a colour picture is what the screen shows of it, whatever kind of number the file has."""

from pathlib import Path

import numpy as np
import pytest

from ml.catalogue import PreprocessSpec
from ml.data.preprocess import Preprocess
from tests.reading.test_picture_colours import ALIKE, COARSE, RGB
from viewer.reading.frames import read_frame
from viewer.reading.series import FrameRef


@pytest.mark.parametrize("name", ALIKE)
def test_the_levels_of_the_same_colours_are_the_same(tmp_path: Path, name: str) -> None:
    ALIKE[name][1](tmp_path / "a.tif")
    frame = read_frame(FrameRef(path=tmp_path / "a.tif", frame_index=0))

    levels = Preprocess(PreprocessSpec(size_px=32, channels=3)).levels(frame.stored, frame.facts)

    assert np.abs(levels * 255 - RGB).max() <= COARSE.get(name, 3)
