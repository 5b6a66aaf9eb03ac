"""What looks alike in a list when it is cut is cut where it does not differ."""

from pathlib import Path

import pytest
from PySide6.QtGui import QFont, QFontMetrics
from pytestqt.qtbot import QtBot

from viewer.reading.scan import Problem
from viewer.ui.flows.desk import Desk
from viewer.ui.look.cut_apart import cut_apart
from viewer.ui.look.plain_text import words_width
from viewer.ui.panels.report import ReportPanel
from viewer.ui.window.main_window import MainWindow

FILMS = tuple(f"NORMAL2-IM-{number}-0001.jpg" for number in ("0669", "0828", "1016"))
SERIES = tuple(f"IBSI_1_STS_002_{kind}_image" for kind in ("CT", "PET", "MR"))


@pytest.mark.parametrize("names", [FILMS, SERIES])
def test_names_that_would_look_the_same_are_cut_at_their_beginning(qtbot: QtBot, names: tuple[str, ...]) -> None:
    metrics = QFontMetrics(QFont())
    room_px = words_width(metrics, "NORMAL2…01.jpg")

    shown = [cut_apart(metrics, name, names, room_px) for name in names]

    assert len(set(shown)) == len(names), shown
    assert all(words_width(metrics, one) <= room_px for one in shown)
    whole = words_width(metrics, names[0]) + 20
    assert cut_apart(metrics, names[0], names, whole) == names[0]
    assert cut_apart(metrics, names[0], ("another",), room_px).endswith(names[0][-1]), "alone it keeps both its ends"


def test_two_files_of_one_name_are_told_apart_by_what_differs_of_their_folders(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    above = Path("/somewhere/that/is/far/below")
    files = [above / "first" / "RS.dcm", above / "second" / "RS.dcm"]
    problems = [Problem(path=path, reason="is an RT structure set") for path in files]
    monkeypatch.setattr(Desk, "problems", problems)
    panel = ReportPanel(window.session)
    qtbot.addWidget(panel)

    items = [panel.list.topLevelItem(row) for row in range(2)]

    assert [item.text(2).replace("\\", "/") for item in items] == ["…/first", "…/second"]
    assert [item.toolTip(2) for item in items] == [str(path.parent) for path in files]
