"""The dataset dialog: what is ready, how it is divided, what is refused."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from tests.ui.painted import words_of
from tests.waiting import settled
from viewer.project.leaks.document import read_audit
from viewer.project.snapshots.snapshot import Snapshot
from viewer.ui.dialogs.dataset import PROMISE, DatasetDialog
from viewer.ui.flows.desk import Desk


def dialog_of(qtbot: QtBot, session: Desk) -> DatasetDialog:
    dialog = DatasetDialog(session)
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitUntil(lambda: dialog.preview is not None or dialog.leaks.refusal.isVisible())
    return dialog


def settle(qtbot: QtBot, dialog: DatasetDialog) -> None:
    qtbot.waitUntil(lambda: dialog.division is not None and dialog.make.isEnabled())


def split_file(tmp_path: Path, session: Desk, *, leak: bool) -> Path:
    """Names each film's part by its path; film 0 and film 6 are of one patient."""
    project = session.project
    assert project is not None
    lines = ["path,part"]
    for place, record in enumerate(sorted(project.images.all(), key=lambda one: one.path.name)):
        part = ("train", "train", "train", "val", "test", "test", "train", "train")[place]
        if leak and place == 6:
            part = "test"
        lines.append(f"{record.path},{part}")
    path = tmp_path / "split.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_without_a_complete_case_it_says_what_to_do(qtbot: QtBot, session: Desk) -> None:
    dialog = dialog_of(qtbot, session)

    qtbot.waitUntil(dialog.leaks.refusal.isVisible)
    assert "Complete cases first" in dialog.leaks.refusal_words.text()
    assert not dialog.make.isEnabled()


def test_counts_are_those_of_the_complete_cases(qtbot: QtBot, session: Desk, complete_all: Callable[[], None]) -> None:
    complete_all()
    dialog = dialog_of(qtbot, session)
    settle(qtbot, dialog)

    rows = {row.label.name: row for row in dialog.table.rows}
    assert (rows["Bright"].images, rows["Bright"].patients) == (4, 4)
    assert (rows["Dark"].images, rows["Dark"].patients) == (4, 3)
    assert dialog.cases.text() == "8 ready images of 8 · 6 patients"
    assert sum(rows["Dark"].patients_in.values()) == 3
    assert "Answers" in words_of(dialog.table) and "Objects" not in words_of(dialog.table)


def test_the_preview_is_what_the_snapshot_then_holds(
    qtbot: QtBot, session: Desk, complete_all: Callable[[], None]
) -> None:
    complete_all()
    dialog = dialog_of(qtbot, session)
    dialog.split.seed.setValue(7)
    settle(qtbot, dialog)
    division = dialog.division
    assert division is not None
    heard: list[tuple[str, str]] = []
    session.announced.connect(lambda level, words: heard.append((level, words)))

    with qtbot.waitSignal(dialog.snapshot_made):
        qtbot.mouseClick(dialog.make, Qt.MouseButton.LeftButton)

    assert session.project is not None
    made = Snapshot.load(session.project.folder)
    assert heard[0][0] == "done", "it stays: nothing takes a snapshot back"
    assert heard[0][1].startswith(f"Snapshot {made.card['task']['name']} {made.id[:8]} of ")
    for part, items in division.parts.items():
        assert {item.image_id for item in items} == {item.image_id for item in made.items if item.part == part}
    assert made.card["task"]["kind"] == "classification"
    settled(session)
    audit = read_audit(made.folder)
    assert audit is not None and audit.images == made.card["images"]
    assert heard[-1][1].startswith(f"{heard[0][1]} {audit.sentences[0]}")


def test_a_patient_in_two_parts_is_refused_by_name(
    qtbot: QtBot, session: Desk, complete_all: Callable[[], None], tmp_path: Path
) -> None:
    complete_all()
    path = split_file(tmp_path, session, leak=True)
    dialog = dialog_of(qtbot, session)
    settle(qtbot, dialog)

    dialog.split.method.setCurrentIndex(2)
    dialog.split.file.setText(str(path))
    dialog.split.file.editingFinished.emit()

    qtbot.waitUntil(lambda: "Patient P0 is in" in dialog.leaks.refusal_words.text())
    assert dialog.leaks.checks[0].words.text() == "A patient is in two parts"
    assert not dialog.make.isEnabled()
    assert dialog.make.text() == "Mend the split first"


def test_a_sound_file_is_taken_as_it_says(
    qtbot: QtBot, session: Desk, complete_all: Callable[[], None], tmp_path: Path
) -> None:
    complete_all()
    path = split_file(tmp_path, session, leak=False)
    dialog = dialog_of(qtbot, session)
    settle(qtbot, dialog)

    dialog.split.method.setCurrentIndex(2)
    dialog.split.file.setText(str(path))
    dialog.split.file.editingFinished.emit()
    settle(qtbot, dialog)

    assert dialog.division is not None
    assert {part: len(items) for part, items in dialog.division.parts.items()} == {"train": 5, "val": 1, "test": 2}


def test_folds_are_shown_fold_by_fold(qtbot: QtBot, session: Desk, complete_all: Callable[[], None]) -> None:
    complete_all()
    dialog = dialog_of(qtbot, session)
    settle(qtbot, dialog)

    dialog.split.method.setCurrentIndex(1)
    dialog.split.folds.setValue(3)
    settle(qtbot, dialog)

    assert [name for name, _, _ in dialog.split.bar.parts] == ["Fold 0", "Fold 1", "Fold 2"]


def test_test_patients_of_an_earlier_snapshot_stay_in_test(
    qtbot: QtBot, session: Desk, complete_all: Callable[[], None]
) -> None:
    complete_all()
    first = dialog_of(qtbot, session)
    settle(qtbot, first)
    with qtbot.waitSignal(first.snapshot_made):
        qtbot.mouseClick(first.make, Qt.MouseButton.LeftButton)
    assert first.snapshot is not None
    tested = {item.patient_id for item in first.snapshot.items if item.part == "test"}

    again = dialog_of(qtbot, session)
    again.split.seed.setValue(99)
    settle(qtbot, again)

    assert again.division is not None
    assert tested <= {item.patient_id for item in again.division.parts["test"]}
    assert "earlier snapshots of this task, or of imports, stays in test" in again.split.kept.text()


@pytest.mark.parametrize("kind", ["detection", "segmentation"])
def test_another_kind_takes_region_labels(
    qtbot: QtBot, session: Desk, complete_all: Callable[[], None], kind: str
) -> None:
    complete_all()
    dialog = dialog_of(qtbot, session)
    settle(qtbot, dialog)

    qtbot.mouseClick(dialog.kinds[kind], Qt.MouseButton.LeftButton)

    assert [row.label.name for row in dialog.table.rows] == ["Square", "Lung"]
    assert "Objects" in words_of(dialog.table)
    assert not dialog.exclusive.isVisible()


def test_unchecking_a_label_by_mouse_takes_it_out_of_the_task(
    qtbot: QtBot, session: Desk, complete_all: Callable[[], None]
) -> None:
    complete_all()
    dialog = dialog_of(qtbot, session)
    qtbot.mouseClick(dialog.kinds["detection"], Qt.MouseButton.LeftButton)
    where = dialog.table.check_rect("Lung")

    qtbot.mouseClick(
        dialog.table.widget(), Qt.MouseButton.LeftButton, pos=dialog.table.widget().mapFrom(dialog.table, where)
    )

    assert dialog.task().labels == ("Square",)


def test_the_dialog_promises_that_a_snapshot_never_changes() -> None:
    assert PROMISE == "A snapshot never changes once it is made."
