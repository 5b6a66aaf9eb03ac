"""The look: readable in both themes at every size; icons and sheet made from the token table."""

import itertools
from pathlib import Path

import pytest
from PySide6.QtGui import QColor, QFontInfo, QGuiApplication
from PySide6.QtWidgets import QDoubleSpinBox, QLineEdit, QSpinBox, QStyle, QStyleOptionSpinBox
from pytestqt.qtbot import QtBot

import resources
from tests.waiting import handled
from viewer.app import make_application
from viewer.ui.dialogs.number_field import NumberField
from viewer.ui.look.apply_theme import apply_theme
from viewer.ui.look.icons import icon_pixmap
from viewer.ui.look.style_sheet import style_sheet
from viewer.ui.look.theme import DARK, LIGHT, THEMES, Theme
from viewer.ui.state.settings import Recent, Settings


def contrast(first: str, second: str) -> float:
    """WCAG 2 contrast ratio of two #RRGGBB colours."""

    def luminance(color: str) -> float:
        parts = [QColor(color).redF(), QColor(color).greenF(), QColor(color).blueF()]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


PAIRS = [
    *itertools.product(("hi", "mid", "low"), ("win", "panel", "raise")),
    ("acctx", "accbg"), ("mid", "accbg"), ("onacc", "acc"), ("hi", "ctl"),
    ("ok", "okbg"), ("warn", "warnbg"), ("err", "errbg"),
]  # fmt: skip


@pytest.mark.parametrize("name", THEMES)
def test_text_is_readable_on_every_ground_it_stands_on(name: str) -> None:
    theme = THEMES[name]
    assert [pair for pair in PAIRS if contrast(theme[pair[0]], theme[pair[1]]) < 4.5] == []


def test_both_themes_have_the_same_tokens() -> None:
    assert set(DARK) == set(LIGHT)


@pytest.mark.parametrize("name", THEMES)
@pytest.mark.parametrize("scale", [0.9, 1.0, 1.5])
def test_the_sheet_is_filled_without_a_gap_and_scales_its_text(name: str, scale: float, tmp_path: Path) -> None:
    sheet = style_sheet(Theme(name=name, font_scale=scale), tmp_path)

    assert "$" not in sheet
    assert f"font-size: {round(13 * scale)}px" in sheet
    assert (tmp_path / name / "check.svg").is_file()


def test_each_selector_of_the_sheet_begins_with_a_class(tmp_path: Path) -> None:
    sheet = style_sheet(Theme(), tmp_path)

    for rule in sheet.split("}")[:-1]:
        for selector in rule.partition("{")[0].split(","):
            assert selector.strip()[0] in "Q*", selector


def test_every_icon_is_drawn_in_the_colour_it_is_asked_for(qapp: object) -> None:
    for path in resources.path("icons").iterdir():
        if path.suffix == ".svg":
            image = icon_pixmap(path.stem, "#FF0000", 24).toImage()
            colors = {
                image.pixelColor(x, y).name()
                for x in range(24)
                for y in range(24)
                if image.pixelColor(x, y).alpha() > 100
            }
            assert colors, path.stem
            assert all(QColor(color).green() < 40 for color in colors), path.stem


def test_the_shipped_font_is_used(qapp: object) -> None:
    make_application([])

    info = QFontInfo(Theme().font(13))

    assert info.family() == "Inter"
    assert QGuiApplication.instance() is not None


def test_settings_that_are_damaged_fall_back(tmp_path: Path) -> None:
    (tmp_path / "w.ini").write_text("[look]\ntheme=purple\nfont_scale=huge\n[recent]\nrows={not json\n")

    settings = Settings(tmp_path / "w.ini")

    assert settings.theme == Theme()
    assert settings.recent == []


def test_what_was_opened_twice_is_listed_once_and_first(tmp_path: Path) -> None:
    settings = Settings(tmp_path / "w.ini")
    for path in ("/a", "/b", "/a"):
        settings.add_recent(Recent(path=path, kind="study", title=path))

    assert [row.path for row in Settings(tmp_path / "w.ini").recent] == ["/a", "/b"]


@pytest.mark.parametrize("name", THEMES)
@pytest.mark.parametrize("scale", [1.0, 1.5])
def test_digits_keep_off_the_border_of_their_box(qtbot: QtBot, home: Path, name: str, scale: float) -> None:
    theme = Theme(name=name, font_scale=scale)
    apply_theme(theme, home)
    for box in (QSpinBox(), QDoubleSpinBox(), NumberField("Epochs", "epochs")):
        qtbot.addWidget(box)
        box.show()
        handled()
        inner = box.findChild(QLineEdit)
        assert inner is not None
        left, right = inner.x(), box.width() - inner.geometry().right() - 1
        assert left >= 6 and right >= 6, type(box).__name__
        # No arrow lies there that a click could hit.
        option = QStyleOptionSpinBox()
        box.initStyleOption(option)
        for arrow in (QStyle.SubControl.SC_SpinBoxUp, QStyle.SubControl.SC_SpinBoxDown):
            rect = box.style().subControlRect(QStyle.ComplexControl.CC_SpinBox, option, arrow, box)
            assert rect.isEmpty(), type(box).__name__
