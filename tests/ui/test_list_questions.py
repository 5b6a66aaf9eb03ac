"""Asking a model about every case of the list: what is asked, what is kept, how it ends, and what ends it early."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import torch
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from ml.card import Card, Domain
from ml.catalogue import load_spec
from ml.inference.domain import GREY
from ml.inference.serve import Answering
from ml.inference.store import write_model
from ml.inference.wire import prediction_of
from tests.ui.conftest import write_films
from tests.ui.hand import press
from tests.ui.test_review_ai import MODEL, FakeInference, prediction
from tests.waiting import handled, settled
from viewer.cli.main import main
from viewer.core.errors import AppError, BadFile, JobFailed
from viewer.jobs.inference import DROPPED, Dropped
from viewer.project.project import Project
from viewer.project.register import add_frames
from viewer.reading.series import FrameRef
from viewer.ui.dialogs.ask_cases import AskCasesDialog
from viewer.ui.flows.desk import Desk
from viewer.ui.panels.cases.panel import CasesPanel
from viewer.ui.state.announcing import OVER
from viewer.ui.window.main_window import MainWindow


class InThisProcess:
    """Answers as the inference child does, on a thread: no test waits for a child that gives way to all else."""

    def __init__(self) -> None:
        self._thread, self._answering = ThreadPoolExecutor(1), Answering()

    def predict(
        self, ref: FrameRef, image_id: str, folder: Path, *, run_anyway: bool, done: Callable[[object], None],
        sample: object = (), patient: object = None,
    ) -> None:  # fmt: skip
        document = {
            "op": "predict", "model": str(folder), "path": str(ref.path), "frame": ref.frame_index,
            "image_id": image_id, "sop_instance_uid": ref.sop_instance_uid, "run_anyway": run_anyway,
        }  # fmt: skip

        def answer() -> None:
            try:
                done(prediction_of(self._answering.answer(document)["prediction"]))
            except AppError as error:
                done(error)

        self._thread.submit(answer)

    def close(self) -> None:
        """Called with the window's end."""
        self._thread.shutdown()


def heard(session: Desk) -> list[str]:
    said: list[str] = []
    session.announced.connect(lambda level, sentence: said.append(f"{level}: {sentence}") if level != OVER else None)
    return said


def open_in_review(qtbot: QtBot, window: MainWindow, folder: Path) -> CasesPanel:
    session = window.session
    session.open_project(Project.open(folder, writable=True, author="tester"))
    window.enter("review")
    qtbot.waitUntil(lambda: session.review.asking.model is not None)
    settled(session)
    panel = window.docks.panel("cases")
    assert isinstance(panel, CasesPanel)
    return panel


def dialog_of(qtbot: QtBot, window: MainWindow) -> AskCasesDialog:
    def shown() -> list[AskCasesDialog]:
        return [one for one in window.findChildren(AskCasesDialog) if one.isVisible()]

    qtbot.waitUntil(lambda: bool(shown()))
    return shown()[0]


@pytest.fixture
def asked_folder(tmp_path: Path) -> Path:
    """Eight films; of patient P0 one has no file any more and one is in colour, which the tiny model does not read."""
    films = write_films(tmp_path / "films")
    grey = Image.open(films[7].ref.path)
    Image.merge("RGB", (grey, grey.rotate(180), grey)).save(films[7].ref.path)
    with Project.create(tmp_path / "asked", name="Asked", author="tester") as project:
        add_frames(project, films)
    films[6].ref.path.unlink()
    torch.manual_seed(4)
    spec = load_spec("simple_cnn")
    network = spec.build(2, 1)
    card = Card(
        name="tiny", model="simple_cnn", kind="classification", labels=("Dark", "Bright"), exclusive=True,
        preprocess=spec.preprocess, domain=Domain(photometric=(GREY,)), threshold=0.5, metrics={}, snapshot_id="s" * 64,
        cam_layer=spec.cam_layer, task="Light",
    )  # fmt: skip
    write_model(tmp_path / "asked" / "models" / "tiny", network, card)
    return tmp_path / "asked"


