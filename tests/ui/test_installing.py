"""The window that start.py opened says how far the AI part is, and when it is there."""

import json
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from viewer.ui.flows.installing import show_installation
from viewer.ui.window.main_window import MainWindow


def _write(file: Path, state: str, text: str, fraction: float = 0.0) -> None:
    file.write_text(json.dumps({"state": state, "text": text, "fraction": fraction}))


@pytest.fixture
def status(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "ai-status.json"
    monkeypatch.setenv("NEGATOSCOPE_AI_STATUS", str(file))
    return file


def test_progress_stands_in_the_status_bar_until_the_extra_is_there(
    window: MainWindow, qtbot: QtBot, status: Path
) -> None:
    notice = show_installation(window.session, window)
    assert notice is not None
    _write(status, "installing", "Collecting torch", 0.42)
    qtbot.waitUntil(lambda: "42 %" in notice.words.text())
    assert notice.bar.value() == 42
    assert "Collecting torch" in notice.toolTip()

    with qtbot.waitSignal(window.session.announced) as said:
        _write(status, "ready", "The AI part is installed.")

    assert said.args is not None
    assert said.args[0] == "info"
    assert "ready" in said.args[1]
    assert notice.isHidden()


def test_a_failed_installation_is_told_with_its_reason(window: MainWindow, qtbot: QtBot, status: Path) -> None:
    show_installation(window.session, window)

    with qtbot.waitSignal(window.session.announced) as said:
        _write(status, "failed", "pip could not reach the index.")

    assert said.args is not None
    assert said.args[0] == "warn"
    assert "pip could not reach the index." in said.args[1]


def test_half_written_status_waits_for_the_next_look(window: MainWindow, status: Path) -> None:
    status.write_text('{"state": "inst')
    notice = show_installation(window.session, window)

    assert notice is not None
    assert not notice.isHidden()


def test_without_start_py_nothing_is_shown(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NEGATOSCOPE_AI_STATUS", raising=False)

    assert show_installation(window.session, window) is None
