"""The list of cases by what a model says: its rows, its order, its filter; and that nothing of it is seen elsewhere."""

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.ui.hand import press
from tests.ui.painted import words_of
from tests.ui.test_first_readings import complete, read
from tests.ui.test_list_questions import open_in_review
from tests.ui.test_readers import read_as
from tests.ui.test_review_ai import MODEL
from tests.waiting import handled, settled
from viewer.core.labels import Verdict
from viewer.core.shapes.annotations import CaseStatus, Prediction
from viewer.project.edit_builders import say_image_label, set_status
from viewer.project.project import Project
from viewer.project.said import reading
from viewer.ui.panels.cases.panel import CasesPanel
from viewer.ui.panels.cases.said import IN_REVIEW
from viewer.ui.window.main_window import MainWindow

LIGHT = replace(MODEL, title="Light · 1a2b", kind="classification", labels=("Dark", "Bright"), exclusive=True,
                threshold=0.5)  # fmt: skip
# Of "Bright", which is held against the cut 0.5; film 7 was not asked about.
SCORES = (0.9, 0.2, 0.55, 0.7, 0.1, 0.48, 0.3, None)
# What people say of "Bright". Film 1 is said to be bright and scores 0.2, film 3 is not and scores 0.7.
BRIGHT = (True, True, True, False, False, None, None, None)


def said_of(image_id: str, score: float, name: str = "") -> Prediction:
    return Prediction(
        prediction_id=name or f"p-{image_id[:12]}", image_id=image_id, model_hash=LIGHT.model_hash, model_name="run-a",
        kind="classification", created="2026-11-30", threshold=0.5, labels=("Dark", "Bright"), exclusive=True,
        scores={"Dark": round(1 - score, 6), "Bright": score}, seen="trained on" if score == 0.9 else "",
    )  # fmt: skip


@pytest.fixture
def panel(qtbot: QtBot, window: MainWindow, project_folder: Path, monkeypatch: pytest.MonkeyPatch) -> CasesPanel:
    """The list in Review, with what was said of seven films; all are complete but the last three."""
    monkeypatch.setattr("viewer.ui.flows.model_queries.model_choices", lambda folder: [LIGHT])
    with Project.open(project_folder, writable=True, author="tester") as project:
        for row, score, bright in zip(project.cases.all(), SCORES, BRIGHT, strict=True):
            if score is not None:
                project.predictions.add(said_of(row.first_image_id, score))
            if bright is not None:
                verdict = Verdict.YES if bright else Verdict.NO
                project.history.do(say_image_label(row.first_image_id, "Bright", before=None, after=verdict))
                project.history.do(set_status(project.cases.get(row.case_id), CaseStatus.COMPLETE))
    return open_in_review(qtbot, window, project_folder)


def films(panel: CasesPanel) -> list[int]:
    """The films as the list has them now."""
    return [int(row.title[-5]) for row in panel._model.rows]


def order(panel: CasesPanel, window: MainWindow, words: str) -> list[int]:
    """Choose an order by keys."""
    panel.order.setFocus()
    for _ in range(panel.order.count()):
        QTest.keyClick(panel.order, Qt.Key.Key_Up)
    while not panel.order.currentText().startswith(words):
        QTest.keyClick(panel.order, Qt.Key.Key_Down)
    settled(window.session)
    return films(panel)


def typed(panel: CasesPanel, window: MainWindow, qtbot: QtBot, words: str) -> list[int]:
    panel.search.setFocus()
    panel.search.selectAll()
    QTest.keyClick(panel.search, Qt.Key.Key_Delete)
    QTest.keyClicks(panel.search, words)
    qtbot.waitUntil(lambda: not panel._filter_timer.isActive())
    settled(window.session)
    return films(panel)


def row_words(panel: CasesPanel, film: int, role: Qt.ItemDataRole = Qt.ItemDataRole.ToolTipRole) -> str:
    return str(panel._model.index(films(panel).index(film)).data(role))


