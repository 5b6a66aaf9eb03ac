"""How far the `ai` extra is, while `start.py` installs it behind the open window.

`start.py` names a file in $NEGATOSCOPE_AI_STATUS and replaces it as it goes on:
{"state": "installing" | "ready" | "failed", "text": one sentence, "fraction": 0 to 1}.
"""

import importlib
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QHBoxLayout, QMainWindow, QProgressBar, QWidget

from viewer.ui.look.chips import text_label
from viewer.ui.look.plain_text import set_text, set_tip

if TYPE_CHECKING:
    from viewer.ui.state.session import Session

STATUS_VARIABLE = "NEGATOSCOPE_AI_STATUS"
POLL_MS = 500


class InstallNotice(QWidget):
    """A word and a bar in the status bar; it goes when the installation ends, and the banner says how."""

    def __init__(self, session: "Session", file: Path) -> None:
        super().__init__()
        self._session = session
        self._file = file
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 0, 0, 0)
        row.setSpacing(8)
        self.words = text_label("Installing the AI part", "rowmid")
        self.bar = QProgressBar()
        self.bar.setRange(0, 100)
        self.bar.setTextVisible(False)
        self.bar.setFixedSize(90, 6)
        row.addWidget(self.words)
        row.addWidget(self.bar)
        self._timer = QTimer(self)
        self._timer.setInterval(POLL_MS)
        self._timer.timeout.connect(self.look)
        self._timer.start()
        self.look()

    def look(self) -> None:
        """Read the file once."""
        try:
            facts = json.loads(self._file.read_text(encoding="utf-8"))
            state, text, share = str(facts["state"]), str(facts["text"]), float(facts.get("fraction", 0))
        except (OSError, ValueError, KeyError, TypeError):
            return  # not there yet; the next look finds it
        if state == "installing":
            self.bar.setValue(round(100 * share))
            set_text(self.words, f"Installing the AI part: {round(100 * share)} %")
            set_tip(self, f"{text}\nTrain and Review AI wait for it; reading and annotating do not.")
            return
        self._timer.stop()
        self.hide()
        if state == "ready":
            # The finders remember which folders held what when the window was opened.
            importlib.invalidate_caches()
            self._session.announced.emit("info", "The AI part is installed. Train and Review AI are ready.")
        else:
            self._session.announced.emit("warn", f"The AI part is not installed; reading and annotating work. {text}")
        self._session.tell_situation()


def show_installation(session: "Session", window: QMainWindow) -> InstallNotice | None:
    """Put the notice into the status bar when `start.py` installs behind this window."""
    named = os.environ.get(STATUS_VARIABLE)
    if not named:
        return None
    notice = InstallNotice(session, Path(named))
    window.statusBar().insertPermanentWidget(1, notice)  # after what the mouse does
    return notice
