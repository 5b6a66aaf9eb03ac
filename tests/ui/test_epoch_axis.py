"""The axis of epochs counts whole ones, and another run is shown from its name on."""

from dataclasses import replace

import pytest

from tests.ui.scenes import Scenes, program_fonts, scenes  # noqa: F401
from tests.waiting import handled
from viewer.ui.panels.jobs import JobsPanel
from viewer.ui.panels.run_plots import epoch_steps


@pytest.mark.parametrize(
    ("epochs", "step"), [(1, 1), (4, 1), (10, 1), (12, 2), (20, 2), (30, 5), (50, 5), (100, 10), (300, 50)]
)
def test_epochs_are_whole(epochs: int, step: int) -> None:
    assert epoch_steps(epochs) == (step, step)


def test_a_short_run_has_no_half_epochs_and_is_seen_from_its_name_on(scenes: Scenes) -> None:  # noqa: F811
    window = scenes.window
    window.resize(1280, 720)
    window.enter("train")
    panel = window.docks.panel("jobs")
    assert isinstance(panel, JobsPanel)
    handled()
    watch = window.session.jobs
    run = watch.runs[0]
    watch.select(run.run_id)
    panel.plots.show_run(replace(run, epochs=4))
    axis = panel.plots.loss.getPlotItem().getAxis("bottom")
    ticks = [value for _, values in axis.tickValues(0, 4, 300) for value in values]
    bar = panel.body_scroll.verticalScrollBar()
    bar.setValue(bar.maximum())
    assert bar.value() > 0
    panel._shown_run = "another"
    panel.reload()

    assert ticks
    assert all(float(value).is_integer() for value in ticks)
    assert bar.value() == 0
