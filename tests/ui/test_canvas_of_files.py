"""Every frame that can be read can be shown: nothing raises, and something is on the screen."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from viewer.core.compose import compose, native_view
from viewer.core.errors import AppError
from viewer.core.windowing import default_voi, display_table
from viewer.reading.frames import read_frame
from viewer.reading.scan import all_series, scan


def shown_all_black(folders: Iterable[Path]) -> tuple[int, list[str]]:
    """How many were shown, and those whose picture is black although their values differ: the first frame of every
    series that can be read."""
    shown, black = 0, []
    for series in all_series(scan(list(folders))):
        try:
            frame = read_frame(series.frames[0])
        except AppError:
            continue
        facts = frame.facts
        frame_view, transform = native_view(frame.stored, facts)
        table = display_table(facts, default_voi(frame.stored, facts), invert=False)
        made = compose(frame_view, table, (), None, transform)
        shown += 1
        assert made.rgb.shape == (*frame.stored.shape[:2], 3) and made.rgb.dtype == np.uint8
        if not made.rgb.any() and frame.stored.min() != frame.stored.max():
            black.append(series.frames[0].path.name)
    return shown, black


def test_every_kind_of_pixel_of_the_corpus_is_shown(data_folder: Path) -> None:
    shown, black = shown_all_black([data_folder / "dicom" / "pixel", data_folder / "dicom" / "syntax"])

    assert shown >= 50 and black == []


def test_the_sample_study_is_shown(sample_made_once: Path) -> None:
    assert shown_all_black([sample_made_once]) == (9, [])  # of three patients a CT, a film and its mask each
