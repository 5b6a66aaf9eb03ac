"""The list of what is on the image, and the journal beside it."""

from datetime import UTC, datetime, timedelta

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QFontMetrics
from pytestqt.qtbot import QtBot

from tests.ui.painted import words_of
from tests.waiting import settled
from viewer.core.shapes.annotations import Origin
from viewer.core.shapes.kinds.box import Box
from viewer.project.edit_builders import add_annotation
from viewer.ui.flows.desk import Desk
from viewer.ui.look.plain_text import words_width
from viewer.ui.panels.history import HistoryPanel, age_words
from viewer.ui.panels.on_image import OnImagePanel


def draw(session: Desk, label: str = "Square", origin: Origin = Origin.PERSON) -> str:
    project, shown = session.project, session.shown
    assert project is not None and shown is not None and shown.image_id is not None
    box = Box(x0_px=5, y0_px=5, x1_px=25, y1_px=15)
    assert session.do(add_annotation(shown.image_id, label, box, author="tester", origin=origin))
    session.edits.wait()
    return project.work.annotations(shown.image_id)[-1].annotation_id


def on_image(qtbot: QtBot, session: Desk) -> OnImagePanel:
    panel = OnImagePanel(session)
    qtbot.addWidget(panel)
    panel.resize(300, 300)
    panel.show()
    return panel


def words(panel: OnImagePanel | HistoryPanel) -> list[str]:
    model = panel.list.model()
    return [model.index(place, 0).data() for place in range(model.rowCount())]


def test_the_list_says_shape_size_and_origin(qtbot: QtBot, shown_case: Desk) -> None:
    panel = on_image(qtbot, shown_case)
    assert panel.stack.currentWidget() is panel.empty

    draw(shown_case, origin=Origin.ACCEPTED)

    assert words(panel) == ["Square, box · 20 × 10 px, from AI"]


def test_a_click_on_the_eye_hides_the_shape_and_deletes_nothing(qtbot: QtBot, shown_case: Desk) -> None:
    panel = on_image(qtbot, shown_case)
    drawn = draw(shown_case)
    row = panel.list.visualRect(panel.list.model().index(0, 0))

    qtbot.mouseClick(panel.list.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(row.right() - 12, row.center().y()))

    assert shown_case.hidden_ids == {drawn}
    assert len(words(panel)) == 1


def test_delete_removes_the_selected_row_and_undo_brings_it_back(qtbot: QtBot, shown_case: Desk) -> None:
    panel = on_image(qtbot, shown_case)
    draw(shown_case)
    row = panel.list.visualRect(panel.list.model().index(0, 0))

    qtbot.mouseClick(panel.list.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(40, row.center().y()))
    qtbot.keyClick(panel.list, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: not words(panel))

    shown_case.undo()
    qtbot.waitUntil(lambda: len(words(panel)) == 1)


def test_a_click_selects_the_shape_in_the_view(qtbot: QtBot, shown_case: Desk) -> None:
    panel = on_image(qtbot, shown_case)
    drawn = draw(shown_case)
    row = panel.list.visualRect(panel.list.model().index(0, 0))

    qtbot.mouseClick(panel.list.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(40, row.center().y()))

    assert shown_case.selected_shape == drawn


def test_a_shape_can_be_selected_again_after_another_image(qtbot: QtBot, shown_case: Desk) -> None:
    on_image(qtbot, shown_case)
    drawn = draw(shown_case)
    shown_case.select_shape(drawn)

    with qtbot.waitSignal(shown_case.image_shown):
        shown_case.case_step(1)
    assert shown_case.selected_shape == ""
    with qtbot.waitSignal(shown_case.image_shown):
        shown_case.case_step(-1)
    with qtbot.waitSignal(shown_case.shape_selected):
        shown_case.select_shape(drawn)

    assert shown_case.active_view.overlay_settings.selected_id == drawn


def test_history_names_each_gesture_and_marks_the_undone_ones(qtbot: QtBot, shown_case: Desk) -> None:
    panel = HistoryPanel(shown_case)
    qtbot.addWidget(panel)
    draw(shown_case)
    draw(shown_case, "Lung")

    shown_case.undo()
    settled(shown_case)

    first, second = words(panel)[:2]
    assert "Lung" in first and first.endswith("(undone)")
    assert "Square" in second and not second.endswith("(undone)")


def test_history_is_there_again_after_a_restart(qtbot: QtBot, shown_case: Desk) -> None:
    draw(shown_case)

    panel = HistoryPanel(shown_case)
    qtbot.addWidget(panel)
    settled(shown_case)

    assert "Square" in words(panel)[0]


@pytest.mark.parametrize(("seconds", "said"), [(0.5, "now"), (44, "44 s"), (700, "12 min")])
def test_ages_are_said_in_few_words(seconds: float, said: str) -> None:
    now = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)

    assert age_words((now - timedelta(seconds=seconds)).isoformat(), now) == said


def test_what_was_done_last_is_in_view_however_the_list_was_scrolled(qtbot: QtBot, shown_case: Desk) -> None:
    panel = HistoryPanel(shown_case)
    qtbot.addWidget(panel)
    panel.resize(300, 200)
    panel.show()

    def newest_is_seen(label: str) -> bool:
        place = next(n for n, row in enumerate(words(panel)) if not row.endswith("(undone)"))
        rect = panel.list.visualRect(panel.list.model().index(place, 0))
        return label in words(panel)[place] and panel.list.viewport().rect().contains(rect)

    for label in "ABCDEFGHIJKL":
        draw(shown_case, label)
    settled(shown_case)
    for _ in range(7):
        shown_case.undo()
        settled(shown_case)
    qtbot.waitUntil(lambda: newest_is_seen("E"))

    draw(shown_case, "new")  # what was undone is gone: the list is shorter than where it was scrolled to
    settled(shown_case)
    qtbot.waitUntil(lambda: newest_is_seen("new"))

    panel.list.scrollToBottom()
    draw(shown_case, "newer")
    settled(shown_case)
    qtbot.waitUntil(lambda: newest_is_seen("newer"))

    panel.list.scrollToBottom()
    panel.hide()
    panel.show()
    qtbot.waitUntil(lambda: newest_is_seen("newer"))


def test_a_gesture_s_own_words_come_before_the_name_of_its_film(
    qtbot: QtBot, shown_case: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw(shown_case, "Consolidation of the lower lobe")
    panel = HistoryPanel(shown_case)
    qtbot.addWidget(panel)
    settled(shown_case)
    film = "a film with a long name 0001.jpg"
    monkeypatch.setattr("viewer.ui.panels.history.entry_about", lambda session, entry: film)
    own, _, rest = words(panel)[0].partition(", ")
    assert "Consolidation of the lower lobe" in own and film in rest, "the tool tip has both whole"

    own_px = words_width(QFontMetrics(shown_case.theme.font(12, 400)), own)
    panel.resize(34 + own_px + 20 + 80 + 20, 300)  # beside icon, age and scroll bar: the words, and little more
    panel.show()

    assert own in words_of(panel)
