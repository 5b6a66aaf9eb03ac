"""The form of an import stays where it is while it is filled in, and speaks as a window does."""

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from tests.ui.scenes import Scenes, program_fonts, scenes  # noqa: F401
from tests.ui.test_exchange_dialogs import plan_rows, plan_shown
from tests.waiting import handled, is_shut, settled
from viewer.core.registry import load
from viewer.exchange import IMPORTERS
from viewer.exchange.plan import options_of
from viewer.ui.dialogs.exchange import ExportDialog
from viewer.ui.dialogs.import_fields import OptionFields
from viewer.ui.dialogs.importing import ImportDialog
from viewer.ui.flows.desk import Desk
from viewer.ui.look.apply_theme import apply_theme
from viewer.ui.look.theme import Theme


@pytest.mark.parametrize("scale", [1.0, 1.2, 1.5])
def test_no_field_moves_while_the_form_is_filled_in(
    qtbot: QtBot, session: Desk, tmp_path: Path, program_fonts: None, scale: float  # noqa: F811
) -> None:  # fmt: skip
    """A line that came and went above or below moved the next field from under the mouse; with larger text each row
    gave way by a pixel where the plan took the room."""
    session.set_theme(Theme(name="dark", font_scale=scale))
    apply_theme(session.theme, tmp_path)
    parent = QWidget()
    qtbot.addWidget(parent)
    path = tmp_path / "films" / "labels.csv"
    path.write_text("path,grade\nfilm_0.png,Bright\nfilm_1.png,none\n", encoding="utf-8")
    dialog = ImportDialog(session, parent)
    dialog.show()
    qtbot.waitExposed(dialog)
    dialog.options.more.click()  # every field is there

    def places() -> list[int]:
        """How high each field stands: sideways a column may take a few pixels of its neighbour's words."""
        handled()
        fields = [dialog.path, dialog.complete, *(dialog.options.field(name) for name in ("map", "negative"))]
        return [field.mapTo(dialog, QPoint(0, 0)).y() for field in fields]

    first = places()
    dialog.path.setText(str(path))
    assert places() == first, "the columns of the file are named"
    dialog.options.field("map").setText("image=path,label=grade")  # type: ignore[union-attr]
    plan_shown(qtbot, dialog)
    with_plan = places()
    assert with_plan == first, "the plan is shown"
    dialog.options.field("negative").setText("none")  # type: ignore[union-attr]
    assert places() == first, "another plan is asked for"
    dialog.path.setText(str(tmp_path / "nowhere.csv"))
    dialog.start.click()
    assert dialog.problem.text() and places() == first, "a refusal is said"
    dialog.path.setText(str(path))
    assert places() == first, "the refusal is past"


def test_a_plan_says_what_becomes_complete_and_that_there_is_nothing_to_import(
    qtbot: QtBot, session: Desk, tmp_path: Path
) -> None:
    """The box that completes cases took the plan away, and the new one did not say what it adds."""
    parent = QWidget()
    qtbot.addWidget(parent)
    path = tmp_path / "films" / "labels.csv"
    path.write_text("path,label\nfilm_0.png,disc\n", encoding="utf-8")
    dialog = ImportDialog(session, parent)
    dialog.show()
    assert dialog.focusWidget() is dialog.path
    dialog.path.setText(str(path))
    plan_shown(qtbot, dialog)
    assert "become complete" not in dialog.words.text() and dialog.start.isEnabled()
    becoming = "image: path; label: label · 1 image of 1 patient"  # the command line says the same line
    assert dialog.words.text().splitlines()[0] == becoming

    dialog.complete.click()
    plan_rows(qtbot, dialog)
    assert "The cases of 1 image become complete: each label that the file does not name" in dialog.words.text()
    dialog.start.click()
    qtbot.waitUntil(lambda: is_shut(dialog))

    dialog = ImportDialog(session, parent)
    dialog.show()
    dialog.path.setText(str(path))
    plan_shown(qtbot, dialog)
    assert "There is nothing to import." in dialog.words.text() and not dialog.start.isEnabled()
    dialog.reject()


