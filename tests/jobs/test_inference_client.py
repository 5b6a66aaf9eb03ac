"""The way to the inference child: newest first, dropped questions said, a crash told once, never a hang.

The child here is a small stand-in that speaks the same lines; the real one is asked in tests/ml.
"""

import importlib.util
import os
import sys
import textwrap
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.waiting import LIMIT_S
from viewer.core.errors import AppError, BadModel, JobFailed, MissingExtra
from viewer.core.heat import HeatMap
from viewer.core.shapes.annotations import Prediction
from viewer.jobs.inference import MOST_WAITING, Dropped, InferenceClient
from viewer.reading.series import FrameRef

REF = FrameRef(path=Path("film.dcm"), frame_index=3)

CHILD = """
import json, os, sys, time
PREDICTION = {"prediction_id": "p", "image_id": "i", "model_hash": "h", "model_name": "n", "kind": "classification",
    "created": "c", "threshold": 0.5, "scores": {"a": 1.0}, "outside_domain": "", "proposals": []}
HEAT = {"image_id": "i", "model_hash": "h", "label": "l", "method": "m", "layer": "x", "checks": "c", "rows": 1,
    "cols": 1, "grid_b64": "AACAPw==", "box": [0, 0, 1, 1]}
def say(**facts):
    sys.stdout.write(json.dumps(facts) + chr(10)); sys.stdout.flush()
say(ready=True)
for line in sys.stdin:
    asked = json.loads(line)
    path = os.path.basename(asked.get("path", ""))
    if asked["op"] == "drop":
        continue
    if path == "crash":
        os._exit(7)
    if path == "hang":
        time.sleep(3600)  # far longer than any limit here: only being ended ends it
    if path == "noise":
        sys.stdout.write("no json" + chr(10))
    if path == "bad":
        say(id=asked["id"], ok=False, error="It is poisoned.", kind="BadModel")
    elif path == "odd":
        say(id=asked["id"], ok=True, prediction={})
    elif asked["op"] == "explain":
        say(id=asked["id"], ok=True, heat=HEAT)
    elif path != "silent":
        say(id=asked["id"], ok=True, prediction=dict(PREDICTION, image_id=asked["image_id"]))
"""


class Answers:
    """Collects what `done` is called with."""

    def __init__(self) -> None:
        self._all: list[tuple[str, Any]] = []
        self._changed = threading.Condition()

    def of(self, name: str) -> Callable[[Any], None]:
        def done(answer: Any) -> None:
            with self._changed:
                self._all.append((name, answer))
                self._changed.notify_all()

        return done

    def wait(self, count: int) -> dict[str, Any]:
        with self._changed:
            assert self._changed.wait_for(lambda: len(self._all) >= count, LIMIT_S), f"only {self._all}"
            assert len(self._all) == len(dict(self._all)), "someone was answered twice"
            return dict(self._all)


@pytest.fixture
def child(tmp_path: Path) -> list[str]:
    script = tmp_path / "child.py"
    script.write_text(textwrap.dedent(CHILD))
    return [sys.executable, str(script)]


def ask(client: InferenceClient, answers: Answers, path: str, name: str = "") -> None:
    client.predict(FrameRef(path=Path(path)), name or path, Path("m"), done=answers.of(name or path))


def test_nothing_runs_before_the_first_question(child: list[str]) -> None:
    client = InferenceClient(command=child)
    assert client.process_id is None
    client.close()


def test_a_prediction_and_a_heatmap_come_back_as_values(child: list[str]) -> None:
    client, answers = InferenceClient(command=child), Answers()

    client.predict(REF, "image", Path("m"), run_anyway=True, done=answers.of("p"))
    client.explain(REF, "image", Path("m"), label="a", method="gradcam", done=answers.of("h"))
    found = answers.wait(2)
    client.close()

    assert isinstance(found["p"], Prediction) and found["p"].image_id == "image"
    assert isinstance(found["h"], HeatMap) and found["h"].maximum == 1.0


