"""A window that may only read a project follows what another one keeps in it."""

from pathlib import Path

from pytestqt.qtbot import QtBot

from viewer.app import make_window
from viewer.core.shapes.annotations import CaseStatus
from viewer.core.shapes.kinds.box import Box
from viewer.project.edit_builders import add_annotation, set_status
from viewer.project.project import Project
from viewer.ui.state.settings import Settings


def test_what_another_window_keeps_is_seen(qtbot: QtBot, home: Path, project_folder: Path) -> None:
    """Its shapes come onto the image, its cases into the list, without anything being pressed here."""
    with Project.open(project_folder, writable=True, author="Ada") as other:
        window = make_window([project_folder], settings=Settings(home / "window.json"), author="Bob")
        qtbot.addWidget(window)
        session = window.session
        qtbot.waitUntil(lambda: session.shown is not None and session.shown.case_id is not None)
        assert session.project is not None and session.project.read_only
        assert session.shown is not None and session.shown.image_id is not None and session.shown.case_id is not None
        image_id, case_id = session.shown.image_id, session.shown.case_id
        before = len(session.at_hand.work.annotations(image_id))

        other.history.do(add_annotation(image_id, "Square", Box(x0_px=2, y0_px=3, x1_px=30, y1_px=20), author="Ada"))
        other.history.do(set_status(other.cases.get(case_id), CaseStatus.COMPLETE))

        qtbot.waitUntil(lambda: session.at_hand.cases.get(case_id).status is CaseStatus.COMPLETE)
        qtbot.waitUntil(lambda: len(session.active_view.work.annotations) == before + 1)
        window.close()
