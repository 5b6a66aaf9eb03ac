"""The case list: what it says, what it shows, where it goes."""

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from tests.ui.painted import words_of, words_on
from viewer.core.shapes.annotations import CaseStatus
from viewer.project.edit_builders import set_status
from viewer.project.project import Project
from viewer.reading.series import FrameRef
from viewer.ui.flows.cases.listing import case_detail
from viewer.ui.flows.desk import Desk
from viewer.ui.panels.cases.panel import CasesPanel
from viewer.ui.views.grid import ViewGrid


def panel_of(qtbot: QtBot, session: Desk) -> CasesPanel:
    panel = CasesPanel(session)
    qtbot.addWidget(panel)
    panel.resize(280, 1200)  # room for every row, in whatever font
    panel.show()
    return panel


def rows(panel: CasesPanel) -> list[str]:
    model = panel.list.model()
    return [model.index(place, 0).data() for place in range(model.rowCount())]


def test_the_list_names_every_case_and_its_status_in_words(qtbot: QtBot, session: Desk) -> None:
    panel = panel_of(qtbot, session)

    assert len(rows(panel)) == 8
    assert all(row.endswith(", To do") for row in rows(panel))
    assert (panel.figure.text(), panel.of_total.text()) == ("0", "of 8 complete")


def test_the_shown_case_stays_in_view_when_rows_grow_and_when_the_list_gets_its_height_late(
    qtbot: QtBot, shown_case: Desk
) -> None:
    panel = panel_of(qtbot, shown_case)
    theme, last = shown_case.theme, panel.list.model().rowCount() - 1

    def is_seen() -> bool:
        rect = panel.list.visualRect(panel.list.currentIndex())
        return panel.list.currentIndex().row() == last and panel.list.viewport().rect().contains(rect)

    with qtbot.waitSignal(shown_case.image_shown):
        shown_case.open_case(panel.case_ids[last])
    qtbot.waitUntil(is_seen)

    panel.resize(280, panel.height() - panel.list.height() + 3 * theme.room(56))  # three rows are left
    qtbot.waitUntil(lambda: panel.list.height() < 4 * theme.room(56))
    qtbot.waitUntil(is_seen)

    shown_case.set_theme(replace(theme, font_scale=1.5))
    panel.list.doItemsLayout()  # what a new style sheet brings
    assert panel.list.visualRect(panel.list.currentIndex()).height() > theme.room(56), "the rows grew"
    qtbot.waitUntil(is_seen)


def test_progress_follows_a_completed_case_and_its_undo(qtbot: QtBot, shown_case: Desk) -> None:
    panel = panel_of(qtbot, shown_case)

    shown_case.complete_and_next()
    qtbot.waitUntil(lambda: panel.figure.text() == "1")
    assert rows(panel)[0].endswith(", Complete")

    shown_case.undo()
    shown_case.undo()  # the first press shows the image it was on
    qtbot.waitUntil(lambda: panel.figure.text() == "0")
    assert rows(panel)[0].endswith(", To do")


def test_the_status_filter_leaves_only_cases_of_that_status(qtbot: QtBot, session: Desk) -> None:
    panel = panel_of(qtbot, session)
    assert session.project is not None
    case = session.project.cases.all()[3]
    session.do(set_status(case, CaseStatus.COMPLETE))
    session.edits.wait()

    panel.status.setCurrentIndex(panel.status.findText("Complete"))

    assert len(rows(panel)) == 1
    assert panel.case_ids == [case.case_id]


def test_typing_filters_and_an_empty_result_says_so(qtbot: QtBot, session: Desk) -> None:
    panel = panel_of(qtbot, session)

    qtbot.keyClicks(panel.search, "no such patient")

    qtbot.waitUntil(lambda: not rows(panel))
    assert panel.stack.currentWidget() is panel.empty


