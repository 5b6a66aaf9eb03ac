"""A run is tested on another project from the window: by the mouse, with what does not fit told before it starts."""

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from ml.card import write_json
from ml.events import append_event
from ml.report_job import read_wish
from ml.seen import Seen, stored_digests, write_seen
from tests.jobs.test_external_test import elsewhere
from tests.ui.judged_run import FIGURE, document, judge, trained
from tests.ui.test_run_page import card, opened, page_of
from tests.ui.test_run_page import complete_films as complete_films  # a fixture
from tests.ui.test_run_page import train as train  # the fixture
from tests.waiting import settled
from viewer.jobs.runs import RunStatus, read_run
from viewer.project.snapshots.snapshot import Snapshot
from viewer.ui.dialogs.external_test import ExternalTestDialog
from viewer.ui.dialogs.run_report import RunReportDialog
from viewer.ui.run_page.external import NONE_YET, ExternalCard
from viewer.ui.window.main_window import MainWindow


def press(button: object) -> None:
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


@pytest.fixture
def asked(train: MainWindow, complete_films: str, qtbot: QtBot) -> tuple[Path, ExternalTestDialog]:
    """The folder of a finished run, and the dialog that its page's button opened."""
    folder = trained(opened(train), snapshot_id=complete_films)
    found = card(page_of(train, qtbot), ExternalCard)
    assert found.words.text() == NONE_YET
    press(found.ask)
    (dialog,) = train.findChildren(ExternalTestDialog)
    qtbot.waitExposed(dialog)
    return folder, dialog


def typed(dialog: ExternalTestDialog, folder: Path, train: MainWindow) -> None:
    dialog.folder.selectAll()
    QTest.keyClicks(dialog.folder, str(folder))
    settled(train.session)


def test_a_site_is_chosen_and_its_figure_stands_beside_that_of_the_own_test_part(
    asked: tuple[Path, ExternalTestDialog], train: MainWindow, tmp_path: Path, qtbot: QtBot, capsys
) -> None:
    run, dialog = asked
    judge(run, opened(train))
    site = elsewhere(tmp_path, labels=("Dark", "Bright"))
    snapshot = Snapshot.load(site)
    assert not dialog.start.isEnabled()

    typed(dialog, site, train)
    assert dialog.site.currentText() == f"shade {snapshot.id[:8]} · 16 images of 8 patients"
    # A run that was written by hand has no list of what it has seen, and that is said.
    assert "has seen is not known" in dialog.doubt.text() and not dialog.anyway.isVisible()
    press(dialog.start)
    settled(train.session)

    folder = run / f"external-{snapshot.id[:8]}"
    wish = read_wish(folder)
    assert (wish.home, wish.snapshot, wish.seen_anyway) == (str(site.resolve()), snapshot.id, False)
    found = card(page_of(train, qtbot), ExternalCard)
    strip = found.strips.strip(folder)
    qtbot.waitUntil(strip.cancel.isVisible)
    assert "waits" in strip.words.text()

    write_json(folder / "figures.json", document(external="the project other", cases=16, patients=8,
               answers={"model": {"auc": {**FIGURE, "value": 0.62, "low": 0.51, "high": 0.74}}}))  # fmt: skip
    append_event(folder, "finished", said="AUC 0.620 (0.510 to 0.740) on the project other: 16 cases of 8 patients")
    found = card(page_of(train, qtbot), ExternalCard)
    qtbot.waitUntil(strip.open.isVisible)
    settled(train.session)
    assert found.rows.said == [
        ("On its own test part", "AUC 0.750 (0.400 to 0.960), 8 cases of 6 patients"),
        (f"On other, snapshot {snapshot.id[:8]}", "AUC 0.620 (0.510 to 0.740), 16 cases of 8 patients"),
    ]
    press(strip.open)
    (report,) = train.findChildren(RunReportDialog)
    settled(train.session)
    assert "0.620" in report.page.toPlainText()
    report.reject()
    capsys.readouterr()


def test_films_that_it_has_seen_are_judged_only_when_that_is_ticked(
    asked: tuple[Path, ExternalTestDialog], train: MainWindow, tmp_path: Path, capsys
) -> None:
    run, dialog = asked
    site = elsewhere(tmp_path, labels=("Dark", "Bright"))
    items = Snapshot.load(site).items
    write_seen(run, Seen(trained=frozenset({stored_digests(items)[0][0]})))

    typed(dialog, site, train)
    assert dialog.doubt.text() == "Of the 16 images of that snapshot, the model was trained on 1 (1 patient in all)."
    assert dialog.anyway.isVisible() and not dialog.start.isEnabled()
    box = dialog.anyway
    QTest.mouseClick(box, Qt.MouseButton.LeftButton, pos=QPoint(box.height() // 2, box.height() // 2))
    assert dialog.start.isEnabled()
    press(dialog.start)
    settled(train.session)
    (job,) = read_run(run).side_reports
    assert read_wish(job.folder).seen_anyway
    capsys.readouterr()


def test_labels_of_other_names_and_folders_without_a_project_are_told_and_nothing_starts(
    asked: tuple[Path, ExternalTestDialog], train: MainWindow, tmp_path: Path, capsys
) -> None:
    run, dialog = asked
    typed(dialog, tmp_path, train)
    assert dialog.problem.text() == f"{tmp_path} holds no project; choose the folder of one."
    assert not dialog.start.isEnabled() and not dialog.site.isEnabled()

    typed(dialog, elsewhere(tmp_path, labels=("well", "sick")), train)
    assert dialog.problem.text().startswith("The model answers Dark, Bright, and the snapshot of ")
    assert "does not fit" in dialog.site.currentText() and not dialog.start.isEnabled()

    typed(dialog, run.parent.parent, train)
    assert "is the project that this run is of" in dialog.problem.text() and not dialog.start.isEnabled()
    dialog.reject()
    assert not read_run(run).side_reports
    capsys.readouterr()


def test_one_that_is_on_its_way_is_stopped_and_its_end_is_said_in_every_work_space(
    train: MainWindow, complete_films: str, qtbot: QtBot
) -> None:
    run = trained(opened(train), snapshot_id=complete_films)
    folder = run / "external-0123abcd"
    folder.mkdir()
    write_json(folder / "config.json", {"report": {"part": "test", "home": "/data/clinic", "snapshot": "0123abcd" * 8}})
    append_event(folder, "queued", resume=False)
    append_event(folder, "starting", resume=False)
    said: list[str] = []
    train.session.announced.connect(lambda _, words: said.append(words))
    found = card(page_of(train, qtbot), ExternalCard)
    strip = found.strips.strip(folder)
    assert "killed" in strip.refusal_words.text() and strip.evaluate.isVisible()  # nobody works on it

    append_event(folder, "queued", resume=False)
    from viewer.jobs.orders import place_order

    place_order(folder)
    page_of(train, qtbot)
    qtbot.waitUntil(strip.cancel.isVisible)
    press(strip.cancel)
    settled(train.session)
    page_of(train, qtbot)
    (job,) = read_run(run).side_reports
    assert job.state is RunStatus.CANCELLED and strip.evaluate.isVisible()

    place_order(folder)
    append_event(folder, "queued", resume=False)
    page_of(train, qtbot)
    append_event(folder, "finished", said="AUC 0.620 on the project clinic")
    page_of(train, qtbot)
    assert any("external test" in words and "is done: AUC 0.620" in words for words in said)