def test_a_row_says_score_and_disagreement_and_its_tip_says_all_of_it(panel: CasesPanel) -> None:
    assert "Bright 0.90" in row_words(panel, 0, Qt.ItemDataRole.DisplayRole)
    assert row_words(panel, 0).endswith(
        "Light · 1a2b has answered it.\nIts score: Bright 0.90, Dark 0.10.\nIt agrees with what is labelled.\n"
        "It is 0.40 from another answer.\nThis model was trained on this case."
    )
    assert "Bright 0.20, disagrees with what is labelled" in row_words(panel, 1, Qt.ItemDataRole.DisplayRole)
    assert "It says Dark, and disagrees with what is labelled (Bright)." in row_words(panel, 1)
    assert "labelled" not in row_words(panel, 5) and "It is 0.02 from another answer." in row_words(panel, 5)
    assert "score" not in row_words(panel, 7)

    panel.list.setFixedWidth(700)
    handled()
    assert {"Bright 0.90", "≠ Bright 0.20", "≠ Bright 0.70"} <= set(words_of(panel.list))
    panel.list.setFixedWidth(120)
    handled()
    narrow = set(words_of(panel.list))
    assert {"0.90", "≠ 0.20", "≠ 0.70"} <= narrow, "the label gives way, the score stays"
    assert not any("Bright" in words for words in narrow)


def test_cases_are_sorted_by_what_the_model_says_in_review_and_nowhere_else(
    panel: CasesPanel, window: MainWindow, qtbot: QtBot
) -> None:
    assert films(panel) == list(range(8))
    assert order(panel, window, "Highest score") == [0, 3, 2, 5, 6, 1, 4, 7]
    # From the cut 0.5: 0.02 (5), 0.05 (2), 0.2 (3, 6), 0.3 (1), 0.4 (0, 4).
    assert order(panel, window, "Least certain") == [5, 2, 3, 6, 1, 0, 4, 7]
    assert order(panel, window, "Disagreement") == [1, 3, 0, 2, 4, 5, 6, 7]

    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    press(window, Qt.Key.Key_F6)
    assert window.session.workspace == "annotate"
    assert films(panel) == list(range(8)), "at once: whoever labels does not see what a model says, not for a moment"
    session = window.session
    assert all(session.answered.said(row) is None for row in session.at_hand.cases.all())
    assert panel.order.chosen == "filed" and panel.order.isHidden()
    assert "Bright" not in row_words(panel, 0) and "0.90" not in words_of(panel.list)
    press(window, Qt.Key.Key_F8)
    settled(window.session)
    assert films(panel) == [1, 3, 0, 2, 4, 5, 6, 7]


def test_cases_are_filtered_by_what_the_model_says_in_review_and_nowhere_else(
    panel: CasesPanel, window: MainWindow, qtbot: QtBot
) -> None:
    assert typed(panel, window, qtbot, "score>0.5") == [0, 2, 3]
    assert typed(panel, window, qtbot, "disagrees") == [1, 3]
    assert typed(panel, window, qtbot, "uncertain P5") == [5]
    assert typed(panel, window, qtbot, "score(dark)>0.75") == [1, 4]
    assert typed(panel, window, qtbot, "score(Grey)>0.75") == []
    assert panel.empty._label.text() == "The model has no label “Grey”; it has Dark, Bright."
    assert typed(panel, window, qtbot, "score>x") == []
    assert panel.empty._label.text().startswith("“score>x” cannot be asked for: “x” is no number from 0 to 1.")
    assert typed(panel, window, qtbot, "label:Bright") == []
    assert panel.empty._label.text().startswith("No case fits; “label:Bright” is no key: there are part:, score>")

    assert typed(panel, window, qtbot, "score>0.5") == [0, 2, 3]
    window.enter("annotate")
    assert films(panel) == [] and panel.empty._label.text() == IN_REVIEW
    assert typed(panel, window, qtbot, "score<0.5") == [] and panel.empty._label.text() == IN_REVIEW
    window.enter("review")
    settled(window.session)
    assert films(panel) == [1, 4, 5, 6]


