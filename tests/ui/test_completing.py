"""Completing a case with labels that nobody answered: it is accepted, and said."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from pytestqt.qtbot import QtBot

from tests.ui.hand import CTRL, SHIFT, press
from tests.waiting import settled
from viewer.app import make_window
from viewer.core.labels import Verdict
from viewer.core.shapes.annotations import CaseStatus
from viewer.project.edit_builders import say_image_label, set_status
from viewer.project.project import Project
from viewer.project.records import Task
from viewer.ui.state.settings import Settings
from viewer.ui.window.main_window import MainWindow


@pytest.fixture
def annotating(qtbot: QtBot, home: Path, project_folder: Path) -> Iterator[MainWindow]:
    """The window on the project of eight films, two whole-image labels (Bright, Dark) and one task of both."""
    with Project.open(project_folder, writable=True) as project:
        project.tasks.put(Task(name="Looks", kind="classification", labels=("Bright", "Dark"), exclusive=False))
    made = make_window([project_folder], settings=Settings(home / "window.ini"), author="tester")
    made.activateWindow()
    qtbot.waitUntil(lambda: made.session.shown is not None and made.session.shown.case_id is not None)
    qtbot.waitUntil(made.isActiveWindow)
    yield made
    made.close()
    made.deleteLater()


def say(window: MainWindow, *names: str) -> None:
    """Answer whole-image labels of the shown film with no."""
    shown = window.session.shown
    assert shown is not None and shown.image_id is not None
    for name in names:
        assert window.session.do(say_image_label(shown.image_id, name, before=None, after=Verdict.NO))


def complete(window: MainWindow) -> str:
    """Press Ctrl+Return; returns what the status line says then."""
    project, before = window.session.project, window.session.shown
    assert project is not None and before is not None and before.case_id is not None
    window.focus_image()
    press(window, Qt.Key.Key_Return, CTRL)
    window.session.edits.wait()
    assert project.cases.get(before.case_id).status is CaseStatus.COMPLETE
    return str(window.statusBar()._mouse.text())


def test_labels_that_nobody_answered_are_counted_when_a_case_is_completed(annotating: MainWindow) -> None:
    assert complete(annotating) == "P0 · film_0.png is complete: 2 of 2 image labels are not answered."


def test_one_label_of_two_is_counted_in_the_singular(annotating: MainWindow) -> None:
    say(annotating, "Bright")

    assert complete(annotating) == "P0 · film_0.png is complete: 1 of 2 image labels is not answered."


def test_nothing_is_said_where_every_label_is_answered(annotating: MainWindow) -> None:
    say(annotating, "Bright", "Dark")

    assert "not answered" not in complete(annotating)


def test_labels_of_no_task_are_not_asked_for(annotating: MainWindow) -> None:
    project = annotating.session.project
    assert project is not None
    project.tasks.put(Task(name="Looks", kind="classification", labels=("Dark",), exclusive=False))
    say(annotating, "Dark")

    assert "not answered" not in complete(annotating)


def test_the_film_that_cannot_be_complete_is_named_with_the_labels_that_are_missing(annotating: MainWindow) -> None:
    session, heard = annotating.session, []  # type: ignore[var-annotated]
    assert session.project is not None
    session.project.tasks.put(Task(name="Light", kind="classification", labels=("Bright", "Dark"), exclusive=True))
    session.announced.connect(lambda _level, sentence: heard.append(sentence))
    settled(session)  # the names of its case are at hand

    annotating.book.run("annotate.complete")
    session.edits.wait()
    session.set_names_hidden(hidden=True)
    annotating.book.run("annotate.complete")
    session.edits.wait()

    rest = "cannot be complete yet: none of “Bright”, “Dark” is said."
    assert heard[0].startswith(f"P0 · film_0.png {rest}")
    assert heard[-1].startswith(f"This case {rest}")


def test_a_change_of_a_complete_case_names_its_film(annotating: MainWindow) -> None:
    session, said = annotating.session, []  # type: ignore[var-annotated]
    assert session.project is not None
    case = session.project.cases.all()[0]
    assert session.do(set_status(case, CaseStatus.COMPLETE))
    session.said.connect(said.append)

    say(annotating, "Bright")
    session.edits.wait()

    assert said == ["P0 · film_0.png is complete, and stays so with this change."]


def test_a_refusal_names_each_label_with_the_key_that_says_it_and_the_key_does(annotating: MainWindow) -> None:
    session, heard = annotating.session, []  # type: ignore[var-annotated]
    assert session.project is not None and session.shown is not None and session.shown.case_id is not None
    session.project.tasks.put(Task(name="Light", kind="classification", labels=("Bright", "Dark"), exclusive=True))
    session.announced.connect(lambda _level, sentence: heard.append(sentence))
    case_id = session.shown.case_id
    annotating.enter("annotate")
    annotating.focus_image()

    press(annotating, Qt.Key.Key_Return, CTRL)
    session.edits.wait()

    named = re.findall(r"(Shift\+\w) for “(\w+)”", heard[-1])
    assert [label for _, label in named] == ["Bright", "Dark"]
    for keys, label in named:
        bound = [row for row in annotating.book.rows.values() if keys in row.shortcuts and row.text_when is not None]
        assert [row.text_when(session.situation()) for row in bound if row.text_when] == [label]
    press(annotating, QKeySequence(named[1][0])[0].key(), SHIFT)
    press(annotating, Qt.Key.Key_Return, CTRL)
    session.edits.wait()
    assert session.project.cases.get(case_id).status is CaseStatus.COMPLETE
