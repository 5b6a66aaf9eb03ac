"""The one place of waiting: for a condition, with one generous limit; never for a time, never for an absence.

A limit only says when a test gives up. It is far above what the busiest machine needs, so that no load makes a test
red; a test whose condition comes does not wait for it. `NEGATOSCOPE_TEST_LIMIT_S` names another.
"""

import os
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from viewer.ui.flows.desk import Desk

LIMIT_S = float(os.environ.get("NEGATOSCOPE_TEST_LIMIT_S", "600"))
LIMIT_MS = round(1000 * LIMIT_S)
LOOK_S = 0.02
TURNS = 10  # a layout that asks for a layout, a paint that asks for a paint: each takes a turn of the event loop


def until(found: Callable[[], Any], what: str) -> Any:
    """Look until something is found, outside of any event loop. what: the words of the failure."""
    end = time.monotonic() + LIMIT_S
    while not (value := found()):
        assert time.monotonic() < end, f"{what} did not come within {LIMIT_S:.0f} s"
        time.sleep(LOOK_S)
    return value


def handled() -> None:
    """Everything that was posted to the window's thread is done: layouts, paints, queued signals, timers of 0 ms."""
    from PySide6.QtCore import QCoreApplication

    for _ in range(TURNS):
        QCoreApplication.sendPostedEvents()
        QCoreApplication.processEvents()


def is_shut(dialog: Any) -> bool:
    """Whether a dialog is closed; it may be gone by then."""
    from shiboken6 import isValid

    return not (isValid(dialog) and dialog.isVisible())


def settled(session: "Desk") -> None:
    """Nothing is going on any more: no background job, nothing being written or read, no answer on its way.

    What has not happened after this does not happen: the only way to see that something is absent.
    """
    quiet = 0
    end = time.monotonic() + LIMIT_S
    while quiet < 2:
        handled()
        quiet = 0 if _busy(session) else quiet + 1
        assert time.monotonic() < end, f"the session was still at work after {LIMIT_S:.0f} s"
        if not quiet:
            time.sleep(LOOK_S)


def _busy(session: "Desk") -> bool:
    ahead = session.cases.is_looking_ahead
    return session.worker.is_busy or session.opening.scanning or session.edits.is_pending or ahead


def patient_bot(request: Any) -> Any:
    """pytest-qt's robot, whose every wait has the one limit."""
    from pytestqt.qtbot import QtBot

    class PatientBot(QtBot):
        """Waits take no limit of their own: a limit per test is a guess about the machine."""

    for name in ("waitUntil", "waitSignal", "waitSignals", "waitExposed", "waitActive", "waitCallback"):
        setattr(PatientBot, name, _patient(getattr(QtBot, name)))
    return PatientBot(request)


def _patient(wait: Callable[..., Any]) -> Callable[..., Any]:
    def patient(*arguments: Any, **options: Any) -> Any:
        return wait(*arguments, **{"timeout": LIMIT_MS, **options})

    return patient
