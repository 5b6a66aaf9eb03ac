"""A sentence that offers Ctrl+Z is past with the next edit or undo; what stands saved is this project's, and now."""

import datetime as dt
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from tests.ui.test_project_members import BOX, entered, opened, project_of
from tests.waiting import handled, settled, until
from viewer.project.edit_builders import add_annotation
from viewer.project.project import Project
from viewer.ui.dialogs.patients import PatientsDialog
from viewer.ui.window.main_window import MainWindow


def _take_out(window: MainWindow) -> None:
    session = window.session
    session.members.take_out(project_of(window).cases.all()[2:3])


def _is_planned(dialog: PatientsDialog) -> bool:
    handled()
    return dialog.plan is not None and dialog.plan.edit is not None


def _patients(window: MainWindow) -> None:
    dialog = PatientsDialog(window.session, window)
    dialog.show()
    dialog.replace_given.setChecked(True)
    dialog.rule.setText("{patient}_{n}")
    until(lambda: _is_planned(dialog), "the preview")
    dialog.give.click()


def _undo_elsewhere(window: MainWindow) -> None:
    session, cases = window.session, project_of(window).cases.all()
    assert session.do(add_annotation(cases[0].first_image_id, "nodule", BOX, author="tester"))
    settled(session)
    session.open_case(cases[3].case_id)
    settled(session)
    session.undo()


@pytest.mark.parametrize("does", [_take_out, _patients, _undo_elsewhere])
def test_a_sentence_that_offers_ctrl_z_goes_with_the_undo(
    window: MainWindow, qtbot: QtBot, project_folder: Path, does: object
) -> None:
    entered(window, qtbot, project_folder)

    does(window)  # type: ignore[operator]
    settled(window.session)
    assert "Ctrl+Z" in window.banner.sentence

    window.session.undo()
    settled(window.session)
    assert "Ctrl+Z" not in window.banner.sentence


def test_what_enters_from_a_file_is_saved_now_and_another_project_has_no_time_yet(
    window: MainWindow, qtbot: QtBot, project_folder: Path, tmp_path: Path
) -> None:
    session = window.session
    entered(window, qtbot, project_folder)
    assert session.saved_at is None, "nothing was done in it"

    before = session.saved_at = dt.datetime(2020, 1, 2, 3, 4, 5)
    session.project_changed()  # as after an import
    assert session.saved_at != before

    Project.create(tmp_path / "another", name="Another", author="tester").close()
    opened(window, tmp_path / "another")
    assert session.saved_at is None
