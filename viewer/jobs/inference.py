"""Asking models: one warm child (`ml.inference.serve`), started with the first question, newest question first."""

import importlib.util
import json
import logging
import subprocess
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any

from ml.inference.wire import error_of, heat_of, prediction_of
from viewer import children
from viewer.core.errors import AppError, JobFailed, MissingExtra
from viewer.core.heat import HeatMap
from viewer.core.shapes.annotations import Prediction
from viewer.project.samples.stacks import Slice
from viewer.reading.series import FrameRef

log = logging.getLogger(__name__)

SPIN_COUNT = "10000"
# More questions than this that wait means that whoever asks no longer reads the answers.
MOST_WAITING = 4
CLOSE_S = 2.0
DROPPED = "A newer question came first, so this one was dropped."
CLOSED = "The model was closed before it answered."

Answer = Prediction | HeatMap | AppError


class Dropped(AppError):
    """A question that was not answered because newer ones came, or because the client was closed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Question:
    """done: called once, on a reader thread (or on the asking one when nothing could be started)."""

    number: int
    document: dict[str, Any]
    done: Callable[[Any], None]
    asked_of: "subprocess.Popen[bytes] | None" = None


def serve_command() -> list[str]:
    """What starts the child."""
    return children.command("ml.inference.serve")


def require_torch() -> None:
    """Raise MissingExtra where the `ai` extra is not installed; does not load it."""
    if importlib.util.find_spec("torch") is None:
        raise MissingExtra("Asking a model")


class InferenceClient:
    """The way to the inference child. Methods may be called from any thread and never wait for an answer.

    Each question's `done` is called exactly once: with the answer, or with an AppError. A dropped question gets
    `Dropped`. When the child dies, every question that waits gets one clear error, and the next question starts
    another child.
    """

    def __init__(self, *, command: list[str] | None = None) -> None:
        self._command = command
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self._waiting: dict[int, _Question] = {}
        self._number = 0
        self._closed = False
        self._readers: list[threading.Thread] = []

    @property
    def process_id(self) -> int | None:
        """Of the child, None when none runs."""
        with self._lock:
            return None if self._child is None or self._child.poll() is not None else self._child.pid

    def predict(
        self,
        ref: FrameRef,
        image_id: str,
        model_folder: Path,
        *,
        run_anyway: bool = False,
        sample: Sequence[Slice] = (),
        patient: tuple[Path, str, str] | None = None,
        done: Callable[[Prediction | AppError], None],
    ) -> None:
        """Ask for a prediction on one frame. sample: every frame of its sample, itself among them; () for it alone.

        patient: the project's folder, the patient's id and source, of an image that a project knows.
        """
        asked: dict[str, Any] = {"op": "predict", "run_anyway": run_anyway, **_beside(sample)}
        if patient is not None:
            asked["patient"] = [str(patient[0].absolute()), *patient[1:]]
        self._ask({**asked, **_place(ref, image_id, model_folder)}, done)

    def explain(
        self,
        ref: FrameRef,
        image_id: str,
        model_folder: Path,
        *,
        label: str,
        method: str = "gradcam",
        layer: str = "",
        run_anyway: bool = False,
        sample: Sequence[Slice] = (),
        done: Callable[[HeatMap | AppError], None],
    ) -> None:
        """Ask for a heatmap of one label on one frame. layer: "" is the model's own. sample: as in `predict`."""
        asked: dict[str, Any] = {"op": "explain", "label": label, "method": method, "layer": layer}
        asked |= {"run_anyway": run_anyway, **_beside(sample)}
        self._ask({**asked, **_place(ref, image_id, model_folder)}, done)

    def close(self) -> None:
        """End the child; waiting questions are answered as dropped. Returns within seconds whatever the child does."""
        with self._lock:
            self._closed = True
            child, self._child = self._child, None
            left, self._waiting = list(self._waiting.values()), {}
        if child is not None:
            _end(child)
        for question in left:
            _tell(question, Dropped(CLOSED))
        for reader in self._readers:
            if reader is not threading.current_thread():
                reader.join(timeout=CLOSE_S)

    # Asking

    def _ask(self, document: dict[str, Any], done: Callable[[Any], None]) -> None:
        dropped: list[_Question] = []
        failure: AppError | None = None
        with self._lock:
            self._number += 1
            question = _Question(number=self._number, document={"id": self._number, **document}, done=done)
            if self._closed:
                failure = Dropped(CLOSED)
            else:
                try:
                    child = self._running_child()
                    dropped = self._make_room(child)
                    question = replace(question, asked_of=child)
                    self._waiting[question.number] = question
                    _send(child, question.document)
                except AppError as error:
                    self._waiting.pop(question.number, None)
                    failure = error
        for old in dropped:
            _tell(old, Dropped(DROPPED))
        if failure is not None:
            _tell(question, failure)

    def _make_room(self, child: "subprocess.Popen[bytes]") -> list[_Question]:
        """Take out the oldest questions when too many wait; the child forgets them too."""
        old = [
            self._waiting.pop(number)
            for number in sorted(self._waiting)[: max(0, len(self._waiting) + 1 - MOST_WAITING)]
        ]
        for question in old:
            _send(child, {"op": "drop", "id": question.number})
        return old

    def _running_child(self) -> "subprocess.Popen[bytes]":
        """The child, started when none runs. Called with the lock held. Raises MissingExtra, JobFailed."""
        if self._child is not None and self._child.poll() is None:
            return self._child
        if self._command is None:
            require_torch()
        child = _start(self._command or serve_command())
        self._child = child
        reader = threading.Thread(target=self._read, args=(child,), daemon=True, name="inference answers")
        self._readers = [thread for thread in self._readers if thread.is_alive()] + [reader]
        reader.start()
        return child

    # Answers

    def _read(self, child: "subprocess.Popen[bytes]") -> None:
        """Runs on a reader thread until the child's output ends."""
        assert child.stdout is not None
        for line in child.stdout:
            try:
                document = json.loads(line)
            except ValueError:
                log.warning("the inference child said something that is no JSON")
                continue
            if isinstance(document, dict) and "id" in document:
                self._answered(document)
        child.stdout.close()
        code = child.wait()
        _close_quietly(child.stdin)
        with self._lock:
            if self._child is child:
                self._child = None
            # Another child may have been started and asked already.
            left = [question for question in self._waiting.values() if question.asked_of is child]
            for question in left:
                del self._waiting[question.number]
        if left:
            log.warning("the inference child ended with code %s", code)
        error = JobFailed(f"The model's process ended unexpectedly ({_ending(code)}); ask again to start it anew.")
        for question in left:
            _tell(question, error)

    def _answered(self, document: dict[str, Any]) -> None:
        with self._lock:
            question = self._waiting.pop(document["id"], None)
        if question is None:
            return  # dropped in the meantime
        _tell(question, _answer(document))


