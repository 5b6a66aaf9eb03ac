"""Fields that stand beside each other are equally high, whatever their kind, and none grows when it is entered."""

from itertools import product

import pytest
from PySide6.QtWidgets import QAbstractSpinBox, QComboBox, QLineEdit, QWidget

from tests.ui.scenes import Scenes, program_fonts, scenes  # noqa: F401
from tests.waiting import handled
from viewer.ui.look.theme import Theme

pytestmark = pytest.mark.usefixtures("program_fonts")


def fields_of(dialog: QWidget) -> list[QWidget]:
    """Number boxes, choices and lines that are no part of one of these."""
    boxes: list[QWidget] = [*dialog.findChildren(QAbstractSpinBox), *dialog.findChildren(QComboBox)]
    lines = [one for one in dialog.findChildren(QLineEdit) if one.parentWidget() not in boxes]
    return [one for one in (*boxes, *lines) if one.isVisibleTo(dialog) and one.isVisible()]


def test_every_field_of_a_dialog_has_one_height_entered_or_not(scenes: Scenes) -> None:  # noqa: F811
    scenes.window.resize(1280, 720)
    for scale, theme in product((1.0, 1.2, 1.5), ("dark", "light")):
        scenes.window.session.set_theme(Theme(name=theme, font_scale=scale))
        every_field_has_one_height(scenes, f"{theme}, text {scale}")


def every_field_has_one_height(scenes: Scenes, case: str) -> None:  # noqa: F811
    kinds: set[str] = set()
    for called, dialog in scenes.dialogs():
        name = f"{case}: {called}"
        fields = fields_of(dialog)
        kinds |= {kind.__name__ for one in fields for kind in type(one).__mro__}
        heights = {one.height() for one in fields}
        assert len(heights) <= 1, f"{name}: {[(one.accessibleName(), one.height()) for one in fields]}"
        for field in fields:
            field.setFocus()
            handled()
            assert {one.height() for one in fields} == heights, f"{name}, in {field.accessibleName()}"

    assert {"QAbstractSpinBox", "QComboBox", "QLineEdit"} <= kinds, case