def test_hidden_names_leave_no_id_in_the_list(qtbot: QtBot, session: Desk) -> None:
    panel = panel_of(qtbot, session)
    model, row = panel.list.model(), 2
    told = model.index(row, 0).data(Qt.ItemDataRole.ToolTipRole)
    assert session.project is not None
    case = session.project.cases.all()[row]
    record = session.project.images.get(case.first_image_id)
    assert case.patient_id in told
    assert any(case.patient_id in text for text in words_of(panel.list))

    session.set_names_hidden(hidden=True)

    assert model.index(row, 0).data(Qt.ItemDataRole.ToolTipRole) == "Case 3, To do"
    assert "film_" not in case_detail(case, record, names_hidden=True)
    painted = words_of(panel.list)
    ids = {one.patient_id for one in session.project.cases.all()}
    assert painted and not [text for text in painted if any(name in text for name in (*ids, "film_"))]
    session.set_names_hidden(hidden=False)
    assert model.index(row, 0).data(Qt.ItemDataRole.ToolTipRole) == told


def test_a_click_shows_the_case(qtbot: QtBot, session: Desk) -> None:
    panel = panel_of(qtbot, session)
    third = panel.list.model().index(2, 0)

    qtbot.mouseClick(panel.list.viewport(), Qt.MouseButton.LeftButton, pos=panel.list.visualRect(third).center())

    qtbot.waitUntil(lambda: session.shown is not None and session.shown.case_id == panel.case_ids[2])


def test_stepping_follows_the_list_as_it_is_filtered(qtbot: QtBot, shown_case: Desk) -> None:
    panel = panel_of(qtbot, shown_case)
    project = shown_case.project
    assert project is not None
    cases = project.cases.all()
    shown_case.do(set_status(cases[1], CaseStatus.COMPLETE))
    shown_case.edits.wait()
    panel.status.setCurrentIndex(panel.status.findText("To do"))

    shown_case.case_step(1)

    qtbot.waitUntil(lambda: shown_case.shown is not None and shown_case.shown.case_id == cases[2].case_id)


def test_pictures_arrive_for_the_rows_on_the_screen(qtbot: QtBot, session: Desk) -> None:
    panel = panel_of(qtbot, session)
    qtbot.waitExposed(panel)

    qtbot.waitUntil(lambda: panel.pictures_made >= 8)


def patient_words(session: Desk) -> list[str]:
    """The words about the patient in the active view: what a copy without them lacks."""
    cell = session.active_cell
    assert cell is not None
    every, without = (words_on(cell.view, without_patient_text=flag) for flag in (False, True))
    return [text for text in every if text not in without]


def test_a_film_says_whose_it_is_in_its_project_and_nothing_in_another(
    qtbot: QtBot, shown_case: Desk, tmp_path: Path
) -> None:
    assert shown_case.project is not None
    cell = shown_case.active_cell
    assert cell is not None
    assert cell.project_patient == "P0"
    assert patient_words(shown_case) == ["Patient P0 (project)"]

    with qtbot.waitSignal(shown_case.image_shown):
        shown_case.open_case(shown_case.project.cases.all()[1].case_id)
    assert cell.project_patient == "P1"

    shown_case.set_names_hidden(hidden=True)
    assert patient_words(shown_case) == ["Names hidden"]
    shown_case.set_names_hidden(hidden=False)

    shown_case.open_project(Project.create(tmp_path / "other", name="Other", author="tester"))
    assert cell.project_patient == ""
    assert patient_words(shown_case) == []


def test_films_of_two_patients_of_the_project_stand_under_a_band(qtbot: QtBot, session: Desk) -> None:
    assert session.project is not None
    assert session.active_cell is not None
    grid = session.active_cell.window()
    assert isinstance(grid, ViewGrid)
    every = session.project.images.all()
    first, second = session.arrange_views(2)

    for cell, record in ((first, every[0]), (second, every[1])):
        cell.show_series(session.opening.single(FrameRef(path=record.path)))
    qtbot.waitUntil(lambda: "2 different patients on the screen: P0 and P1" in grid.warning)

    # The last film is another one of the first patient.
    second.show_series(session.opening.single(FrameRef(path=every[-1].path)))
    qtbot.waitUntil(lambda: grid.warning == "")
