"""Labels: digit keys, counts, whole-image answers, and what may not be removed."""

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from tests.ui.painted import writing
from tests.waiting import settled
from viewer.core.labels import LABEL_COLORS, Verdict
from viewer.core.shapes.kinds.box import Box
from viewer.project.edit_builders import add_annotation
from viewer.project.project import Project
from viewer.ui.canvas.marks import value_box_rect
from viewer.ui.canvas.words import text_size
from viewer.ui.dialogs.agree import AgreeDialog
from viewer.ui.dialogs.labels import LabelDialog
from viewer.ui.flows.desk import Desk
from viewer.ui.flows.label_edits import labels_of
from viewer.ui.look.flow_layout import FlowLayout
from viewer.ui.panels.labels import AnswerChip, LabelsPanel

LOOK_MS = 20


def panel_of(qtbot: QtBot, session: Desk) -> LabelsPanel:
    panel = LabelsPanel(session)
    qtbot.addWidget(panel)
    panel.resize(290, 600)
    panel.show()
    return panel


def verdict(session: Desk, label: str) -> Verdict | None:
    assert session.project is not None and session.shown is not None and session.shown.image_id is not None
    return session.project.work.image_labels(session.shown.image_id).get(label)


def draw_square(session: Desk) -> None:
    assert session.shown is not None and session.shown.image_id is not None
    box = Box(x0_px=5, y0_px=5, x1_px=20, y1_px=20)
    assert session.do(add_annotation(session.shown.image_id, "Square", box, author="tester"))
    session.edits.wait()


def test_with_ctrl_an_answer_is_uncertain_and_again_unsaid(qtbot: QtBot, shown_case: Desk) -> None:
    chip = panel_of(qtbot, shown_case).answers["Bright"]
    said, words = [], []

    for held in (Qt.KeyboardModifier.NoModifier, *[Qt.KeyboardModifier.ControlModifier] * 2):
        qtbot.mouseClick(chip, Qt.MouseButton.LeftButton, held)
        shown_case.edits.wait()
        said.append(verdict(shown_case, "Bright"))
        words.append(chip.words)

    assert said == [Verdict.YES, Verdict.UNCERTAIN, None]
    assert words == ["Bright · yes", "Bright · uncertain", "Bright"]


def test_an_answer_turns_from_yes_to_no_to_not_assessed(qtbot: QtBot, shown_case: Desk) -> None:
    panel = panel_of(qtbot, shown_case)
    chip = panel.answers["Bright"]
    said, words = [], []

    for _ in range(4):
        qtbot.mouseClick(chip, Qt.MouseButton.LeftButton)
        shown_case.edits.wait()
        said.append(verdict(shown_case, "Bright"))
        words.append(chip.words)

    assert said == [Verdict.YES, Verdict.NO, Verdict.NOT_ASSESSED, Verdict.YES]
    assert words == ["Bright · yes", "Bright · no", "Bright · not assessed", "Bright · yes"]


def test_every_answer_is_told_apart_without_its_colour(qtbot: QtBot, shown_case: Desk) -> None:
    chip = panel_of(qtbot, shown_case).answers["Dark"]
    words = []
    for one in (None, *Verdict):
        chip.set_verdict(one)
        words.append((chip.words, chip.accessibleName()))

    assert len(set(words)) == 5


def test_counts_follow_what_is_drawn_and_undone(qtbot: QtBot, shown_case: Desk) -> None:
    panel = panel_of(qtbot, shown_case)

    draw_square(shown_case)
    qtbot.waitUntil(lambda: panel.counts.get("Square") == 1)
    shown_case.undo()
    qtbot.waitUntil(lambda: panel.counts.get("Square", 0) == 0)


def test_a_click_arms_the_label(qtbot: QtBot, session: Desk) -> None:
    panel = panel_of(qtbot, session)
    index = panel.list.model().index(1, 0)

    qtbot.mouseClick(panel.list.viewport(), Qt.MouseButton.LeftButton, pos=panel.list.visualRect(index).center())

    assert session.label == "Lung"


def highlighted(panel: LabelsPanel) -> list[str]:
    return [index.data() for index in panel.list.selectionModel().selectedIndexes()]


