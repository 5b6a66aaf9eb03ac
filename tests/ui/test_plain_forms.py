"""Forms in plain words: a field that is not set is empty, each field says what it is, and fields stand in line."""

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from tests.waiting import handled
from viewer.core.registry import load
from viewer.exchange import IMPORTERS
from viewer.exchange.plan import options_of
from viewer.ui.dialogs.importing import ImportDialog
from viewer.ui.dialogs.number_field import NumberField
from viewer.ui.dialogs.train_fields import TrainFields
from viewer.ui.flows.desk import Desk


@pytest.fixture
def parent(qtbot: QtBot) -> QWidget:
    parent = QWidget()
    qtbot.addWidget(parent)
    return parent


def test_nought_that_is_no_number_is_an_empty_field_that_says_what_it_means(qtbot: QtBot) -> None:
    field = NumberField("Input columns, px", "input_cols_px", unset="as many as rows")
    qtbot.addWidget(field)
    line = field.lineEdit()

    assert (line.text(), line.placeholderText(), field.value()) == ("", "as many as rows", 0)
    qtbot.keyClicks(field, "64")
    assert field.value() == 64
    line.selectAll()
    qtbot.keyClicks(field, "\b")
    assert (line.text(), field.value(), field.problem) == ("", 0, "")
    field.setValue(96)
    assert line.text() == "96"


def test_every_number_of_a_run_has_a_tip_on_its_field_and_on_its_name(qtbot: QtBot, session: Desk) -> None:
    fields = TrainFields(session)
    qtbot.addWidget(fields)

    for field in (*fields._numbers, fields.rate, fields.spacing, fields.device, fields.fold):
        (label,) = (one for one in fields.findChildren(QLabel) if one.text() == field.accessibleName())
        assert field.toolTip() and label.toolTip() == field.toolTip(), field.accessibleName()


def test_the_form_of_a_run_is_as_high_whether_its_model_was_trained_here_or_not(qtbot: QtBot, session: Desk) -> None:
    fields = TrainFields(session)
    qtbot.addWidget(fields)
    fields.resize(600, 600)
    fields.show()
    heights = []
    for words in ("", "The values are those of the last run.", ""):
        fields.say_last(words)
        handled()
        heights.append(fields.sizeHint().height())

    assert len(set(heights)) == 1


def test_the_fields_of_an_import_begin_and_end_below_each_other(qtbot: QtBot, parent: QWidget, session: Desk) -> None:
    dialog = ImportDialog(session, parent)
    dialog.resize(900, 700)
    dialog.show()
    for name in IMPORTERS:
        dialog.format.setCurrentIndex(dialog.format.findData(name))
        dialog.options.more.click()
        handled()
        fields = list(map(dialog.options.field, (option.name for option in options_of(load(IMPORTERS, name)))))
        wide = [field for field in fields if field.isVisible()]
        assert {_ends(dialog, field)[0] for field in wide if _ends(dialog, field)[0] < 450} == {
            _ends(dialog, dialog.format)[0]
        }, name
        assert {_ends(dialog, field)[1] for field in wide if _ends(dialog, field)[1] > 600} == {
            _ends(dialog, dialog.options)[1]
        }, name
    dialog.reject()


def _ends(dialog: QWidget, field: QWidget) -> tuple[int, int]:
    """Where a field begins and ends in its dialog, in pixels."""
    left = field.mapTo(dialog, QPoint(0, 0)).x()
    return left, left + field.width()


def test_a_table_is_not_asked_at_once_about_masks_that_most_tables_have_not() -> None:
    leading = {
        name: [option.name for option in options_of(load(IMPORTERS, name)) if option.leads] for name in IMPORTERS
    }
    assert "mask" not in leading["csv"] and "mask" in leading["masks"]
