"""What a data set takes of several readings: asked only where there are several, counted, named on the card."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from tests.project.test_readings import complete, draw, say
from tests.ui.test_dataset_dialog import dialog_of, settle
from tests.waiting import settled
from viewer.core.labels import Verdict
from viewer.project.project import Project
from viewer.project.readings import SHARED_WORD
from viewer.project.records import Task
from viewer.project.snapshots.snapshot import make_snapshot
from viewer.ui.dialogs.dataset import DatasetDialog
from viewer.ui.dialogs.snapshot_card import card_page
from viewer.ui.flows.desk import Desk
from viewer.ui.look.plain_text import html_text

YES, NO = Verdict.YES, Verdict.NO


def read(folder: Path, said: Mapping[str, list[Verdict | None]]) -> None:
    """Each reader answers whether the films are bright, in order, and completes those they answered."""
    for name, verdicts in said.items():
        with Project.open(folder, writable=True, reader=name) as own:
            for case, verdict in zip(own.cases.all(), verdicts, strict=False):
                if verdict is not None:
                    say(own, case.first_image_id, "Bright", verdict)
                    say(own, case.first_image_id, "Dark", YES if verdict is NO else NO)
                    draw(own, case.first_image_id, "Square")
                    complete(own, case.first_image_id)


@pytest.fixture
def two_readers(project_folder: Path) -> Path:
    """Ada and Bob have read six films; of the first two they say different things. Bob has not read the sixth."""
    read(project_folder, {"Ada": [YES, NO, YES, NO, YES, NO], "Bob": [NO, YES, YES, NO, YES]})
    return project_folder


@pytest.fixture
def asked(qtbot: QtBot, two_readers: Path, session: Desk) -> DatasetDialog:
    """The dialog of data sets over them, in the shared reading."""
    settled(session)
    assert session.readings.readers == ["Ada", "Bob"]
    dialog = dialog_of(qtbot, session)
    settle(qtbot, dialog)
    return dialog


def choose(qtbot: QtBot, dialog: DatasetDialog, rule: str) -> None:
    place = dialog.readings.box.findData(rule)
    assert place >= 0
    dialog.division = None
    dialog.readings.box.setCurrentIndex(place)
    settle(qtbot, dialog)


def test_in_a_project_with_one_reading_nothing_is_asked(qtbot: QtBot, session: Desk) -> None:
    settled(session)
    dialog = dialog_of(qtbot, session)

    assert not dialog.readings.isVisible()
    assert dialog.readings.rule == "agreed"


def test_every_rule_and_every_reader_is_offered_in_words(asked: DatasetDialog) -> None:
    box = asked.readings.box
    assert asked.readings.isVisible()
    assert [(box.itemText(place), box.itemData(place)) for place in range(box.count())] == [
        ("what all readers say alike", "agreed"),
        ("what more than half of the readers say", "majority"),
        ("what any of the readers says", "union"),
        ("the shared reading alone", "shared"),
        ("what Ada says", "reader:Ada"),
        ("what Bob says", "reader:Bob"),
    ]


def test_that_a_complete_shared_reading_stands_for_all_is_said_by_the_rules_that_take_it_so(
    qtbot: QtBot, asked: DatasetDialog
) -> None:
    readings = asked.readings
    stands = "Where the shared reading of a case is complete, it stands for all readers, whatever one of them says."
    said = {}
    for place in range(readings.box.count()):
        readings.box.setCurrentIndex(place)
        said[readings.box.itemData(place)] = readings.words.text() if readings.words.isVisible() else ""

    of_all = {"agreed": stands, "majority": stands}
    assert said == {**of_all, "union": "", "shared": "", "reader:Ada": "", "reader:Bob": ""}


def test_the_counts_follow_the_rule_and_those_who_differ_are_said_by_name(qtbot: QtBot, asked: DatasetDialog) -> None:
    assert asked.cases.text().startswith("4 ready images of 8")
    assert "2 images stay out: its readers differ" in asked.cases_out.text()
    assert "Its readers differ: film_0.png, film_1.png" in asked.cases_out.toolTip()

    choose(qtbot, asked, "reader:Ada")

    assert asked.cases.text().startswith("6 ready images of 8")
    assert "differ" not in asked.cases_out.text()
    rows = {row.label.name: row.images for row in asked.table.rows}
    assert rows == {"Bright": 3, "Dark": 3}
    asked.readings.box.setCurrentIndex(asked.readings.box.findData("shared"))
    qtbot.waitUntil(lambda: "No image is ready for the task" in asked.leaks.refusal_words.text())


def test_the_rule_is_the_tasks_and_stands_on_the_card(
    qtbot: QtBot, two_readers: Path, session: Desk, asked: DatasetDialog
) -> None:
    choose(qtbot, asked, "reader:Bob")

    with qtbot.waitSignal(asked.snapshot_made):
        qtbot.mouseClick(asked.make, Qt.MouseButton.LeftButton)

    made = asked.snapshot
    assert made is not None and session.project is not None
    assert made.task.readings == "reader:Bob" and len(made.items) == 5
    session.keeping.follow()
    qtbot.waitUntil(lambda: [task.readings for task in session.at_hand.tasks.all()] == ["reader:Bob"])
    again = dialog_of(qtbot, session)
    assert again.readings.rule == "reader:Bob"
    assert not again.changes.isVisible()
    again.readings.box.setCurrentIndex(0)
    qtbot.waitUntil(again.changes.isVisible)
    assert "of several readings it takes what all readers say alike" in again.changes.text()
    again.close()


def test_names_that_are_hidden_are_not_in_the_tip(qtbot: QtBot, two_readers: Path, session: Desk) -> None:
    session.set_names_hidden(hidden=True)
    settled(session)
    dialog = dialog_of(qtbot, session)
    settle(qtbot, dialog)

    assert "its readers differ" in dialog.cases_out.toolTip() and "film" not in dialog.cases_out.toolTip()
    dialog.close()


def row_of(page: str) -> str:
    """What stands beside "Of several readings" on a card; "" without it."""
    _, found, rest = page.partition("Of several readings</td><td>")
    return rest.partition("</td>")[0] if found else ""


def test_the_card_names_the_rule_and_those_left_out(qtbot: QtBot, two_readers: Path, session: Desk) -> None:
    settled(session)
    assert session.project is not None
    folder = session.project.folder
    session.project.close()
    task = Task(name="t", kind="classification", labels=("Bright", "Dark"), exclusive=True)
    with Project.open(folder, writable=True, reader=SHARED_WORD) as project:
        agreed = make_snapshot(project, task, split=(1, 0, 0)).card
        ours = Task(name="t", kind="classification", labels=("Bright", "Dark"), readings="reader:<b>Ada")
        unknown = {**agreed, "task": {**agreed["task"], "readings": "by coin"}}
    parts = NoParts()

    assert row_of(card_page(agreed, parts, {}, several=True)) == "what all readers say alike"
    said = card_page(agreed, parts, {}, several=True).partition("2 images: its readers differ (")[2].partition(")")[0]
    assert sorted(said.split(", ")) == ["film_0.png", "film_1.png"]
    assert row_of(card_page(agreed, parts, {})) == ""
    theirs = {**agreed, "task": {**agreed["task"], "readings": ours.readings}}
    assert row_of(card_page(theirs, parts, {})) == html_text("what <b>Ada says")
    assert row_of(card_page(unknown, parts, {})) == "by coin"


class NoParts:
    """Of a snapshot none of whose cases is in the project."""

    names = ()

    def counts(self) -> dict[str, int]:
        return {}


def test_in_a_reading_of_ones_own_the_tip_names_no_film_of_which_readers_differ(
    qtbot: QtBot, two_readers: Path, session: Desk
) -> None:
    settled(session)
    session.projects.read_as("Bob", lambda: None, session.announce_failure)
    settled(session)
    dialog = dialog_of(qtbot, session)
    settle(qtbot, dialog)

    assert "2 images stay out: its readers differ" in dialog.cases_out.toolTip()
    assert "film" not in dialog.cases_out.toolTip()
    dialog.close()