def test_what_would_settle_a_row_is_said_there_and_takes_one_press(qtbot: QtBot, session: Desk, tmp_path: Path) -> None:
    """A class that is called none came in as nothing there, and nothing said which field makes it a label."""
    parent = QWidget()
    qtbot.addWidget(parent)
    path = tmp_path / "films" / "labels.csv"
    path.write_text("path,label\nfilm_0.png,disc\nfilm_1.png,none\ngone.png,disc\n", encoding="utf-8")
    dialog = ImportDialog(session, parent)
    dialog.show()
    dialog.path.setText(str(path))

    rows = plan_shown(qtbot, dialog)
    row = next(number for number, one in enumerate(rows) if one[0] == "guessed")
    assert rows[row][2:] == ('"none" is read as nothing there; "Means yes" makes it a label', "Means yes: none")
    item = dialog.table.topLevelItem(row)
    assert item is not None and item.childCount() == 1
    child = item.child(0)
    assert child is not None and child.text(0).startswith('labels.csv: "none" in 1 cell of the column label')
    links = dialog.table.findChildren(QPushButton)
    assert [link.text() for link in links] == ["Means yes: none"]  # which folder, a person must choose
    links[0].click()
    rows = plan_rows(qtbot, dialog)

    field = dialog.options.field("positive")
    assert isinstance(field, QLineEdit) and field.text() == "none"
    assert [one[:3] for one in rows if one[0] == "taken"] == [("taken", "1", "disc: yes"), ("taken", "1", "none: yes")]
    assert not [one for one in rows if one[0] == "guessed"]
    dialog.reject()


def test_what_settles_is_added_to_what_is_said_already(qtbot: QtBot) -> None:
    fields = OptionFields(options_of(load(IMPORTERS, "csv")))
    qtbot.addWidget(fields)
    fields.take({"positive": ["x"], "on-conflict": ["first"], "frame": ["3"]})

    for settle in ("--positive none", "--positive none", "--on-conflict last", "--frame 0"):
        found = fields.settling(settle)
        assert found is not None
        fields.settle(*found)

    given = fields.given()
    assert (given["positive"], given["on-conflict"], given["frame"]) == (["x", "none"], ["last"], ["0"])
    for text in ("--images FOLDER", "--map patient=", "--map x=COLUMN,...", "--mask one or --mask classes", "", "x"):
        assert fields.settling(text) is None, text


@pytest.mark.parametrize("name", list(IMPORTERS))
def test_a_tip_speaks_as_the_window_does(qtbot: QtBot, name: str) -> None:
    fields = OptionFields(options_of(load(IMPORTERS, name)))
    qtbot.addWidget(fields)

    tips = [one.toolTip() for one in (*fields.findChildren(QLabel), *fields.findChildren(QWidget))]
    assert any(tips)
    for tip in tips:
        assert not [word for word in ("may be repeated", "`", "--", "command") if word in tip], tip


@pytest.mark.parametrize("name", list(IMPORTERS))
def test_every_option_is_in_sight_where_the_screen_has_room(qtbot: QtBot, session: Desk, name: str) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    dialog = ImportDialog(session, parent)
    dialog.format.setCurrentIndex(dialog.format.findData(name))
    dialog.show()
    handled()

    assert dialog.options_area.height() >= dialog.options.minimumSizeHint().height()


def test_what_a_format_needs_is_open_and_the_rest_is_folded(qtbot: QtBot, session: Desk) -> None:
    """Seventeen settings stood there for a table of two columns."""
    parent = QWidget()
    qtbot.addWidget(parent)
    dialog = ImportDialog(session, parent)
    dialog.show()
    handled()

    def seen() -> set[str]:
        names = [option.name for option in options_of(load(IMPORTERS, dialog.format_name()))]
        return {name for name in names if dialog.options.field(name).isVisible()}

    for name in IMPORTERS:
        dialog.format.setCurrentIndex(dialog.format.findData(name))
        handled()
        every = options_of(load(IMPORTERS, name))
        leading = {option.name for option in every if option.leads}
        assert "images" in leading and seen() == leading, name
        assert dialog.options.more.text() == f"More settings ({len(every) - len(leading)})"

        dialog.options.more.click()
        handled()
        assert seen() == {option.name for option in every}, name
        last = dialog.options.field(every[-1].name)
        dialog.options_area.ensureWidgetVisible(last)
        assert not last.visibleRegion().isEmpty()

        dialog.options.more.click()
        handled()
        assert seen() == leading


