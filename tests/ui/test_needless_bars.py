"""No panel and no dialog has a scroll bar over nothing: what is around words, and room that is kept, is no reason."""

from pathlib import Path

import pytest
from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QScreen
from pytestqt.qtbot import QtBot

from tests.ui.kept_library import keep_library_answers
from tests.ui.needless import needless_bars
from tests.ui.scenes import Scenes, program_fonts  # noqa: F401
from tests.ui.test_docks_room import standing
from tests.waiting import handled, settled
from viewer.project.project import Project
from viewer.ui.look.theme import Theme
from viewer.ui.state.situation import WORKSPACES
from viewer.ui.window.main_window import MainWindow

NEED_MORE = 8  # dialogs of what a project with little in it has not: an object, a snapshot (two), a run (five)


@pytest.mark.usefixtures("program_fonts")
@pytest.mark.parametrize(("size", "scale"), [((1280, 720), 1.5), ((1280, 720), 1.0), ((1600, 1000), 1.0)])
def test_no_scroll_bar_is_over_nothing(
    window: MainWindow,
    project_folder: Path,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
    size: tuple[int, int],
    scale: float,
) -> None:
    """Films with nothing drawn, no model, no snapshot: as after the first import."""
    keep_library_answers()
    monkeypatch.setattr(QScreen, "availableSize", lambda _: QSize(*size))
    monkeypatch.setattr(QScreen, "availableGeometry", lambda _: QRect(0, 0, *size))
    session, found = window.session, []
    project = Project.open(project_folder, writable=True, author="tester")
    session.open_project(project)
    session.open_case(project.cases.all()[0].case_id)
    qtbot.waitUntil(lambda: session.shown is not None)
    window.resize(*size)
    session.set_theme(Theme(name="dark", font_scale=scale))

    for space in WORKSPACES:
        window.enter(space)
        if space == "annotate":  # what the next stroke goes to takes a row of On this image
            window.book.actions["tool.brush.annotate"].trigger()
        settled(session)
        found += [f"{space}: {line}" for line in needless_bars(window)]
        docks = standing(window)
        for low in docks:  # a hand leaves one after the other as little as it can do with
            window.resizeDocks(docks, [1 if dock is low else 400 for dock in docks], Qt.Orientation.Vertical)
            settled(session)
            found += [f"{space}, low {low.objectName()}: {line}" for line in needless_bars(window)]
    window.enter("read")
    for name, _ in window.docks.titles():
        was_open = window.docks.is_open(name)
        window.docks.bring(name)
        settled(session)
        found += [f"{name}: {line}" for line in needless_bars(window)]
        if not was_open:
            window.docks.toggle(name)
    lacking = 0
    for make in Scenes(window, qtbot).makers():
        try:
            dialog = make()
        except (IndexError, StopIteration):
            lacking += 1
            continue
        dialog.show()
        settled(session)
        handled()
        found += list(needless_bars(dialog))
        dialog.close()
        handled()

    assert found == []
    assert lacking == NEED_MORE