def test_one_answer_and_one_label_are_followed_without_reading_the_list_again(
    panel: CasesPanel, window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    session, reads = window.session, []
    monkeypatch.setattr(reading, "said_of_cases", lambda *_: reads.append(1))
    rows = session.at_hand.cases.all()
    session.open_case(rows[7].case_id)
    settled(session)
    session.keeping.keep_prediction(said_of(rows[7].first_image_id, 0.8), lambda: None)
    settled(session)
    assert "Its score: Bright 0.80, Dark 0.20." in row_words(panel, 7)
    assert session.do(say_image_label(rows[7].first_image_id, "Bright", before=None, after=Verdict.NO))
    settled(session)
    assert "It says Bright, and disagrees with what is labelled (Bright)." in row_words(panel, 7)
    session.undo()
    settled(session)
    assert "labelled" not in row_words(panel, 7)
    assert reads == []
    assert typed(panel, window, qtbot, "score>0.75") == [0, 7]


def test_work_of_many_is_read_again_behind_the_window(
    panel: CasesPanel, window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Labels of films that were never on the screen, by another process."""
    session, reads, read_all = window.session, [], reading.said_of_cases
    monkeypatch.setattr(reading, "said_of_cases", lambda *facts: reads.append(1) or read_all(*facts))
    assert session.project is not None
    assert typed(panel, window, qtbot, "disagrees") == [1, 3]
    project, rows = session.project, session.at_hand.cases.all()
    project.history.do(say_image_label(rows[4].first_image_id, "Dark", before=None, after=Verdict.NO))
    session.keeping.follow()
    settled(session)
    assert films(panel) == [1, 3, 4] and reads, "what is not at hand is known too"


def test_a_first_reading_tells_of_a_case_once_it_is_complete(
    panel: CasesPanel, window: MainWindow, qtbot: QtBot
) -> None:
    session = window.session
    session.open_case(session.at_hand.cases.all()[0].case_id)
    settled(session)
    read(window, "Ada", "First reading")
    window.enter("review")
    settled(session)
    assert typed(panel, window, qtbot, "score>0.5") == []
    assert typed(panel, window, qtbot, "") == list(range(8))
    assert order(panel, window, "Highest score") == list(range(8)), "nor does an order tell of it"
    assert "score" not in row_words(panel, 0)

    complete(window)
    panel.reload()
    settled(session)
    assert "Its score: Bright 0.90" in row_words(panel, 0) and "score" not in row_words(panel, 2)
    assert typed(panel, window, qtbot, "score>0.5") == [0]


def test_a_reading_of_ones_own_tells_of_a_case_that_was_shown_with_ai_which_is_kept(
    panel: CasesPanel, window: MainWindow, qtbot: QtBot
) -> None:
    """Whoever reads on their own has AI's help once they look at a case with it, and that is written down."""
    session = window.session
    window.enter("read")
    session.open_case(session.at_hand.cases.all()[7].case_id)
    settled(session)
    read_as(window, "Ada")
    window.enter("review")
    settled(session)
    assert typed(panel, window, qtbot, "score>0.5") == []
    assert typed(panel, window, qtbot, "") == list(range(8))
    assert "score" not in row_words(panel, 0) and "score" not in row_words(panel, 2)

    session.open_case(session.at_hand.cases.all()[2].case_id)
    settled(session)
    assert session.at_hand.cases.all()[2].revealed and not session.at_hand.cases.all()[0].revealed
    assert "Its score: Bright 0.55" in row_words(panel, 2) and "score" not in row_words(panel, 0)
    assert typed(panel, window, qtbot, "score>0.5") == [2]
