"""The letters of a film's side and view stand on the pictures that are written, where the window has them."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.ui.test_thumbnails import write_film
from viewer.cli.drawing import draw_film_letters
from viewer.cli.main import main
from viewer.core.compose import native_view
from viewer.core.pixels import PixelFacts
from viewer.reading.frames import read_frame
from viewer.reading.scan import all_series, scan

Said = pytest.CaptureFixture[str]
FILM = {"Modality": "MG", "ImageLaterality": "L", "ViewPosition": "CC", "PatientOrientation": ["P", "L"]}


@pytest.fixture(autouse=True)
def _cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def rendered(path: Path, out: Path, capsys: Said, *more: str) -> tuple[np.ndarray, dict[str, object]]:
    assert main(["render", str(path), "--out", str(out), "--json", *more]) == 0
    with Image.open(out) as picture:
        return np.asarray(picture), json.loads(capsys.readouterr().out)


def places(with_letters: np.ndarray, bare: np.ndarray) -> set[str]:
    """Where on a 3 x 3 board two pictures differ."""
    names = {(0, 0): "top left", (0, 1): "top", (0, 2): "top right", (1, 0): "left", (1, 2): "right", (2, 1): "bottom"}
    rows, cols = np.nonzero(with_letters != bare)
    high, wide = bare.shape[:2]
    return {names.get((int(3 * r / high), int(3 * c / wide)), "elsewhere") for r, c in zip(rows, cols, strict=True)}


def test_side_and_view_stand_at_the_upper_right_and_the_sides_at_the_edges(tmp_path: Path, capsys: Said) -> None:
    path = write_film(tmp_path / "film.dcm", rows=200, cols=240, **FILM)

    with_letters, document = rendered(path, tmp_path / "a.png", capsys)
    bare, without = rendered(path, tmp_path / "b.png", capsys, "--no-letters")

    assert (document["film"], without["film"]) == ("L CC", "")
    assert with_letters.ndim == bare.ndim == 2  # a grey picture stays grey
    assert (bare == 255).all()
    assert places(with_letters, bare) == {"top right", "left", "right", "top", "bottom"}
    (series,) = all_series(scan([path]))
    frame = read_frame(series.frames[0])
    only_view = draw_film_letters(
        bare, "L CC", PixelFacts(rows=200, cols=240), native_view(frame.stored, frame.facts)[1]
    )
    assert places(only_view, bare) == {"top right"}


def test_an_image_of_which_the_file_says_no_side_is_left_as_it_is(tmp_path: Path, capsys: Said) -> None:
    path = write_film(tmp_path / "film.dcm", rows=60, cols=60)

    picture, document = rendered(path, tmp_path / "a.png", capsys)

    assert document["film"] == "" and (picture == 255).all()


def test_letters_of_a_large_film_grow_with_it(tmp_path: Path, capsys: Said) -> None:
    def height(rows: int) -> int:
        path = write_film(tmp_path / f"{rows}.dcm", rows=rows, cols=rows, ImageLaterality="R")
        with_letters, _ = rendered(path, tmp_path / "a.png", capsys)
        changed = np.nonzero((with_letters != 255).any(axis=1))[0]
        return int(changed[-1] - changed[0])

    assert height(2000) > 3 * height(200)
