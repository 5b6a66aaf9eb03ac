"""A second read in the window: drawn in a dialog, its cases in the list without the first answers, told when done."""

import json
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.ui.judged_run import trained
from tests.ui.test_first_readings import keep_prediction
from tests.ui.test_run_page import card, opened, page_of
from tests.ui.test_run_page import complete_films as complete_films
from tests.ui.test_run_page import train as train
from tests.ui.test_run_report import looked
from tests.waiting import settled
from viewer.core.labels import Verdict
from viewer.core.shapes.annotations import CaseStatus
from viewer.project.edit_builders import say_image_label, set_status
from viewer.project.project import Project
from viewer.project.snapshots.second_read import SECOND_READS_FILE, draw_second_read, second_reads
from viewer.project.snapshots.snapshot import Snapshot
from viewer.ui.dialogs.second_read import SecondReadDialog
from viewer.ui.panels.cases.panel import CasesPanel
from viewer.ui.run_page.head import TWO_READINGS, HeadCard
from viewer.ui.window.main_window import MainWindow


def dialog_of(window: MainWindow) -> SecondReadDialog:
    window.book.run("dataset.second_read")
    settled(window.session)
    found = [one for one in window.findChildren(SecondReadDialog) if one.isVisible()]
    assert len(found) == 1
    return found[0]


def answered(window: MainWindow, case_id: str) -> None:
    """Both labels of the film that is shown, as one who looks at it answers them."""
    session = window.session
    image_id = session.at_hand.cases.get(case_id).first_image_id
    for label, said in (("Bright", Verdict.YES), ("Dark", Verdict.NO)):
        assert session.do(say_image_label(image_id, label, before=None, after=said))
    settled(session)


def read_all(project: Project, wrong: int) -> None:
    """Every drawn film once more in Ada's second read, so many of them otherwise than the first time."""
    read = second_reads(project.folder)[-1]
    first = {item.image_id: item for item in Snapshot.load(project.folder, read.snapshot).items}
    with project.in_reading(read.reader) as second:
        cases = {row.first_image_id: row for row in second.cases.all()}
        for place, image_id in enumerate(read.image_ids):
            bright = (first[image_id].labels.get("Bright") == Verdict.YES) != (place < wrong)
            for label, yes in (("Bright", bright), ("Dark", not bright)):
                said = Verdict.YES if yes else Verdict.NO
                second.history.do(say_image_label(image_id, label, before=None, after=said))
            second.history.do(set_status(second.cases.get(cases[image_id].case_id), CaseStatus.COMPLETE))


def test_it_is_drawn_for_a_reader_and_its_cases_stand_in_the_list_without_the_first_answers(
    train: MainWindow, complete_films: str, qtbot: QtBot
) -> None:
    looked(qtbot, train.session) if train.session.jobs.runs else settled(train.session)
    dialog = dialog_of(train)
    assert dialog.fields.isVisible()
    assert dialog.note.text() == (
        "6 of 6 patients will be read a second time: all there are, and still fewer than the 30 that an interval needs."
    )

    dialog.name.selectAll()
    QTest.keyClicks(dialog.name, "Ada, repeat")
    QTest.keyClick(dialog.name, Qt.Key.Key_Return)
    qtbot.waitUntil(dialog.problem.isVisible)
    assert "a name alone" in dialog.problem.text() and dialog.go.isEnabled()

    dialog.name.selectAll()
    QTest.keyClicks(dialog.name, "Ada")
    QTest.keyClick(dialog.name, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: opened(train).reader == "Ada" and train.session.workspace == "annotate")
    settled(train.session)

    (read,) = second_reads(opened(train).folder)
    assert read.reader == "Ada, second" and read.snapshot == complete_films and len(read.image_ids) == 8
    (cases,) = train.findChildren(CasesPanel)
    assert cases.search.text() == "part:second"
    qtbot.waitUntil(lambda: len(cases._model.rows) == 8)
    assert {row.status for row in cases._model.rows} == {CaseStatus.TO_DO}, "nothing of the first reading is shown"
    assert "Ada's second read" in train.session.readings.words


def drawn_of(project: Project, snapshot_id: str, places: tuple[int, ...]) -> list[str]:
    """A second read of Ada's, of the films at these places alone; their cases."""
    draw_second_read(project, Snapshot.load(project.folder, snapshot_id), "Ada")
    rows = [project.cases.all()[place] for place in places]
    path = project.folder / SECOND_READS_FILE
    document = json.loads(path.read_text())
    document["reads"][0]["image_ids"] = [row.first_image_id for row in rows]
    path.write_text(json.dumps(document))
    return [row.case_id for row in rows]


def go_on(window: MainWindow, qtbot: QtBot) -> CasesPanel:
    dialog = dialog_of(window)
    qtbot.waitUntil(dialog.go.isEnabled)
    QTest.keyClick(dialog, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: opened(window).reader == "Ada" and not dialog.isVisible())
    settled(window.session)
    (cases,) = window.findChildren(CasesPanel)
    return cases


