"""A list of thousands of rows asks Python about those in sight alone, whatever comes, goes or changes in it."""

import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from viewer.ui.flows.cases.listing import CaseModel
from viewer.ui.look.even_rows import CountedRows, EvenList
from viewer.ui.panels.finding_rows import FindingModel
from viewer.ui.panels.history import HistoryModel
from viewer.ui.panels.on_image import AnnotationModel

ROWS = 3000


class Named(CountedRows):
    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        return f"row {index.row()}" if role == Qt.ItemDataRole.DisplayRole else None


@pytest.fixture
def listed(qtbot: QtBot) -> Iterator[tuple[EvenList, Named]]:
    rows, model = EvenList(), Named()
    rows.setModel(model)
    rows.setUniformItemSizes(True)
    rows.resize(200, 300)
    qtbot.addWidget(rows)
    model.lay_rows(ROWS)
    with qtbot.waitExposed(rows):
        rows.show()
    QApplication.processEvents()
    yield rows, model


def calls(act: Callable[[], object]) -> int:
    """How many Python functions are called until it is painted."""
    found = 0

    def count(frame: object, event: str, _: object) -> None:
        nonlocal found
        found += event == "call"

    sys.setprofile(count)
    try:
        act()
        for _ in range(5):
            QApplication.processEvents()
    finally:
        sys.setprofile(None)
    return found


def test_a_row_that_comes_asks_of_those_in_sight_alone(listed: tuple[EvenList, Named]) -> None:
    rows, model = listed
    assert 1 < rows.height() // rows.sizeHintForRow(0) < ROWS / 20

    assert calls(lambda: model.put_rows(ROWS // 2, 1)) < ROWS / 2
    assert model.rowCount() == ROWS + 1
    assert calls(lambda: model.lay_rows(ROWS)) < ROWS / 2
    assert model.rowCount() == ROWS
    assert calls(lambda: rows.resize(200, 200)) < ROWS / 2


def test_a_row_is_chosen_and_neither_written_into_nor_dragged(listed: tuple[EvenList, Named], qtbot: QtBot) -> None:
    rows, model = listed
    flags, kinds = model.flags(model.index(3)), Qt.ItemFlag

    assert flags & kinds.ItemIsSelectable and flags & kinds.ItemIsEnabled
    assert not flags & (kinds.ItemIsEditable | kinds.ItemIsDragEnabled | kinds.ItemIsDropEnabled)
    assert not model.flags(QModelIndex()) & kinds.ItemIsDropEnabled
    rows.setCurrentIndex(model.index(3))
    qtbot.keyClick(rows, Qt.Key.Key_F2)
    assert rows.state() == EvenList.State.NoState
    qtbot.keyClick(rows, Qt.Key.Key_Down)
    assert rows.currentIndex().data() == "row 4"


@pytest.mark.parametrize("model", [CaseModel, FindingModel, AnnotationModel, HistoryModel])
def test_the_long_lists_have_such_rows(model: type) -> None:
    assert issubclass(model, CountedRows)
    assert not {"rowCount", "index", "columnCount", "parent"} & {name for one in model.__mro__ for name in vars(one)
                                                                 if one.__module__.startswith("viewer.")}  # fmt: skip