def test_every_case_that_the_list_shows_is_asked_about_once_and_the_end_says_what_could_not_be(
    qtbot: QtBot, window: MainWindow, asked_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inference = InThisProcess()
    monkeypatch.setattr(Desk, "inference", inference)
    panel, session = open_in_review(qtbot, window, asked_folder), window.session
    said = heard(session)
    assert session.project is not None
    before = session.project.images.count(), session.at_hand.undo_step
    press(window, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClicks(panel.search, "P0")
    qtbot.waitUntil(lambda: len(panel.case_ids) == 3)

    qtbot.mouseClick(panel.asked.ask, Qt.MouseButton.LeftButton)
    dialog = dialog_of(qtbot, window)
    asked = "Ask Light · tiny about the 3 cases of this list?"
    assert [one.text() for one in dialog.findChildren(QLabel) if one.text() == asked] == [asked]
    qtbot.keyClick(dialog, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: len(said) == 1)

    (end,) = said
    assert end.startswith("warn: Light · tiny: 1 of 3 cases asked; 2 could not be: ")
    assert "film_6.png" in end and "P0 · film_7.png: tiny does not fit this image: it is in colour, not grey" in end
    cases = {row.title: row for row in session.project.cases.all()}
    assert {title for title, row in cases.items() if session.answered.count(row.case_id)} == {"P0 · film_0.png"}
    tip = panel.list.model().index(0, 0).data(Qt.ItemDataRole.ToolTipRole)
    assert "Light · tiny has answered it." in tip
    assert (session.project.images.count(), session.at_hand.undo_step) == before

    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    panel.search.clear()
    qtbot.waitUntil(lambda: len(panel.case_ids) == 8)
    press(window, Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier)
    dialog = dialog_of(qtbot, window)
    assert dialog.said.text() == "It has answered 1 of them already; 7 cases would be asked about."
    qtbot.keyClick(dialog, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: len(said) == 2)

    assert said[1].startswith("warn: Light · tiny: 5 of 8 cases asked, 1 answered before; 2 could not be: ")
    out, model = tmp_path / "said.json", str(asked_folder / "models" / "tiny")
    images = [str(tmp_path / "films" / f"film_{number}.png") for number in range(6)]
    assert main(["predict", *images, "--model", model, "--out", str(out)]) == 0
    by_command = {one["image_id"]: one["scores"] for one in json.loads(out.read_text())["predictions"]}
    kept = {key: dict(several[-1].scores) for key, several in session.project.predictions.of_images(
        [row.first_image_id for row in cases.values()]
    ).items()}  # fmt: skip
    assert kept == by_command
    inference.close()


@pytest.fixture
def child(monkeypatch: pytest.MonkeyPatch) -> FakeInference:
    fake = FakeInference()
    monkeypatch.setattr(Desk, "inference", fake)
    monkeypatch.setattr("viewer.ui.flows.model_queries.model_choices", lambda folder: [MODEL])
    return fake


def answer_next(qtbot: QtBot, session: Desk, child: FakeInference, answer: object = None) -> str:
    qtbot.waitUntil(lambda: bool(child.asked))
    asked = child.asked.pop(0)
    said = answer if answer is not None else prediction(asked["image_id"], name=f"p-{asked['image_id'][:8]}")
    asked["done"](said)
    settled(session)
    return str(asked["image_id"])


def answered(folder: Path) -> set[str]:
    with Project.open(folder, writable=False) as project:
        return {one.image_id for one in project.predictions.all()}


def test_a_list_is_stopped_by_its_button_and_the_window_goes_on_meanwhile(
    qtbot: QtBot, window: MainWindow, project_folder: Path, child: FakeInference
) -> None:
    panel, session = open_in_review(qtbot, window, project_folder), window.session
    said = heard(session)
    press(window, Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier)
    qtbot.keyClick(dialog_of(qtbot, window), Qt.Key.Key_Return)

    done = [answer_next(qtbot, session, child), answer_next(qtbot, session, child)]
    assert panel.asked.words.text() == "3 of 8 cases · Squares · 1a2b"
    assert not window.book.actions["ai.predict_cases"].isEnabled(), "one list at a time"
    session.open_case(panel.case_ids[-1])
    settled(session)
    assert session.shown is not None and session.shown.case_id == panel.case_ids[-1]
    late = child.asked[0]
    answer_next(qtbot, session, child, Dropped(DROPPED))
    assert child.asked[0]["image_id"] == late["image_id"], "a question that newer ones pushed out is asked again"
    qtbot.mouseClick(panel.asked.stop, Qt.MouseButton.LeftButton)
    late["done"](prediction(late["image_id"]))
    settled(session)

    assert said == ["done: Stopped: what was answered stays. Squares · 1a2b: 2 of 8 cases asked."]
    assert answered(project_folder) == set(done)
    assert panel.asked.ask.isVisible() and not panel.asked.stop.isVisible()
    session.list_questions.start(panel.case_ids, MODEL, again=False)
    assert window.banner.sentence == "", "how the last one ended is past"


def test_a_case_that_fails_ends_no_list_but_a_model_that_fails_at_all_does(
    qtbot: QtBot, window: MainWindow, project_folder: Path, child: FakeInference
) -> None:
    panel, session = open_in_review(qtbot, window, project_folder), window.session
    said = heard(session)
    names = [session.at_hand.cases.get(case_id).title for case_id in panel.case_ids]

    session.list_questions.start(panel.case_ids, MODEL, again=False)
    answer_next(qtbot, session, child, BadFile("film_0.png cannot be read."))
    for _ in range(7):
        answer_next(qtbot, session, child)
    assert (
        said.pop()
        == f"warn: Squares · 1a2b: 7 of 8 cases asked; 1 could not be: {names[0]}: film_0.png cannot be read."
    )

    session.list_questions.start(panel.case_ids, MODEL, again=True)
    for _ in range(3):
        answer_next(qtbot, session, child, JobFailed("The model's process ended unexpectedly (signal 9)."))
    assert said.pop() == (
        "warn: Stopped: the model failed 3 times in a row. Squares · 1a2b: 0 of 8 cases asked; 3 could not be: "
        f"{', '.join(names[:3])}: The model's process ended unexpectedly (signal 9)."
    )
    assert not child.asked


def test_another_project_or_the_end_of_the_window_ends_a_list_and_keeps_what_was_answered(
    qtbot: QtBot, window: MainWindow, project_folder: Path, child: FakeInference, tmp_path: Path
) -> None:
    with Project.create(tmp_path / "other", name="Other", author="tester") as other:
        add_frames(other, write_films(tmp_path / "others", 2))
    panel, session = open_in_review(qtbot, window, project_folder), window.session
    said = heard(session)
    session.list_questions.start(panel.case_ids, MODEL, again=False)
    first = answer_next(qtbot, session, child)
    late = child.asked.pop(0)

    session.open_project(Project.open(tmp_path / "other", writable=True, author="tester"))
    settled(session)
    late["done"](prediction(late["image_id"]))
    settled(session)
    assert said == ["warn: Stopped: its project is open no more. Squares · 1a2b: 1 of 8 cases asked."]
    assert answered(project_folder) == {first} and answered(tmp_path / "other") == set()

    session.list_questions.start(panel.case_ids, MODEL, again=False)
    second = answer_next(qtbot, session, child)
    late = child.asked.pop(0)
    window.close()
    late["done"](prediction(late["image_id"]))
    handled()
    assert answered(tmp_path / "other") == {second} and not child.asked
