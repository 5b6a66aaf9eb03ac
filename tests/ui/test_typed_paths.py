"""A path that a person types is made whole where it is typed: the next start, from another folder, means the same."""

import json
from pathlib import Path

import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from tests.ui.painted import words_of
from viewer.project.project import Project
from viewer.ui.dialogs.importing import ImportDialog
from viewer.ui.dialogs.open_project import OpenProjectDialog
from viewer.ui.flows.desk import Desk
from viewer.ui.flows.projects import OPEN_PROJECT
from viewer.ui.state.settings import Recent, Settings
from viewer.ui.state.typed_path import typed_path
from viewer.ui.window.main_window import MainWindow
from viewer.ui.window.status import StatusBar
from viewer.ui.window.welcome_cards import RecentCard


@pytest.fixture
def stands_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that the program was started in."""
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    return here


def test_what_is_typed_is_whole(stands_in: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/reader")
    (stands_in / "link").symlink_to(stands_in.parent)

    assert typed_path(" discs ") == stands_in / "discs"
    assert typed_path("/data/discs") == Path("/data/discs")
    assert typed_path("~/discs") == Path("/home/reader/discs")
    assert typed_path("../discs") == stands_in.parent / "discs"
    assert typed_path("link/discs") == stands_in / "link" / "discs"
    assert typed_path("~nobody-of-this-name/discs") == stands_in / "~nobody-of-this-name" / "discs"
    assert typed_path("  ") == Path()


def test_a_project_typed_by_its_name_is_made_and_kept_under_its_whole_path(
    window: MainWindow, qtbot: QtBot, stands_in: Path
) -> None:
    session, discs = window.session, stands_in / "discs"
    dialog = OpenProjectDialog(session, window)
    QTest.keyClicks(dialog.field, "discs")
    assert dialog.word.toolTip() == str(discs) and dialog.word.text().endswith("here/discs.")
    dialog.accept()

    assert dialog.folder == discs and session.settings.word("last_project") == str(discs)
    said: list[str] = []
    session.said.connect(said.append)
    # Whoever asks: the command line's paths too.
    session.projects.open_folder(Path("discs"), create=True)
    qtbot.waitUntil(lambda: session.project is not None and session.project.folder == discs)
    qtbot.waitUntil(lambda: any(str(discs) in words for words in said))
    assert str(discs) in window.findChild(StatusBar).project.toolTip()
    assert session.settings.word(OPEN_PROJECT) == str(discs)
    assert session.settings.recent[0].path == str(discs)


def test_a_relative_path_of_the_command_line_is_whole_in_the_window(
    window: MainWindow, qtbot: QtBot, stands_in: Path
) -> None:
    Project.create(stands_in / "discs").close()

    window.session.open_paths([Path("discs")])

    qtbot.waitUntil(lambda: window.session.project.folder == stands_in / "discs")


def test_enter_in_the_dialog_goes_on_in_the_project_that_is_open(
    window: MainWindow, qtbot: QtBot, stands_in: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session, discs = window.session, stands_in / "discs"
    session.projects.open_folder(discs, create=True)
    qtbot.waitUntil(lambda: session.project.folder == discs)
    session.settings.set_word("last_project", "discs")  # as an earlier version kept it
    monkeypatch.chdir(tmp_path)

    dialog = OpenProjectDialog(session, window)

    assert dialog.field.text() == str(discs) and not dialog.creates
    assert dialog.word.toolTip() == str(discs) and "is open; you go on in it." in dialog.word.text()


def test_a_relative_project_of_an_earlier_version_is_offered_only_where_it_is(
    window: MainWindow, stands_in: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Project.create(stands_in / "discs").close()
    window.session.settings.set_word("last_project", "discs")
    there = OpenProjectDialog(window.session, window)
    assert there.field.text() == str(stands_in / "discs") and "will be opened" in there.word.text()

    monkeypatch.chdir(tmp_path)
    elsewhere = OpenProjectDialog(window.session, window)

    assert elsewhere.field.text() == ""
    assert not elsewhere.go.isEnabled()


def test_relative_entries_of_what_was_opened_are_whole_or_gone(
    stands_in: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "settings" / "window.json"
    settings = Settings(file)
    (stands_in / "discs").mkdir()
    rows = [{"path": name, "kind": "project", "title": name} for name in ("discs", "/data/films", "gone")]
    file.write_text(json.dumps({"recent/rows": json.dumps(rows)}))
    settings.reload()

    assert [row.path for row in settings.recent] == [str(stands_in / "discs"), "/data/films"]

    monkeypatch.chdir(tmp_path)
    assert [row.path for row in settings.recent] == ["/data/films"]


def test_the_card_of_a_project_names_its_folder(window: MainWindow) -> None:
    entry = Recent(
        path="/data/ct/discs", kind="project", title="discs", detail="40 cases", opened="2020-03-09T10:31:00"
    )
    card = RecentCard(window.session, entry)
    card.resize(400, 320)

    assert "/data/ct/discs" in words_of(card)
    assert "40 cases · 9 March 2020" in words_of(card)
    assert "/data/ct/discs" in card.toolTip()

    window.session.set_names_hidden(hidden=True)
    hidden = RecentCard(window.session, entry)
    hidden.resize(400, 320)
    assert not any("/data/ct" in words for words in (*words_of(hidden), hidden.toolTip()))


def test_an_import_reads_what_was_typed_from_here(qtbot: QtBot, session: Desk, stands_in: Path) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    dialog = ImportDialog(session, parent)
    dialog.path.setText("labels.csv")

    dialog.start.click()

    assert dialog.problem.text() == f"{stands_in / 'labels.csv'} is not there."
