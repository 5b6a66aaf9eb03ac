"""A dialog that is gone before what it has asked in the background is answered: the answer is written nowhere."""

import ast
from pathlib import Path

import pytest
from PySide6.QtWidgets import QDialog
from pytestqt.exceptions import capture_exceptions
from pytestqt.qtbot import QtBot
from shiboken6 import delete

from tests.ui.scenes import Scenes, program_fonts, scenes  # noqa: F401
from tests.waiting import handled, settled
from viewer.ui.dialogs.patients import PatientsDialog
from viewer.ui.flows.desk import Desk
from viewer.ui.state.latest import Latest
from viewer.ui.state.worker import while_there

DIALOGS = Path(__file__).resolve().parents[2] / "viewer" / "ui" / "dialogs"


def test_no_dialog_is_written_to_once_it_is_gone(scenes: Scenes) -> None:  # noqa: F811
    session = scenes.window.session
    written: list[str] = []
    for make in scenes.makers():
        dialog = make()
        name = type(dialog).__name__
        dialog.show()
        if isinstance(dialog, PatientsDialog):
            dialog._look()
        with capture_exceptions() as raised:
            delete(dialog)
            settled(session)
            handled()
        written += [f"{name}: {error[1]}" for error in raised]

    assert written == []


def test_whoever_asks_latest_may_go_before_the_answer(shown_case: Desk, qtbot: QtBot) -> None:
    owner, told = QDialog(), list[object]()
    qtbot.addWidget(owner)
    latest = Latest(shown_case, told.append, owner)
    latest.ask(lambda project: project.name)
    delete(owner)

    settled(shown_case)

    assert told == []


def test_while_there_tells_as_long_as_its_owner_is_there() -> None:
    owner, told = QDialog(), list[int]()
    tell = while_there(owner, told.append)
    tell(1)
    delete(owner)
    tell(2)

    assert told == [1]


def asked_without_owner(tree: ast.Module) -> list[int]:
    """Lines of questions in the background whose answer does not say whose it is."""
    asks = [one for one in ast.walk(tree) if isinstance(one, ast.Call) and isinstance(one.func, ast.Attribute)]
    return [
        one.lineno
        for one in asks
        if isinstance(one.func, ast.Attribute) and one.func.attr == "run_in_background"
        and "owner" not in [word.arg for word in one.keywords]
    ]  # fmt: skip


@pytest.mark.parametrize("path", sorted(DIALOGS.glob("*.py")), ids=lambda path: path.stem)
def test_every_question_of_a_dialog_says_whose_answer_it_is(path: Path) -> None:
    assert asked_without_owner(ast.parse(path.read_text(encoding="utf-8"))) == []
