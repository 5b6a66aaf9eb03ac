"""How docks above each other divide their height, by hand."""

import pytest

from viewer.ui.window.docks.dividing import divided


@pytest.mark.parametrize(
    ("wanted", "least", "whole", "total", "heights"),
    [
        pytest.param([400, 230], [400, 124], [400, 230], 700, [400, 300], id="the last takes what is left"),
        pytest.param([420, 230], [396, 124], [396, 230], 617, [396, 221], id="no wish above cuts what is below"),
        pytest.param([420, 230], [396, 124], [396, 230], 640, [410, 230], id="once all are whole the upper ones grow"),
        pytest.param([300, 200], [250, 150], [250, 150], 330, [180, 150], id="where the least is too much"),
        pytest.param([300, 90, 200], [100, 90, 100], [300, 90, 200], 400, [210, 90, 100], id="cut from the bottom"),
        pytest.param([], [], [], 0, [], id="none"),
    ],
)
def test_none_that_has_more_than_it_is_whole_with_cuts_another(
    wanted: list[int], least: list[int], whole: list[int], total: int, heights: list[int]
) -> None:
    assert divided(wanted, least, total, whole) == heights
