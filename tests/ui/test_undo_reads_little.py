"""What an undo looks up on the window's thread does not grow with what it takes back."""

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from viewer.app import make_window
from viewer.core.edits import Edit
from viewer.core.shapes.kinds.box import Box
from viewer.project import history
from viewer.project.edit_builders import add_annotation
from viewer.ui.state.settings import Settings


def test_an_import_is_taken_back_and_done_again_without_being_read_first(
    qtbot: QtBot, home: Path, project_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = make_window([project_folder], settings=Settings(home / "window.json"), author="tester")
    qtbot.addWidget(window)
    session = window.session
    qtbot.waitUntil(lambda: session.shown is not None and session.shown.case_id is not None)
    assert session.shown is not None and session.shown.image_id is not None and session.project is not None
    image_id, work = session.shown.image_id, session.project.work
    before = len(work.annotations(image_id))
    boxes = [Box(x0_px=n % 40, y0_px=2, x1_px=n % 40 + 9, y1_px=12) for n in range(50)]
    changes = [c for box in boxes for c in add_annotation(image_id, "Square", box, author="tester").changes]
    assert session.do(Edit(text="import 50 boxes", changes=tuple(changes)))
    session.edits.wait()
    assert len(work.annotations(image_id)) == before + 50

    def read_whole(_history: object) -> None:
        raise AssertionError("the whole edit was read to learn which image it is about")

    for name in ("next_undo", "next_redo"):
        monkeypatch.setattr(history.History, name, read_whole)
    session.undo()
    session.edits.wait()
    assert len(work.annotations(image_id)) == before
    session.redo()
    session.edits.wait()
    assert len(work.annotations(image_id)) == before + 50