def test_what_is_set_opens_the_fold_and_is_said(qtbot: QtBot, session: Desk) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    dialog = ImportDialog(session, parent)
    dialog.show()
    fields = dialog.options
    assert not fields.field("negative").isVisible() and fields.set_words.text() == ""

    fields.settle("negative", "none")  # what a row of the plan offers
    handled()
    assert fields.field("negative").isVisible()
    assert fields.set_words.text() == "Set: Means no: none"

    fields.more.click()
    handled()
    assert not fields.field("negative").isVisible(), "a person may fold it away again"
    assert fields.set_words.isVisible() and fields.given()["negative"] == ["none"]


def test_an_export_says_what_geometry_is(qtbot: QtBot, session: Desk) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    dialog = ExportDialog(session, parent)
    dialog.show()
    handled()
    field = dialog.options.field("geometry")
    said = [
        one for one in dialog.findChildren(QLabel) if one.isVisible() and "how far its pixels are apart" in one.text()
    ]

    assert field.isVisible() and not dialog.options.more.isVisible(), "four settings are not folded"
    assert "frame of reference" in field.toolTip() and len(said) == 1


@pytest.mark.parametrize("scale", [1.0, 1.5])
def test_the_form_is_whole_on_the_smallest_screen_with_the_columns_and_every_setting(
    scenes: Scenes,  # noqa: F811
    tmp_path: Path,
    scale: float,
) -> None:
    session = scenes.window.session
    session.set_theme(Theme(name="dark", font_scale=scale))
    path = tmp_path / "labels.csv"
    path.write_text(f"path,{','.join(f'column number {place}' for place in range(40))}\n", encoding="utf-8")
    dialog = ImportDialog(session, scenes.window)
    dialog.show()

    def whole() -> None:
        settled(session)
        handled()
        assert dialog.screen().availableGeometry().contains(dialog.geometry())
        for widget in (dialog.path, dialog.complete, dialog.start, dialog.options.field("map")):
            assert widget.visibleRegion().boundingRect() == widget.rect(), widget.accessibleName()
        assert dialog.words.visibleRegion().boundingRect().size() == dialog.words.size() or not dialog.words.text()
        assert dialog.words.height() >= dialog.words.heightForWidth(dialog.words.width())

    whole()
    dialog.path.setText(str(path))
    assert dialog.words.text().startswith("Columns in this file: path, column number 0, ")
    whole()
    dialog.options.more.click()
    whole()
    area = dialog.options_area
    shown = area.viewport().height()
    assert shown >= min(dialog.options.height_of(2), dialog.options.whole_px)
    assert area.verticalScrollBar().maximum() >= dialog.options.height() - shown, "the rest is scrolled to"
    dialog.close()


def test_the_box_says_what_completing_is_for(qtbot: QtBot, session: Desk) -> None:
    """Without it nothing of the import is in a snapshot, and whoever leaves it out learns that two dialogs later."""
    parent = QWidget()
    qtbot.addWidget(parent)

    dialog = ImportDialog(session, parent)

    assert "models learn from complete cases only" in dialog.complete.text()


def test_the_file_is_named_again_when_the_dialog_is_opened_again(qtbot: QtBot, session: Desk, tmp_path: Path) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    path = tmp_path / "films" / "labels.csv"
    path.write_text("path,grade\nfilm_0.png,Bright\n", encoding="utf-8")
    first = ImportDialog(session, parent)
    assert first.path.text() == ""
    first.path.setText(str(path))
    plan_shown(qtbot, first)
    first.reject()

    again = ImportDialog(session, parent)

    assert again.path.text() == str(path) and again.start.isEnabled()
