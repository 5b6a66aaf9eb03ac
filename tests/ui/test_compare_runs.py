"""Two runs are compared from the list of runs: what they were made of, their figures, whether one is better."""

import re
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from ml.card import write_json
from ml.report_job import REPORT_FOLDER, read_wish
from tests.ui.test_run_report import DOCUMENT, finished_run, judged
from tests.waiting import settled
from viewer.jobs import reports
from viewer.jobs.runs import RunStatus, read_run
from viewer.project.project import Project
from viewer.ui.commands.help_page import help_html
from viewer.ui.panels.runs import RunsPanel
from viewer.ui.run_table.two_runs import CompareRunsDialog
from viewer.ui.window.main_window import MainWindow


def look_at(window: MainWindow, folder: Path, qtbot: QtBot, *, count: int) -> None:
    """The window has the project open and knows its runs."""
    window.session.open_project(Project.open(folder, writable=True, author="tester"))
    qtbot.waitUntil(lambda: len(window.session.jobs.runs) == count)


@pytest.fixture
def runs(window: MainWindow, project_folder: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """Two finished runs of a project, the newer one judged."""
    monkeypatch.setattr("viewer.jobs.queue.start_next", lambda folder: None)
    monkeypatch.setattr(reports, "require_torch", lambda: None)
    made = finished_run(project_folder), finished_run(project_folder)
    judged(max(made))
    look_at(window, project_folder, qtbot, count=2)
    return min(made), max(made)


def dialog_of(window: MainWindow, qtbot: QtBot) -> CompareRunsDialog:
    found = window.findChildren(CompareRunsDialog)
    assert len(found) == 1
    settled(window.session)
    return found[0]


def test_the_chosen_run_and_another_stand_in_a_table(window: MainWindow, qtbot: QtBot, runs: tuple[Path, Path]) -> None:
    older, newer = runs
    window.session.jobs.select(newer.name)

    window.book.run("train.compare")
    dialog = dialog_of(window, qtbot)
    page = dialog.page.toPlainText()

    for word in ("Task", "Snapshot", "Model", "Start", "Input", "Epochs", "Validation", "Test"):
        assert re.search(rf"^{word}$", page, re.MULTILINE), word
    assert older.name[-4:] in page and newer.name[-4:] in page
    assert "F1 0.910 (0.850 to 0.960), 40 cases of 20 patients" in page and "not judged yet" in page
    assert f"No comparison: {older.name[-4:]} is not judged on the test part yet." in page


def test_two_that_are_judged_on_two_snapshots_say_what_to_do_and_a_button_does_it(
    window: MainWindow, qtbot: QtBot, runs: tuple[Path, Path]
) -> None:
    older, newer = runs
    judged(older)
    write_json(newer / REPORT_FOLDER / "figures.json", {**DOCUMENT, "snapshot": "t" * 64})
    qtbot.waitUntil(lambda: all(run.report is not None for run in window.session.jobs.runs))
    window.session.jobs.select(newer.name)
    window.book.run("train.compare")
    dialog = dialog_of(window, qtbot)

    assert (
        f"Evaluate {older.name[-4:]} again on the snapshot tttttttt of {newer.name[-4:]}" in dialog.page.toPlainText()
    )
    assert dialog.again.isVisible() and dialog.again.text() == f"Evaluate {older.name[-4:]} again"
    dialog.again.click()
    settled(window.session)

    assert read_wish(older / REPORT_FOLDER).snapshot == "t" * 64
    report = read_run(older).report
    assert report is not None and report.state is RunStatus.QUEUED
    assert reports.is_there(read_run(newer))


def test_another_choice_shows_that_one(window: MainWindow, qtbot: QtBot, runs: tuple[Path, Path]) -> None:
    older, newer = runs
    third = finished_run(newer.parent.parent)
    qtbot.waitUntil(lambda: len(window.session.jobs.runs) == 3)
    window.session.jobs.select(newer.name)
    window.book.run("train.compare")
    dialog = dialog_of(window, qtbot)

    for place, other in enumerate(dialog.others):
        dialog.other.setCurrentIndex(place)
        settled(window.session)
        assert other.run_id[-4:] in dialog.page.toPlainText()
    assert {other.run_id for other in dialog.others} == {older.name, third.name}


def test_it_is_in_the_menu_of_a_run_in_the_help_and_off_where_there_is_one_run(
    window: MainWindow, project_folder: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("viewer.jobs.queue.start_next", lambda folder: None)
    finished_run(project_folder)
    look_at(window, project_folder, qtbot, count=1)

    row = window.book.row("train.compare")

    assert "train.compare" in RunsPanel.row_commands
    assert row.whole_text in help_html(window.book.rows.values(), window.session.theme)
    assert "There are no two runs to compare yet" in row.why_not(window.session.situation())


def test_a_start_is_the_first_to_be_compared_with(window: MainWindow, runs: tuple[Path, Path]) -> None:
    from dataclasses import replace

    from viewer.ui.run_table.two_runs import others_first

    older, newer = (one for one in sorted(window.session.jobs.runs, key=lambda run: run.run_id))
    middle = replace(older, run_id="20260101-0000-other-0000")
    begun = replace(newer, recipe={**newer.recipe, "init": older.run_id})

    assert others_first(begun, (newer, middle, older)) == [older, middle]
    assert others_first(newer, (newer, replace(middle, task="another"), older))[0] == older
