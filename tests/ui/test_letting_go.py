"""What an edit of many changes was made of is let go by a worker thread: it took the window's longer than a frame."""

import sys
import threading

import pytest
from pytestqt.qtbot import QtBot

from tests.waiting import settled
from viewer.core.edits import Edit
from viewer.core.shapes.kinds.box import Box
from viewer.project.edit_builders import add_annotation
from viewer.ui.flows.desk import Desk
from viewer.ui.state.edit_gate import FEW_CHANGES
from viewer.ui.state.worker import DISCARDED_AT_ONCE, Worker


def boxes(image_id: str, count: int) -> Edit:
    box = Box(x0_px=1, y0_px=2, x1_px=9, y1_px=9)
    changes = [add_annotation(image_id, "a", box, author="A").changes[0] for _ in range(count)]
    return Edit(text=f"import {count} boxes", changes=tuple(changes))


@pytest.mark.parametrize("count", [FEW_CHANGES, FEW_CHANGES + 1])  # with the change that begins its case
def test_many_changes_are_let_go_by_a_worker_and_held_by_nothing_else(
    shown_case: Desk, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    session, held = shown_case, []
    assert session.shown is not None and session.shown.image_id is not None
    monkeypatch.setattr(session.worker, "discard", held.append)

    assert session.do(boxes(session.shown.image_id, count - 1))
    settled(session)
    session.undo()
    settled(session)

    assert [len(one) for one in held] == ([] if count == FEW_CHANGES else [count, count])
    for changes in held[1:]:  # those of undo were made by it, and by nobody who asked for it
        assert {sys.getrefcount(changes[place]) for place in range(count)} == {2}


def test_a_worker_thread_lets_go_bit_by_bit(qtbot: QtBot) -> None:
    gone: list[tuple[threading.Thread, int]] = []

    class Change:
        def __del__(self) -> None:
            gone.append((threading.current_thread(), len(values)))

    worker, count = Worker(), 3 * DISCARDED_AT_ONCE
    values = [Change() for _ in range(count)]
    worker.discard(values)  # type: ignore[arg-type]
    qtbot.waitUntil(lambda: len(gone) == count)
    worker.close()

    assert threading.main_thread() not in {thread for thread, _ in gone}
    assert values == []
    assert {left for _, left in gone} == {2 * DISCARDED_AT_ONCE, DISCARDED_AT_ONCE, 0}, "others run in between"
