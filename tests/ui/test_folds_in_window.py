"""All folds of a training are one job in the window: stopped, gone on with and judged together, their scores kept."""

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog
from pytestqt.qtbot import QtBot

from ml.card import write_json
from ml.events import append_event
from ml.recipe import default_recipe
from ml.report_job import read_wish
from tests.ui.judged_run import FIGURE, LABELS, document, trained
from tests.ui.test_run_page import card, opened, page_of
from tests.ui.test_run_page import train as train  # the fixture
from tests.waiting import settled
from viewer.jobs.queue import enqueue
from viewer.jobs.runs import read_run
from viewer.ui.dialogs.run_report import RunReportDialog
from viewer.ui.panels.jobs import JobsPanel
from viewer.ui.panels.runs import RunsPanel
from viewer.ui.run_page.external import ExternalCard
from viewer.ui.run_page.folds import NOT_YET, FoldsCard
from viewer.ui.window.main_window import MainWindow

SHARED = {"snapshot_id": "ab" * 32, "run_name": "all of them"}
EACH = {
    "title": "Each fold alone", "note": "", "of_cases": False, "columns": ["Fold", "Cases", "Patients", "AUC"],
    "rows": [["0", "4", "3", "0.900"], ["1", "4", "3", "0.700"], ["mean", "", "", "0.800"],
             ["standard deviation", "", "", "0.141"]],
}  # fmt: skip
POOLED = {"auc_fold_mean": {**FIGURE, "value": 0.8, "low": 0.61, "high": 0.9}, "auc": FIGURE}


def press(button: object) -> None:
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def queued(train: MainWindow, fold: int) -> Path:
    recipe = default_recipe(
        task="Brightness", kind="classification", labels=LABELS, model="simple_cnn", epochs=3, fold=fold, **SHARED
    )
    return enqueue(opened(train).folder, recipe)


def shown(train: MainWindow, qtbot: QtBot, run: Path) -> FoldsCard:
    train.session.jobs.select(run.name)
    return card(page_of(train, qtbot), FoldsCard)


@pytest.fixture
def folds(train: MainWindow) -> list[Path]:
    """Two folds that have finished."""
    return [trained(opened(train), fold=fold, **SHARED) for fold in range(2)]


def panel_of(train: MainWindow) -> JobsPanel:
    (panel,) = train.findChildren(JobsPanel)
    return panel


def judged(folder: Path, name: str, **more: Any) -> None:
    append_event(folder / name, "finished", said="AUC 0.800 (0.610 to 0.900) of 2 folds, each on what it held out")
    answers = {"model": POOLED, "view alone": POOLED}
    write_json(
        folder / name / "figures.json", document(decides="auc_fold_mean", answers=answers, tables=[EACH], **more)
    )


def test_folds_are_told_together_and_stopped_and_gone_on_with_by_one_button(train: MainWindow, qtbot: QtBot) -> None:
    done = trained(opened(train), fold=0, **SHARED)
    second, third = queued(train, 1), queued(train, 2)
    found = shown(train, qtbot, done)

    assert found.rows.said == [
        ("Fold 0", "Finished", "AUC 0.767 on validation"), ("Fold 1", "Waiting", ""), ("Fold 2", "Waiting", ""),
    ]  # fmt: skip
    assert found.beside.text() == "1 of 3 folds finished" and found.words.text() == NOT_YET
    assert not found.judge.isVisible() and not found.resume.isVisible()
    panel = panel_of(train)
    assert panel.folds.text() == "Fold 0, 1 of 3 folds finished"
    assert (panel.cancel.text(), panel.cancel.isVisible(), panel.resume.isVisible()) == (
        "Cancel all folds",
        True,
        False,
    )
    (rows,) = train.findChildren(RunsPanel)
    texts = {rows.list.model().index(place, 0).data() for place in range(3)}
    assert {text.split("fold ")[1][0] for text in texts} == {"0", "1", "2"}

    press(panel.cancel)
    settled(train.session)
    found = shown(train, qtbot, second)
    assert [str(read_run(one).state) for one in (done, second, third)] == ["finished", "cancelled", "cancelled"]
    assert panel.folds.text() == "Fold 1, 1 of 3 folds finished" and not panel.cancel.isVisible()

    assert found.resume.isVisible() and not found.cancel.isVisible()
    press(found.resume)
    settled(train.session)
    assert [str(read_run(one).state) for one in (done, second, third)] == ["finished", "queued", "queued"]
    found = shown(train, qtbot, second)
    press(found.cancel)
    settled(train.session)
    shown(train, qtbot, second)
    press(panel.resume)
    settled(train.session)
    assert [str(read_run(one).state) for one in (done, second, third)] == ["finished", "queued", "queued"]


