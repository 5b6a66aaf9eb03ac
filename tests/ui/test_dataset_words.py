"""What the dataset dialog says: its own words, the right number, and whom it takes for a patient."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from tests.ui.conftest import write_films
from tests.ui.test_dataset_dialog import dialog_of, settle
from viewer.project.edit_builders import add_label
from viewer.project.preview import Division
from viewer.project.project import Project
from viewer.project.register import add_frames
from viewer.ui.dialogs.split_fields import LeakCheck
from viewer.ui.session import Session


def test_one_label_alone_is_refused_in_the_words_of_the_box(
    qtbot: QtBot, session: Session, complete_all: Callable[[], None]
) -> None:
    complete_all()
    dialog = dialog_of(qtbot, session)
    settle(qtbot, dialog)

    rows = dialog.table.widget()
    qtbot.mouseClick(rows, Qt.MouseButton.LeftButton, pos=rows.mapFrom(dialog.table, dialog.table.check_rect("Dark")))

    qtbot.waitUntil(dialog.leaks.refusal.isVisible)
    said = dialog.leaks.refusal_words.text()
    assert dialog.exclusive.text() in said
    assert "exclusive" not in said
    assert "multi-label" not in said


def test_one_is_said_in_the_singular(qtbot: QtBot, session: Session, complete_all: Callable[[], None]) -> None:
    complete_all()
    dialog = dialog_of(qtbot, session)
    settle(qtbot, dialog)
    assert dialog.division is not None
    item = next(iter(dialog.division.parts.values()))[0]
    check = LeakCheck(session)
    qtbot.addWidget(check)

    check.say_sound(Division(parts={"train": (item,)}, folds=0, pinned_patients=0, left_out={}))

    assert [row.counted.text() for row in check.checks] == ["1 patient", "1 hash"]
    assert check.nameless.isHidden()


def test_images_without_a_patient_id_are_said_beside_the_leak_check(
    qtbot: QtBot, session: Session, complete_all: Callable[[], None], tmp_path: Path
) -> None:
    old = session.project
    assert old is not None
    with Project.create(tmp_path / "nameless", author="tester") as made:
        add_frames(made, [replace(film, patient_id="") for film in write_films(tmp_path / "more")])
        for label in old.labels:
            made.history.do(add_label(label.name, label.scope, made.labels))
    session.open_project(Project.open(tmp_path / "nameless", writable=True))
    complete_all()

    dialog = dialog_of(qtbot, session)
    settle(qtbot, dialog)

    assert dialog.leaks.nameless.isVisible()
    # The fixture writes eight films, each a picture of its own without a study or series.
    assert dialog.leaks.nameless.text().startswith("8 images have no patient id")
    assert "counts as a patient" in dialog.leaks.nameless.text()