def test_it_begins_at_the_first_drawn_case_and_tells_how_far_the_drawn_ones_are(
    train: MainWindow, complete_films: str, qtbot: QtBot
) -> None:
    session, project = train.session, opened(train)
    drawn = drawn_of(project, complete_films, (3, 5, 6))
    session.open_case(project.cases.all()[1].case_id)
    settled(session)
    keep_prediction(train)
    train.enter("review")
    settled(session)

    cases = go_on(train, qtbot)
    assert cases.case_ids == drawn
    assert session.shown is not None and session.shown.case_id == drawn[0]
    assert cases.list.chosen == [drawn[0]]
    assert cases.list.viewport().rect().contains(cases.list.visualRect(cases.list.currentIndex()))
    assert (cases.figure.text(), cases.of_total.text()) == ("0", "of 3 complete")
    assert cases.words.text() == "0 complete · 0 in progress · 3 to do"
    assert not any(row.revealed for row in opened(train).cases.all()), "Ada saw nothing of AI on the way"

    answered(train, drawn[0])
    QTest.keyClick(train, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: cases.list.chosen == [drawn[1]])
    settled(session)
    assert (cases.figure.text(), cases.of_total.text()) == ("1", "of 3 complete")
    cases.status.setCurrentIndex(cases.status.findText("To do"))
    settled(session)
    assert cases.case_ids == drawn[1:] and (cases.figure.text(), cases.of_total.text()) == ("1", "of 3 complete")


def test_when_it_is_read_the_dialog_and_the_page_of_a_run_tell_how_far_the_two_agree(
    train: MainWindow, complete_films: str, qtbot: QtBot
) -> None:
    project = opened(train)
    trained(project, snapshot_id=complete_films)
    draw_second_read(project, Snapshot.load(project.folder, complete_films), "Ada")
    head = card(page_of(train, qtbot), HeadCard)
    assert TWO_READINGS not in dict(head.rows.said)
    read_all(project, wrong=1)

    dialog = dialog_of(train)
    assert "Ada, second: 8 of 8 images" in dialog.progress.text() and not dialog.fields.isVisible()
    assert "agree on 0.875" in dialog.said.text() and "No model can be known to be better" in dialog.said.text()
    assert not dialog.go.isEnabled(), "nothing is left to read"
    QTest.mouseClick(dialog.other, Qt.MouseButton.LeftButton)
    assert dialog.fields.isVisible() and dialog.go.isEnabled() and not dialog.other.isVisible()
    dialog.reject()

    page = train.pages.train.page("Run")
    page._asked = ()
    page.reload()
    qtbot.waitUntil(lambda: TWO_READINGS in dict(head.rows.said))
    assert "agree on 0.875" in dict(head.rows.said)[TWO_READINGS]


def test_a_damaged_file_is_named_in_the_dialog_and_on_the_page(
    train: MainWindow, complete_films: str, qtbot: QtBot
) -> None:
    project = opened(train)
    trained(project, snapshot_id=complete_films)
    (project.folder / SECOND_READS_FILE).write_text("{")
    said = dict(card(page_of(train, qtbot), HeadCard).rows.said)[TWO_READINGS]

    assert SECOND_READS_FILE in said and "cannot be read" in said
    dialog = dialog_of(train)
    assert SECOND_READS_FILE in dialog.problem.text() and dialog.problem.isVisible()


def test_without_a_snapshot_the_command_says_what_to_do(train: MainWindow, qtbot: QtBot) -> None:
    settled(train.session)
    why = train.book.row("dataset.second_read").why_not(train.session.situation())
    assert "there is none yet: choose Dataset, New snapshot" in why


@pytest.mark.parametrize("share", [0, 101])
def test_the_field_of_the_share_holds_no_share_that_is_none(
    train: MainWindow, complete_films: str, qtbot: QtBot, share: int
) -> None:
    dialog = dialog_of(train)
    dialog.share.setValue(share)
    assert 1 <= dialog.share.value() <= 100


def test_the_dialog_tells_how_many_patients_a_share_comes_to_as_it_is_typed(
    train: MainWindow, complete_films: str, qtbot: QtBot
) -> None:
    settled(train.session)
    row = train.session.snapshots.chosen
    assert row is not None
    dialog = SecondReadDialog(train.session, replace(row, patients=201), train)
    dialog.open()
    settled(train.session)
    for share, said in (
        ("5", "30 of 201 patients will be read a second time, not 11, since at least 30 are needed for an interval."),
        ("20", "41 of 201 patients will be read a second time."),
        ("100", "201 of 201 patients will be read a second time."),
        ("14", "30 of 201 patients will be read a second time, not 29, since at least 30 are needed for an interval."),
    ):
        dialog.share.selectAll()
        QTest.keyClicks(dialog.share, share)
        assert dialog.note.text() == said
    dialog.reject()


def test_at_its_end_the_banner_says_how_far_both_agree_and_leads_back_to_who_it_was_before(
    train: MainWindow, complete_films: str, qtbot: QtBot
) -> None:
    session, before = train.session, opened(train)
    author = session.author
    assert before.reader == "" and author != "Ada"
    drawn = drawn_of(before, complete_films, (3, 6))
    cases = go_on(train, qtbot)
    assert session.author == "Ada"
    for case_id in drawn:  # film 3 was called bright, film 6 dark: the second reader calls both bright
        qtbot.waitUntil(lambda case_id=case_id: cases.list.chosen == [case_id])
        answered(train, case_id)
        assert "agree on" not in train.banner.sentence
        QTest.keyClick(train, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
        settled(session)
    qtbot.waitUntil(lambda: "agree on 0.5" in train.banner.sentence)
    assert train.banner.sentence.startswith("Ada, second: 2 of 2 images of ")
    assert (cases.figure.text(), cases.of_total.text()) == ("2", "of 2 complete")
    assert train.banner._back.isVisible()

    QTest.mouseClick(train.banner._back, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: opened(train).reader == "")
    settled(session)
    assert session.author == author == opened(train).author
    assert train.banner.sentence == "" and not train.banner._back.isVisible()
    folder = opened(train).folder
    # what a start goes by
    assert session.settings.word(f"reader-in/{folder.absolute()}") == "shared"
    assert session.settings.word(f"author-in/{folder.absolute()}") == author
