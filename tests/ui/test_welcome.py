"""The welcome page by keyboard, and what it remembers and hides."""

import shutil
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from tests.ui.painted import words_of
from tests.waiting import handled, settled
from viewer.project.register import add_to_project
from viewer.reading.phantom.sample import write_radiographs
from viewer.reading.scan import scan
from viewer.ui.look.theme import Theme
from viewer.ui.window.main_window import MainWindow
from viewer.ui.window.welcome_cards import Card, CommandCard, RecentCard, when


def cards(window: MainWindow) -> list[RecentCard]:
    return [card for card in window.welcome.findChildren(RecentCard) if not card.isHidden()]


def test_the_page_says_that_it_is_no_diagnosis(window: MainWindow) -> None:
    assert "Not a diagnosis." in [label.text() for label in window.welcome.findChildren(QLabel)]


def test_arrows_choose_a_card_and_enter_opens_it(window: MainWindow) -> None:
    row = window.welcome.findChildren(CommandCard)
    row[0].setFocus()

    QTest.keyClick(row[0], Qt.Key.Key_Right)
    assert QApplication.focusWidget() is row[1]
    QTest.keyClick(row[1], Qt.Key.Key_Return)

    assert window.session.workspace == "annotate"
    assert window.grid.isVisible()


def test_a_recent_study_opens_by_enter(reading: MainWindow, qtbot: QtBot) -> None:
    reading.show_welcome()
    card = cards(reading)[0]
    card.setFocus()

    with qtbot.waitSignal(reading.session.scan_finished):
        QTest.keyClick(card, Qt.Key.Key_Return)

    assert reading.grid.isVisible()


def test_a_folder_that_is_gone_is_said_and_taken_off(reading: MainWindow, studies_folder: Path) -> None:
    shutil.rmtree(studies_folder)
    reading.show_welcome()

    QTest.mouseClick(cards(reading)[0], Qt.MouseButton.LeftButton)

    assert "no longer there" in reading.banner.sentence
    assert not cards(reading)


def test_the_film_of_a_study_is_kept_for_the_rail(reading: MainWindow, qtbot: QtBot, home: Path) -> None:
    entry = reading.session.settings.recent[0]

    qtbot.waitUntil(lambda: (home / "thumbnails" / entry.thumbnail).is_file())


def test_hiding_names_hides_them_on_the_rail(reading: MainWindow, qtbot: QtBot) -> None:
    reading.show_welcome()
    shown = words_of(cards(reading)[0])
    assert shown[0] == "studies" and shown[1].startswith("DX Chest")

    reading.session.set_names_hidden(hidden=True)

    qtbot.waitUntil(lambda: len(cards(reading)) == 1)
    title, detail, _when = words_of(cards(reading)[0])
    assert title == "Name hidden" and detail.startswith("20 images")
    assert cards(reading)[0].toolTip() == ""


def test_times_are_said_as_people_say_them() -> None:
    assert when("nonsense") == ""
    assert when("2020-03-09T10:00:00") == "9 March 2020"


def test_a_project_on_the_rail_has_as_many_cases_as_it_holds_now(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    session = window.session
    session.projects.open_folder(tmp_path / "fresh", create=True, case_unit="film")
    qtbot.waitUntil(lambda: any(row.kind == "project" for row in session.settings.recent))
    assert session.settings.recent[0].detail == "0 cases"

    assert session.project is not None
    films = write_radiographs(tmp_path / "films", 2, size_px=48)
    add_to_project(session.project, scan([films.folder / "films"]))
    settled(session)

    assert session.settings.recent[0].detail == "2 cases"


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("scale", [1.0, 1.5])
def test_the_rail_stands_between_its_heading_and_what_hangs_from_it_at_every_size(
    window: MainWindow, theme: str, scale: float
) -> None:
    page = window.welcome
    window.session.set_theme(Theme(name=theme, font_scale=scale))
    page.rail.show()  # as where something is recent
    heading = next(one for one in page.findChildren(QLabel) if one.text() == "Recent")

    for size in ((1280, 720), (900, 600), (1600, 1000), (1024, 640), (1280, 720)):
        window.resize(*size)
        handled()

        below = heading.mapTo(page, heading.rect().bottomLeft()).y()
        top, bottom = (page.rail.mapTo(page, point).y() for point in (QPoint(0, 0), page.rail.rect().bottomLeft()))
        cards = [one.mapTo(page, QPoint(0, 0)).y() for one in page.findChildren(Card) if one.isVisible()]
        assert below < top and min(y for y in cards if y > top) > bottom, size
    # It is a light: on a dark ground it lights what is below; on a light one it is off, and one with the clips.
    drawn = page.rail.grab().toImage()
    column = [drawn.pixelColor(drawn.width() // 2, row) for row in range(drawn.height())]
    of_tube = "#ffffff" if theme == "dark" else window.session.theme.color("line2").name()
    tube = [row for row, color in enumerate(column) if color.name() == of_tube]
    assert len(tube) >= 2 and tube[-1] < len(column) // 2, "a line at its top, no bar"
    above, under = column[tube[0] - 1].lightness(), column[tube[-1] + 1].lightness()
    if theme == "dark":
        assert above < under < 255 and column[-1].lightness() < under
    else:  # nothing in it: a white line in a grey frame was taken for an empty field
        assert "#ffffff" not in [color.name() for color in column] and min(above, under) > column[tube[0]].lightness()
