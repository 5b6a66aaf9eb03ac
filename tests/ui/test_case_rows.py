"""In the list of cases the films of one patient are told apart, however narrow it is and however large its words."""

from dataclasses import replace

import pytest
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QListView
from pytestqt.qtbot import QtBot

from tests.ui.painted import words_of
from tests.ui.test_cases import panel_of
from tests.ui.test_parts_of_cases import FIRST, divided  # noqa: F401  # divided: a fixture
from tests.waiting import settled
from viewer.core.shapes.annotations import CaseStatus
from viewer.project.edit_builders import set_status
from viewer.project.snapshots.snapshot import Snapshot
from viewer.ui.flows.cases.pictures import PICTURE_PX
from viewer.ui.flows.desk import Desk
from viewer.ui.look.plain_text import FACTS
from viewer.ui.panels.cases import rows as case_rows
from viewer.ui.panels.cases.panel import CasesPanel
from viewer.ui.panels.cases.part import part_px

AROUND_PX = 10 + PICTURE_PX + 10 + 21 + 12  # left of the picture, after it, the status icon, and the right edge


def films(session: Desk) -> list[str]:
    assert session.project is not None
    return [case.title.rpartition(" · ")[2] for case in session.project.cases.all()]


def narrowed(panel: CasesPanel, session: Desk) -> QListView:
    """The list alone, just wide enough for the longest name of a film beside the icon of its status."""
    metrics = QFontMetrics(session.theme.font(12))
    rows = panel.list
    rows.setParent(None)
    rows.resize(max(metrics.horizontalAdvance(film) for film in films(session)) + 2 + AROUND_PX, 3000)
    rows.show()
    return rows


@pytest.mark.parametrize("status", [CaseStatus.COMPLETE, CaseStatus.IN_PROGRESS, CaseStatus.NEEDS_REVIEW])
def test_the_name_of_each_film_stands_whole_whatever_else_its_row_says(
    qtbot: QtBot,
    divided: tuple[Desk, Snapshot],  # noqa: F811
    status: CaseStatus,
) -> None:
    session, _ = divided
    assert session.project is not None
    for case in session.project.cases.all():
        session.project.history.do(set_status(case, status))
    for scale in (1.0, 1.5):
        session.set_theme(replace(session.theme, font_scale=scale))
        panel = panel_of(qtbot, session)
        settled(session)
        rows = narrowed(panel, session)
        qtbot.addWidget(rows)

        painted = words_of(rows)

        whole = {words.split(FACTS)[0] for words in painted}
        assert [film for film in films(session) if film not in whole] == [], scale


def test_words_come_back_where_they_have_room(qtbot: QtBot, divided: tuple[Desk, Snapshot]) -> None:  # noqa: F811
    session, _ = divided
    panel = panel_of(qtbot, session)
    settled(session)
    panel.resize(600, 3000)

    painted = words_of(panel.list)

    assert painted.count("Complete") == 8 and painted.count("train") == 4


def parts_in(rows: QListView) -> list[str]:
    return [word for word in words_of(rows) if word in ("train", "validation", "test")]


@pytest.mark.parametrize("scale", [1.0, 1.5])
def test_the_part_stands_in_every_row_however_long_the_names_of_the_films(
    qtbot: QtBot,
    divided: tuple[Desk, Snapshot],  # noqa: F811
    scale: float,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Where the film leaves no room beside it: in some rows it stood, and in those of longer names it did not."""
    session, _ = divided
    session.set_theme(replace(session.theme, font_scale=scale))
    panel = panel_of(qtbot, session)
    settled(session)
    panel.resize(900, 3000)
    there = parts_in(panel.list)
    assert len(there) >= 7
    rows = narrowed(panel, session)
    qtbot.addWidget(rows)
    wide = QFontMetrics(session.theme.font(13, 600)).horizontalAdvance("P0") + part_px(session.icons, "validation")
    rows.resize(max(rows.width(), wide + AROUND_PX + 21), 3000)

    assert parts_in(rows) == there
    assert [film for film in films(session) if film not in {words.split(FACTS)[0] for words in words_of(rows)}] == []
    # Narrower than the names of both: then they are cut, and the part stands.
    monkeypatch.setattr(case_rows, "short_title", lambda _: "NORMAL2-IM-0671 of the second reading")
    monkeypatch.setattr(case_rows, "case_detail", lambda *_, **__: "NORMAL2-IM-0671-0001 of the second reading.jpg")
    rows.resize(2 * part_px(session.icons, "validation") + 30 + AROUND_PX, 3000)

    assert parts_in(rows) == there
    # Or wide enough for the film's name alone, which begins with the patient's.
    film = "NORMAL2-IM-0671-0001.jpg"
    monkeypatch.setattr(case_rows, "short_title", lambda _: film[:15])
    monkeypatch.setattr(case_rows, "case_detail", lambda *_, **__: film)
    whole_px = QFontMetrics(session.theme.font(12)).horizontalAdvance(film)
    rows.resize(max(whole_px + 4, 2 * part_px(session.icons, "validation") + 22) + AROUND_PX, 3000)

    assert parts_in(rows) == there


PARTS = ("train", "validation", "val", "test")
NAMES = [  # of a patient and of a film: both short, one long, both long, and a film's that begins with the patient's
    ("P0", "film_0.png"), ("P0", "knee of the second visit, lateral.png"), ("NORMAL2-IM-0671-0001", "film_0.png"),
    ("NORMAL2-IM-0671", "second reading, lateral.jpg"), ("IM-0734", "IM-0734-0001.jpg"),
]  # fmt: skip


@pytest.mark.parametrize("scale", [1.0, 1.5])
def test_no_width_of_the_list_takes_the_part_from_a_row(
    qtbot: QtBot,
    divided: tuple[Desk, Snapshot],  # noqa: F811
    scale: float,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Where a film's name just fitted and the patient's line was full, "validation" was in neither line."""
    session, _ = divided
    session.set_theme(replace(session.theme, font_scale=scale))
    panel = panel_of(qtbot, session)
    settled(session)
    rows = narrowed(panel, session)
    qtbot.addWidget(rows)
    for title, film in NAMES:
        monkeypatch.setattr(case_rows, "short_title", lambda _, title=title: title)
        monkeypatch.setattr(case_rows, "case_detail", lambda *_, film=film, **__: film)
        for wide in range(round(170 * scale), round(420 * scale), 10):
            rows.resize(wide, 3000)
            words = words_of(rows)

            said = [word.replace("validation", "val") for word in words if word in PARTS]
            assert said == [part for part in FIRST if part], (title, film, wide)
            # Never is a name cut to nothing for it.
            assert all(word.strip("…") for word in words), (title, film, wide)
