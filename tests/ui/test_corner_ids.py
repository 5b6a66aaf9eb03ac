"""Who is on an image is not cut while its corner has room: the source in brackets goes first, then the other corner's
words are broken."""

import pytest
from PySide6.QtWidgets import QApplication

from tests.ui.painted import words_on
from tests.ui.pictures import frame, replace_identity
from viewer.ui.canvas.frame import SeriesPlace
from viewer.ui.canvas.view import ImageView
from viewer.ui.canvas.words import corner_widths, text_size, without_source

PX, GAP, SOURCE = 18, 28, " (project)"
ID, WHOLE, PLACE = "Patient P005", "Patient P005 (project)", "9 of 9"


def wide(text: str) -> int:
    return text_size(text, PX)[0]


def test_who_it_is_stands_whole(qapp: QApplication) -> None:
    for width, shown, beside_is_whole in (
        (3 * wide(WHOLE), WHOLE, True),
        (wide(WHOLE) + 1 + GAP + wide(PLACE), WHOLE, True),  # of the other half what is free is taken
        (wide(WHOLE) + GAP + wide(PLACE), ID, True),  # the source goes
        (wide(ID) + 1 + GAP + wide(PLACE), ID, True),
        (wide(ID) + GAP + wide(PLACE), ID, False),  # the other corner is broken
        (wide(ID) + GAP + wide("of") + 1, ID, False),
    ):
        left, right = corner_widths((WHOLE,), SOURCE, (PLACE,), PX, width, GAP)

        line = without_source(WHOLE, SOURCE, PX, left)
        assert line == shown and wide(line) <= left, width
        assert (wide(PLACE) <= right) == beside_is_whole, width
        assert left + GAP + right <= width, width


def test_where_nobody_needs_more_each_corner_has_its_half(qapp: QApplication) -> None:
    assert corner_widths((), SOURCE, (PLACE,), PX, 1000, GAP) == (486, 486)
    assert corner_widths(("P1 · * 1958-01-02",), SOURCE, (PLACE,), PX, 1000, GAP) == (486, 486)


@pytest.mark.parametrize("scale", [1.0, 1.5])
def test_a_narrow_view_shows_the_whole_id(view: ImageView, scale: float) -> None:
    """As two views side by side at 1280 pixels and 150 % of text."""
    view.set_text_scale(scale)
    view.resize(283, 520)
    bare = replace_identity(
        frame(spacing=None, plane=None), patient_name="", patient_id="", birth_date="", sex="", age=""
    )
    view.show_frame(bare, image_id="i")
    view.set_series_place(SeriesPlace(index=0, count=1, patient="P005"))

    said = words_on(view, without_patient_text=False)

    assert any(words.startswith(ID) for words in said), said
    assert not any("…" in words for words in said if "Patient" in words)