def _place(ref: FrameRef, image_id: str, model_folder: Path) -> dict[str, Any]:
    return {**_frame(ref), "image_id": image_id, "model": str(model_folder.absolute())}


def _beside(sample: Sequence[Slice]) -> dict[str, Any]:
    frames = [{**_frame(one.ref), "image_id": one.image_id} for one in sample]
    return {"sample": frames} if frames else {}


def _frame(ref: FrameRef) -> dict[str, Any]:
    # The child stands in another folder.
    path = str(ref.path.absolute())
    return {"path": path, "frame": ref.frame_index, "sop_instance_uid": ref.sop_instance_uid}


def _start(command: list[str]) -> "subprocess.Popen[bytes]":
    """A child with pipes, in a process group of its own so that Ctrl+C in a terminal is the parent's business."""
    extra = {"GOMP_SPINCOUNT": SPIN_COUNT, "PYTHONUNBUFFERED": "1"}
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    try:
        return children.start_words(command, extra=extra, **pipes, **children.a_group_of_its_own())
    except OSError as error:
        raise JobFailed(f"The model's process cannot be started: {error.strerror or error}.") from error


def _send(child: "subprocess.Popen[bytes]", document: dict[str, Any]) -> None:
    """One line. A child that is gone is the reader's business: it answers whoever waits."""
    assert child.stdin is not None
    try:
        child.stdin.write(json.dumps(document, allow_nan=False).encode() + b"\n")
        child.stdin.flush()
    except (OSError, ValueError) as error:
        log.info("the inference child does not listen: %s", error)


def _end(child: "subprocess.Popen[bytes]") -> None:
    """Close its input, which ends it; kill it when it is busy for too long."""
    _close_quietly(child.stdin)
    try:
        child.wait(timeout=CLOSE_S)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def _close_quietly(stream: IO[bytes] | None) -> None:
    if stream is not None:
        try:
            stream.close()
        except OSError:
            log.debug("the inference child was gone already")


def _answer(document: dict[str, Any]) -> Answer:
    """What the child said, as a value."""
    if not document.get("ok"):
        return error_of(document)
    try:
        if "prediction" in document:
            return prediction_of(document["prediction"])
        return heat_of(document["heat"])
    except (KeyError, TypeError, ValueError) as error:
        log.exception("the inference child's answer does not fit")
        return JobFailed(f"The model's answer cannot be read ({error}); restart the program.")


def _tell(question: _Question, answer: Answer) -> None:
    """Call `done`; its own failure must not end the reader thread."""
    try:
        question.done(answer)
    except Exception:
        log.exception("whoever asked the model failed on the answer")


def _ending(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"code {code}"
