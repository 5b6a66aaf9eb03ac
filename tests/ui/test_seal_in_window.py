"""A list of cases that a model is asked about opens the test part that they are of; the run's page tells the count."""

import contextlib
from dataclasses import replace
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from tests.ui.test_list_questions import InThisProcess, asked_folder, open_in_review  # noqa: F401  # a fixture
from tests.ui.test_run_report import finished, looked, panel  # noqa: F401  # fixtures
from viewer.core.edits import CaseStatusChange, Edit, ImageLabelChange
from viewer.core.labels import Verdict
from viewer.core.shapes.annotations import CaseStatus
from viewer.project.project import Project
from viewer.project.records import Task
from viewer.project.snapshots.openings import seal_words
from viewer.project.snapshots.snapshot import make_snapshot
from viewer.project.snapshots.split import SplitFile
from viewer.ui.flows.desk import Desk
from viewer.ui.run_page.report import ReportCard
from viewer.ui.window.main_window import MainWindow


def frozen(folder: Path) -> str:
    """A snapshot of a project's films, three of which are its test part."""
    with Project.open(folder, writable=True, author="tester") as project:
        films = project.images.all()
        changes = [
            change
            for film in films
            for change in (
                ImageLabelChange(image_id=film.image_id, label="Dark", before=None, after=Verdict.YES),
                CaseStatusChange(case_id=film.case_id, before=CaseStatus.TO_DO, after=CaseStatus.COMPLETE),
            )
        ]
        project.history.do(Edit(text="say", changes=tuple(changes)))
        patients = sorted({film.patient_id for film in films})
        table = folder / "split.csv"
        rows = [f"{patient},{'test' if patient == patients[0] else 'train'}" for patient in patients]
        table.write_text("patient_id,part\n" + "\n".join(rows) + "\n")
        task = Task(name="dark", kind="classification", labels=("Dark",), exclusive=False)
        return make_snapshot(project, task, split_file=SplitFile(path=table)).id


def test_a_list_that_is_asked_about_opens_its_test_part_once(
    qtbot: QtBot,
    window: MainWindow,
    asked_folder: Path,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    snapshot = frozen(asked_folder)
    with contextlib.closing(InThisProcess()) as inference:
        monkeypatch.setattr(Desk, "inference", inference)
        ask_about_all(qtbot, window, asked_folder, snapshot)

    assert seal_words(asked_folder, snapshot) == "opened 1 time (1 prediction)"


def ask_about_all(qtbot: QtBot, window: MainWindow, folder: Path, snapshot: str) -> None:
    cases = open_in_review(qtbot, window, folder)
    questions, model = window.session.list_questions, window.session.review.asking.model
    assert model is not None and seal_words(folder, snapshot) == "sealed, not opened yet"

    questions.start(cases.case_ids, model, again=False)
    qtbot.waitUntil(lambda: not questions.is_asking)


def test_the_count_stands_beside_evaluate_on_the_test_part(
    qtbot: QtBot,
    session: Desk,
    finished: Path,  # noqa: F811
    panel: ReportCard,  # noqa: F811
) -> None:
    run = session.jobs.selected
    assert run is not None and panel.report.evaluate.isVisible()
    assert "The test part:" not in panel.report.words.text()  # its snapshot is not there

    panel.report.show_run(replace(run, opened="opened 3 times (2 evaluations, 1 comparison)"))

    assert panel.report.words.text().endswith("The test part: opened 3 times (2 evaluations, 1 comparison).")

    said = "AUC 0.800 on the test part: 10 cases of 10 patients. No interval: it takes 30"
    panel.report.show_run(replace(run, opened="opened 1 time (1 evaluation)", report=replace(run, said=said)))

    assert panel.report.words.text() == f"{said}. The test part: opened 1 time (1 evaluation)."
