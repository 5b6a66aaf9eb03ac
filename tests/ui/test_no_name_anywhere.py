"""While names are hidden no painted text, label, row or tool tip of the window says a patient, an id or a file."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QAbstractItemModel, QAbstractListModel, QModelIndex, Qt
from PySide6.QtWidgets import QAbstractItemView, QLabel, QTextEdit, QWidget
from pytestqt.qtbot import QtBot

from tests.ui.painted import writing
from tests.ui.test_undo_of_cases import made_window
from tests.waiting import settled
from viewer.core.shapes.annotations import CaseStatus
from viewer.core.shapes.kinds.box import Box
from viewer.project.edit_builders import add_annotation, add_label, set_status
from viewer.project.project import Project
from viewer.project.register import FrameToAdd, add_frames
from viewer.reading.series import FrameRef
from viewer.ui.window.main_window import MainWindow
from viewer.ui.window.palette import Palette

SECRETS = ("zebrano", "quokka", "okapi", "lemuria")  # names of pictures, a patient's name and id, a broken file


def picture(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    seed = len(str(path)) + path.stem.endswith("2")  # two that are alike would be one image of a project
    Image.fromarray(np.random.default_rng(seed).integers(0, 255, (64, 80)).astype(np.uint8)).save(path)
    return path


@pytest.fixture
def telling(qtbot: QtBot, home: Path, slice_writer: Callable[..., None], tmp_path: Path) -> Iterator[MainWindow]:
    """A project of two films of a patient, and opened beside it: a study, a picture, and a file that is none."""
    films = [picture(tmp_path / "films" / f"zebrano {place}.png") for place in (1, 2)]
    with Project.create(tmp_path / "project", name="Films", author="tester") as project:
        refs = [FrameRef(path=film) for film in films]
        more = {"source": "films", "patient_id": "OKAPI_7", "study_uid": "", "series_id": "", "modality": "DX"}
        add_frames(project, [FrameToAdd(ref=ref, **more) for ref in refs])
        project.history.do(add_label("Square", "region", project.labels))
        first, last = project.cases.all()
        box = Box(x0_px=5, y0_px=5, x1_px=25, y1_px=15)
        project.history.do(add_annotation(last.first_image_id, "Square", box, author="tester"))
        project.history.do(set_status(first, CaseStatus.COMPLETE))
    made = made_window(qtbot, home, tmp_path / "project")
    made.resize(1600, 1000)
    there = tmp_path / "opened"
    for place in range(2):
        slice_writer(
            there / f"lemuria_{place}.dcm", patient="OKAPI_8", study=1, series=1, place=place, frame="1.2.3",
            PatientName="Quokka^Ida", StudyDescription="okapi_8 thorax", SeriesDescription="of quokka",
        )  # fmt: skip
    picture(there / "zebrano.png")
    (there / "lemuria.dcm").write_bytes(b"this is no image at all" * 20)
    made.session.open_paths([there])
    qtbot.waitUntil(lambda: bool(made.session.problems) and not made.session.opening.scanning)
    settled(made.session)
    yield made
    made.close()
    made.deleteLater()


def cells_of(model: QAbstractItemModel, parent: QModelIndex) -> Iterator[str]:
    for row in range(model.rowCount(parent)):
        columns = 1 if isinstance(model, QAbstractListModel) else model.columnCount(parent)
        for column in range(columns):
            index = model.index(row, column, parent)
            for role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.StatusTipRole):
                yield str(index.data(role) or "")
        if not isinstance(model, QAbstractListModel):
            yield from cells_of(model, model.index(row, 0, parent))


def said_by(window: QWidget) -> str:
    """All that a window and what stands in it can say: painted, in labels, in rows and in tool tips."""
    with writing() as written:
        window.grab()
    found = [one.text for one in written] + [window.windowTitle()]
    for widget in [window, *window.findChildren(QWidget)]:
        found += [widget.toolTip(), widget.accessibleName()]
        if isinstance(widget, QLabel):
            found.append(widget.text())
        if isinstance(widget, QTextEdit):
            found.append(widget.toPlainText())
        if isinstance(widget, QAbstractItemView) and widget.model() is not None:
            found += cells_of(widget.model(), QModelIndex())
    return "\n".join(found)


def lines_that_tell(window: QWidget) -> list[str]:
    return [line for line in said_by(window).splitlines() if any(word in line.lower() for word in SECRETS)]


def test_nothing_in_the_window_says_whose_it_is(telling: MainWindow) -> None:
    session = telling.session
    for name in ("studies", "tags", "history", "report", "cases", "on_image", "measurements"):
        telling.docks.panel(name).show()
    session.set_workspace("read")
    told: dict[bool, list[str]] = {}
    for hidden in (False, True):
        session.set_names_hidden(hidden=hidden)
        lines = told.setdefault(hidden, [])
        for count in (1, 2):
            session.arrange_views(count)
            for series in session.series_list():
                session.open_series(series)
                settled(session)
                lines += lines_that_tell(telling)
        telling.banner.announce("error", f"{session.problems[0].path} cannot be shown.")
        session.said.emit(f"{session.problems[0].path.name} is no image.")
        lines += lines_that_tell(telling)
        session.set_workspace("annotate")
        for case in session.at_hand.cases.all():
            session.open_case(case.case_id)
            settled(session)
            lines += lines_that_tell(telling)
        telling.book.run("edit.undo")
        settled(session)
        lines += lines_that_tell(telling)
        telling.book.run("edit.redo")
        settled(session)
        palette = Palette(session, telling.book, telling)
        lines += [line for line in palette.lines() if any(word in line.lower() for word in SECRETS)]
        palette.setParent(None)
        palette.deleteLater()

    assert all(word in " ".join(told[False]).lower() for word in SECRETS), "else the window is asked the wrong things"
    assert sorted(set(told[True])) == []
