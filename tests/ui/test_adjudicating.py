"""Whoever settles a case in the shared reading sees what each reader said, once all are through, and takes it over."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.project.test_readings import complete, draw, say
from tests.ui.test_project_members import entered, project_of
from tests.ui.test_readers import read_as, read_shared, shown_image
from tests.waiting import settled
from viewer.core.labels import Verdict
from viewer.core.shapes.anchors import PlaneAnchor
from viewer.core.shapes.annotations import CaseStatus, Origin
from viewer.core.shapes.kinds.box import Box
from viewer.project.edit_builders import add_annotation
from viewer.project.lists.on_planes import shapes_on_planes
from viewer.project.project import Project
from viewer.project.readings import EACH_OWN, TOGETHER
from viewer.ui.panels.labels import LabelsPanel
from viewer.ui.panels.readers_said import ReadersSaid
from viewer.ui.window.main_window import MainWindow

HERS, HIS = Box(x0_px=1, y0_px=2, x1_px=9, y1_px=12), Box(x0_px=30, y0_px=20, x1_px=44, y1_px=40)
BOX = Box(x0_px=50, y0_px=40, x1_px=60, y1_px=50)


@pytest.fixture
def settling(window: MainWindow, qtbot: QtBot, project_folder: Path) -> MainWindow:
    """The shared reading in Annotate at the first film, which Ada and Bob have completed; the second Ada alone has."""
    for name, verdict, box in (("Ada", Verdict.YES, HERS), ("Bob", Verdict.NO, HIS)):
        with Project.open(project_folder, writable=True, reader=name) as own:
            first, second = (case.first_image_id for case in own.cases.all()[:2])
            for image in (first, second):
                say(own, image, "Bright", verdict)
                draw(own, image, "Square", box)
            complete(own, first)
            if name == "Ada":
                say(own, first, "Dark", Verdict.NO)
                complete(own, second)
    entered(window, qtbot, project_folder)
    settled(window.session)
    return window


def section(window: MainWindow) -> ReadersSaid:
    panel = window.docks.panel("labels")
    assert isinstance(panel, LabelsPanel)
    return panel.readers


def take(window: MainWindow, name: str) -> None:
    QTest.mouseClick(section(window).take_buttons[name], Qt.MouseButton.LeftButton)
    settled(window.session)


def test_who_said_what_stands_there_once_all_are_through(settling: MainWindow) -> None:
    assert section(settling).isVisible()
    assert section(settling).lines == ["Ada: Bright: yes · Dark: no · 1 Square", "Bob: Bright: no · 1 Square"]


def test_what_readers_drew_on_planes_is_taken_over_by_itself(reading: MainWindow) -> None:
    session, project = reading.session, project_of(reading)
    reading.enter("annotate")
    # With the first shape the series enters the project.
    assert session.do(add_annotation(shown_image(reading), "Square", BOX, author=session.author))
    settled(session)
    record = project.images.get(shown_image(reading))
    space = record.tags["FrameOfReferenceUID"]
    plane = PlaneAnchor(
        frame_of_reference_uid=space, series_id=record.series_id, origin_mm=(0.0, 12.5, 0.0),
        row_cosines=(1.0, 0.0, 0.0), col_cosines=(0.0, 0.0, -1.0),
    )  # fmt: skip
    for name, box in (("Ada", HERS), ("Bob", None)):
        own = project.in_reading(name)
        if box is not None:
            own.history.do(add_annotation("", "Square", box, author=name, plane=plane))
        complete(own, record.image_id)
        own.close()
    read_shared(reading)

    nothing = "nothing marked, nothing answered"
    lines = [f"Ada: {nothing}", f"Bob: {nothing}", "Ada, on planes: 1 Square", "Bob, on planes: nothing drawn"]
    assert section(reading).lines == lines
    take(reading, "Ada, on planes")
    ((label, shape, author),) = ((one.label, one.shape, one.author) for one in shapes_on_planes(project))
    assert (label, shape, author) == ("Square", HERS, "tester")
    assert session.steps.undo_text == "take over what Ada drew on planes"
    entries = len(project.history.entries())
    take(reading, "Ada, on planes")
    assert len(project.history.entries()) == entries, "it says so already"
    take(reading, "Bob, on planes")
    assert shapes_on_planes(project) == []
    for there in (1, 0):
        session.undo()
        settled(session)
        assert len(shapes_on_planes(project)) == there
    assert [one.shape for one in project.work.annotations(record.image_id)] == [BOX]


def test_before_one_is_through_nothing_of_the_others_is_said(settling: MainWindow) -> None:
    session = settling.session
    session.open_case(project_of(settling).cases.all()[1].case_id)
    settled(session)

    assert section(settling).lines == ["Hidden until Bob has completed this case in a reading of their own."]
    assert section(settling).take_buttons == {}


def test_in_a_reading_of_ones_own_there_is_no_such_thing(settling: MainWindow) -> None:
    read_as(settling, "Ada")
    assert not section(settling).isVisible() and section(settling).lines == []
    read_shared(settling)
    assert section(settling).isVisible() and len(section(settling).lines) == 2


def test_an_answer_is_taken_over_as_one_edit_that_can_be_taken_back(settling: MainWindow) -> None:
    session, image = settling.session, shown_image(settling)
    assert session.do(add_annotation(image, "Lung", BOX, author=session.author))
    settled(session)
    (before,) = session.at_hand.work.annotations(image)

    take(settling, "Ada")

    (drawn,) = session.at_hand.work.annotations(image)
    assert (drawn.label, drawn.shape, drawn.author, drawn.origin) == ("Square", HERS, "tester", Origin.PERSON)
    assert drawn.round_id == ""
    assert session.at_hand.work.image_labels(image) == {"Bright": Verdict.YES, "Dark": Verdict.NO}
    assert session.steps.undo_text == "take over what Ada says"
    take(settling, "Bob")
    assert session.at_hand.work.image_labels(image) == {"Bright": Verdict.NO}
    assert [one.shape for one in session.at_hand.work.annotations(image)] == [HIS]
    for _ in range(2):
        session.undo()
        settled(session)
    assert session.at_hand.work.annotations(image) == (before,)
    assert session.at_hand.work.image_labels(image) == {}
    with_readers = project_of(settling).in_reading("Ada")
    assert [(one.author, one.shape) for one in with_readers.work.annotations(image)] == [("Ada", HERS)]
    with_readers.close()


def test_what_is_taken_over_already_makes_no_edit_and_a_case_begins_with_it(settling: MainWindow) -> None:
    session = settling.session
    take(settling, "Ada")
    entries = len(project_of(settling).history.entries())

    take(settling, "Ada")

    assert len(project_of(settling).history.entries()) == entries
    assert session.shown is not None and session.shown.case_id is not None
    assert session.at_hand.cases.get(session.shown.case_id).status is CaseStatus.IN_PROGRESS


def test_a_project_with_one_reading_has_no_such_section(window: MainWindow, qtbot: QtBot, project_folder: Path) -> None:
    entered(window, qtbot, project_folder)
    settled(window.session)

    assert not section(window).isVisible()


def test_where_all_work_together_nobody_is_waited_for(settling: MainWindow) -> None:
    session, project = settling.session, project_of(settling)
    second, third = (case.case_id for case in project.cases.all()[1:3])
    session.open_case(second)
    settled(session)
    assert section(settling).lines == ["Hidden until Bob has completed this case in a reading of their own."]

    session.readings.let_read(TOGETHER, lambda: None, session.announce_failure)
    settled(session)

    assert section(settling).lines == ["Ada: Bright: yes · 1 Square"]
    session.open_case(third)  # which nobody has begun
    settled(session)
    assert section(settling).lines == [] and not section(settling).isVisible()
    session.readings.let_read(EACH_OWN, lambda: None, session.announce_failure)
    settled(session)
    assert section(settling).lines == ["Hidden until Ada and Bob have completed this case in readings of their own."]
