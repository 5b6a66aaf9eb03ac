"""A new snapshot says what its leak audit found; the pairs stand side by side, without names where names are hidden."""

import threading
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.project.alike_films import DONE, film, write_png
from tests.project.test_leaks import frozen
from tests.waiting import settled
from viewer.project.leaks.document import LEAKS_NAME
from viewer.project.project import Project
from viewer.project.snapshots.snapshot import Snapshot
from viewer.reading.frame import Frame
from viewer.reading.frames import read_frame
from viewer.reading.series import FrameRef
from viewer.ui.dialogs.leaks import ARE_ONE, LeaksDialog
from viewer.ui.dialogs.snapshot_card import SnapshotCardDialog
from viewer.ui.flows.snapshots import SEE_LEAKS
from viewer.ui.panels.snapshots import SnapshotsPanel
from viewer.ui.state.announcing import OVER
from viewer.ui.window.main_window import MainWindow


@pytest.fixture
def leaking(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> Snapshot:
    """The window has a project open whose snapshot, not audited yet, has one film in two parts."""
    films = tmp_path / "films"
    for number in range(4):
        write_png(films / f"film{number}.png", film(number))
    write_png(films / "copy.png", DONE["three quarters of the size"](film(0)))
    with Project.create(tmp_path / "leaking", author="tester") as project:
        snapshot = frozen(project, films, {"copy.png": "test"})
    window.session.open_project(Project.open(tmp_path / "leaking", writable=True, author="tester"))
    window.enter("train")
    qtbot.waitUntil(lambda: window.session.snapshots.chosen is not None)
    settled(window.session)
    return snapshot


def test_a_new_snapshot_says_what_was_found_and_where_to_see_it(window: MainWindow, leaking: Snapshot) -> None:
    said: list[tuple[str, str]] = []
    window.session.announced.connect(lambda level, words: said.append((level, words)) if level != OVER else None)

    window.session.snapshots.audit(leaking, "It is made.")
    settled(window.session)

    found = "Leak audit: 1 near duplicate in more than one part, so figures may be too good."
    assert said == [("warn", f"It is made. {found} {SEE_LEAKS}")]
    assert (leaking.folder / LEAKS_NAME).is_file()
    window.book.run("dataset.card")
    settled(window.session)
    (card,) = window.findChildren(SnapshotCardDialog)
    assert found.removeprefix("Leak audit: ") in card.page.toPlainText()


def test_the_pairs_stand_side_by_side_and_without_names_where_they_are_hidden(
    window: MainWindow, leaking: Snapshot
) -> None:
    assert "dataset.leaks" in SnapshotsPanel.row_commands

    window.book.run("dataset.leaks")
    settled(window.session)
    (dialog,) = window.findChildren(LeaksDialog)

    text = dialog.page.toPlainText()
    assert "Nearly the same picture, in more than one part" in text
    assert ARE_ONE in text
    assert "film0.png, in train" in text and "copy.png, in test" in text
    # As large as the file's whole pixels allow: 300 rows in steps of two, 225 of the copy too.
    assert sorted((image.width(), image.height()) for image in dialog.pictures.values()) == [(98, 113), (130, 150)]
    small = [image.scaled(6, 6, mode=Qt.TransformationMode.SmoothTransformation) for image in dialog.pictures.values()]
    apart = [
        abs(small[0].pixelColor(n % 6, n // 6).value() - small[1].pixelColor(n % 6, n // 6).value()) for n in range(36)
    ]
    assert max(apart) < 25, "one film"

    dialog.close()
    window.session.set_names_hidden(hidden=True)
    window.book.run("dataset.leaks")
    settled(window.session)
    text = window.findChildren(LeaksDialog)[-1].page.toPlainText()

    assert "in train" in text and "in test" in text and ".png" not in text


def test_an_audit_says_how_far_it_is_and_ends_with_its_dialog(
    window: MainWindow, leaking: Snapshot, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is held at its second film until the dialog was closed; the third is not looked at."""
    began, go_on, looked_at = threading.Event(), threading.Event(), []

    def held(ref: FrameRef) -> Frame:
        looked_at.append(ref.path.name)
        if len(looked_at) == 2:
            began.set()
            assert go_on.wait(30)
        return read_frame(ref)

    monkeypatch.setattr("viewer.project.leaks.audit.read_frame", held)
    window.book.run("dataset.leaks")
    (dialog,) = window.findChildren(LeaksDialog)
    qtbot.waitUntil(began.is_set)
    qtbot.waitUntil(lambda: dialog.progress.text() == "Looking at the films: 1 of 5")
    assert dialog.shut.text().startswith("Cancel")

    QTest.mouseClick(dialog.shut, Qt.MouseButton.LeftButton)
    go_on.set()
    settled(window.session)

    assert len(looked_at) == 2 and not (leaking.folder / LEAKS_NAME).exists()
    window.book.run("dataset.leaks")
    settled(window.session)
    (again,) = [one for one in window.findChildren(LeaksDialog) if one.isVisible()]
    assert again.shut.text().startswith("Close") and again.progress.text() == ""
