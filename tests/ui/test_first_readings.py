"""In the window: a reader's first reading shows nothing of AI before a case is complete; repeats; two readers."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.ui.test_project_members import project_of
from tests.ui.test_readers import BOX, dialog_of, inside, read_as, shown_image
from tests.ui.test_review_ai import prediction
from tests.waiting import is_shut, settled
from viewer.app import make_window
from viewer.core.labels import Verdict
from viewer.core.shapes.annotations import CaseStatus
from viewer.project.edit_builders import add_annotation, say_image_label, set_status
from viewer.project.project import Project
from viewer.ui.panels.findings import FindingsPanel
from viewer.ui.panels.history import HistoryPanel
from viewer.ui.state.before_ai import HIDDEN_WORDS
from viewer.ui.state.settings import Settings
from viewer.ui.window.main_window import MainWindow

__all__ = ["inside"]  # a fixture


def read(window: MainWindow, name: str, words: str) -> None:
    """Through the dialog: a name, and which reading of theirs."""
    dialog = dialog_of(window)
    dialog.name.setEditText("")
    QTest.keyClicks(dialog.name.lineEdit(), name)
    place = dialog.which.findText(words, Qt.MatchFlag.MatchStartsWith)
    assert place >= 0, [dialog.which.itemText(each) for each in range(dialog.which.count())]
    dialog.which.setCurrentIndex(place)
    QTest.mouseClick(dialog.read, Qt.MouseButton.LeftButton)
    settled(window.session)
    assert is_shut(dialog), dialog.words.text()


def offered(window: MainWindow, name: str) -> list[str]:
    return [words for words, _ in window.session.readings.offered(name)]


def keep_prediction(window: MainWindow) -> None:
    session = window.session
    session.keeping.keep_prediction(prediction(shown_image(window)), lambda: None)
    settled(session)


def complete(window: MainWindow, status: CaseStatus = CaseStatus.COMPLETE) -> None:
    session = window.session
    assert session.shown is not None and session.shown.case_id is not None
    session.edits.wait()
    assert session.do(set_status(session.at_hand.cases.get(session.shown.case_id), status))
    settled(session)


def ai_words(window: MainWindow) -> str:
    panel = window.docks.panel("history")
    assert isinstance(panel, HistoryPanel)
    return "" if panel.ai_shown.isHidden() else panel.ai_shown.text()


def test_ai_is_not_shown_in_a_first_reading_before_the_case_is_complete(inside: MainWindow) -> None:
    session = inside.session
    keep_prediction(inside)
    read(inside, "Ada", "First reading")
    assert session.readings.words == "Ada's first reading, before AI"
    image, review = shown_image(inside), session.review

    for space in ("read", "annotate", "review"):
        inside.enter(space)
        settled(session)
        assert review.visible(image) == () and review.findings == [] and review.prediction is None, space
    panel = inside.docks.panel("findings")
    assert isinstance(panel, FindingsPanel) and panel.empty._label.text() == HIDDEN_WORDS
    assert ai_words(inside) == ""

    inside.enter("annotate")
    complete(inside)
    inside.enter("review")
    settled(session)

    assert len(review.findings) == 3 and review.visible(image)
    assert session.shown is not None and session.shown.case_id is not None
    project = project_of(inside)
    assert project.cases.get(session.shown.case_id).revealed
    inside.enter("annotate")
    settled(session)
    assert ai_words(inside).startswith("AI was shown of this case: ")
    heard: list[str] = []
    session.announced.connect(lambda _level, sentence: heard.append(sentence))
    session.do(add_annotation(image, "Square", BOX, author="Ada"))
    settled(session)
    assert session.at_hand.work.annotations(image) == ()
    assert heard and "this first reading of it stays as it is" in heard[-1]


def test_when_ai_was_shown_is_kept_of_a_reading_of_ones_own_and_not_of_the_shared_one(inside: MainWindow) -> None:
    session = inside.session
    keep_prediction(inside)
    inside.enter("review")
    settled(session)
    assert session.shown is not None and session.shown.case_id is not None
    case_id = session.shown.case_id
    assert session.review.findings and project_of(inside).cases.get(case_id).revealed == ""
    inside.enter("annotate")
    read_as(inside, "Ada")
    assert project_of(inside).cases.get(case_id).revealed == "", "in Annotate it is not shown before it is complete"
    inside.enter("review")
    settled(session)
    assert project_of(inside).cases.get(case_id).revealed


def test_what_is_stored_is_not_shown_to_a_reader_whose_reading_is_opened_in_train(inside: MainWindow) -> None:
    """The image stays shown behind the pages of Train, and nobody sees it there."""
    session = inside.session
    keep_prediction(inside)
    inside.enter("train")
    settled(session)
    assert session.shown is not None and session.shown.case_id is not None
    case_id = session.shown.case_id

    read_as(inside, "Ada")
    inside.enter("annotate")
    settled(session)
    assert project_of(inside).cases.get(case_id).revealed == "" and ai_words(inside) == ""

    inside.enter("review")
    settled(session)
    assert project_of(inside).cases.get(case_id).revealed, "where it is seen, it is kept"


def test_a_repeat_is_begun_and_gone_on_with_in_the_dialog(inside: MainWindow) -> None:
    session, image = inside.session, shown_image(inside)
    read_as(inside, "Ada")
    assert session.do(add_annotation(image, "Square", BOX, author="Ada"))
    settled(session)
    assert offered(inside, "Ada") == ["Own reading", "First reading, before AI is shown", "Repeat, to read again"]

    read(inside, "Ada", "Repeat")
    assert session.readings.words == "Ada's repeat reading" and session.at_hand.work.annotations(image) == ()
    assert session.do(say_image_label(image, "Bright", before=None, after=Verdict.YES))
    settled(session)
    assert offered(inside, "Ada")[2:] == ["Repeat 1", "Repeat 2, a new one"]
    read(inside, "Ada", "Repeat 2")
    assert session.readings.words == "Ada's repeat reading 2" and session.at_hand.work.image_labels(image) == {}
    read(inside, "Ada", "Repeat 1")
    assert session.at_hand.work.image_labels(image) == {"Bright": Verdict.YES}
    read(inside, "Ada", "Own")
    assert len(session.at_hand.work.annotations(image)) == 1


def test_the_row_of_a_reading_chooses_it(inside: MainWindow) -> None:
    read(inside, "Ada", "Repeat")
    dialog = dialog_of(inside)
    rows = [dialog.table.topLevelItem(place) for place in range(dialog.table.topLevelItemCount())]
    (row,) = [one for one in rows if one is not None and one.text(0).startswith("Ada, repeat")]
    dialog.table.setCurrentItem(row)
    assert (dialog.name.currentText(), dialog.which.currentText()) == ("Ada", "Repeat 1")
    dialog.close()


def test_what_a_reading_is_for_is_no_part_of_a_name(inside: MainWindow) -> None:
    heard: list[str] = []
    inside.session.projects.read_as("Ada, first", lambda: None, lambda error: heard.append(str(error)))
    assert heard == ["“Ada, first” says what the reading is for: type the name alone, and choose that below it."]


@pytest.fixture
def second(qtbot: QtBot, home: Path) -> Iterator[MainWindow]:
    """Another window, of Bob's."""
    made = make_window(settings=Settings(home / "bob.ini"), author="Bob")
    qtbot.addWidget(made)
    made.show()
    settled(made.session)
    yield made
    made.close()


def test_two_windows_of_two_readers_see_nothing_of_each_other(
    inside: MainWindow, second: MainWindow, project_folder: Path
) -> None:
    """Ada writes; Bob's window, which can only read meanwhile, follows. Then the other way round."""
    image = shown_image(inside)
    read_as(inside, "Ada")
    assert inside.session.do(add_annotation(image, "Square", BOX, author="Ada"))
    settled(inside.session)
    bob = Project.open(project_folder, writable=False, reader="Bob")
    second.session.open_project(bob)
    second.session.show_image(image)
    settled(second.session)
    assert second.session.at_hand.work.annotations(image) == ()

    assert inside.session.do(say_image_label(image, "Bright", before=None, after=Verdict.YES))
    complete(inside)
    second.session.keeping.follow()
    settled(second.session)

    assert second.session.at_hand.work.annotations(image) == ()
    assert second.session.at_hand.work.image_labels(image) == {}
    assert second.session.at_hand.cases.progress()[CaseStatus.TO_DO] == 8
    history = second.docks.panel("history")
    assert isinstance(history, HistoryPanel) and history.list.model().rowCount() == 0
    assert inside.session.at_hand.work.image_labels(image) == {"Bright": Verdict.YES}