@pytest.mark.parametrize(
    ("button", "held"),
    [
        (Qt.MouseButton.RightButton, Qt.KeyboardModifier.NoModifier),
        (Qt.MouseButton.MiddleButton, Qt.KeyboardModifier.NoModifier),
        (Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ControlModifier),
    ],
    ids=["right", "middle", "with Ctrl"],
)
def test_what_a_click_highlights_is_what_is_armed(
    qtbot: QtBot, session: Desk, button: Qt.MouseButton, held: Qt.KeyboardModifier
) -> None:
    panel = panel_of(qtbot, session)
    for row in (1, 0, 0):  # the second click on a row leaves it as it is
        index = panel.list.model().index(row, 0)
        qtbot.mouseClick(panel.list.viewport(), button, held, panel.list.visualRect(index).center())
        assert highlighted(panel) == [session.label]


def test_what_the_keys_highlight_is_what_is_armed(qtbot: QtBot, session: Desk) -> None:
    panel = panel_of(qtbot, session)
    armed = []
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Up):
        qtbot.keyClick(panel.list, key)
        armed.append(session.label)
        assert highlighted(panel) == [session.label]
    assert armed == ["Lung", "Square"]


def test_a_new_label_gets_the_next_key_and_is_armed(qtbot: QtBot, session: Desk) -> None:
    panel = panel_of(qtbot, session)
    dialog = LabelDialog(session, scope="region")
    qtbot.addWidget(dialog)

    qtbot.keyClicks(dialog.name, "Nodule")
    qtbot.mouseClick(dialog.keep, Qt.MouseButton.LeftButton)
    session.edits.wait()

    assert session.project is not None
    made = labels_of(session.at_hand, "region")[-1]
    assert (made.name, made.key, session.label) == ("Nodule", "3", "Nodule")
    assert panel.list.model().rowCount() == 3


@pytest.mark.parametrize("name", ["square", "  "])
def test_a_taken_or_empty_name_is_refused_with_the_reason(qtbot: QtBot, session: Desk, name: str) -> None:
    dialog = LabelDialog(session, scope="region")
    qtbot.addWidget(dialog)

    qtbot.keyClicks(dialog.name, name)
    qtbot.mouseClick(dialog.keep, Qt.MouseButton.LeftButton)
    session.edits.wait()

    assert session.project is not None
    assert len(labels_of(session.at_hand, "region")) == 2
    assert ("already" in dialog.reason.text()) == bool(name.strip())


def test_a_label_in_use_is_removed_only_after_its_uses_were_counted(qtbot: QtBot, shown_case: Desk) -> None:
    draw_square(shown_case)
    assert shown_case.project is not None
    label = labels_of(shown_case.at_hand, "region")[0]
    dialog = LabelDialog(shown_case, scope="region", label=label)
    qtbot.addWidget(dialog)
    said: list[str] = []

    def refuse() -> None:
        asked = QApplication.activeModalWidget()
        if not isinstance(asked, AgreeDialog):  # its uses are still being counted
            QTimer.singleShot(LOOK_MS, refuse)
            return
        said.append(asked.words.text())
        asked.reject()

    QTimer.singleShot(0, refuse)
    qtbot.mouseClick(dialog.remove, Qt.MouseButton.LeftButton)
    settled(shown_case)

    assert said[0].startswith(f"1 object on 1 image go with {label.name}.")
    assert label in shown_case.project.labels


def test_renaming_carries_over_to_what_is_drawn_and_undo_takes_it_back(qtbot: QtBot, shown_case: Desk) -> None:
    draw_square(shown_case)
    project, shown = shown_case.project, shown_case.shown
    assert project is not None and shown is not None and shown.image_id is not None
    dialog = LabelDialog(shown_case, scope="region", label=labels_of(shown_case.at_hand, "region")[0])
    qtbot.addWidget(dialog)

    dialog.name.clear()
    qtbot.keyClicks(dialog.name, "Block")
    qtbot.mouseClick(dialog.keep, Qt.MouseButton.LeftButton)
    shown_case.edits.wait()
    assert [a.label for a in project.work.annotations(shown.image_id)] == ["Block"]

    shown_case.undo()
    shown_case.edits.wait()
    assert [a.label for a in project.work.annotations(shown.image_id)] == ["Square"]


@pytest.mark.parametrize("armed", ["Square", "Lung"])
def test_the_armed_label_follows_a_rename_its_undo_and_its_redo(qtbot: QtBot, shown_case: Desk, armed: str) -> None:
    panel = panel_of(qtbot, shown_case)
    shown_case.set_label("Lung")
    dialog = LabelDialog(shown_case, scope="region", label=labels_of(shown_case.at_hand, "region")[1])
    qtbot.addWidget(dialog)
    dialog.name.clear()
    qtbot.keyClicks(dialog.name, "Lobe")
    qtbot.mouseClick(dialog.keep, Qt.MouseButton.LeftButton)
    shown_case.edits.wait()
    renamed = "Lobe" if armed == "Lung" else armed
    shown_case.set_label(renamed)

    seen = []
    for step in (shown_case.undo, shown_case.redo, shown_case.undo):
        step()
        shown_case.edits.wait()
        seen.append(shown_case.label)
        assert highlighted(panel) == [shown_case.label]

    assert seen == [armed, renamed, armed]


