"""Qt's words reach the log at their own level, and the terminal stays quiet."""

import os
import subprocess
import sys

CODE = """
import logging, sys
logging.basicConfig(level=logging.INFO, stream=sys.stdout, format="%(name)s %(levelname)s %(message)s")
from PySide6.QtCore import qCritical, qWarning
from tests.waiting import LIMIT_S
from viewer.app import make_application
app = make_application(["test"])
qWarning("This plugin does not support propagateSizeHints()")
qWarning("a real warning")
qCritical("a real fault")
"""


def test_qt_messages_go_to_the_log_and_the_expected_one_is_left_out() -> None:
    env = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    made = subprocess.run([sys.executable, "-c", CODE], env=env, capture_output=True, text=True, check=True)

    assert [line for line in made.stdout.splitlines() if line.startswith("qt ")] == [
        "qt WARNING a real warning",
        "qt ERROR a real fault",
    ]
    assert "propagateSizeHints" not in made.stderr and "a real" not in made.stderr
