"""A task that is there is not changed in silence by the dialog of snapshots, and nothing to learn is no snapshot."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from tests.ui.test_dataset_dialog import dialog_of, settle
from tests.waiting import settled
from viewer.core.attributes import Attribute, AttributeKind
from viewer.project.attributes.edits import declare
from viewer.project.records import Task
from viewer.ui.dialogs.dataset import DatasetDialog
from viewer.ui.flows.desk import Desk

LIGHT = Task(name="Light", kind="classification", labels=("Dark", "Bright"), exclusive=True)  # in an order of its own


def with_task(qtbot: QtBot, session: Desk, complete_all: Callable[[], None], *more: Task) -> DatasetDialog:
    complete_all()
    assert session.project is not None
    for task in (LIGHT, *more):
        session.project.tasks.put(task)
    session.keeping.follow()
    qtbot.waitUntil(lambda: len(session.at_hand.tasks.all()) == 1 + len(more))
    dialog = dialog_of(qtbot, session)
    dialog.name.setCurrentText("Light")
    settle(qtbot, dialog)
    return dialog


def click(qtbot: QtBot, button: QPushButton) -> None:
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def turn(qtbot: QtBot, dialog: DatasetDialog, label: str) -> None:
    rows = dialog.table.widget()
    where = rows.mapFrom(dialog.table, dialog.table.check_rect(label))
    qtbot.mouseClick(rows, Qt.MouseButton.LeftButton, pos=where)


def test_another_kind_under_the_name_of_a_task_is_refused(
    qtbot: QtBot, session: Desk, complete_all: Callable[[], None]
) -> None:
    dialog = with_task(qtbot, session, complete_all)

    click(qtbot, dialog.kinds["detection"])

    qtbot.waitUntil(dialog.leaks.refusal.isVisible)
    said = "The project has a task Light already, for classification: give this one another name."
    assert dialog.leaks.refusal_words.text() == said
    assert not dialog.make.isEnabled()

    dialog.name.lineEdit().selectAll()
    qtbot.keyClicks(dialog.name.lineEdit(), "Places")
    settle(qtbot, dialog)
    with qtbot.waitSignal(dialog.snapshot_made):
        click(qtbot, dialog.make)
    assert session.project is not None
    assert session.project.tasks.get("Light") == LIGHT


def test_a_task_that_another_program_made_meanwhile_keeps_its_kind(
    qtbot: QtBot, session: Desk, complete_all: Callable[[], None]
) -> None:
    dialog = with_task(qtbot, session, complete_all)
    click(qtbot, dialog.kinds["detection"])
    dialog.name.lineEdit().selectAll()
    qtbot.keyClicks(dialog.name.lineEdit(), "Late")
    settle(qtbot, dialog)
    late = Task(name="Late", kind="classification", labels=("Bright", "Dark"))
    assert session.project is not None
    session.project.tasks.put(late)

    click(qtbot, dialog.make)

    qtbot.waitUntil(dialog.leaks.refusal.isVisible)
    assert "a task Late already, for classification" in dialog.leaks.refusal_words.text()
    assert session.project.tasks.get("Late") == late
    assert session.snapshots.rows == []


def test_a_task_that_is_taken_as_it_is_stays_as_it_is(
    qtbot: QtBot, session: Desk, complete_all: Callable[[], None]
) -> None:
    dialog = with_task(qtbot, session, complete_all)
    assert not dialog.changes.isVisible()

    with qtbot.waitSignal(dialog.snapshot_made):
        click(qtbot, dialog.make)

    assert session.project is not None
    assert session.project.tasks.get("Light") == LIGHT, "the order of its labels is its own"


def test_other_labels_or_another_rule_are_said_before(
    qtbot: QtBot, session: Desk, complete_all: Callable[[], None]
) -> None:
    dialog = with_task(qtbot, session, complete_all)

    click(qtbot, dialog.exclusive)
    qtbot.waitUntil(dialog.changes.isVisible)
    begun = "This changes the task Light, also in Annotate: "
    rule = "each of its labels holds for itself, no longer exactly one on an image"
    assert dialog.changes.text() == f"{begun}{rule}."

    turn(qtbot, dialog, "Dark")
    labels = f"{begun}its labels are Bright instead of Dark, Bright, and {rule}."
    qtbot.waitUntil(lambda: dialog.changes.text() == labels)

    turn(qtbot, dialog, "Dark")
    click(qtbot, dialog.exclusive)
    qtbot.waitUntil(lambda: not dialog.changes.isVisible())


def test_a_kind_of_which_nothing_is_drawn_is_refused(
    qtbot: QtBot, session: Desk, complete_all: Callable[[], None]
) -> None:
    complete_all()
    dialog = dialog_of(qtbot, session)
    settle(qtbot, dialog)

    click(qtbot, dialog.kinds["segmentation"])
    turn(qtbot, dialog, "Square")  # boxes alone: they would be refused in words of their own

    qtbot.waitUntil(lambda: "nothing to learn" in dialog.leaks.refusal_words.text())
    assert dialog.leaks.refusal_words.text() == (
        "No image that would enter the snapshot has a mask or polygon of Lung, so there is nothing to learn: draw "
        "some, or choose other labels or another kind."
    )
    assert not dialog.make.isEnabled()


def test_one_label_without_any_is_said(qtbot: QtBot, session: Desk, complete_all: Callable[[], None]) -> None:
    complete_all()
    dialog = dialog_of(qtbot, session)
    settle(qtbot, dialog)
    assert not dialog.without.isVisible()

    click(qtbot, dialog.kinds["detection"])

    qtbot.waitUntil(dialog.without.isVisible)
    said = "No image that enters it shows Lung: of that a model learns nothing."
    assert dialog.without.text() == said
    settle(qtbot, dialog)
    with qtbot.waitSignal(dialog.snapshot_made):
        click(qtbot, dialog.make)
    assert dialog.snapshot is not None
    assert said in dialog.snapshot.card["notes"]
    settled(session)


def test_a_task_of_one_drawn_label_is_taken_as_the_command_line_made_it(
    qtbot: QtBot, session: Desk, complete_all: Callable[[], None]
) -> None:
    """Boxes of one label exclude nothing, whatever the task says of it."""
    task = Task(name="Nodules", kind="detection", labels=("Square",), exclusive=True)
    dialog = with_task(qtbot, session, complete_all, task)

    dialog.name.setCurrentText("Nodules")
    dialog.name.activated.emit(dialog.name.findText("Nodules"))

    assert dialog.task() == task


def test_where_no_number_is_asked_for_it_is_said_what_to_do(
    qtbot: QtBot, session: Desk, complete_all: Callable[[], None]
) -> None:
    dialog = with_task(qtbot, session, complete_all)

    click(qtbot, dialog.kinds["regression"])
    dialog.name.setEditText("Ages")

    qtbot.waitUntil(dialog.leaks.refusal.isVisible)
    assert dialog.leaks.refusal_words.text() == "No number is asked of images yet: add one in the panel Labels first."


def test_what_was_counted_for_another_kind_does_not_stay(
    qtbot: QtBot, session: Desk, complete_all: Callable[[], None]
) -> None:
    """39 images were ready, and one stayed out for want of a mask, of a task of numbers."""
    dialog = with_task(qtbot, session, complete_all, Task(name="Marks", kind="segmentation", labels=("Square",)))
    dialog.name.setCurrentText("Marks")
    click(qtbot, dialog.kinds["segmentation"])
    qtbot.waitUntil(dialog.cases_out.isVisible)
    assert "mask" in dialog.cases_out.text()

    click(qtbot, dialog.kinds["regression"])
    qtbot.waitUntil(lambda: "No number is asked of images yet" in dialog.leaks.refusal_words.text())
    settled(session)

    assert not dialog.cases_out.isVisible() and dialog.cases.text() == "not counted yet"


def test_the_numbers_that_are_asked_of_images_are_those_of_a_task(
    qtbot: QtBot, session: Desk, complete_all: Callable[[], None]
) -> None:
    session.do(declare(Attribute(scope="image", label="", name="age", position=0, kind=AttributeKind.NUMBER, unit="a")))
    settled(session)
    dialog = with_task(qtbot, session, complete_all)

    click(qtbot, dialog.kinds["regression"])
    dialog.name.setEditText("Ages")

    assert [row.label.name for row in dialog.table.rows] == ["age"]
    assert dialog.exclusive.isHidden()
    assert dialog.task() == Task(name="Ages", kind="regression", labels=("age",))
