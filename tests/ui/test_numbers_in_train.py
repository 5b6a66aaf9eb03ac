"""A run on a snapshot of numbers is asked for in the window as any other: with the networks that classify."""

from collections.abc import Callable

from pytestqt.qtbot import QtBot

from ml.catalogue import specs
from tests.ui.test_train_dialog import dialog_of
from tests.waiting import settled
from viewer.core.attributes import Attribute, AttributeKind
from viewer.core.values import Quantity, Target, TargetKind
from viewer.project.answers import say
from viewer.project.attributes.edits import declare
from viewer.project.records import Task
from viewer.project.snapshots.snapshot import make_snapshot
from viewer.ui.flows.desk import Desk

AGE = Attribute(scope="image", label="", name="age", position=0, kind=AttributeKind.NUMBER, unit="a")


def with_snapshot(session: Desk, complete_all: Callable[[], None]) -> None:
    project = session.project
    assert project is not None
    session.do(declare(AGE))
    session.edits.wait()
    for number, image in enumerate(project.images.all()):
        target = Target(kind=TargetKind.IMAGE, target_id=image.image_id)
        session.do(say(project, target, "age", Quantity(number=30.0 + number, unit="a")))
        session.edits.wait()
    complete_all()
    settled(session)
    make_snapshot(project, Task(name="Ages", kind="regression", labels=("age",)), split=(0.6, 0.2, 0.2))


def test_the_networks_that_classify_are_offered(qtbot: QtBot, session: Desk, complete_all: Callable[[], None]) -> None:
    with_snapshot(session, complete_all)

    dialog = dialog_of(qtbot, session, "regression")

    box = dialog.fields.model
    assert [box.itemData(place) for place in range(box.count())] == [spec.name for spec in specs("classification")]
    recipe = dialog.recipe()
    assert (recipe.kind, recipe.labels, recipe.exclusive, recipe.epochs) == ("regression", ("age",), False, 30)
    assert dialog.windowTitle() == "New regression run"
    assert "--task Ages" in dialog.command.command
