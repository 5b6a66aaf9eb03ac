"""Where a line has too little room it ends between facts or words: half a number is another number."""

import re

from PySide6.QtGui import QFontMetrics, Qt
from pytestqt.qtbot import QtBot

from tests.ui.painted import words_of
from tests.waiting import handled
from viewer.ui.look.chips import ElidedLabel
from viewer.ui.look.plain_text import elide, elide_last, set_text
from viewer.ui.panels.finding_rows import _place_words
from viewer.ui.panels.studies import StudiesPanel
from viewer.ui.window.main_window import MainWindow
from viewer.ui.window.status import StatusBar

RIGHT = Qt.TextElideMode.ElideRight


def test_a_line_ends_between_facts_then_between_words(qtbot: QtBot) -> None:
    label = ElidedLabel()
    qtbot.addWidget(label)
    metrics = QFontMetrics(label.font())
    wide = metrics.horizontalAdvance
    facts, words = "CT · 512 × 512 · 1.25 mm", "Drag to move the 12 points"

    for text, room_px, shown in (
        (facts, wide(facts), facts),
        (facts, wide(facts) - 1, "CT · 512 × 512 · …"),
        (facts, wide("CT · …"), "CT · …"),
        (words, wide(words) - 1, "Drag to move the…"),
        (words, wide("Drag to move…"), "Drag to move…"),
        ("512 × 512", wide("512 × 512") - 1, "…"),
    ):
        assert elide(metrics, text, RIGHT, room_px) == shown
    alone = elide(metrics, "Mediastinum", RIGHT, wide("Mediast…"))
    assert alone.endswith("…") and len(alone) > 2, "a word that has no room alone is cut in itself"

    why, place = "its score is at least 0.35", "12 × 9 mm"
    assert _place_words(metrics, [], [place, why], wide(f"{place} · {why}")) == f"{place} · {why}"
    assert _place_words(metrics, [], [why, place], wide(place)) == place, "half a reason is none"
    assert _place_words(metrics, ["outside its domain"], [place], 5) == "outside its domain"


def test_a_title_keeps_its_first_fact_and_a_letter_with_dots_is_none(qtbot: QtBot) -> None:
    label = ElidedLabel()
    qtbot.addWidget(label)
    metrics = QFontMetrics(label.font())
    wide = metrics.horizontalAdvance
    title = "Heatmap · PNEUMONIA"

    assert elide_last(metrics, title, wide(title)) == title
    narrow = elide_last(metrics, title, wide(title) - 4)
    assert narrow.startswith("Heatmap · P") and narrow.endswith("A") and "…" in narrow
    assert wide(narrow) <= wide(title) - 4
    assert wide(elide_last(metrics, title, wide("Heatmap"))) <= wide("Heatmap"), "no room for the class at all"

    set_text(label, "loading the snapshot")
    for room_px, shown in ((wide("lo…"), "…"), (wide("load…") + 2, "load…"), (wide("loading the snapshot") + 60, "")):
        label.resize(room_px, 30)
        painted = words_of(label)
        assert painted == [shown or "loading the snapshot"], (room_px, painted)


def test_our_own_words_for_nobody_are_shortened_not_cut(reading: MainWindow, qtbot: QtBot) -> None:
    panel = StudiesPanel(reading.session)
    qtbot.addWidget(panel)
    reading.session.set_names_hidden(hidden=True)
    said = set()
    metrics = QFontMetrics(reading.session.theme.font(12, 600))
    beside_px = 10 + 18 + 24 + 10 + 10 + QFontMetrics(reading.session.theme.font(12)).horizontalAdvance("1 study")
    for words in ("Name hidden", "Hidden"):
        panel.resize(600, 600)
        panel.show()
        handled()
        around_px = panel.width() - panel.tree.viewport().width() + beside_px
        panel.resize(around_px + metrics.horizontalAdvance(words) + 8, 600)
        handled()
        said |= {one for one in words_of(panel.tree) if one.startswith(("Name", "Hidden"))}

    assert said == {"Name hidden", "Hidden"}


def test_lists_and_status_bar_cut_no_number_in_a_narrow_window(reading: MainWindow, qtbot: QtBot) -> None:
    panel = StudiesPanel(reading.session)
    qtbot.addWidget(panel)
    status = reading.statusBar()
    assert isinstance(status, StatusBar)
    set_text(status._source, "Rescale Type (0028,1054) · Patient's Weight (0010,1030) is missing")
    status.say("Draw 12 points of 512 and close it with Enter, or drop it with Esc as long as nobody has seen it")
    cut = set()
    for width in range(150, 320, 10):
        panel.resize(width, 600)
        panel.show()
        status._source.setFixedWidth(width)
        status._mouse.setFixedWidth(width)
        handled()
        cut |= {one for part in (panel.tree, status._source, status._mouse) for one in words_of(part) if "…" in one}

    assert any("×" in one for one in cut) and any("points" in one for one in cut), "else nothing was too wide"
    assert not [one for one in cut if re.search(r"\d[.,]?…|No patie…", one)]
