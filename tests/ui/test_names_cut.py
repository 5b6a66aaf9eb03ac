"""Ids and names of files differ in their ends: without room their end is seen, and the whole stands in the tip."""

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.ui.conftest import write_films, write_slice
from tests.ui.painted import words_of
from tests.waiting import settled
from viewer.project.project import Project
from viewer.project.register import add_frames
from viewer.ui.look.theme import Theme
from viewer.ui.panels.cases.panel import CasesPanel
from viewer.ui.panels.studies import StudiesPanel
from viewer.ui.window.main_window import MainWindow

LONG = "subject_of_the_second_reading_of_the_year_postero_anterior_follow_up_of_the_chest_and_of_both_shoulders"


@pytest.fixture
def annotating(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> MainWindow:
    """A project of two films whose patients and files differ in their last letter alone."""
    films = write_films(tmp_path / "films", 2)
    with Project.create(tmp_path / "project", name="Films", author="tester") as project:
        named = []
        for place, film in enumerate(films):
            path = film.ref.path.with_name(f"{LONG}_{place}.png")
            film.ref.path.rename(path)
            named.append(replace(film, ref=replace(film.ref, path=path), patient_id=f"{LONG[:60]}_{place}"))
        add_frames(project, named)
    window.resize(1280, 720)
    with qtbot.waitSignal(window.session.project_entered):
        window.session.open_paths([tmp_path / "project"])
    window.enter("annotate")
    qtbot.waitUntil(lambda: window.session.shown is not None)
    settled(window.session)
    return window


@pytest.mark.parametrize("scale", [1.0, 1.5])
def test_in_the_list_of_cases_and_over_the_view(annotating: MainWindow, scale: float) -> None:
    session = annotating.session
    session.set_theme(Theme(name="dark", font_scale=scale))
    settled(session)
    panel = annotating.docks.panel("cases")
    assert isinstance(panel, CasesPanel)

    drawn = words_of(panel.list)
    assert {text[-1] for text in drawn if "…" in text and ".png" not in text} >= {"0", "1"}
    assert {text[-5:] for text in drawn if "…" in text and text.endswith(".png")} == {"0.png", "1.png"}
    for row, film in enumerate("01"):
        tip = panel.list.model().index(row, 0).data(Qt.ItemDataRole.ToolTipRole).replace("\n", "")
        assert f"{LONG[:60]}_{film}" in tip and f"{LONG}_{film}.png" in tip  # patient and file

    cell = session.active_cell
    assert cell is not None
    (cut,) = (text for text in words_of(cell.title) if "…" in text)
    assert cut.endswith("0.png") and f"{LONG}_0.png" in cell.title.toolTip().replace("\n", "")


def test_in_the_list_of_studies(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    patient = f"{LONG[:50]}_0"
    for place in range(2):
        write_slice(
            tmp_path / "told" / f"{place}.dcm", patient=patient, study=1, series=1, place=place, frame="1.2.3",
            PatientName="", StudyDescription=f"{patient}_1", SeriesDescription=f"{patient}_2",
        )  # fmt: skip
    window.resize(1280, 720)
    window.session.open_paths([tmp_path / "told"])
    qtbot.waitUntil(lambda: window.session.shown is not None and not window.session.opening.scanning)
    panel = window.docks.panel("studies")
    assert isinstance(panel, StudiesPanel)
    settled(window.session)

    drawn = [text for text in words_of(panel.tree) if "…" in text and not text.endswith("…")]
    assert [text[-1] for text in drawn] == ["0", "1", "2"]

    index, cell = panel.tree.model().index(0, 0), window.session.active_cell
    for end in ("", "_1", "_2"):
        assert f"{patient}{end}" in tip_at(panel, index)
        index = panel.tree.model().index(0, 0, index)
    assert cell is not None and f"{patient}_2" in cell.title.toolTip()
    window.session.set_names_hidden(hidden=True)
    assert patient not in cell.title.toolTip() and "Axial" in cell.title.toolTip()
    assert tip_at(panel, panel.tree.model().index(0, 0)) == "Name hidden · 1 study"


def tip_at(panel: StudiesPanel, index: QModelIndex) -> str:
    """What the pointer is told over a row."""
    at, view, told = panel.tree.visualRect(index).center(), panel.tree.viewport(), list[str]()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("viewer.ui.panels.studies_rows.show_tip", lambda _place, text, _view: told.append(text))
        QApplication.sendEvent(view, QHelpEvent(QHelpEvent.Type.ToolTip, at, view.mapToGlobal(at)))
    (words,) = told
    return words.replace("\n", "")
