"""Pictures that were moved: the list of cases says so, a search shows what it found, and only then it is written."""

import shutil
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog

from tests.ui.conftest import write_films
from tests.ui.test_project_members import opened
from tests.waiting import handled, settled, until
from viewer.project.project import Project
from viewer.project.register import add_frames
from viewer.ui.dialogs.relink import RelinkDialog
from viewer.ui.panels.cases.panel import CasesPanel
from viewer.ui.panels.missing_pictures import MissingPictures
from viewer.ui.window.main_window import MainWindow


def missing_line(window: MainWindow) -> MissingPictures:
    panel = window.docks.panel("cases")
    assert isinstance(panel, CasesPanel)
    return panel.missing


@pytest.fixture
def moved(window: MainWindow, tmp_path: Path) -> Project:
    """A project of four films, whose folder was renamed; one film is gone."""
    with Project.create(tmp_path / "p", author="tester") as made:
        add_frames(made, write_films(tmp_path / "films", 4))
    (tmp_path / "films").rename(tmp_path / "moved")
    (tmp_path / "moved" / "film_3.png").unlink()
    window.enter("annotate")
    project = opened(window, tmp_path / "p")
    settled(window.session)
    return project


def rows_of(dialog: RelinkDialog) -> list[tuple[str, str]]:
    rows = [dialog.list.topLevelItem(row) for row in range(dialog.list.topLevelItemCount())]
    return [(row.text(0), row.text(1)) for row in rows if row is not None]


def test_a_project_with_its_pictures_says_nothing(window: MainWindow, tmp_path: Path) -> None:
    with Project.create(tmp_path / "p", author="tester") as made:
        add_frames(made, write_films(tmp_path / "films", 2))
    window.enter("annotate")
    opened(window, tmp_path / "p")
    settled(window.session)

    assert missing_line(window).isHidden()


def test_missing_pictures_are_said_searched_shown_and_taken(
    window: MainWindow, moved: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = missing_line(window)
    until(lambda: handled() or line.isVisible(), "the line over the list")
    assert line.words.text() == "4 of 4 pictures are not where they were."
    asked: list[RelinkDialog] = []
    monkeypatch.setattr(RelinkDialog, "exec", lambda dialog: asked.append(dialog) or dialog.show() or 0)
    QTest.mouseClick(line.find_button, Qt.MouseButton.LeftButton)
    (dialog,) = asked
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(tmp_path / "moved"))

    QTest.mouseClick(dialog.browse, Qt.MouseButton.LeftButton)
    until(lambda: handled() or dialog.plan is not None, "the preview")
    assert rows_of(dialog) == [
        *((f"film_{n}.png", str(tmp_path / "moved" / f"film_{n}.png")) for n in range(3)),
        ("film_3.png", "not found"),
    ]
    assert dialog.words.text() == "3 of 4 missing images found; 1 not found."
    assert not (moved.images.all()[0].path).exists(), "nothing is written before it is taken"

    QTest.keyClick(dialog, Qt.Key.Key_Return)
    settled(window.session)

    assert [record.path.exists() for record in moved.images.all()] == [True, True, True, False]
    until(lambda: handled() or "1 of 4" in line.words.text(), "what is still missing")
    assert line.words.text() == "1 of 4 pictures is not where they were."
    assert "3 pictures found again" in window.banner.sentence
    until(lambda: handled() or window.session.shown is not None, "the film that could not be shown")
    panel = window.docks.panel("cases")
    assert isinstance(panel, CasesPanel)
    until(lambda: handled() or panel.pictures_made == 3, "the small pictures of the list")


def test_a_folder_without_them_and_one_that_is_none_say_so(window: MainWindow, moved: Project, tmp_path: Path) -> None:
    dialog = RelinkDialog(window.session, window)
    dialog.show()
    QTest.keyClicks(dialog.folder, str(tmp_path / "nowhere"))
    QTest.keyClick(dialog.folder, Qt.Key.Key_Return)
    until(lambda: handled() or "is not there" in dialog.words.text(), "the refusal")
    assert not dialog.take.isEnabled()

    (tmp_path / "empty").mkdir()
    dialog.folder.setText(str(tmp_path / "empty"))
    QTest.keyClick(dialog.folder, Qt.Key.Key_Return)
    until(lambda: handled() or dialog.plan is not None, "the answer")
    assert dialog.words.text() == "0 of 4 missing images found; 4 not found."
    assert not dialog.take.isEnabled()
    dialog.reject()


def test_closing_the_dialog_ends_the_search(window: MainWindow, moved: Project, tmp_path: Path) -> None:
    dialog = RelinkDialog(window.session, window)
    dialog.show()
    dialog.folder.setText(str(tmp_path / "moved"))
    dialog.look()
    dialog.reject()
    settled(window.session)

    assert dialog.plan is None
    assert not moved.images.all()[0].path.exists()


def test_names_that_are_hidden_stand_in_no_row(window: MainWindow, moved: Project, tmp_path: Path) -> None:
    window.session.set_names_hidden(hidden=True)
    dialog = RelinkDialog(window.session, window)
    dialog.show()
    dialog.folder.setText(str(tmp_path / "moved"))
    dialog.look()
    until(lambda: handled() or dialog.plan is not None, "the preview")

    assert rows_of(dialog)[0] == ("Picture 1", "found")
    dialog.reject()


def test_the_next_project_has_no_line_of_the_one_before(window: MainWindow, moved: Project, tmp_path: Path) -> None:
    line = missing_line(window)
    until(lambda: handled() or line.isVisible(), "the line over the list")
    with Project.create(tmp_path / "next", author="tester") as made:
        add_frames(made, write_films(tmp_path / "others", 2))

    opened(window, tmp_path / "next")
    settled(window.session)

    assert line.isHidden()
    shutil.rmtree(tmp_path / "moved")
