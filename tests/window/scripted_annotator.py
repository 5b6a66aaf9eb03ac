"""A child for the kill campaign: a real window that annotates by mouse and keys until it is killed.

Called with PROJECT SEED. Prints "kept N" whenever N gestures have been told as kept (their commit has returned).
"""

import os
import random
import sys
import time
from pathlib import Path

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from viewer.app import make_application, make_window
from viewer.project.project import Project
from viewer.ui.state.settings import Settings

WAIT_S = float(os.environ.get("NEGATOSCOPE_TEST_LIMIT_S", "600"))  # as in tests/waiting.py


def main() -> None:
    """Open the project's first case and draw for ever."""
    folder, rng = Path(sys.argv[1]), random.Random(int(sys.argv[2]))
    app = make_application(sys.argv[:1])
    window = make_window([folder], settings=Settings(folder.parent / "settings.ini"))
    session = window.session
    kept = 0

    def on_kept(_edit: object) -> None:
        nonlocal kept
        kept += 1
        sys.stdout.write(f"kept {kept}\n")
        sys.stdout.flush()

    session.work_changed.connect(on_kept)

    def until(holds: object) -> None:
        end = time.monotonic() + WAIT_S
        while not holds():  # type: ignore[operator]
            if time.monotonic() > end:
                raise TimeoutError("the window did not come to the first case")
            app.processEvents()
            time.sleep(0.005)

    until(lambda: isinstance(session.project, Project) and session.project.folder == folder)
    session.set_workspace("annotate")
    session.open_case(session.project.cases.all()[0].case_id)
    until(lambda: session.shown is not None and session.shown.image_id is not None)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    while True:
        _gesture(session.active_view, rng)
        app.processEvents()


def _gesture(view: QWidget, rng: random.Random) -> None:
    """One box, stroke, undo or redo, by the keys and buttons that a person uses."""
    what = rng.choices(["box", "brush", "undo", "redo"], [5, 5, 2, 1])[0]
    middle = view.rect().center()

    def point() -> QPoint:
        return middle + QPoint(rng.randint(-160, 160), rng.randint(-160, 160))

    if what in ("undo", "redo"):
        QTest.keyClick(view, Qt.Key.Key_Z if what == "undo" else Qt.Key.Key_Y, Qt.KeyboardModifier.ControlModifier)
        return
    QTest.keyClick(view, Qt.Key.Key_B if what == "box" else Qt.Key.Key_R)
    start, end = point(), point()
    QTest.mousePress(view, Qt.MouseButton.LeftButton, pos=start)
    for step in range(1, 6):
        QTest.mouseMove(view, start + (end - start) * step / 5)
        QTest.qWait(1)
    QTest.mouseRelease(view, Qt.MouseButton.LeftButton, pos=end)


if __name__ == "__main__":
    main()
