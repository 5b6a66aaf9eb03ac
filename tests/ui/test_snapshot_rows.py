"""Two snapshots of one day are told apart: by the time, and by their names."""

from dataclasses import replace

from tests.ui.scenes import Scenes, program_fonts, scenes  # noqa: F401
from viewer.ui.flows.snapshots import SnapshotRow, when_made
from viewer.ui.look.theme import Theme
from viewer.ui.panels.jobs import JobsPanel

ROW = SnapshotRow(
    id="57b679e1de20de23", task="Findings", kind="classification", labels=("disc", "clear"), exclusive=True, images=40,
    patients=20, folds=0, created="2026-11-29T14:07:00", test_images=12, train_images=24,
)  # fmt: skip


def test_the_time_stands_beside_a_day_that_two_share() -> None:
    later, other = replace(ROW, id="1", created="2026-11-29T15:30:00"), replace(ROW, created="2026-11-28T15:30:00")

    assert when_made(ROW, [ROW, later, other]) == "29 Nov 14:07"
    assert when_made(later, [ROW, later, other]) == "29 Nov 15:30"
    assert when_made(other, [ROW, later, other]) == "28 Nov"


def test_the_state_of_a_run_has_the_height_of_its_letters(scenes: Scenes) -> None:  # noqa: F811
    scenes.window.enter("train")
    panel = scenes.window.docks.panel("jobs")
    assert isinstance(panel, JobsPanel)
    for scale in (1.0, 1.25, 1.5, 2.0):
        scenes.window.session.set_theme(Theme(name="light", font_scale=scale))
        panel.reload()

        assert panel.state.height() >= panel.state.fontMetrics().height(), scale
