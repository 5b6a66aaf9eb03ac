"""Where a report has judged a run on its test part, that figure stands first, with its part and its interval."""

import json

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from ml.card import write_json
from ml.evaluation.page import headline
from ml.events import append_event
from ml.report_job import ReportWish
from tests.ui.painted import words_of
from tests.ui.test_model_choice import _no_child, begin_run, finish_run  # noqa: F401  # a fixture
from viewer.jobs.runs import read_run
from viewer.ui.flows.desk import Desk
from viewer.ui.flows.model_choices import model_choices
from viewer.ui.flows.run_words import made_of, metric_words
from viewer.ui.flows.run_words import test_words as words_of_test
from viewer.ui.panels.runs import RunsPanel

FIGURE = {"value": 0.75, "low": 0.4, "high": 0.96, "method": "bootstrap of patients", "why": ""}
REPORT = {
    "task": "t", "model": "m", "snapshot": "s", "decides": "auc", "interval": "i", "part": "test", "sentence": "",
    "cases": 8, "patients": 4, "runs": ["r"], "answers": {"model": {"auc": FIGURE}},
}  # fmt: skip


def reported(**figure: object) -> dict[str, object]:
    return {**REPORT, "answers": {"model": {"auc": {**FIGURE, **figure}}}}


@pytest.mark.parametrize(
    ("document", "words"),
    [
        (REPORT, "AUC 0.750 (0.400 to 0.960) test"),
        (reported(low=None, high=None, why="fewer than 5 patients"), "AUC 0.750 test, no interval"),
        (reported(value=None, why="one class alone"), "AUC not defined test"),
        ({**REPORT, "part": "val"}, ""),
        ({**REPORT, "seen": {"mark": "seen in training"}}, "AUC 0.750 (0.400 to 0.960) test · seen in training"),
    ],
)
def test_a_report_in_a_row(document: dict[str, object], words: str) -> None:
    assert words_of_test(headline(document)) == words


def test_of_a_run_in_a_narrow_list_its_own_four_digits_are_seen(qtbot: QtBot, session: Desk) -> None:
    run = read_run(begin_run(session, task="a disc or none of it in the whole film"))
    own = RunsPanel(session)
    qtbot.addWidget(own)
    own.resize(260, 400)
    session.jobs.runs_changed.emit((run,))

    assert any("…" in words and words.endswith(run.run_id[-4:]) for words in words_of(own.list.viewport()))


def test_the_model_of_a_reported_run_says_the_test_part_first(qtbot: QtBot, session: Desk) -> None:
    folder = begin_run(session)
    finish_run(folder)
    assert session.project is not None

    def metric() -> str:
        return next(one.metric for one in model_choices(folder.parent.parent) if one.folder == folder)

    on_validation = metric()
    assert on_validation.endswith("0.500 on validation")
    (folder / "report").mkdir()
    (folder / "report" / "figures.json").write_text(json.dumps(REPORT))

    assert metric() == f"AUC 0.750 (0.400 to 0.960) test · {on_validation}"


def test_the_chosen_model_says_the_figure_of_a_report_made_after_it(qtbot: QtBot, session: Desk) -> None:
    folder = begin_run(session)
    finish_run(folder)
    asking = session.review.asking
    session.jobs.look()
    qtbot.waitUntil(lambda: asking.model is not None and asking.model.folder == folder)
    assert asking.model is not None and "test" not in asking.model.metric

    report = folder / "report"
    report.mkdir()
    write_json(report / "config.json", {"report": ReportWish().to_json(), "command": [], "created": ""})
    write_json(report / "figures.json", REPORT)
    append_event(report, "finished", said=headline(REPORT), model_hash="a" * 64)
    session.jobs.look()

    qtbot.waitUntil(
        lambda: asking.model is not None and asking.model.metric.startswith("AUC 0.750 (0.400 to 0.960) test")
    )


SEEN = "Of the 8 images of the validation part, the start was trained on 6: figures on them will be too good."


def test_what_the_start_has_seen_of_the_validation_part_stands_at_its_figure_everywhere(
    qtbot: QtBot, session: Desk
) -> None:
    folder = begin_run(session)
    append_event(folder, "started", first_epoch=1, epoch=0, metric="map", notes=["Another.", SEEN])
    append_event(folder, "epoch", epoch=1, metrics={"map": 0.5}, best=True)
    finish_run(folder)
    append_event(folder, "finished", best_epoch=1)
    card = json.loads((folder / "card.json").read_text())
    (folder / "card.json").write_text(json.dumps({**card, "notes": ["Another.", SEEN]}))
    config = json.loads((folder / "config.json").read_text())
    config["recipe"]["init"] = "20261130-0507-findings-c6f8"
    (folder / "config.json").write_text(json.dumps(config))
    run = read_run(folder)
    own = RunsPanel(session)
    qtbot.addWidget(own)
    session.jobs.runs_changed.emit((run,))

    tip = own.list.model().index(0, 0).data(Qt.ItemDataRole.ToolTipRole)
    assert SEEN in " ".join(tip.split()) and "from c6f8" in tip
    assert metric_words(run).endswith("0.500 val, seen by its start")
    assert " from c6f8" in made_of(run)
    choice = next(one for one in model_choices(folder.parent.parent) if one.folder == folder)
    assert choice.metric.endswith("0.500 on validation, seen by its start") and choice.seen == SEEN
