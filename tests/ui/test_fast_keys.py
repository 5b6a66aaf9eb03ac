"""Keys that come faster than cases are brought: none is lost."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from tests.ui.conftest import write_films
from tests.ui.hand import press
from tests.waiting import settled
from viewer.app import make_window
from viewer.ui.state import keeping
from viewer.ui.state.settings import Settings


@pytest.mark.parametrize("keys", ["DDDDD", "DDDDDAAA", "DADADDD", "DDDDDDDAAAAAAA"])
def test_each_key_goes_one_case_on_though_none_was_brought_yet(
    qtbot: QtBot, home: Path, project_folder: Path, monkeypatch: pytest.MonkeyPatch, keys: str
) -> None:
    """Two of sixteen bursts of a quick hand ended a case short: each key began at the case that was still shown."""
    window = make_window([project_folder], settings=Settings(home / "window.json"), author="tester")
    qtbot.addWidget(window)
    session = window.session
    qtbot.waitUntil(lambda: session.shown is not None and session.shown.case_id is not None)
    window.enter("annotate")
    settled(session)
    order = session.cases.order()
    session.open_case(order[0])
    settled(session)
    monkeypatch.setattr(keeping, "MOST_CASES", 0)
    session.keeping.open_case(order[0])
    session.keeping.bring(["elsewhere"])  # with it all cases go that are kept no longer
    qtbot.waitUntil(lambda: session.at_hand.images.known("elsewhere"))
    assert session.at_hand.cases.at_hand(order[1]) is None

    place = 0
    window.focus_image()
    for key in keys:
        press(window, Qt.Key.Key_D if key == "D" else Qt.Key.Key_A)
        place = min(len(order) - 1, max(0, place + (1 if key == "D" else -1)))
    settled(session)

    assert session.shown is not None and session.shown.case_id == order[place]


def test_a_case_that_is_on_its_way_does_not_replace_what_was_opened_since(
    qtbot: QtBot, home: Path, project_folder: Path, tmp_path: Path
) -> None:
    """A project's first case arrived after the study that a person had opened since, and took its place."""
    window = make_window([project_folder], settings=Settings(home / "window.json"), author="tester")
    qtbot.addWidget(window)
    session = window.session
    qtbot.waitUntil(lambda: session.shown is not None and session.shown.case_id is not None)
    settled(session)
    write_films(tmp_path / "since", 1)
    session.open_paths([tmp_path / "since"])
    settled(session)
    (since,) = [one for one in session.series_list() if one.folder == tmp_path / "since"]
    order = session.cases.order()
    far = next(one for one in order if session.at_hand.cases.at_hand(one) is None)

    session.open_case(far)  # it has to be brought first
    session.open_series(since)
    settled(session)

    assert session.shown is not None and session.shown.ref in since.frames