def test_a_name_with_hidden_characters_has_room_for_what_is_shown_of_it(shown_case: Desk) -> None:
    turned = "\u202eLeft\u202c\u200b lung"
    seen = "\ufffdLeft\ufffd\ufffd lung"  # what is drawn for it
    chips = [AnswerChip(shown_case, replace(shown_case.labels[0], name=name)) for name in (turned, seen)]
    assert chips[0].sizeHint() == chips[1].sizeHint()
    assert text_size(turned, 14) == text_size(seen, 14)  # the corner texts
    assert value_box_rect([turned], 0, 0, 1.0) == value_box_rect([seen], 0, 0, 1.0)


def test_a_long_whole_image_label_stays_in_the_panel_and_keeps_its_answer(qtbot: QtBot, shown_case: Desk) -> None:
    long = replace(shown_case.labels[0], name="Consolidation of the left lower lobe with air bronchograms " * 3)
    host = QWidget()
    qtbot.addWidget(host)
    flow = FlowLayout()
    host.setLayout(flow)
    chip = AnswerChip(shown_case, long)
    flow.addWidget(chip)
    chip.set_verdict(Verdict.NO)
    host.resize(280, 100)
    host.show()
    qtbot.waitUntil(lambda: chip.width() > 100)
    with writing() as written:
        chip.grab()

    assert chip.geometry().right() < 280
    assert written[-1].text.startswith("Consolidation") and written[-1].text.endswith("… · no")


def test_no_label_can_be_added_to_a_project_that_is_open_for_reading_only(
    qtbot: QtBot, session: Desk, project_folder: Path
) -> None:
    panel = panel_of(qtbot, session)
    assert panel.add.isEnabled() and panel.add_answer.isEnabled()
    session.open_project(Project.open(project_folder, writable=False))
    panel.reload()
    assert not panel.add.isEnabled() and not panel.add_answer.isEnabled()


def test_a_whole_image_label_is_coloured_moved_renamed_and_removed(qtbot: QtBot, shown_case: Desk) -> None:
    panel, project = panel_of(qtbot, shown_case), shown_case.project
    assert project is not None
    qtbot.mouseClick(panel.answers["Dark"], Qt.MouseButton.LeftButton)
    shown_case.edits.wait()
    dialog = LabelDialog(shown_case, scope="image", label=labels_of(shown_case.at_hand, "image")[1])
    qtbot.addWidget(dialog)
    dialog.show()

    qtbot.mouseClick(dialog.swatches, Qt.MouseButton.LeftButton, pos=QPoint(4 * 26 + 13, 13))
    qtbot.mouseClick(dialog.up, Qt.MouseButton.LeftButton)
    first = labels_of(shown_case.at_hand, "image")[0]
    assert (first.name, first.color) == ("Dark", LABEL_COLORS[4])
    assert list(panel.answers) == ["Dark", "Bright"]
    assert not dialog.up.isEnabled() and dialog.down.isEnabled()
    dialog.name.setText("Black")
    qtbot.keyClick(dialog, Qt.Key.Key_Return)
    shown_case.edits.wait()
    assert list(panel.answers) == ["Black", "Bright"] and verdict(shown_case, "Black") is Verdict.YES

    plan: list[str] = []

    def agree() -> None:
        asked = QApplication.activeModalWidget()
        if not isinstance(asked, AgreeDialog):
            QTimer.singleShot(LOOK_MS, agree)
            return
        plan.append(asked.words.text())
        asked.accept()

    dialog = LabelDialog(shown_case, scope="image", label=labels_of(shown_case.at_hand, "image")[0])
    qtbot.addWidget(dialog)
    dialog.show()
    QTimer.singleShot(0, agree)
    qtbot.mouseClick(dialog.remove, Qt.MouseButton.LeftButton)
    settled(shown_case)
    assert plan and plan[0].startswith("1 answer on 1 image go with Black.")
    assert list(panel.answers) == ["Bright"]
    for _ in range(2):
        shown_case.undo()
        shown_case.edits.wait()
    assert list(panel.answers) == ["Dark", "Bright"] and verdict(shown_case, "Dark") is Verdict.YES
