"""What asking a model about thousands of films costs the window's thread: printed as JSON, for the code on the path.

Run as a program (test_answering_costs.py). The inference child is a stand-in that answers at once, so that answers come
as fast as they ever can; it writes down what it was asked. The list is sorted by score and scrolled meanwhile. In the
middle the window is closed; another one asks about what is left.

* answer: all that the window's thread worked, divided by the answers;
* turn: one turn of its event loop, in processor time: nothing is painted and no key is heard within one.
"""

import argparse
import gc
import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from tests.benchmarks.window_costs import GIVE_UP_S, _films, _settle, _window

MODEL_HASH = "a" * 64
SCROLL_PX = 40
TURNS_A_SCROLL = 5
CHILD = """
import json, sys
asked_of = open(sys.argv[1], "a")
def say(**facts):
    sys.stdout.write(json.dumps(facts) + chr(10)); sys.stdout.flush()
say(ready=True)
for line in sys.stdin:
    asked = json.loads(line)
    if asked["op"] != "predict":
        continue
    image_id = asked["image_id"]
    asked_of.write(image_id + chr(10)); asked_of.flush()
    score = int(image_id[:6], 16) / 0xFFFFFF
    key = "p" + image_id[:24]
    scores = {"Clear": 1 - score, "Opacity": score}
    say(id=asked["id"], ok=True, prediction={"prediction_id": key, "image_id": image_id, "model_hash": "a" * 64,
        "model_name": "stand-in", "kind": "classification", "created": "2026-11-30", "threshold": 0.5,
        "labels": list(scores), "exclusive": True, "scores": scores, "outside_domain": "", "proposals": [
            {"proposal_id": f"{key}-{place}", "label": name, "score": one, "shape": None, "decision": "undecided"}
            for place, (name, one) in enumerate(scores.items())]})
"""


def _choice() -> Any:
    from viewer.ui.flows.model_choices import ModelChoice

    return ModelChoice(
        name="stand-in", title="Stand-in", folder=Path("runs/stand-in"), kind="classification", source="run",
        labels=("Clear", "Opacity"), exclusive=True, model="simple_cnn", model_hash=MODEL_HASH, cam_layer="",
        threshold=0.5, phantom=False,
    )  # fmt: skip


def _use_stand_in(place: Path) -> Path:
    """Every window asks the stand-in from now on. Returns the file of what it was asked, one image a line."""
    from viewer.jobs.inference import InferenceClient
    from viewer.ui.flows import model_queries
    from viewer.ui.flows.desk import Desk

    (place / "child.py").write_text(CHILD)
    asked = place / "asked.txt"
    asked.touch()
    model_queries.model_choices = lambda _folder: [_choice()]
    Desk.inference = InferenceClient(command=[sys.executable, str(place / "child.py"), str(asked)])
    return asked


def _asking(window: Any, asked: Path, until: float) -> tuple[list[float], float]:
    """(Milliseconds of work of each turn, of all of them together) until so many images were asked about, or all."""
    from PySide6.QtCore import QCoreApplication, QEventLoop

    session, turns = window.session, []
    panel = window.docks.panel("cases")
    bar = panel.list.verticalScrollBar()
    panel.order.setCurrentIndex(1)  # by score
    _settle(session)
    end = time.monotonic() + GIVE_UP_S * 10
    session.list_questions.start(panel.case_ids, _choice(), again=False)
    began = time.thread_time()
    while session.list_questions.is_asking and asked.read_bytes().count(b"\n") < until:
        since = time.thread_time()
        QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
        if len(turns) % TURNS_A_SCROLL == 0:
            bar.setValue((bar.value() + SCROLL_PX) % max(1, bar.maximum()))
        turns.append((time.thread_time() - since) * 1000)
        assert time.monotonic() < end, "the list was not asked about"
    worked = (time.thread_time() - began) * 1000
    session.list_questions.stop()
    _settle(session)
    return turns, worked


def asking(place: Path, films: int) -> dict[str, Any]:
    """Half of the films in one window, the rest in the next."""
    from viewer.project.edit_builders import add_label
    from viewer.project.lists.answered import answered_images
    from viewer.project.project import Project
    from viewer.project.register import add_frames

    folder = place / "films project"
    with Project.create(folder, name="Films", author="reader") as project:
        _, problems = add_frames(project, _films(place / "films", films))
        assert not problems
        project.history.do(add_label("Opacity", "image", project.labels))
    asked, turns, worked = _use_stand_in(place), [], 0.0
    for until in (films / 2, float("inf")):
        with _window(folder, "review") as window:
            while window.session.review.asking.model is None:
                _settle(window.session)
            half, more = _asking(window, asked, until)
            turns += half
            worked += more
    with Project.open(folder, writable=False) as project:
        kept = sum(map(len, answered_images(project, MODEL_HASH).values()))
    lines = asked.read_text().split()
    return {
        "films": films, "asked": len(lines), "asked_once": len(set(lines)), "kept": kept,
        "answer_ms": worked / max(1, len(lines)), "turns": len(turns),
        **{f"turn_p{q}_ms": float(np.percentile(turns, q)) for q in (50, 99)}, "turn_longest_ms": max(turns),
    }  # fmt: skip


def main() -> None:
    """Measure, and print it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--films", type=int, default=5_000)
    given = parser.parse_args()
    from PySide6.QtWidgets import QApplication

    gc.disable()  # as a program that is started for its window
    app = QApplication(sys.argv[:1])
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        for name in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME"):
            os.environ[name] = str(place / "home" / name.lower())
        figures = asking(place, given.films)
    app.processEvents()
    sys.stdout.write(json.dumps(figures) + "\n")


if __name__ == "__main__":
    main()
