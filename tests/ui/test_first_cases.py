"""A project without a case says both ways to the first ones: what is open, and a table of labels with its images."""

from pathlib import Path

from pytestqt.qtbot import QtBot

from tests.waiting import settled
from viewer.project.project import Project
from viewer.ui.flows.desk import Desk
from viewer.ui.panels.cases.panel import CasesPanel


def test_an_empty_project_names_the_import_too(qtbot: QtBot, session: Desk, tmp_path: Path) -> None:
    """Offered alone, adding what is open put the sample study that opens at first into a project of other films."""
    panel = CasesPanel(session)
    qtbot.addWidget(panel)
    Project.create(tmp_path / "empty", author="tester").close()

    session.open_project(Project.open(tmp_path / "empty", writable=True, author="tester"))
    settled(session)

    assert panel.stack.currentWidget() is panel.empty
    said = panel.empty._label.text()
    assert (
        said.startswith("No cases yet.") and "import labels together with their images (menu Dataset, Ctrl+I)" in said
    )
