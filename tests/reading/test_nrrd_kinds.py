"""An axis of a NRRD that is none in space, wherever it stands: colours as colours, the rest refused by its kind."""

from pathlib import Path

import numpy as np
import pytest

from viewer.reading.frames import read_frame
from viewer.reading.scan import all_series, scan

# (slice, row, col); three of them differ by 40 each.
ONE = np.arange(2 * 3 * 4, dtype=np.uint8).reshape(2, 3, 4)
THREE = np.stack([ONE, ONE + 40, ONE + 80])


def write(path: Path, values: np.ndarray, kinds: str, place: int) -> Path:
    """A raw NRRD whose axis `place` (fastest first) is of another kind than space; by the format's definition."""
    steps = ["(1,0,0)", "(0,2,0)", "(0,0,3)"]
    steps.insert(place, "none")
    lines = (
        "NRRD0005", "type: uint8", "dimension: 4", "space: left-posterior-superior",
        "sizes: " + " ".join(map(str, values.shape[::-1])), "space directions: " + " ".join(steps), "kinds: " + kinds,
        "encoding: raw", "", "",
    )  # fmt: skip
    path.write_bytes("\n".join(lines).encode() + np.ascontiguousarray(values).tobytes())
    return path


def kinds_at(kind: str, place: int) -> str:
    kinds = ["domain"] * 3
    kinds.insert(place, kind)
    return " ".join(kinds)


@pytest.mark.parametrize("place", range(4))
@pytest.mark.parametrize("kind", ["RGB-color", "vector"])
def test_colours_are_shown_wherever_their_axis_stands(tmp_path: Path, kind: str, place: int) -> None:
    path = write(tmp_path / "a.nrrd", np.moveaxis(THREE, 0, 3 - place), kinds_at(kind, place), place)

    (series,) = all_series(scan([path]))

    assert np.array_equal(np.stack([read_frame(ref).stored for ref in series.frames]), np.moveaxis(THREE, 0, -1))


@pytest.mark.parametrize("place", range(4))
@pytest.mark.parametrize("kind", ["list", "time", "3-gradient", "point", "scalar"])
def test_what_is_no_colour_is_refused_by_its_kind(tmp_path: Path, kind: str, place: int) -> None:
    path = write(tmp_path / "a.nrrd", np.moveaxis(THREE, 0, 3 - place), kinds_at(kind, place), place)

    result = scan([path])

    assert not all_series(result)
    (problem,) = result.problems
    assert kind in problem.reason
    assert str(path) in problem.reason
