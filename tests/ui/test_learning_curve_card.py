"""Would more labels help: asked for in a dialog, followed on the run's page and in Jobs, drawn and said when done."""

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from ml.card import write_json
from ml.events import CONFIG_FILE, CONTROL_FILE, append_event
from ml.learning_curve.asked import CurveWish, read_wish
from ml.learning_curve.folder import CURVE_FOLDER
from ml.learning_curve.kept import CURVE_FILE, Point, made_curve
from tests.ui.judged_run import trained
from tests.ui.test_run_page import card, opened, page_of
from tests.ui.test_run_page import train as train
from tests.ui.test_run_report import looked, press
from tests.waiting import handled, settled
from viewer.jobs import learning_curves
from viewer.jobs.runs import RunStatus, read_run
from viewer.ui.dialogs.learning_curve import LearningCurveDialog
from viewer.ui.panels.jobs import JobsPanel
from viewer.ui.run_page.learning_curve import LearningCurveCard
from viewer.ui.window.main_window import MainWindow

WISH = CurveWish()
PARTS = {10: 12, 20: 24, 40: 48, 70: 84, 100: 120}


def points(*, rises: bool = True) -> list[Point]:
    """AUC 1 - (0.05 + 0.9 n^-0.6), with a little of each training's own."""
    made = []
    for share, repeat in WISH.trainings:
        patients = PARTS[share]
        value = 0.95 - 0.9 * patients**-0.6 + 0.002 * (repeat - 2) if rises else 0.8 + 0.01 * (repeat - 2)
        made.append(Point(share=share, repeat=repeat, patients=patients, cases=2 * patients, value=value,
                          low=value - 0.05, high=value + 0.04))  # fmt: skip
    return made


def kept(run: Path, **how: Any) -> None:
    """What a job leaves that is done."""
    folder = run / CURVE_FOLDER
    folder.mkdir(exist_ok=True)
    curve = made_curve("auc", "s" * 64, WISH, points(**how), val_cases=60, val_patients=40,
                       notes=["Every training has 3 epochs."], command=["negatoscope"])  # fmt: skip
    write_json(folder / CONFIG_FILE, {CURVE_FOLDER: WISH.to_json()})
    write_json(folder / CURVE_FILE, curve.to_json())
    append_event(folder, "finished", said=curve.outlook.said, model_hash="")


def _drawn(line: Any) -> bool:
    xs = line.getData()[0]
    return xs is not None and len(xs) > 0


def card_of(train: MainWindow, qtbot: QtBot) -> LearningCurveCard:
    return card(page_of(train, qtbot), LearningCurveCard)


def dialog_of(train: MainWindow) -> LearningCurveDialog:
    (found,) = train.findChildren(LearningCurveDialog)
    return found


