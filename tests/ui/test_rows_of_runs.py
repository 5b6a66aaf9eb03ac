"""A row of Train says all it is about: a run its model and its figures, a snapshot its name and its day."""

from PySide6.QtWidgets import QWidget

from tests.ui.painted import writing
from tests.ui.scenes import Scenes, program_fonts, scenes  # noqa: F401
from tests.ui.test_run_report import finished_run, judged
from tests.waiting import handled
from viewer.ui.look.theme import Theme

SIZES = [(1280, 720, 1.0), (1280, 720, 1.5), (1600, 1000, 1.0), (1600, 1000, 1.5)]


def painted(widget: QWidget) -> list[str]:
    with writing() as said:
        widget.grab()
    return [one.text for one in said]


def test_a_run_has_its_model_and_each_figure_a_snapshot_its_day_and_its_name_beside_a_long_task(scenes: Scenes) -> None:  # noqa: F811
    window, session = scenes.window, scenes.window.session
    assert session.project is not None
    judged(finished_run(session.project.folder))
    scenes.bot.waitUntil(lambda: len(session.jobs.runs) == 2)
    (row,) = session.snapshots.rows
    figures = {"Centre points", "F1 0.910 (0.850 to 0.960) test", "mAP@0.5 0.400 val", "epoch 13 of 30"}
    for size in SIZES:
        window.enter("read")
        session.set_theme(Theme(name="dark", font_scale=size[2]))
        window.resize(*size[:2])
        window.enter("train")
        handled()

        assert figures <= set(painted(window.docks.panel("runs"))), size
        said = painted(window.docks.panel("snapshots"))
        assert row.day and row.day in said and row.id[:8] in said, size
        assert any(f"{row.test_images} in test" in words for words in said), size
