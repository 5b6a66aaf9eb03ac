"""A volume is only built where it is one."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from viewer.core.errors import BadRequest, UnsupportedFile
from viewer.reading.scan import all_series, scan
from viewer.reading.volumes import read_volume

MakeSlices = Callable[..., list[Path]]
MakeDicom = Callable[..., Path]


def test_slices_become_one_block_in_modality_units_in_the_order_of_their_places(
    make_slices: MakeSlices, tmp_path: Path
) -> None:
    make_slices([6, 3, 0], RescaleSlope=2, RescaleIntercept=-5)  # the slice written n-th is full of n

    volume = read_volume(all_series(scan([tmp_path]))[0])

    assert volume.values.shape == (3, 8, 6)
    assert [float(one.mean()) for one in volume.values] == [-1, -3, -5]
    assert volume.grid.origin_mm == (-10, -20, 0)
    assert (volume.grid.slice_step_mm, volume.grid.row_step_mm, volume.grid.col_step_mm) == (
        (0, 0, 3), (0, 0.5, 0), (0.75, 0, 0),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("places", "says"),
    [([0, 3, 9], "missing"), ([0, 3, 7.7, 12], "gaps"), ([0, 3, 3], "same place"), ([0], "one image")],
)
def test_what_is_no_volume_is_refused_with_its_reason(
    make_slices: MakeSlices, tmp_path: Path, places: list[float], says: str
) -> None:
    make_slices(places)
    (series,) = all_series(scan([tmp_path]))

    with pytest.raises(UnsupportedFile, match=says):
        read_volume(series)
    # Not even when a file that calls itself one has a single slice.
    with pytest.raises(UnsupportedFile):
        read_volume(replace(series, is_volume=True, frames=series.frames[:1]))


def test_colour_and_what_has_no_spacing_are_refused(
    make_slices: MakeSlices, make_dicom: MakeDicom, tmp_path: Path
) -> None:
    make_slices([0, 3, 6], folder="bare", PixelSpacing=None)
    for z in (0, 3, 6):
        make_dicom(
            f"rgb/{z}.dcm",
            np.zeros((4, 4, 3), np.uint8),
            ImagePositionPatient=[0.0, 0.0, float(z)],
            ImageOrientationPatient=[1, 0, 0, 0, 1, 0],
            PixelSpacing=[1, 1],
        )

    with pytest.raises(UnsupportedFile, match="no pixel spacing"):
        read_volume(all_series(scan([tmp_path / "bare"]))[0])
    with pytest.raises(UnsupportedFile, match="colour"):
        read_volume(all_series(scan([tmp_path / "rgb"]))[0])


def test_a_volume_larger_than_the_budget_is_refused_before_it_is_read(make_slices: MakeSlices, tmp_path: Path) -> None:
    make_slices([0, 3, 6])

    with pytest.raises(BadRequest, match="MiB"):
        read_volume(all_series(scan([tmp_path]))[0], budget_bytes=100)


def test_a_slice_that_is_cut_short_is_named_by_the_volume(make_slices: MakeSlices, tmp_path: Path) -> None:
    paths = make_slices([0, 3, 6])
    paths[1].write_bytes(paths[1].read_bytes()[:-48])

    volume = read_volume(all_series(scan([tmp_path]))[0])

    assert "001.dcm" in volume.facts.banner and "cut short" in volume.facts.banner
