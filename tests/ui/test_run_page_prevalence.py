"""A run's page says what its answers are worth among the reader's own patients; the values are counted by hand."""

import pytest
from pytestqt.qtbot import QtBot

from tests.ui.judged_run import judge, trained
from tests.ui.test_run_page import card, opened, page_of, train  # noqa: F401
from viewer.ui.run_page.judged import Judged, Matrix
from viewer.ui.run_page.prevalence import PrevalenceCard, ways
from viewer.ui.window.main_window import MainWindow


def judged(train: MainWindow, qtbot: QtBot) -> PrevalenceCard:  # noqa: F811
    judge(trained(opened(train)), opened(train))
    return card(page_of(train, qtbot), PrevalenceCard)


def type_in(qtbot: QtBot, shown: PrevalenceCard, text: str) -> None:
    shown.percent.setFocus()
    shown.percent.selectAll()
    qtbot.keyClicks(shown.percent, text)


def told(shown: PrevalenceCard) -> list[str]:
    return [f"{words.text()}: {value.text()}" for words, value in shown.lines]


def test_predictive_values_follow_what_is_typed(train: MainWindow, qtbot: QtBot) -> None:  # noqa: F811
    """Of four Bright three are found, of four Dark two are left out; at 5 in 100: 0.0375 of 0.5125, 0.475 of 0.4875."""
    shown = judged(train, qtbot)
    assert shown.label.currentText() == "Bright" and shown.percent.text() == "50"
    type_in(qtbot, shown, "5")

    assert told(shown) == [
        "Answered Bright, and it is (PPV): 7.32 % · 60 % in these cases",
        "Answered otherwise, and it is not (NPV): 97.4 % · 66.7 % in these cases",
        "Sensitivity, specificity: 75 % (3 of 4), 50 % (2 of 4); 50 % of these cases have it",
    ]
    assert "same mix of cases" in shown.assumed.text()


def test_what_is_the_same_in_the_judged_cases_is_said_once(train: MainWindow, qtbot: QtBot) -> None:  # noqa: F811
    """Half of the judged cases are Bright: 3 of 5 that are answered so are, 2 of 3 that are not are not."""
    shown = judged(train, qtbot)
    type_in(qtbot, shown, "50")

    assert told(shown)[:2] == [
        "Answered Bright, and it is (PPV): 60 %, as in these cases",
        "Answered otherwise, and it is not (NPV): 66.7 %, as in these cases",
    ]
    assert "--" not in shown.assumed.text() and "`" not in shown.assumed.text()


def test_another_label_is_asked_for(train: MainWindow, qtbot: QtBot) -> None:  # noqa: F811
    shown = judged(train, qtbot)

    shown.label.setCurrentIndex(shown.label.findText("Dark"))

    assert told(shown)[2] == "Sensitivity, specificity: 50 % (2 of 4), 75 % (3 of 4); 50 % of these cases have it"


@pytest.mark.parametrize("text", ["", "0", "100", "-3", "many", "nan", "1e400"])
def test_what_is_no_prevalence_is_said_and_no_value_stands(
    train: MainWindow, qtbot: QtBot, text: str  # noqa: F811
) -> None:  # fmt: skip
    shown = judged(train, qtbot)

    shown.percent.setText(text)

    assert shown.problem.isVisibleTo(shown) and repr(text) in shown.problem.text()
    assert told(shown)[0].startswith("Answered Bright, and it is (PPV): not defined")
    shown.percent.setText("2,5 %")
    assert not shown.problem.isVisibleTo(shown)


def test_it_is_remembered_and_gone_without_a_report(train: MainWindow, qtbot: QtBot) -> None:  # noqa: F811
    shown = judged(train, qtbot)
    type_in(qtbot, shown, "5")
    shown.percent.editingFinished.emit()
    assert train.session.settings.word("prevalence_percent", "") == "5"

    trained(opened(train))  # a newer one that nobody has judged
    train.session.jobs.look()
    qtbot.waitUntil(lambda: len(train.session.jobs.runs) == 2)
    newer = next(run for run in train.session.jobs.runs if run.report is None)
    train.session.jobs.select(newer.run_id)
    qtbot.waitUntil(lambda: not shown.isVisibleTo(shown.parentWidget()))


def one(cell: tuple[int, int]) -> Judged:
    return Judged(image_id="i", file="f", label="", truth="", answer="", score="", wrong=None, place=0, cell=cell)


def test_the_four_ways_of_a_label_are_counted_from_its_matrix() -> None:
    several = {(0, 0): 5, (0, 1): 1, (0, 2): 2, (1, 0): 3, (1, 1): 7, (2, 0): 1, (2, 2): 9}
    labels = ("A", "B", "C")
    cells = {cell: tuple(one(cell) for _ in range(count)) for cell, count in several.items()}
    assert ways(Matrix(rows=labels, columns=labels, cells=cells), 0) == (5, 8, 16, 20)

    each = {(0, 0): (one((0, 0)),) * 4, (0, 1): (one((0, 1)),) * 2, (0, 2): (one((0, 2)),), (0, 3): (one((0, 3)),) * 6}
    yes_or_no = Matrix(rows=("A",), columns=("found", "missed", "false", "neither"), cells=each)
    assert ways(yes_or_no, 0) == (4, 6, 6, 7)
