"""A table of 500 runs: its first paint, sorting, a step of scrolling, what is typed, and a look at their folders.

The figures are printed, and kept in the benchmark's extra_info; no test asserts a time.
"""

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytest_benchmark.fixture import BenchmarkFixture
from pytestqt.qtbot import QtBot

from tests.run_rows import a_run, write_run
from viewer.jobs.run_columns import COLUMNS
from viewer.jobs.runs import Known, list_runs
from viewer.ui.flows.desk import Desk
from viewer.ui.run_table.page import RunTablePage
from viewer.ui.state.settings import Settings

RUNS, EPOCHS = 500, 1000


def ms(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - began)


@pytest.fixture
def session(qtbot: QtBot, home: Path) -> Iterator[Desk]:
    made = Desk(Settings(home / "settings.ini"), author="tester")
    yield made
    made.close()
    made.deleteLater()


@pytest.mark.full
def test_a_table_of_500_runs(
    qtbot: QtBot, session: Desk, benchmark: BenchmarkFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    session.jobs._timer.stop()
    monkeypatch.setattr(session.jobs, "look", lambda: None)
    session.jobs.runs = tuple(a_run(place, epochs=EPOCHS) for place in range(RUNS))[::-1]
    page = RunTablePage(session)
    qtbot.addWidget(page)
    page.resize(1600, 900)
    told = {"first paint": ms(lambda: (page.show(), page.grab()))}
    for column, one in enumerate(COLUMNS):
        if one.name not in ("name", "validation", "test", "learning_rate"):
            continue
        named = one.title
        told[f"sorted by {named}, painted"] = ms(
            lambda column=column: (page.table.sortByColumn(column, Qt.SortOrder.DescendingOrder), page.grab())
        )
    told["filtered, painted"] = ms(lambda: (page.filter.setText("state:finished resnet"), page.grab()))
    page.filter.clear()
    bar, steps = page.table.verticalScrollBar(), []
    for value in range(0, 200 * page.table.rowHeight(0), page.table.rowHeight(0)):
        steps.append(ms(lambda value=value: (bar.setValue(value), QApplication.processEvents())))
    steps.sort()
    told |= {"a step of scrolling, median": steps[len(steps) // 2], "99th percentile": steps[int(0.99 * len(steps))]}
    benchmark.extra_info |= told
    benchmark.pedantic(lambda: page._take_runs(session.jobs.runs), rounds=5)
    sys.stdout.write("".join(f"{what}: {value:.1f} ms\n" for what, value in told.items()))


@pytest.mark.full
def test_a_look_at_500_folders(tmp_path: Path, benchmark: BenchmarkFixture) -> None:
    for place in range(RUNS):
        write_run(tmp_path, place, EPOCHS)
    known: Known = {}
    told = {"first look": ms(lambda: list_runs(tmp_path, known)), "next look": ms(lambda: list_runs(tmp_path, known))}
    benchmark.extra_info |= told
    benchmark.pedantic(lambda: list_runs(tmp_path, known), rounds=5)
    sys.stdout.write("".join(f"{what}: {value:.1f} ms\n" for what, value in told.items()))
