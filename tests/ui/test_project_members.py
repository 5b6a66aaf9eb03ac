"""What is in the project: nothing enters because a model was asked; cases and places come back."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from tests.ui.conftest import write_films
from tests.waiting import handled, settled, until
from viewer.core.edits import Edit
from viewer.core.labels import Verdict
from viewer.core.shapes.annotations import CaseStatus, Decision, Measurement, Prediction, Proposal
from viewer.core.shapes.kinds.box import Box
from viewer.project.edit_builders import add_annotation, add_measurement, reject, say_image_label
from viewer.project.project import Project
from viewer.project.records import CaseRow
from viewer.project.register import add_frames
from viewer.ui.dialogs.agree import AgreeDialog
from viewer.ui.dialogs.patients import PatientsDialog
from viewer.ui.panels.cases.panel import CasesPanel
from viewer.ui.state.announcing import OVER
from viewer.ui.window.main_window import MainWindow

BOX = Box(x0_px=4, y0_px=5, x1_px=20, y1_px=25)


def project_of(window: MainWindow) -> Project:
    project = window.session.project
    assert project is not None
    return project


def entered(window: MainWindow, qtbot: QtBot, project_folder: Path) -> list[CaseRow]:
    """Open the project in Annotate, with its first case shown. Returns its cases."""
    session = window.session
    session.projects.open_folder(project_folder)
    qtbot.waitUntil(lambda: session.project is not None and session.project.folder == project_folder)
    window.enter("annotate")
    settled(session)
    cases = project_of(window).cases.all()
    session.open_case(cases[0].case_id)
    qtbot.waitUntil(lambda: session.shown is not None and session.shown.case_id == cases[0].case_id)
    return cases


LOOK_MS = 20


def answering(window: MainWindow, key: Qt.Key, run: Callable[[], object]) -> list[str]:
    """Do something that asks, and press a key in the dialog. Returns what it said."""
    said: list[str] = []

    def press() -> None:
        dialog = QApplication.activeModalWidget()
        if not isinstance(dialog, AgreeDialog):  # what it says is still being counted
            QTimer.singleShot(LOOK_MS, press)
            return
        said.extend(label.text() for label in dialog.findChildren(QLabel))
        QTest.keyClick(dialog, key)

    QTimer.singleShot(0, press)
    run()
    settled(window.session)
    return said


def shown_id(window: MainWindow) -> str:
    shown = window.session.shown
    assert shown is not None and shown.image_id is not None
    return shown.image_id


def answer(image_id: str) -> Prediction:
    """One box of a model."""
    proposal = Proposal(proposal_id=f"p{image_id}", prediction_id=f"q{image_id}", image_id=image_id, label="nodule",
                        score=0.7, shape=BOX)  # fmt: skip
    return Prediction(
        prediction_id=f"q{image_id}", image_id=image_id, model_hash="h", model_name="m", kind="detection",
        created="2026-01-01", threshold=0.4, proposals=(proposal,),
    )  # fmt: skip


def test_the_names_of_a_series_are_found_without_making_it_a_case(reading: MainWindow, qtbot: QtBot) -> None:
    session, project = reading.session, project_of(reading)
    shown = session.shown
    assert shown is not None and shown.series is not None and len(shown.series.frames) > 1

    frames = shown.series.frames
    ids = session.worker.start_read(lambda: session.members.image_ids(frames)).result()

    assert len(set(ids)) == len(shown.series.frames)
    assert ids[shown.series.frames.index(shown.ref)] == shown.image_id
    assert project.images.count() == 0 and project.history.entries() == []


def test_a_decision_on_an_image_outside_asks_to_add_it_first_and_is_no_decision_without(reading: MainWindow) -> None:
    session, project = reading.session, project_of(reading)
    image_id = shown_id(reading)
    project.predictions.add(answer(image_id))
    (proposal,) = project.work.proposals(image_id)

    said = answering(reading, Qt.Key.Key_Escape, lambda: session.do(reject(proposal)))

    assert any("is not in the project yet" in words for words in said)
    assert project.images.count() == 0 and project.history.entries() == []

    answering(reading, Qt.Key.Key_Return, lambda: session.do(reject(proposal)))

    # The personal project's case is a series, so all six slices are one.
    assert project.images.count() == 6 and len(project.cases.all()) == 1
    assert [one.decision for one in project.work.proposals(image_id)] == [Decision.REJECTED]
    assert session.shown is not None and session.shown.case_id == project.cases.all()[0].case_id
    session.undo()
    settled(session)
    assert [one.decision for one in project.work.proposals(image_id)] == [Decision.UNDECIDED]
    assert project.images.count() == 6, "adding is a step of its own"
    session.undo()
    settled(session)
    assert project.images.count() == 0
    assert session.shown is not None and session.shown.case_id is None


def test_the_undo_of_the_first_gesture_on_an_image_takes_the_image_out_again(reading: MainWindow) -> None:
    session, project = reading.session, project_of(reading)
    image_id = shown_id(reading)

    assert session.do(add_annotation(image_id, "nodule", BOX, author="tester"))
    settled(session)
    assert [row.status for row in project.cases.all()] == [CaseStatus.IN_PROGRESS]
    session.undo()
    settled(session)

    assert project.images.count() == 0 and project.cases.all() == []
    assert session.shown is not None and session.shown.case_id is None
    session.redo()
    settled(session)
    assert project.images.count() == 1
    assert len(project.work.annotations(image_id)) == 1


def test_an_image_that_enters_with_a_gesture_is_said_to_and_one_that_is_measured_enters_nothing(
    reading: MainWindow, project_folder: Path
) -> None:
    session = reading.session
    first = shown_id(reading)
    said: list[str] = []
    session.announced.connect(lambda level, sentence: said.append(sentence) if level != OVER else None)

    def kept(*edits: Edit) -> list[str]:
        for edit in edits:
            assert session.do(edit)
            settled(session)
        told, said[:] = list(said), []
        return told

    line = Measurement(
        measurement_id="1" * 32, image_id=first, kind="length", points_px=((1, 2), (11, 2))
    )  # fmt: skip
    assert kept(add_measurement(line)) == []
    box = add_annotation(first, "nodule", BOX, author="tester")
    alone = "This image was added to your personal project as a case; Ctrl+Z takes it out again."
    assert kept(box, add_annotation(first, "nodule", BOX, author="tester")) == [alone], "once"

    assert session.active_cell is not None
    session.active_cell.scroll_to(1)
    until(lambda: handled() or session.shown.image_id not in (None, first), "the next slice")  # type: ignore[union-attr]
    settled(session)
    beside = "This image was added to its case in your personal project; Ctrl+Z takes it out again."
    assert kept(add_annotation(shown_id(reading), "nodule", BOX, author="tester")) == [beside]

    session.open_project(Project.open(project_folder, writable=True, author="tester"))
    settled(session)
    said.clear()
    answered = say_image_label(shown_id(reading), "Bright", before=None, after=Verdict.YES)
    assert kept(answered) == ["This image was added to the project Films as a case; Ctrl+Z takes it out again."]
    session.undo()
    settled(session)
    project_of(reading).predictions.add(answer(shown_id(reading)))
    (proposal,) = project_of(reading).work.proposals(shown_id(reading))
    said.clear()
    answering(reading, Qt.Key.Key_Return, lambda: session.do(reject(proposal)))
    assert said == [
        "The 6 images of this series were added to the project Films as a case; the second Ctrl+Z takes them out again."
    ]


def test_the_chosen_cases_are_taken_out_after_their_work_was_counted_and_come_back(
    window: MainWindow, qtbot: QtBot, project_folder: Path
) -> None:
    session, cases = window.session, entered(window, qtbot, project_folder)
    project = project_of(window)
    assert session.do(add_annotation(cases[0].first_image_id, "nodule", BOX, author="tester"))
    settled(session)
    before = project.cases.all()

    said = answering(window, Qt.Key.Key_Escape, lambda: window.book.run("dataset.take_out"))
    assert any(words.startswith("1 case with 1 image: 1 box go") for words in said)
    assert project.cases.all() == before

    answering(window, Qt.Key.Key_Return, lambda: window.book.run("dataset.take_out"))
    assert [row.case_id for row in project.cases.all()] == [row.case_id for row in cases[1:]]
    qtbot.waitUntil(lambda: session.shown is not None and session.shown.case_id == cases[1].case_id)

    heard: list[str] = []
    session.said.connect(heard.append)
    session.undo()
    settled(session)
    assert project.cases.all() == before
    assert len(project.work.annotations(cases[0].first_image_id)) == 1
    # It is said, and the case that came back is shown.
    qtbot.waitUntil(lambda: session.shown is not None and session.shown.case_id == cases[0].case_id)
    assert f"Taken back: take out the case {cases[0].title}." in heard


def test_the_next_case_is_chosen_alone_though_control_is_held(
    window: MainWindow, qtbot: QtBot, project_folder: Path
) -> None:
    """With Ctrl+Enter the list added it to what was chosen, and two cases would have been taken out."""
    session, cases = window.session, entered(window, qtbot, project_folder)

    QTest.keyPress(window, Qt.Key.Key_Control)
    QTest.keyPress(window, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: session.shown is not None and session.shown.case_id == cases[1].case_id)

    assert list(session.members.chosen) == [cases[1].case_id]


def opened(window: MainWindow, folder: Path) -> Project:
    """Ask for a project and wait until it is the one that is open."""
    window.session.projects.open_folder(folder)
    until(lambda: handled() or (window.session.project and window.session.project.folder == folder), "the project")
    settled(window.session)
    return project_of(window)


def test_the_project_that_is_open_is_gone_to_and_stays_writable(window: MainWindow, project_folder: Path) -> None:
    project = opened(window, project_folder)
    window.session.open_case(project.cases.all()[3].case_id)
    settled(window.session)
    entered: list[bool] = []
    window.session.project_entered.connect(lambda: entered.append(True))

    window.session.open_paths([project_folder])
    settled(window.session)

    assert project_of(window) is project and not project.read_only
    assert entered == [True]
    shown = window.session.shown
    assert shown is not None and shown.case_id == project.cases.all()[3].case_id


def test_projects_in_folders_of_one_name_keep_a_place_each_and_no_film_of_the_other_stays(
    window: MainWindow, tmp_path: Path
) -> None:
    session = window.session
    for side in ("left", "right"):
        with Project.create(tmp_path / side / "project", name=side, author="tester") as made:
            add_frames(made, write_films(tmp_path / side / "films", 4 if side == "left" else 6))
    places = {"left": 2, "right": 5}
    for side, place in places.items():
        cases = opened(window, tmp_path / side / "project").cases.all()
        session.open_case(cases[place].case_id)
        settled(session)

    for side, place in (("left", 2), ("right", 5), ("left", 2)):
        project = opened(window, tmp_path / side / "project")
        assert session.shown is not None and session.shown.case_id == project.cases.all()[place].case_id
        paths = {cell.shown.ref.path for cell in session.cells if cell.shown is not None}
        assert all(path.is_relative_to(tmp_path / side) for path in paths)

    with Project.create(tmp_path / "empty", name="empty", author="tester"):
        pass
    opened(window, tmp_path / "empty")
    assert session.shown is None and not any(cell.series for cell in session.cells)
    assert not session.situation().undo_text


def test_a_filter_is_left_with_return_and_esc_and_is_not_the_next_projects(
    window: MainWindow, project_folder: Path, tmp_path: Path
) -> None:
    opened(window, project_folder)
    window.enter("annotate")
    settled(window.session)
    panel = window.docks.panel("cases")
    assert isinstance(panel, CasesPanel)
    panel.focus_search()
    QTest.keyClicks(panel.search, "film_3")
    QTest.keyClick(panel.search, Qt.Key.Key_Return)
    until(lambda: handled() or len(panel.case_ids) == 1, "the filtered list")
    assert panel.list.hasFocus() and panel.search.text() == "film_3"
    panel.focus_search()
    QTest.keyClick(panel.search, Qt.Key.Key_Escape)
    until(lambda: handled() or len(panel.case_ids) == 8, "the whole list")
    assert panel.list.hasFocus()

    panel.search.setText("film_3")
    with Project.create(tmp_path / "next", author="tester") as made:
        add_frames(made, write_films(tmp_path / "others", 2))
    opened(window, tmp_path / "next")
    assert panel.search.text() == "" and len(panel.case_ids) == 2


def test_patients_are_given_by_a_rule_that_is_previewed_and_taken_back(window: MainWindow, tmp_path: Path) -> None:
    films = [replace(film, patient_id="") for film in write_films(tmp_path / "films", 4)]
    with Project.create(tmp_path / "p", author="tester") as made:
        add_frames(made, films)
    project = opened(window, tmp_path / "p")
    dialog = PatientsDialog(window.session, window)
    dialog.show()

    dialog.rule.setText("{patient}")
    until(lambda: handled() or dialog.plan is not None, "the preview")
    assert "Each would be a patient of its own" in dialog.words.text()
    dialog.rule.setText("nonsense")
    until(lambda: handled() or "must have {patient}" in dialog.words.text(), "the refusal")
    assert not dialog.give.isEnabled()
    dialog.rule.setText("{patient}_{n}")
    until(lambda: handled() or dialog.plan is not None, "the preview")
    rows = [dialog.list.topLevelItem(row) for row in range(4)]
    assert [(row.text(0), row.text(1)) for row in rows if row is not None] == [(f"film_{n}", "film") for n in range(4)]
    QTest.keyClick(dialog, Qt.Key.Key_Return)
    settled(window.session)

    assert {row.patient_id for row in project.cases.all()} == {"film"}
    window.session.undo()
    settled(window.session)
    assert {row.patient_id for row in project.cases.all()} == {""}


def test_the_answers_of_a_series_outside_are_listed_together_and_lead_to_their_slices(reading: MainWindow) -> None:
    session, project = reading.session, project_of(reading)
    shown = session.shown
    assert shown is not None and shown.series is not None
    frames = shown.series.frames
    ids = session.worker.start_read(lambda: session.members.image_ids(frames)).result()
    for image_id in (ids[1], ids[4]):
        session.keeping.keep_prediction(answer(image_id), lambda: None)
    review = session.review
    reading.enter("review")
    settled(session)
    review.refresh()
    settled(session)

    assert [one.proposal.image_id for one in review.findings] == [ids[1], ids[4]]
    review.select(review.findings[1].proposal.proposal_id)
    until(lambda: handled() or shown_id(reading) == ids[4], "the slice of the finding")
    assert project.images.count() == 0
