"""A hand at mouse and keyboard of the real window, through the X server (xdotool), on a screen of its own (Xvfb)."""

import itertools
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
WIDTH, HEIGHT = 1600, 1000
WAIT_S = 120.0


def on_a_screen_of_its_own(script: str, arguments: Sequence[str]) -> int:
    """Run a script again under Xvfb, with a home of its own."""
    number = next(n for n in range(90, 200) if not Path(f"/tmp/.X11-unix/X{n}").exists())
    screen = subprocess.Popen(["Xvfb", f":{number}", "-screen", "0", f"{WIDTH}x{HEIGHT}x24", "-nolisten", "tcp"])
    manager: subprocess.Popen[bytes] | None = None
    try:
        with tempfile.TemporaryDirectory(prefix="negatoscope-pictures-") as home:
            env = {k: v for k, v in os.environ.items() if not k.startswith(("XDG_", "WAYLAND", "PYTHON"))}
            env |= {"DISPLAY": f":{number}", "QT_QPA_PLATFORM": "xcb", "HOME": home, "NEGATOSCOPE_PICTURES": "1"}
            env |= {"PYTHONPATH": str(ROOT), "PYTHONNOUSERSITE": "1"}
            time.sleep(1.5)
            # Without a window manager a closed dialog leaves the keyboard to nobody.
            manager = subprocess.Popen(["matchbox-window-manager", "-use_titlebar", "no"], env=env)
            time.sleep(0.5)
            return subprocess.run([sys.executable, script, *arguments], env=env, check=False).returncode
    finally:
        if manager is not None:
            manager.terminate()
        screen.terminate()
        screen.wait()


class Hand:
    """A hand at the mouse and keyboard, on a thread of its own; it asks the window's thread only where things are."""

    def __init__(self, out: Path) -> None:
        from PySide6.QtCore import QObject, Signal

        class Asker(QObject):
            asked = Signal(object)

        self.out = out
        self._asker = Asker()
        self._asker.asked.connect(lambda action: action())

    def ask(self, question: Callable[[], Any]) -> Any:
        """Answer a question on the window's thread, also while a dialog is open."""
        answer: list[Any] = []
        done = threading.Event()

        def action() -> None:
            try:
                answer.append(question())
            except Exception as error:  # noqa: BLE001  # handed on to the thread that asked
                answer.append(error)
            done.set()

        self._asker.asked.emit(action)
        if not done.wait(60):
            raise TimeoutError("the window does not answer")
        if isinstance(answer[0], Exception):
            raise answer[0]
        return answer[0]

    def until(self, holds: Callable[[], Any], what: str, *, wait_s: float = WAIT_S) -> None:
        """Wait until something holds."""
        end = time.monotonic() + wait_s
        while not self.ask(holds):
            if time.monotonic() > end:
                self.picture("stuck.png")
                raise TimeoutError(f"{what} did not come")
            time.sleep(0.1)

    def xdo(self, *words: object) -> None:
        """One action through the X server."""
        subprocess.run(["xdotool", *map(str, words)], check=True)
        time.sleep(0.12)

    def key(self, *names: str) -> None:
        """Press and release keys, one after the other."""
        for name in names:
            self.xdo("key", "--clearmodifiers", name)

    def type(self, text: str) -> None:
        """Type a text."""
        self.xdo("type", "--delay", "8", text)
        time.sleep(0.2)

    def at(self, widget: Any, x: float = 0.5, y: float = 0.5) -> tuple[int, int]:
        """A point of a widget on the screen, in fractions of its size."""
        from PySide6.QtCore import QPoint

        def place() -> tuple[int, int]:
            point = widget.mapToGlobal(QPoint(int(widget.width() * x), int(widget.height() * y)))
            return point.x(), point.y()

        return self.ask(place)

    def click(self, widget: Any, x: float = 0.5, y: float = 0.5) -> None:
        """Click on a widget."""
        self.xdo("mousemove", *self.at(widget, x, y))
        self.xdo("click", 1)

    def drag(self, widget: Any, points: Sequence[tuple[float, float]], *, steps: int = 8) -> None:
        """Drag along points, given in fractions of the widget."""
        places = [self.at(widget, x, y) for x, y in points]
        self.xdo("mousemove", *places[0])
        self.xdo("mousedown", 1)
        for (x0, y0), (x1, y1) in itertools.pairwise(places):
            for step in range(1, steps + 1):
                self.xdo("mousemove", x0 + (x1 - x0) * step // steps, y0 + (y1 - y0) * step // steps)
        self.xdo("mouseup", 1)
        time.sleep(0.3)

    def command(self, words: str) -> None:
        """Run a command by the palette."""
        self.key("ctrl+k")
        time.sleep(0.4)
        self.type(words)
        self.key("Return")
        time.sleep(0.4)

    def picture(self, name: str) -> None:
        """What the X server shows, at 100 %."""
        time.sleep(1.0)
        self.xdo("mousemove", WIDTH - 3, HEIGHT - 12)
        from PySide6.QtWidgets import QApplication

        def grab() -> bool:
            return bool(QApplication.primaryScreen().grabWindow(0).save(str(self.out / name)))

        self.ask(grab)
        sys.stdout.write(f"{name}\n")
        sys.stdout.flush()
