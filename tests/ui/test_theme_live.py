"""A theme that is chosen while the window is open looks as one that it was opened in: every panel, bar and page."""

from collections.abc import Callable
from itertools import islice, product

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QLabel, QToolTip, QWidget
from pytestqt.qtbot import QtBot

from tests.waiting import handled, settled
from viewer.core.registry import load
from viewer.ui.look.theme import THEMES, Theme
from viewer.ui.panels import PANELS
from viewer.ui.views.grid import NoticeBand, PatientBand
from viewer.ui.views.tool_strip import ToolStrip
from viewer.ui.window.banner import Banner
from viewer.ui.window.bars import MainBar, ToolRail
from viewer.ui.window.main_window import MainWindow
from viewer.ui.window.status import StatusBar
from viewer.ui.window.welcome import WelcomePage

SIZE = (420, 620)


def _patients(window: MainWindow) -> QWidget:
    band = PatientBand(window.session)
    band.show_patients(["ONE", "TWO2"])
    return band


def _banner(window: MainWindow) -> QWidget:
    banner = Banner(window.session)
    banner.announce("warn", "notes.dcm is no DICOM file.")
    return banner


# Not the status bar: what it says, and so its size, is of the moment (what is read, how much memory is held). Its looks
# apart from that are compared below.
PARTS: dict[str, Callable[[MainWindow], QWidget]] = {
    **{f"panel {name}": (lambda window, name=name: load(PANELS, name)(window.session)) for name in PANELS},
    "banner": _banner,
    "main bar": lambda window: MainBar(window.session, window.book),
    "notice": lambda window: NoticeBand(window.session),
    "patients": _patients,
    "rail": lambda window: ToolRail(window.session, window.book),
    "tool strip": lambda window: ToolStrip(window.session),
    "welcome": lambda window: WelcomePage(window.session, window.book),
}


def shown(part: QWidget, qtbot: QtBot) -> QWidget:
    qtbot.addWidget(part)
    part.resize(*SIZE)
    for widget in part.findChildren(QWidget):
        widget.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the part that is shown last would have the keys, and a frame
    part.show()
    handled()
    return part


def picture(part: QWidget) -> QImage:
    for widget in [part, *part.findChildren(QWidget)]:
        widget.clearFocus()  # what has the keys or lies under the pointer has a frame, whichever theme came when
        widget.setAttribute(Qt.WidgetAttribute.WA_UnderMouse, False)
    return part.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)


@pytest.mark.parametrize(("first", "then"), [("dark", "light"), ("light", "dark")])
def test_every_part_looks_the_same_whenever_its_theme_came(
    reading: MainWindow, qtbot: QtBot, first: str, then: str
) -> None:
    reading.session.set_theme(Theme(name=first))
    old = {name: shown(make(reading), qtbot) for name, make in PARTS.items()}
    settled(reading.session)
    before = {name: picture(part) for name, part in old.items()}

    reading.session.set_theme(Theme(name=then))
    new = {name: shown(make(reading), qtbot) for name, make in PARTS.items()}
    settled(reading.session)
    wrong = {name: different(picture(old[name]), picture(new[name])) for name in PARTS}

    assert {name: places for name, places in wrong.items() if places} == {}
    assert [name for name in PARTS if picture(old[name]) == before[name]] == []


def looks(bar: StatusBar) -> list[tuple[object, ...]]:
    """Of every part of a status bar what the theme gives it, whatever it says now: colours, font, icon, ground."""
    ground = bar.grab().toImage().pixelColor(2, bar.height() // 2).name()
    parts: list[tuple[object, ...]] = [(bar.height(), ground)]
    for label in bar.findChildren(QLabel):
        color = label.palette().color(label.foregroundRole()).name()
        # The icon's pixels, by value: two pictures that are equal have different keys.
        icon = bytes(label.pixmap().toImage().constBits()) if not label.pixmap().isNull() else b""
        parts.append((str(label.property("role")), color, label.font().toString(), icon))
    return parts


def test_the_status_bar_looks_the_same_whenever_its_theme_came(reading: MainWindow, qtbot: QtBot) -> None:
    for (first, then), scale in product([("dark", "light"), ("light", "dark")], (1.0, 1.5)):
        the_status_bar_looks_the_same(reading, qtbot, first, then, scale)


def the_status_bar_looks_the_same(reading: MainWindow, qtbot: QtBot, first: str, then: str, scale: float) -> None:
    reading.session.set_theme(Theme(name=first))
    old = StatusBar(reading.session)
    shown(old, qtbot)
    before = looks(old)

    reading.session.set_theme(Theme(name=then, font_scale=scale))
    new = StatusBar(reading.session)
    shown(new, qtbot)

    assert looks(old) == looks(new), (first, then, scale)
    for part, part_before in zip(looks(old), before, strict=True):
        # Its colour or its icon is another one; a label without either says nothing of a theme.
        assert part != part_before, (first, then, scale)


def different(one: QImage, other: QImage) -> list[tuple[int, int, str, str]]:
    """The first places where two pictures differ, with both colours."""
    assert one.size() == other.size()
    if one == other:  # pixel by pixel it takes seconds
        return []
    places = (
        (x, y, one.pixelColor(x, y).name(), other.pixelColor(x, y).name())
        for y in range(one.height())
        for x in range(one.width())
        if one.pixel(x, y) != other.pixel(x, y)
    )
    return list(islice(places, 4))


def test_tool_tips_menus_and_what_the_sheet_does_not_reach_take_the_theme(reading: MainWindow) -> None:
    for name in THEMES:
        everything_takes_the_theme(reading, name)


def everything_takes_the_theme(reading: MainWindow, name: str) -> None:
    other = next(one for one in THEMES if one != name)
    reading.session.set_theme(Theme(name=other))
    reading.session.set_theme(Theme(name=name))
    theme, app = reading.session.theme, QApplication.instance()
    assert isinstance(app, QApplication)

    assert app.palette().window().color().name() == theme.color("panel").name()
    assert app.palette().toolTipBase().color().name() == theme.color("raise").name()
    assert QToolTip.palette() is not None
    sheet = app.styleSheet()
    for token in ("panel", "raise", "hi", "acc"):
        assert THEMES[name][token] in sheet and THEMES[other][token] not in sheet, token
    for row in reading.book.rows.values():
        if row.icon:
            drawn = reading.book.actions[row.id].icon().pixmap(20, 20).toImage()
            made = reading.session.icons.icon(row.icon, 20).pixmap(20, 20).toImage()
            assert drawn == made, (name, row.id)
