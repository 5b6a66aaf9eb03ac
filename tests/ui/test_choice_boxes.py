"""A choice that is longer than its field ends in dots, and the whole of it is in the tool tip."""

from pathlib import Path

from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.ui.scenes import Scenes, program_fonts, scenes  # noqa: F401
from viewer.ui.look.choice_box import ChoiceBox
from viewer.ui.look.plain_text import add_choice
from viewer.ui.look.theme import Theme

UI = Path(__file__).resolve().parents[2] / "viewer" / "ui"
LONG = "Findings of the chest · 57b679e1 · 29 Nov 14:07 · 40 images · 12 in test · 20 patients"
TYPED = {"attributes.py", "dataset.py", "readers.py"}  # where a name is typed, or chosen of those that are there


def test_what_has_room_is_whole_and_what_has_none_ends_in_dots(qtbot: QtBot) -> None:
    box = ChoiceBox()
    qtbot.addWidget(box)
    add_choice(box, LONG)
    box.show()

    box.resize(1200, 26)
    assert box.shown_words() == LONG
    box.resize(300, 26)
    shown = box.shown_words()
    assert shown.endswith("…") and LONG.startswith(shown.removesuffix("…"))
    assert box.fontMetrics().horizontalAdvance(shown) < 300
    add_choice(box, "Short")
    box.setCurrentIndex(1)
    assert box.shown_words() == "Short"


def test_of_models_of_one_task_the_part_that_differs_is_seen(qtbot: QtBot) -> None:
    box = ChoiceBox(ends_differ=True)
    qtbot.addWidget(box)
    title = "a disc or none of it in the whole film · 27a2"
    add_choice(box, title)
    box.resize(240, 26)
    box.show()

    shown = box.shown_words()

    begin, _, end = shown.partition("…")
    assert begin and end and title.startswith(begin) and title.endswith(end) and end.endswith("27a2")


def test_it_draws_what_it_says(qtbot: QtBot, qapp: QApplication) -> None:
    wide, cut = ChoiceBox(), ChoiceBox()
    for box in (wide, cut):
        qtbot.addWidget(box)
        box.resize(200, 26)
        add_choice(box, LONG)
        box.show()
    add_choice(wide, cut.shown_words())
    wide.setCurrentIndex(1)
    assert wide.shown_words() == cut.shown_words()

    assert wide.grab().toImage() == cut.grab().toImage()


def test_a_choice_with_dots_is_whole_in_its_tip(scenes: Scenes) -> None:  # noqa: F811
    scenes.window.resize(1280, 720)
    for scale in (1.0, 1.5):
        a_choice_with_dots_is_whole(scenes, scale)


def a_choice_with_dots_is_whole(scenes: Scenes, scale: float) -> None:  # noqa: F811
    scenes.window.session.set_theme(Theme(name="dark", font_scale=scale))
    seen = 0
    for name, dialog in scenes.dialogs():
        for box in dialog.findChildren(ChoiceBox):
            seen += 1
            if box.isVisible() and box.shown_words() != box.currentText():
                assert box.currentText() in " ".join(box.toolTip().split()), f"{scale}, {name}: {box.currentText()}"
    assert seen


def test_every_choice_of_the_window_is_one() -> None:
    bare = {path.name for path in UI.rglob("*.py") if "QComboBox()" in path.read_text(encoding="utf-8")}

    # A match on the kind of a field, which makes none, is no choice either.
    assert bare - TYPED == {"import_fields.py", "by_hand.py"}