def test_all_folds_are_judged_and_each_stands_beside_all_scores_together(
    train: MainWindow, folds: list[Path], qtbot: QtBot
) -> None:
    found = shown(train, qtbot, folds[1])
    press(found.judge)
    settled(train.session)
    assert read_wish(folds[0] / "folds").runs == tuple(one.name for one in folds)
    found = shown(train, qtbot, folds[1])
    assert not found.judge.isVisible() and found.as_one.isVisible() and not found.scores.isVisible()
    (row,) = panel_of(train).judging.rows.values()
    assert row.title.text().startswith("Report of all folds of Brightness")

    judged(folds[0], "folds")
    found = shown(train, qtbot, folds[1])
    qtbot.waitUntil(lambda: found.together.isVisible())
    assert found.rows.said == [
        ("Fold", "Cases", "Patients", "AUC"), ("Fold 0", "4", "3", "0.900"), ("Fold 1", "4", "3", "0.700"),
        ("Mean", "", "", "0.800"), ("Spread (SD)", "", "", "0.141"),
    ]  # fmt: skip
    assert found.together.said == [
        ("Mean of the folds", "AUC 0.800 (0.610 to 0.900), 8 cases of 6 patients"),
        ("All scores out of fold together", "AUC 0.750 (0.400 to 0.960), 8 cases of 6 patients"),
    ]
    assert not panel_of(train).judging.isVisible()
    press(found.strips.strip(folds[0] / "folds").open)
    (report,) = train.findChildren(RunReportDialog)
    settled(train.session)
    assert "Each fold alone" in report.page.toPlainText()
    report.reject()

    press(found.as_one)
    settled(train.session)
    assert read_wish(folds[0] / "folds-as-one").as_one
    append_event(folds[0] / "folds-as-one", "failed", error="The folds share no test case.", kind="BadRequest")
    found = shown(train, qtbot, folds[0])
    assert found.strips.strip(folds[0] / "folds-as-one").refusal_words.text() == "The folds share no test case."


def test_the_scores_that_are_kept_can_be_saved_and_read_by_figures(
    train: MainWindow, folds: list[Path], qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    press(shown(train, qtbot, folds[0]).judge)
    settled(train.session)
    (folds[0] / "folds" / "out_of_fold.csv").write_text("image,patient,fold,Bright truth,Bright score\n")
    judged(folds[0], "folds")
    found = shown(train, qtbot, folds[0])
    qtbot.waitUntil(found.scores.isVisible)
    assert "kept in out_of_fold.csv; `negatoscope figures` reads it" in found.kept.text()

    press(found.copy)
    table = folds[0] / "folds" / "out_of_fold.csv"
    assert QApplication.clipboard().text() == (
        f"negatoscope figures {table} --truth 'Bright truth' --score 'Bright score' --patient patient"
    )
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "mine.csv"), ""))
    press(found.save)
    settled(train.session)
    assert (tmp_path / "mine.csv").read_bytes() == table.read_bytes()


def test_a_run_that_stands_for_itself_has_no_folds(train: MainWindow, qtbot: QtBot) -> None:
    run = trained(opened(train), snapshot_id="ab" * 32)
    found = shown(train, qtbot, run)
    assert not found.isVisible() and not panel_of(train).folds.isVisible()
    assert panel_of(train).cancel.text() == "Cancel"
    assert not train.book.may_run("train.folds")


def test_what_judges_is_stopped_from_the_jobs_panel(train: MainWindow, folds: list[Path], qtbot: QtBot) -> None:
    shown(train, qtbot, folds[0])
    train.book.run("train.folds")
    settled(train.session)
    shown(train, qtbot, folds[0])
    (row,) = panel_of(train).judging.rows.values()
    assert "waits" in row.words.text()
    press(row.cancel)
    settled(train.session)
    shown(train, qtbot, folds[0])
    (job,) = read_run(folds[0]).side_reports
    assert job.state == "cancelled" and not panel_of(train).judging.rows


def test_an_external_test_of_all_folds_stands_on_the_page_of_each_beside_that_of_the_fold_alone(
    train: MainWindow, folds: list[Path], qtbot: QtBot
) -> None:
    wish = {"part": "test", "home": "/data/clinic", "snapshot": "0123abcd" * 8}
    for folder, more in (
        (folds[0] / "external-0123abcd-folds", {"runs": [one.name for one in folds]}),
        (folds[0] / "external-0123abcd", {}),
        (folds[1] / "external-0123abcd", {}),
    ):
        folder.mkdir()
        write_json(folder / "config.json", {"report": {**wish, **more}})
        append_event(folder, "cancelled")
    for run in folds:
        train.session.jobs.select(run.name)
        page_of(train, qtbot)
        external = card(page_of(train, qtbot), ExternalCard)
        assert {one.parent.name + "/" + one.name for one in external.strips.folders} == {
            f"{run.name}/external-0123abcd", f"{folds[0].name}/external-0123abcd-folds",
        }  # fmt: skip
        assert external.strips.heading(folds[0] / "external-0123abcd-folds") == (
            "clinic, snapshot 0123abcd, 2 folds as one model"
        )
