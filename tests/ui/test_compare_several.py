"""Runs that are chosen in the table are compared: curves over each other, settings, figures, differences."""

import re
from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from tests.jobs.test_several_runs import three as three
from tests.run_rows import a_run
from tests.ui.test_run_table import click_row
from tests.waiting import handled, settled
from viewer.jobs.runs import RunState
from viewer.jobs.several_runs import SeveralRuns
from viewer.project.project import Project
from viewer.ui.flows.desk import Desk
from viewer.ui.look.theme import Theme
from viewer.ui.run_table.comparison import CompareSeveralDialog
from viewer.ui.run_table.overlaid import COLOURS, OverlaidCurves, legend_words, pen_of
from viewer.ui.run_table.page import RunTablePage
from viewer.ui.window.main_window import MainWindow

CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def page(window: MainWindow, qtbot: QtBot, three: list[RunState], monkeypatch: pytest.MonkeyPatch) -> RunTablePage:
    """The table in the window, with the three runs on the disk."""
    monkeypatch.setattr("viewer.jobs.queue.start_next", lambda folder: None)
    session = window.session
    session.open_project(Project.open(three[0].folder.parent.parent, writable=True, author="tester"))
    qtbot.waitUntil(lambda: len(session.jobs.runs) == 3)
    window.show_views()
    window.enter("train")
    window.pages.train.show_page("All runs")
    handled()
    page = window.pages.train.page("All runs")
    assert isinstance(page, RunTablePage)
    return page


def test_the_chosen_runs_are_compared_with_the_one_that_was_clicked_last(
    window: MainWindow, qtbot: QtBot, page: RunTablePage, three: list[RunState]
) -> None:
    ids = [run.run_id for run in page.model.shown]
    click_row(qtbot, page, ids.index(three[1].run_id))
    assert not page.compare.isEnabled() and "Choose two or more" in page.compare.toolTip()
    click_row(qtbot, page, ids.index(three[2].run_id), CTRL)
    click_row(qtbot, page, ids.index(three[0].run_id), CTRL)

    qtbot.mouseClick(page.compare, Qt.MouseButton.LeftButton)
    dialog = QApplication.activeModalWidget()
    assert isinstance(dialog, CompareSeveralDialog)
    qtbot.waitUntil(lambda: "Holm" in dialog.page.toPlainText())
    text = dialog.page.toPlainText()

    weak, strong = three[0].run_id[-4:], three[1].run_id[-4:]
    assert f"Against {weak}, on the same test cases" in text
    assert f"{strong} is better than {weak} by AUC" in text and "which holds 0" not in text.split("\n")[0]
    assert re.search(r"Learning rate\n0\.001", text) and re.search(r"Seed\n1", text)
    assert len(dialog.curves.lines) == 3

    dialog.first.setCurrentIndex([run.run_id for run in dialog.runs].index(three[1].run_id))
    qtbot.waitUntil(lambda: f"Against {strong}" in dialog.page.toPlainText())
    assert f"{weak} is worse than {strong} by AUC" in dialog.page.toPlainText()
    qtbot.mouseClick(dialog.shut, Qt.MouseButton.LeftButton)
    settled(window.session)


def test_an_answer_to_an_earlier_choice_is_dropped(
    qtbot: QtBot, session: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Callable[[object], None]] = []
    monkeypatch.setattr(session, "run_in_background", lambda work, done, failed, owner=None: asked.append(done))
    dialog = CompareSeveralDialog(session, [a_run(0), a_run(1)])
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.first.setCurrentIndex(1)

    def found(*names: str) -> SeveralRuns:
        return SeveralRuns(names=names, settings=(), figures=(), against=(), rule="A rule.")

    asked[1](found("0001", "0000"))
    asked[0](found("0000", "0001"))

    assert "Against 0001" in dialog.page.toPlainText()


def test_what_was_closed_is_not_dressed_again(qtbot: QtBot, session: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "run_in_background", lambda *_, **__: None)
    dialog = CompareSeveralDialog(session, [a_run(0), a_run(1)])
    dialog.show()
    dialog.reject()
    qtbot.waitUntil(lambda: not isValid(dialog))

    session.set_theme(Theme(name="light"))  # an error in a slot is one of the test
    handled()


def test_each_run_is_one_line_in_both_plots_on_the_same_axis_with_its_best_epoch(qtbot: QtBot, session: Desk) -> None:
    runs = [a_run(0, epochs=20), a_run(1, epochs=40)]
    curves = OverlaidCurves(session, runs)
    qtbot.addWidget(curves)
    curves.show()

    for place, run in enumerate(runs):
        loss, figure = curves.lines[place]
        assert list(loss.getData()[0]) == [float(epoch) for epoch in range(1, run.epochs + 1)]
        assert figure.getData()[1] == pytest.approx(
            [0.5 + 0.4 * epoch / run.epochs for epoch in range(1, run.epochs + 1)]
        )
        assert [list(axis) for axis in curves.rings[place].getData()] == [[float(run.epochs)], [0.9]]
    shown = [plot.getViewBox().viewRange()[0] for plot in (curves.loss, curves.figure)]
    assert shown[0] == shown[1] and shown[0][0] <= 0 and shown[0][1] >= 40
    assert legend_words(runs[0]) == "Task 0 · 0000: AUC 0.900, epoch 20"


def test_a_run_without_an_epoch_is_named_and_draws_nothing(qtbot: QtBot, session: Desk) -> None:
    from dataclasses import replace

    empty = replace(a_run(0), curves=(), best_epoch=None, metric_name="")
    curves = OverlaidCurves(session, [a_run(1), empty])
    qtbot.addWidget(curves)

    assert legend_words(empty).endswith("no figure")
    assert curves.lines[1][0].getData()[0] is None or len(curves.lines[1][0].getData()[0]) == 0


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_lines_are_told_apart_by_eyes_that_see_no_red_or_no_green(theme: str) -> None:
    """As Viénot, Brettel and Mollon simulate it (Color Research and Application 24:243, 1999): by a matrix."""
    protan = np.array([[0.11238, 0.88762, 0.0], [0.11238, 0.88762, 0.0], [0.00401, -0.00401, 1.0]])
    deutan = np.array([[0.29275, 0.70725, 0.0], [0.29275, 0.70725, 0.0], [-0.02234, 0.02234, 1.0]])
    ground = QColor(Theme(name=theme).hex("panel"))
    seen = [np.array(QColor(one).getRgbF()[:3]) ** 2.2 for one in (*COLOURS[theme], ground.name())]
    for matrix in (np.eye(3), protan, deutan):
        each = [np.clip(matrix @ one, 0, 1) ** (1 / 2.2) for one in seen]
        apart = [float(np.linalg.norm(a - b)) for place, a in enumerate(each) for b in each[:place]]
        assert min(apart) > 0.15


def test_more_lines_than_colours_are_dashed() -> None:
    count = len(COLOURS["dark"])
    pens = {(pen_of("dark", place).color().name(), pen_of("dark", place).style()) for place in range(2 * count)}

    assert len(pens) == 2 * count


def test_with_one_chosen_the_command_says_what_to_do(window: MainWindow, page: RunTablePage, qtbot: QtBot) -> None:
    click_row(qtbot, page, 0)

    why = window.book.row("train.compare_several").why_not(window.session.situation())

    assert "Fewer than two runs are chosen" in why and "Ctrl or Shift" in why