def test_it_is_asked_for_with_the_defaults_stopped_and_gone_on_with(
    train: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(learning_curves, "require_torch", lambda: None)
    run = trained(opened(train), snapshot_id="s" * 64)
    shown = card_of(train, qtbot)
    assert "The test part stays sealed" in shown.words.text() and not shown.cancel.isVisible()

    press(qtbot, shown.ask)
    dialog = dialog_of(train)
    assert dialog.parts.text() == "10,20,40,70,100" and "15 trainings of at most 3 epochs each" in dialog.cost.text()
    assert "7.2 times the run itself" in dialog.cost.text()
    assert "is only told of" not in dialog.cost.text()
    dialog.parts.setText("50,100")
    assert "is only told of 4 parts and 5 trainings" in dialog.cost.text()  # by the rule of the extrapolation
    dialog.parts.setText("10,20,40,70,100")
    QTest.keyClick(dialog.parts, Qt.Key.Key_Return)
    qtbot.waitUntil(shown.cancel.isVisible)

    assert read_wish(run / CURVE_FOLDER) == WISH
    assert "waits" in shown.words.text() and not shown.ask.isVisible()
    why = train.book.row("train.learning_curve").why_not(train.session.situation())
    assert "is being made already" in why
    press(qtbot, shown.cancel)
    qtbot.waitUntil(shown.ask.isVisible)
    assert shown.ask.text() == "Go on…" and "what was trained is kept" in shown.words.text()
    assert read_run(run).curve is not None and read_run(run).state is RunStatus.FINISHED


def test_what_cannot_be_asked_for_is_said_as_it_is_typed(train: MainWindow, qtbot: QtBot) -> None:
    trained(opened(train))
    looked(qtbot, train.session)
    train.book.run("train.learning_curve")
    dialog = dialog_of(train)

    for text, said in (
        ("ten", "whole numbers of percent"),
        ("50", "from 2 to 20 different parts"),
        ("0,5", "1 to 100"),
    ):
        dialog.parts.selectAll()
        QTest.keyClicks(dialog.parts, text)
        assert said in dialog.problem.text() and dialog.problem.isVisible() and not dialog.start.isEnabled()
    dialog.parts.selectAll()
    QTest.keyClicks(dialog.parts, "25, 50, 100")
    assert dialog.start.isEnabled() and not dialog.problem.isVisible()
    assert dialog.wish() == CurveWish(shares=(25, 50, 100))


def test_while_it_works_the_page_and_jobs_say_what_it_does_and_cancel_is_in_the_menu(
    train: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = trained(opened(train))
    folder = run / CURVE_FOLDER
    folder.mkdir()
    write_json(folder / CONFIG_FILE, {CURVE_FOLDER: WISH.to_json()})
    monkeypatch.setattr("viewer.jobs.runs.is_alive", lambda folder: folder.name == CURVE_FOLDER)
    append_event(folder, "starting", resume=True)
    append_event(folder, "judging", what="learning from 24 of 120 training patients, repeat 1", done=1, total=15)
    shown = card_of(train, qtbot)

    assert shown.words.text() == "Learning from 24 of 120 training patients, repeat 1, 1 of 15."
    assert (shown.bar.value(), shown.bar.maximum()) == (1, 15)
    (jobs,) = train.findChildren(JobsPanel)
    jobs.reload()
    (beside,) = jobs.judging.rows.values()
    assert beside.title.text().startswith("Learning curve of ") and "1 of 15" in beside.words.text()
    row = train.book.row("train.cancel")
    assert not row.why_not(train.session.situation())
    train.book.run("train.cancel")
    qtbot.waitUntil((folder / CONTROL_FILE).is_file)


def test_a_curve_that_is_done_is_drawn_and_says_what_more_labels_bring(train: MainWindow, qtbot: QtBot) -> None:
    kept(trained(opened(train)))
    shown = card_of(train, qtbot)

    assert shown.sentence.text().startswith("AUC is 0.899 with all 120 training patients")
    assert "240 patients, about 480 labelled cases" in shown.sentence.text()
    assert [row[0] for row in shown.rows.said] == ["10 %", "20 %", "40 %", "70 %", "100 %"]
    assert shown.rows.said[0][1] == "12 patients, 24 cases" and shown.rows.said[0][3].startswith("3 trainings from ")
    assert "60 cases of 40 patients" in shown.notes.text() and "The test part was not looked at" in shown.notes.text()
    assert shown.plot is not None
    assert len(shown.plot.trainings.getData()[0]) == 15 and len(shown.plot.means.getData()[0]) == 5
    assert len(shown.plot.law.getData()[0]) > 10 and len(shown.plot.whiskers.getData()[0]) == 10
    at = list(shown.plot.ahead.getData()[0])
    assert at == pytest.approx([2.380, 2.380, 2.681, 2.681], abs=1e-3), "log10 of 240 and 480, both ends of each"
    assert shown.ask.text() == "Another curve…"


def test_where_nothing_can_be_said_nothing_is_drawn_beyond_the_points(train: MainWindow, qtbot: QtBot) -> None:
    kept(trained(opened(train)), rises=False)
    shown = card_of(train, qtbot)

    assert "cannot be said: AUC does not clearly get better" in shown.sentence.text()
    assert shown.plot is not None and not _drawn(shown.plot.ahead) and not _drawn(shown.plot.law)


def test_a_damaged_curve_is_named_and_the_rest_of_the_page_stands(train: MainWindow, qtbot: QtBot) -> None:
    run = trained(opened(train))
    kept(run)
    (run / CURVE_FOLDER / CURVE_FILE).write_text("{")
    page = page_of(train, qtbot)

    shown = card(page, LearningCurveCard)
    assert "Its learning curve cannot be read" in shown.why_not and CURVE_FILE in shown.why_not
    assert shown.ask.isVisible() and not shown.sentence.isVisible()
    settled(train.session)
    handled()
