"""What only a person knows of a study is typed once, kept in the project, and stands in its reports as their words."""

import json

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.waiting import is_shut, settled
from viewer.project.disk.about import ABOUT_FILE, QUESTIONS, read_about
from viewer.ui.dialogs.about_study import AboutStudyDialog
from viewer.ui.flows.desk import Desk


def opened(qtbot: QtBot, session: Desk) -> AboutStudyDialog:
    assert session.project is not None
    dialog = AboutStudyDialog(session, session.project.folder)
    qtbot.addWidget(dialog)
    dialog.show()
    settled(session)
    return dialog


def test_what_is_typed_is_kept_and_stands_there_again(qtbot: QtBot, session: Desk) -> None:
    dialog = opened(qtbot, session)
    assert session.project is not None and list(dialog.fields) == list(QUESTIONS)

    QTest.keyClicks(dialog.fields["objective"], "Is it there?")
    QTest.keyClick(dialog.fields["objective"], Qt.Key.Key_Return)  # a line of the field, not the end
    QTest.keyClicks(dialog.fields["objective"], "We thought so.")
    QTest.keyClicks(dialog.fields["funding"], "Nobody.")
    QTest.mouseClick(dialog.keep, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: is_shut(dialog))

    assert read_about(session.project.folder) == {"objective": "Is it there?\nWe thought so.", "funding": "Nobody."}
    again = opened(qtbot, session)
    assert again.fields["objective"].toPlainText() == "Is it there?\nWe thought so."


def test_what_cannot_be_kept_stands_in_the_dialog_with_what_was_typed(
    qtbot: QtBot, session: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    dialog = opened(qtbot, session)
    QTest.keyClicks(dialog.fields["ethics"], "Board")
    monkeypatch.setattr("viewer.project.disk.about.MOST_LETTERS", 3)
    QTest.mouseClick(dialog.keep, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(dialog.problem.isVisible)

    assert "ethics is a text of at most 3 characters" in dialog.problem.text()
    assert dialog.fields["ethics"].toPlainText() == "Board" and dialog.keep.isEnabled()


def test_a_sheet_that_cannot_be_read_is_not_written_over(qtbot: QtBot, session: Desk) -> None:
    assert session.project is not None
    path = session.project.folder / ABOUT_FILE
    path.write_text(json.dumps({"funding": 3}))
    dialog = opened(qtbot, session)

    assert "funding" in dialog.problem.text() and not dialog.keep.isEnabled()
    assert not dialog.fields["funding"].isEnabled() and json.loads(path.read_text()) == {"funding": 3}
