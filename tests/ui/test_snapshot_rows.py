"""Two snapshots of one day are told apart: by the time, and by their names."""

from dataclasses import replace

from PySide6.QtGui import QFontMetrics

from tests.ui.painted import words_of
from tests.ui.scenes import Scenes, program_fonts, scenes  # noqa: F401
from viewer.ui.flows.snapshots import SnapshotRow, when_made
from viewer.ui.look.theme import Theme
from viewer.ui.panels.jobs import JobsPanel
from viewer.ui.panels.snapshots import SnapshotsPanel, fitting

ROW = SnapshotRow(
    id="57b679e1de20de23", task="Findings", kind="classification", labels=("disc", "clear"), exclusive=True, images=40,
    patients=20, folds=0, created="2026-11-29T14:07:00", test_images=12, train_images=24,
)  # fmt: skip


def test_the_time_stands_beside_a_day_that_two_share() -> None:
    later, other = replace(ROW, id="1", created="2026-11-29T15:30:00"), replace(ROW, created="2026-11-28T15:30:00")

    assert when_made(ROW, [ROW, later, other]) == "29 Nov 14:07"
    assert when_made(later, [ROW, later, other]) == "29 Nov 15:30"
    assert when_made(other, [ROW, later, other]) == "28 Nov"


def test_where_the_room_is_small_the_part_that_is_held_out_stays(scenes: Scenes) -> None:  # noqa: F811
    scenes.window.enter("train")
    panel = scenes.window.docks.panel("snapshots")
    assert isinstance(panel, SnapshotsPanel)
    long = replace(ROW, task="Findings of the left lung", created="2026-11-29T14:07:00")
    for scale in (1.0, 1.25, 1.5, 2.0):
        scenes.window.session.set_theme(Theme(name="light", font_scale=scale))
        panel._show([ROW, replace(ROW, id="1" * 16), long])
        metrics = QFontMetrics(scenes.window.session.theme.font(12))
        everything = QFontMetrics.horizontalAdvance(metrics, ROW.detail)
        for room_px in (metrics.horizontalAdvance("12 in test") + 2, everything // 2, everything - 1, everything + 2):
            shown = fitting(metrics, ROW.details, room_px)
            assert "12 in test" in shown and metrics.horizontalAdvance(shown) <= room_px, (scale, room_px)
        assert any("12 in test" in words for words in words_of(panel.list)), scale
        assert not any("in te…" in words or "in t…" in words for words in words_of(panel.list)), scale


def test_the_state_of_a_run_has_the_height_of_its_letters(scenes: Scenes) -> None:  # noqa: F811
    scenes.window.enter("train")
    panel = scenes.window.docks.panel("jobs")
    assert isinstance(panel, JobsPanel)
    for scale in (1.0, 1.25, 1.5, 2.0):
        scenes.window.session.set_theme(Theme(name="light", font_scale=scale))
        panel.reload()

        assert panel.state.height() >= panel.state.fontMetrics().height(), scale
