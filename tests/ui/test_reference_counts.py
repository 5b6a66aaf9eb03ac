"""PySide6 6.12.0 on Python 3.11 drops a reference of None on every void call and of True on every emit.

After enough of them the interpreter aborts; this sees the drift long before.
"""

import sys

import pytest
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

CALLS = 2000
# Python 3.12 made these objects immortal: their count no longer moves, and the check cannot fail there.
SLACK = 200


class _Sender(QObject):
    said = Signal(bool)


def _drift(action: object, value: object) -> int:
    before = sys.getrefcount(value)
    for _ in range(CALLS):
        action()  # type: ignore[operator]
    return abs(sys.getrefcount(value) - before)


def test_void_calls_do_not_lose_references_of_none(qtbot: QtBot) -> None:
    widget = QWidget()
    qtbot.addWidget(widget)

    assert _drift(widget.update, None) < SLACK


def test_emits_do_not_lose_references_of_true(qtbot: QtBot) -> None:
    sender = _Sender()
    sender.said.connect(lambda _value: None)

    assert _drift(lambda: sender.said.emit(True), True) < SLACK


@pytest.mark.parametrize("lost", [None, True])
def test_the_check_itself_sees_a_lost_reference(lost: object) -> None:
    if sys.version_info >= (3, 12):
        assert sys.getrefcount(lost) > 2**30  # immortal
        return
    kept: list[object] = []

    assert _drift(lambda: kept.append(lost), lost) >= CALLS - SLACK
