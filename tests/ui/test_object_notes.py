"""A person says of an object how far it is, comments on it and says which one of another case is the same."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt

from tests.ui.conftest import series_named
from tests.ui.test_objects_of_series import drag, draw_on, drawing, go, on_slice, rows
from tests.waiting import handled, settled, until
from viewer.core.shapes.objects import ObjectState
from viewer.project.objects.listing import all_objects
from viewer.ui.commands.context_menu import shape_menu
from viewer.ui.dialogs.object_notes import ObjectNotesDialog
from viewer.ui.window.main_window import MainWindow

__all__ = ["drawing"]  # a fixture


@pytest.fixture
def answered(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[ObjectNotesDialog], None]], None]:
    """The next dialog is filled by this function and kept."""

    def fill(with_words: Callable[[ObjectNotesDialog], None]) -> None:
        def run(dialog: ObjectNotesDialog) -> int:
            dialog.show()
            until(lambda: handled() or dialog.keep.isEnabled(), "the objects of the patient's other cases")
            with_words(dialog)
            dialog.keep.click()
            return 1

        monkeypatch.setattr(ObjectNotesDialog, "exec", run)

    return fill


def open_series(window: MainWindow, name: str) -> None:
    session, series = window.session, series_named(window, name)
    session.open_series(series)
    until(lambda: handled() or (session.shown is not None and session.shown.series is series), "the series")
    settled(session)


def select(window: MainWindow) -> None:
    window.session.select_shape(on_slice(window)[0].annotation_id)
    handled()


def test_a_state_and_a_comment_stand_with_the_shape_and_are_taken_back(
    drawing: MainWindow, answered: Callable[[Callable[[ObjectNotesDialog], None]], None]
) -> None:
    draw_on(drawing, (2, 3))
    select(drawing)
    assert "annotate.object_notes" in shape_menu(drawing.session)

    def say(dialog: ObjectNotesDialog) -> None:
        dialog.state.setCurrentIndex(dialog.state.findData(ObjectState.IN_QUESTION))
        dialog.comment.setText("calcified?")
        assert dialog.list.isHidden() and "No other case of this patient" in dialog.words.text()

    answered(say)
    drawing.book.run("annotate.object_notes")
    settled(drawing.session)

    assert rows(drawing)[0].startswith("nodule, 2 slices · box · ")
    assert rows(drawing)[0].endswith(" · in question: calcified?")
    go(drawing, 2)
    assert rows(drawing)[0].endswith(" · in question: calcified?"), "of the object, on each of its slices"
    go(drawing, 3)
    drawing.session.undo()
    settled(drawing.session)
    assert "in question" not in rows(drawing)[0]


def test_the_same_object_in_another_case_is_chosen_from_a_list(
    drawing: MainWindow, answered: Callable[[Callable[[ObjectNotesDialog], None]], None]
) -> None:
    project = drawing.session.project
    assert project is not None
    draw_on(drawing, (2,))
    name = drawing.session.shown.series.description if drawing.session.shown and drawing.session.shown.series else ""
    open_series(drawing, "Series 2" if name != "Series 2" else "Series 1")
    drag(drawing)
    select(drawing)
    first, second = all_objects(project)
    assert first.case_id != second.case_id

    def choose(dialog: ObjectNotesDialog) -> None:
        assert dialog.list.topLevelItemCount() == 1
        item = dialog.list.topLevelItem(0)
        assert item is not None and item.text(1) == first.case
        item.setCheckState(0, Qt.CheckState.Checked)

    answered(choose)
    drawing.book.run("annotate.object_notes")
    settled(drawing.session)

    assert [[one.key for one in row.linked] for row in all_objects(project)] == [[second.key], [first.key]]
    assert rows(drawing)[0].endswith(f" · as in {first.case}"), "of one study, so the case is named"

    def unchoose(dialog: ObjectNotesDialog) -> None:
        item = dialog.list.topLevelItem(0)
        assert item is not None and item.checkState(0) == Qt.CheckState.Checked
        item.setCheckState(0, Qt.CheckState.Unchecked)

    answered(unchoose)
    drawing.book.run("annotate.object_notes")
    settled(drawing.session)
    assert [row.linked for row in all_objects(project)] == [(), ()]
