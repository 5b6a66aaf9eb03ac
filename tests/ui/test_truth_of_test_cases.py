"""A decision on a complete case that models are tested on says that it changes what they are judged by."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt

from tests.ui.hand import CTRL
from tests.ui.test_parts_of_cases import snapshot_of
from tests.ui.test_review_says_now import _said_otherwise
from tests.ui.test_window_lawful import opened, reviewing, strike  # noqa: F401  # opened: a fixture
from tests.waiting import settled
from viewer.project.records import Task
from viewer.ui.window.main_window import MainWindow

Key = Qt.Key


@pytest.mark.parametrize("part", ["test", "train"])
def test_before_and_after_it_is_said_that_the_truth_of_a_tested_case_changes(
    opened: Callable[..., MainWindow],  # noqa: F811
    part: str,
) -> None:
    window, _ = reviewing(opened, "two exclusive")
    session = window.session
    panel, proposed, said = _said_otherwise(window)
    assert session.project is not None
    settled(session)
    shown = session.shown
    assert shown is not None
    parts = tuple(part if one.case_id == shown.case_id else "" for one in session.project.cases.all())
    task = Task(name="Light", kind="classification", labels=(proposed, said))
    made = snapshot_of(session.project, parts, task)
    session.snapshots.read()
    settled(session)
    judged = f"in the test part of the snapshot Light {made.id[:8]}"

    before = panel.told.text()
    strike(window, Key.Key_Return)
    after = panel.told.text()

    if part != "test":
        assert before == "" and "truth" not in after
        return
    assert shown.case_id is not None
    assert session.snapshots.judged_by(shown.case_id, ("something else",)) == ""
    assert before == (
        f"This case is complete and {judged}: what is changed here changes the truth that models are judged by."
    )
    assert after.endswith(f"It is {judged}: the next snapshot judges models by the changed truth.")
    strike(window, Key.Key_Z, CTRL)
    assert panel.told.text() == before