def test_an_error_of_the_child_keeps_its_class_and_sentence(child: list[str]) -> None:
    client, answers = InferenceClient(command=child), Answers()

    ask(client, answers, "bad")
    error = answers.wait(1)["bad"]
    client.close()

    assert type(error) is BadModel and str(error) == "It is poisoned."


@pytest.mark.parametrize("path", ["noise", "odd"])
def test_what_is_no_sound_answer_does_not_end_the_reader(child: list[str], path: str) -> None:
    client, answers = InferenceClient(command=child), Answers()

    ask(client, answers, path)
    first = answers.wait(1)[path]
    ask(client, answers, "film")
    second = answers.wait(2)["film"]
    client.close()

    assert isinstance(first, Prediction if path == "noise" else JobFailed)
    assert isinstance(second, Prediction)


def test_a_crash_is_told_once_to_each_who_waits_and_the_next_question_starts_another_child(child: list[str]) -> None:
    client, answers = InferenceClient(command=child), Answers()

    ask(client, answers, "film")
    answers.wait(1)
    first = client.process_id
    ask(client, answers, "crash")
    error = answers.wait(2)["crash"]
    ask(client, answers, "film", "again")
    again = answers.wait(3)["again"]
    second = client.process_id
    client.close()

    assert isinstance(error, JobFailed) and "code 7" in str(error) and "ask again" in str(error)
    assert isinstance(again, Prediction)
    assert first is not None and second is not None and first != second


def test_too_many_questions_drop_the_oldest_and_each_is_answered(child: list[str]) -> None:
    client, answers = InferenceClient(command=child), Answers()

    for number in range(MOST_WAITING + 2):
        ask(client, answers, "silent", f"q{number}")
    found = answers.wait(2)
    client.close()
    all_of_them = answers.wait(MOST_WAITING + 2)

    assert set(found) == {"q0", "q1"}
    assert all(isinstance(answer, Dropped) for answer in all_of_them.values())
    assert "newer" in str(found["q0"])
    assert "closed" in str(all_of_them[f"q{MOST_WAITING + 1}"])


def test_closing_a_child_that_hangs_ends_it_and_leaves_no_process(child: list[str]) -> None:
    client, answers = InferenceClient(command=child), Answers()
    ask(client, answers, "hang")
    process_id = client.process_id
    assert process_id is not None

    client.close()
    client.close()

    assert isinstance(answers.wait(1)["hang"], Dropped)
    with pytest.raises(ProcessLookupError):
        os.kill(process_id, 0)


def test_a_question_after_closing_is_answered_as_dropped(child: list[str]) -> None:
    client, answers = InferenceClient(command=child), Answers()
    client.close()

    ask(client, answers, "film")

    assert isinstance(answers.wait(1)["film"], Dropped)


def test_a_child_that_cannot_start_is_one_sentence(tmp_path: Path) -> None:
    client, answers = InferenceClient(command=[str(tmp_path / "no such program")]), Answers()

    ask(client, answers, "film")

    assert isinstance(answers.wait(1)["film"], JobFailed)
    client.close()


def test_without_torch_the_answer_names_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, *rest: None if name == "torch" else find(name, *rest))
    client, answers = InferenceClient(), Answers()

    ask(client, answers, "film")
    error = answers.wait(1)["film"]
    client.close()

    assert isinstance(error, MissingExtra) and "packaging/start.py" in str(error)
    assert client.process_id is None


def test_a_failing_listener_does_not_end_the_reader(child: list[str], caplog: pytest.LogCaptureFixture) -> None:
    client, answers = InferenceClient(command=child), Answers()

    def fails(answer: Prediction | AppError) -> None:
        raise ValueError("a bug of the listener")

    client.predict(REF, "image", Path("m"), done=fails)
    ask(client, answers, "film")
    answers.wait(1)
    client.close()

    assert "whoever asked" in caplog.text


def test_importing_the_client_loads_no_torch() -> None:
    import subprocess

    code = "import sys, viewer.jobs.inference; sys.exit(1 if 'torch' in sys.modules else 0)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
