"""Which model is asked where nobody chose one, and when that changes."""

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from ml.card import Card, Domain, write_json
from ml.catalogue import load_spec
from ml.events import append_event
from ml.recipe import default_recipe
from viewer.core.errors import OutsideDomain
from viewer.jobs.queue import enqueue
from viewer.project.project import Project
from viewer.ui.flows.desk import Desk
from viewer.ui.flows.model_choices import model_choices
from viewer.ui.flows.model_queries import ModelQueries


@pytest.fixture(autouse=True)
def _no_child(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs only stand in their folders here."""
    monkeypatch.setattr("viewer.jobs.queue.start_next", lambda folder: None)
    monkeypatch.setattr("viewer.jobs.runs.is_alive", lambda folder: True)


@pytest.fixture
def asking(qtbot: QtBot, session: Desk) -> ModelQueries:
    """What asks, with the models that ship with the program found."""
    made = session.review.asking
    made.find_models()
    qtbot.waitUntil(lambda: bool(made.models))
    return made


def begin_run(session: Desk, task: str = "Squares") -> Path:
    assert session.project is not None
    recipe = default_recipe(task=task, kind="detection", labels=("Square",), model="center_point", epochs=2)
    folder = enqueue(session.project.folder, recipe)
    append_event(folder, "started", device="cpu", precision="fp32", threads=1, steps_per_epoch=1, epochs=2, epoch=0)
    return folder


def finish_run(folder: Path, created: str = "2026-11-21T12:00:00+00:00") -> None:
    card = Card(
        name=folder.name, model="center_point", kind="detection", labels=("Square",), exclusive=False,
        preprocess=load_spec("center_point").preprocess, domain=Domain(modality=("DX",)), threshold=0.4,
        metrics={"map": 0.5}, snapshot_id="s" * 64, cam_layer="neck", task="Squares", created=created,
    )  # fmt: skip
    write_json(folder / "card.json", card.to_json())
    append_event(folder, "finished", best_epoch=0, metrics={"map": 0.5}, model_hash="a" * 64)


def asks(qtbot: QtBot, asking: ModelQueries, folder: Path) -> None:
    qtbot.waitUntil(lambda: asking.model is not None and asking.model.folder == folder)


def test_without_a_model_of_its_own_a_project_asks_one_that_ships(asking: ModelQueries) -> None:
    assert asking.model is not None and asking.model.source == "bundled"


def test_the_run_that_finishes_is_asked_from_then_on(qtbot: QtBot, session: Desk, asking: ModelQueries) -> None:
    run = begin_run(session)
    session.jobs.look()
    qtbot.waitUntil(lambda: bool(session.jobs.runs))

    finish_run(run)
    session.jobs.look()

    asks(qtbot, asking, run)
    assert asking.model is not None and asking.model.snapshot_id == "s" * 64, "whose parts it has learned"


def test_entering_review_finds_a_model_that_came_by_another_way(
    qtbot: QtBot, session: Desk, asking: ModelQueries, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session.jobs, "look", lambda: None)
    run = begin_run(session)
    finish_run(run)

    session.set_workspace("review")

    asks(qtbot, asking, run)


def test_of_several_the_one_that_finished_last_is_asked(qtbot: QtBot, session: Desk, asking: ModelQueries) -> None:
    first, second = begin_run(session, "Zebra"), begin_run(session, "Apple")
    finish_run(second, "2026-11-21T14:00:00+00:00")
    finish_run(first, "2026-11-21T13:00:00+00:00")

    asking.find_models()

    asks(qtbot, asking, second)


def test_what_a_person_chose_stays_when_a_run_finishes(qtbot: QtBot, session: Desk, asking: ModelQueries) -> None:
    chosen = asking.models[1]
    asking.choose_model(chosen)
    run = begin_run(session)
    finish_run(run)

    asking.find_models()  # what was being found before may still come
    qtbot.waitUntil(lambda: run in [model.folder for model in asking.models])

    assert asking.model is not None and asking.model.folder == chosen.folder


def test_another_project_forgets_the_choice(qtbot: QtBot, session: Desk, asking: ModelQueries, tmp_path: Path) -> None:
    asking.choose_model(asking.models[1])
    first = begin_run(session)
    finish_run(first)
    other = Project.create(tmp_path / "other", name="Other", author="tester")
    recipe = default_recipe(task="Other", kind="detection", labels=("Square",), model="center_point")
    run = enqueue(other.folder, recipe)
    finish_run(run)

    session.open_project(other)

    asks(qtbot, asking, run)
    assert first not in [model.folder for model in asking.models]


def test_a_refusal_of_a_phantom_model_goes_when_the_projects_own_is_there(
    qtbot: QtBot, shown_case: Desk, asking: ModelQueries, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusal = OutsideDomain("film_0.png is DX; the model was trained on the phantom.")

    class Refuses:
        def predict(self, *_args: object, done: object, **_facts: object) -> None:
            done(refusal)  # type: ignore[operator]

        def close(self) -> None:
            """Nothing to end."""

    monkeypatch.setattr(Desk, "inference", Refuses())
    asking.predict_image()
    qtbot.waitUntil(lambda: bool(asking.mismatch))
    run = begin_run(shown_case)
    finish_run(run)

    asking.find_models()

    asks(qtbot, asking, run)
    assert asking.mismatch == ""


def test_a_run_and_the_copy_that_is_kept_of_its_model_are_one_choice(tmp_path: Path) -> None:
    """By content, not by name; two runs of one name stay two, and cards from before hashes are told by their folder."""

    def model(place: str, model_hash: str, name: str = "same") -> None:
        card = Card(
            name=name, model="simple_cnn", kind="classification", labels=("a", "b"), exclusive=True,
            preprocess=load_spec("simple_cnn").preprocess, domain=Domain(), threshold=0.5, metrics={}, snapshot_id="",
            cam_layer="features", model_hash=model_hash,
        )  # fmt: skip
        (tmp_path / place).mkdir(parents=True)
        write_json(tmp_path / place / "card.json", card.to_json())

    model("runs/20260101-0900-t-aaaa", "1" * 64)
    model("runs/20260102-0900-t-bbbb", "2" * 64)
    model("models/" + "1" * 12, "1" * 64)
    model("models/" + "3" * 12, "3" * 64, "kept alone")
    model("models/old-1", "")
    model("models/old-2", "")

    own = [choice for choice in model_choices(tmp_path) if choice.source != "bundled"]

    assert [(choice.source, choice.name) for choice in own] == [
        ("run", "20260102-0900-t-bbbb"), ("run", "20260101-0900-t-aaaa"), ("model", "3" * 12),
        ("model", "old-1"), ("model", "old-2"),
    ]  # fmt: skip
