"""A restart returns to the case and the slice that were shown, and the list of studies holds what is open."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.ui.conftest import write_slice
from tests.ui.test_open_project import Start
from tests.ui.test_open_project import start as start  # a fixture
from tests.waiting import settled
from viewer.project.project import Project
from viewer.project.register import FrameToAdd, add_frames
from viewer.reading.scan import scan
from viewer.ui.panels.studies import StudiesPanel
from viewer.ui.window.main_window import MainWindow


@pytest.fixture
def ct_project(tmp_path: Path) -> Path:
    """A project of two CT series of six slices, each a case."""
    for series in (1, 2):
        for place in range(6):
            path = tmp_path / "ct" / f"s{series}" / f"{place}.dcm"
            write_slice(path, patient="ONE", study=1, series=series, place=place, frame=f"1.2.{series}")
    (patient,) = scan([tmp_path / "ct"]).patients
    with Project.create(tmp_path / "ct_project", name="CT", author="tester", case_unit="series") as project:
        for one in patient.studies[0].series:
            add_frames(
                project,
                [
                    FrameToAdd(
                        ref=ref, source=one.source, patient_id="ONE", study_uid=one.study_uid, series_id=one.series_id,
                        modality="CT", tags={"SeriesDescription": one.description, "StudyDescription": "CT Chest"},
                    )
                    for ref in one.frames
                ],
            )  # fmt: skip
    return tmp_path / "ct_project"


def at(window: MainWindow) -> tuple[str | None, str | None, int]:
    """The case, the image and the slice on the screen."""
    shown, cell = window.session.shown, window.session.active_cell
    assert shown is not None and cell is not None
    return shown.case_id, shown.image_id, cell.index


def rows(window: MainWindow) -> list[tuple[str, str, list[str]]]:
    """(patient, study, series) of every study in the list; empty where it says that there is none."""
    panel = window.docks.panel("studies")
    assert isinstance(panel, StudiesPanel)
    if panel._stack.currentWidget() is not panel.tree:
        return []
    found = []
    for top in (panel.tree.topLevelItem(place) for place in range(panel.tree.topLevelItemCount())):
        assert top is not None
        for study in (top.child(place) for place in range(top.childCount())):
            series = [study.child(place).data(0, Qt.ItemDataRole.UserRole) for place in range(study.childCount())]
            words = [one.description for one in series]
            found.append((top.data(0, 256).patient_id, study.data(0, 256).description, words))
    return found


def on_screen(window: MainWindow, bot: QtBot) -> None:
    bot.waitUntil(lambda: window.session.shown is not None and window.session.shown.case_id is not None)
    settled(window.session)


def test_a_restart_returns_to_the_slice_of_the_case(start: Start, ct_project: Path, qtbot: QtBot) -> None:
    window = start(ct_project)
    on_screen(window, qtbot)
    project, cell = window.session.project, window.session.active_cell
    assert project is not None and cell is not None
    second = project.cases.all()[1].case_id
    window.session.open_case(second)
    settled(window.session)
    cell.scroll_to(4)
    settled(window.session)
    before = at(window)
    assert before[0] == second and before[2] == 4

    again = start()

    on_screen(again, qtbot)
    assert at(again) == before


def test_a_restart_returns_to_the_film(start: Start, project_folder: Path, qtbot: QtBot) -> None:
    window = start(project_folder)
    on_screen(window, qtbot)
    for _ in range(3):
        window.session.case_step(1)
        settled(window.session)
    before = at(window)
    assert window.session.project is not None
    assert before[0] == window.session.project.cases.all()[3].case_id

    again = start()

    on_screen(again, qtbot)
    assert at(again) == before


def test_the_studies_of_what_is_restored_are_listed(start: Start, ct_project: Path, qtbot: QtBot) -> None:
    window = start(ct_project)
    on_screen(window, qtbot)
    again = start()
    on_screen(again, qtbot)

    again.enter("read")

    settled(again.session)
    assert rows(again) == [("ONE", "CT Chest", ["Series 1"])]
    panel = again.docks.panel("studies")
    assert isinstance(panel, StudiesPanel)
    assert again.session.project is not None
    again.session.open_case(again.session.project.cases.all()[1].case_id)
    settled(again.session)
    assert rows(again) == [("ONE", "CT Chest", ["Series 2"])]


def test_a_study_of_the_project_that_is_opened_from_its_folder_is_listed_once_and_can_be_closed(
    start: Start,
    ct_project: Path,
    tmp_path: Path,
    qtbot: QtBot,
) -> None:
    on_screen(start(ct_project), qtbot)
    window = start()
    on_screen(window, qtbot)
    window.enter("read")
    settled(window.session)
    panel = window.docks.panel("studies")
    assert isinstance(panel, StudiesPanel)
    panel.tree.setCurrentItem(panel.tree.topLevelItem(0))
    assert window.session.closing.row_studies() == []  # nothing was opened that could be closed

    window.session.open_paths([tmp_path / "ct"])
    qtbot.waitUntil(lambda: bool(window.session.opening.patients))
    settled(window.session)

    assert rows(window) == [("ONE", "CT Chest", ["Series 1", "Series 2"])]
    panel.tree.setCurrentItem(panel.tree.topLevelItem(0))
    assert len(window.session.closing.row_studies()) == 1


def test_a_row_of_the_project_shows_its_series_again(
    start: Start,
    ct_project: Path,
    qtbot: QtBot,
) -> None:
    on_screen(start(ct_project), qtbot)
    window = start()
    on_screen(window, qtbot)
    window.enter("read")
    window.session.arrange_views(2)
    settled(window.session)
    panel = window.docks.panel("studies")
    assert isinstance(panel, StudiesPanel)
    other = window.session.cells[1]
    window.grid.activate(other)
    settled(window.session)
    assert other.series is None

    panel.tree.expandAll()
    leaf = panel.tree.topLevelItem(0).child(0).child(0)
    panel.tree.setCurrentItem(leaf)
    QTest.keyClick(panel.tree, Qt.Key.Key_Return)
    settled(window.session)

    assert other.series is not None and other.series.description == "Series 1"
