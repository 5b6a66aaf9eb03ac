"""No text is cut and no widget lies on another, in any work space, at any text size, in either theme."""

from itertools import product

from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from tests.ui.fits import faults
from tests.ui.scenes import Scenes, program_fonts, scenes  # noqa: F401
from tests.waiting import handled, settled
from viewer.ui.look.theme import Theme
from viewer.ui.panels.tags import TagsPanel
from viewer.ui.window.main_window import MainWindow

SIZES = [(1280, 720), (1600, 1000)]


def test_everything_in_the_window_has_its_room(scenes: Scenes) -> None:  # noqa: F811
    found: dict[str, str] = {}
    for size, scale, theme in product(SIZES, (1.0, 1.5), ("dark", "light")):
        scenes.window.resize(*size)
        scenes.window.session.set_theme(Theme(name=theme, font_scale=scale))
        for name, judged in scenes:
            for line in faults(judged):
                found.setdefault(line, f"{size[0]} x {size[1]}, text {scale}, {theme}, {name}")

    assert not found, "\n".join(f"{where}: {line}" for line, where in found.items())


def test_tag_name_and_value_are_seen_beside_each_other(
    program_fonts: None,  # noqa: F811
    reading: MainWindow,
    qtbot: QtBot,
) -> None:
    reading.resize(1280, 720)
    reading.enter("read")
    reading.docks.toggle("tags")
    panel = reading.docks.panel("tags")
    assert isinstance(panel, TagsPanel)
    qtbot.waitUntil(lambda: panel.list.topLevelItemCount() > 0)
    for scale in (1.0, 1.5):
        reading.session.set_theme(Theme(name="dark", font_scale=scale))
        settled(reading.session)

        header, tree = panel.list.header(), panel.list
        tag = tree.fontMetrics().horizontalAdvance("(0002,0000)")
        assert header.sectionSize(0) >= tag + 6, scale
        for column, letters in ((1, 6), (3, 6)):
            start = header.sectionViewportPosition(column)
            seen = min(tree.viewport().width(), start + header.sectionSize(column))
            assert seen - start >= tree.fontMetrics().averageCharWidth() * letters, (scale, column)


def test_every_dialog_has_its_room(scenes: Scenes) -> None:  # noqa: F811
    found: dict[str, str] = {}
    scenes.window.resize(1280, 720)
    for scale in (1.0, 1.5):
        scenes.window.session.set_theme(Theme(name="dark", font_scale=scale))
        for name, judged in scenes.dialogs():
            for line in faults(judged):
                found.setdefault(line, f"text {scale}, {name}")
            if judged.height() > scenes.window.height() or judged.width() > scenes.window.width():
                found[f"{judged.width()} x {judged.height()} px are larger than the smallest screen"] = name

    assert not found, "\n".join(f"{where}: {line}" for line, where in found.items())


def test_the_check_finds_planted_faults(qtbot: QtBot) -> None:
    host = QWidget()
    qtbot.addWidget(host)
    host.resize(300, 200)
    cut, low, number, over, under = (
        QLabel("Twelve words"),
        QLabel("Low"),
        QLineEdit("5.32178"),
        QLabel("a"),
        QLabel("b"),
    )
    for place, (widget, width, height) in enumerate(
        [(cut, 20, 30), (low, 100, 4), (number, 24, 26), (over, 50, 40), (under, 50, 40)]
    ):
        widget.setParent(host)
        widget.setGeometry(10 if place != 4 else 30, 10 + 36 * min(place, 3), width, height)
    outside = QLabel("far", host)
    outside.setGeometry(290, 0, 60, 30)
    host.show()
    handled()

    found = "\n".join(faults(host))

    for words in ("'Twelve words' needs", "'Low' needs", "'5.32178' needs", "overlap by", "lies outside"):
        assert words in found, words


def test_the_check_says_nothing_of_what_has_its_room(qtbot: QtBot) -> None:
    host = QWidget()
    qtbot.addWidget(host)
    column = QVBoxLayout(host)
    for widget in (QLabel("Twelve words"), QLineEdit("5.32178"), QPushButton("Press")):
        column.addWidget(widget)
    host.show()
    handled()

    assert faults(host) == []
