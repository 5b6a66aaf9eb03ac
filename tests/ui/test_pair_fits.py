"""The plain image and its heatmap each fit their own view, also while one of them shows another study already."""

from dataclasses import replace
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from tests.ui.pictures import frame
from tests.ui.test_heatmap_view import heat_view, inference, models, review  # noqa: F401  # fixtures
from tests.waiting import handled, settled
from viewer.ui.canvas.camera import Camera
from viewer.ui.flows.desk import Desk
from viewer.ui.flows.review import Review
from viewer.ui.views.cell import ViewCell


def fits(cell: ViewCell) -> bool:
    """Its middle is the image's middle, and the image reaches over it one way or the other."""
    view, shown = cell.view, cell.view.frame
    assert shown is not None
    rows, cols = shown.stored.shape[:2]
    place = view.transform()
    middle = place.to_image(place.view_width / 2, place.view_height / 2)
    filled = max(cols * place.scale_x / place.view_width, rows * place.scale_y / place.view_height)
    return middle == (pytest.approx(cols / 2, abs=1), pytest.approx(rows / 2, abs=1)) and filled == pytest.approx(1)


def test_a_view_that_shows_the_next_study_first_fits_it_whatever_size_the_other_takes(
    qtbot: QtBot,
    shown_case: Desk,
    review: Review,  # noqa: F811
) -> None:
    heat_view(qtbot, shown_case, review)
    for first, second in ((0, 1), (1, 0)):
        ahead, behind = shown_case.cells[first], shown_case.cells[second]
        assert fits(ahead) and fits(behind)

        ahead.view.show_frame(frame())  # 200 x 200; the film in the other one has 80 x 64
        behind.view.resize(behind.view.width() - 10, behind.view.height() - 20)  # as when a band appears above them
        assert fits(ahead) and fits(behind)

        ahead.view.resize(ahead.view.width() - 10, ahead.view.height() - 20)
        assert fits(ahead) and fits(behind)
        ahead.go(0)
        settled(shown_case)


def test_both_fit_another_study_and_the_one_view_after_them(
    qtbot: QtBot,
    shown_case: Desk,
    review: Review,  # noqa: F811
    studies_folder: Path,
) -> None:
    heat_view(qtbot, shown_case, review)
    shown_case.cells[0].view.zoom_by(2.0)

    with qtbot.waitSignal(shown_case.scan_finished):
        shown_case.open_paths([studies_folder])
    settled(shown_case)
    assert [cell.view.frame.stored.shape for cell in shown_case.cells] == [(48, 64)] * 2
    assert all(fits(cell) for cell in shown_case.cells)

    review.set_heat_on(on=False)
    handled()
    assert [fits(cell) for cell in shown_case.cells] == [True]


def test_cameras_see_alike_where_frame_and_pixel_have_one_shape() -> None:
    one = Camera(rows=64, cols=80)

    assert one.sees_as(replace(one, zoom=3.0, fits=False))
    for other in ({"rows": 65}, {"cols": 81}, {"aspect_x": 2.0}, {"aspect_y": 2.0}):
        assert not one.sees_as(replace(one, **other))
