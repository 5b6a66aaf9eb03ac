"""The axis of epochs counts whole ones."""

from dataclasses import replace

import pytest

from tests.ui.scenes import Scenes, program_fonts, scenes  # noqa: F401
from tests.waiting import handled
from viewer.ui.panels.run_plots import epoch_ticks
from viewer.ui.run_page.curves import CurvesCard
from viewer.ui.run_page.page import RunPage


@pytest.mark.parametrize(
    ("epochs", "ticks"),
    [
        (1, [0, 1]), (4, [0, 1, 2, 3, 4]), (12, [0, 2, 4, 6, 8, 10, 12]), (30, [0, 5, 10, 15, 20, 25, 30]),
        (31, [0, 5, 10, 15, 20, 25, 31]), (36, [0, 5, 10, 15, 20, 25, 30, 36]), (100, [*range(0, 101, 10)]),
        (300, [*range(0, 301, 50)]),
    ],
)  # fmt: skip
def test_epochs_are_whole_and_the_last_one_stands_there(epochs: int, ticks: list[int]) -> None:
    assert epoch_ticks(epochs) == ticks


def test_a_short_run_has_no_half_epochs(scenes: Scenes) -> None:  # noqa: F811
    window = scenes.window
    window.resize(1280, 720)
    window.enter("train")
    page = window.pages.train.page("Run")
    assert isinstance(page, RunPage)
    card = page.cards["curves"]
    assert isinstance(card, CurvesCard)
    handled()
    card.plots.show_run(replace(window.session.jobs.runs[0], epochs=4))
    axis = card.plots.loss.getPlotItem().getAxis("bottom")

    assert [value for value, _ in axis._tickLevels[0]] == [0, 1, 2, 3, 4]
    assert axis.label.isVisible() and axis.label.toPlainText().strip() == "epoch"
    assert axis.height() >= axis.label.boundingRect().height() + 10, "the numbers and the name have room"
