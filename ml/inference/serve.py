"""The warm inference child (`viewer.jobs.inference` starts it). One JSON document a line, in and out.

In:  {"id", "op": "predict", "path", "frame", "sop_instance_uid", "image_id", "model": folder, "run_anyway"}
     {"id", "op": "explain", ... the same ..., "label", "method", "layer": "" of the model's own}
     "predict" with "patient": [project folder, patient id, source] where a project knows whose image it is
     both with "sample": [{"path", "frame", "sop_instance_uid", "image_id"}, ...] where the model reads several frames
     {"id", "op": "drop"}  a request that is no longer wanted
     {"op": "close"}
Out: {"ready": true} once, then for each request {"id", "ok": true, "prediction" | "heat": {...}}
     or {"id", "ok": false, "error": one sentence, "kind": the error's class}
The newest request is answered first. The child ends when its standard input does, so it never outlives its parent.
"""

import json
import logging
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from ml.inference.wire import error_document, heat_document, prediction_document
from ml.job import lower_priority
from viewer.core.errors import AppError, BadRequest, JobFailed
from viewer.core.text.nameless import log_without_names

if TYPE_CHECKING:
    from ml.inference.load import LoadedModel
    from ml.inference.predict import PatientOf
    from viewer.reading.frame import Frame

log = logging.getLogger(__name__)

KEPT_MODELS = 3
KEPT_FRAMES = 4


class Requests:
    """What waits, newest first. Filled by the thread that reads, emptied by the one that computes."""

    def __init__(self) -> None:
        self._waiting: list[dict[str, Any]] = []
        self._closed = False
        self._changed = threading.Condition()

    def add(self, request: dict[str, Any]) -> None:
        """One more; it is the newest."""
        with self._changed:
            self._waiting.append(request)
            self._changed.notify()

    def drop(self, request_id: object) -> None:
        """Forget one that waits; one that is being answered is answered."""
        with self._changed:
            self._waiting = [request for request in self._waiting if request.get("id") != request_id]

    def close(self) -> None:
        """Nothing more is wanted, also not what waits."""
        with self._changed:
            self._closed = True
            self._waiting.clear()
            self._changed.notify()

    def newest(self) -> dict[str, Any] | None:
        """Wait for a request and take the newest; None when closed."""
        with self._changed:
            while not self._waiting and not self._closed:
                self._changed.wait()
            return None if self._closed else self._waiting.pop()


class Answering:
    """Models and frames that are kept between requests. Used by one thread."""

    def __init__(self) -> None:
        self._models: dict[tuple[str, int], LoadedModel] = {}
        self._frames: dict[tuple[str, int, int, int], Frame] = {}
        self._kept_frames = KEPT_FRAMES

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        """The answer's document, without the id. Raises AppError."""
        try:
            op, model, path = request["op"], Path(request["model"]), Path(request["path"])
            frame, image_id = int(request["frame"]), str(request["image_id"])
            uid, run_anyway = str(request["sop_instance_uid"]), bool(request.get("run_anyway", False))
            label, method = str(request.get("label", "")), str(request.get("method", "gradcam"))
            layer = str(request.get("layer", ""))
            patient = _patient(request.get("patient"))
            beside = [
                (Path(one["path"]), int(one["frame"]), str(one["sop_instance_uid"]), str(one["image_id"]))
                for one in request.get("sample", ())
            ]
        except (KeyError, TypeError, ValueError) as error:
            raise BadRequest(f"A request lacks something: {error}.") from error
        sample = [self._asked(*one) for one in beside]
        self._kept_frames = max(self._kept_frames, 2 * len(sample))  # the next question is about the next slice
        if op == "predict":
            from ml.inference.predict import predict

            asked = self._asked(path, frame, uid, image_id)
            prediction = predict(
                self._model(model), asked, image_id, run_anyway=run_anyway, sample=sample, patient=patient
            )  # fmt: skip
            return {"prediction": prediction_document(prediction)}
        if op == "explain":
            from ml.explain.heatmap import explain

            asked = self._asked(path, frame, uid, image_id)
            loaded = self._model(model)
            heat = explain(loaded, asked, image_id, label, method, layer=layer, run_anyway=run_anyway, sample=sample)
            return {"heat": heat_document(heat)}
        raise BadRequest(f"There is no request {op!r}.")

    def _model(self, place: Path) -> "LoadedModel":
        from ml.card import weights_path
        from ml.inference.load import load_model

        weights = weights_path(place) if place.is_dir() else place
        key = (str(place), weights.stat().st_mtime_ns if weights.is_file() else 0)
        if key not in self._models:
            while len(self._models) >= KEPT_MODELS:
                self._models.pop(next(iter(self._models)))
            self._models[key] = load_model(place)
        return self._models[key]

    def _asked(self, path: Path, index: int, sop_instance_uid: str, image_id: str) -> "Frame":
        """The frame that was asked about, image_id "" where it was not read before.

        Raises BadFile where the file holds another image by now.
        """
        from viewer.reading.image_id import refuse_replaced

        frame = self._frame(path, index)
        if image_id:
            refuse_replaced(
                frame.stored, image_id, sop_instance_uid=sop_instance_uid, frame_index=index, path=path
            )  # fmt: skip
        return frame

    def _frame(self, path: Path, index: int) -> "Frame":
        from viewer.reading.frames import read_frame
        from viewer.reading.series import FrameRef

        stat = path.stat() if path.is_file() else None
        key = (str(path), index, stat.st_mtime_ns if stat else 0, stat.st_size if stat else 0)
        if key not in self._frames:
            while len(self._frames) >= self._kept_frames:
                self._frames.pop(next(iter(self._frames)))
            self._frames[key] = read_frame(FrameRef(path=path, frame_index=index))
        return self._frames[key]


def _patient(given: object) -> "PatientOf | None":
    """Whose image it is; None where the request does not say it. Raises ValueError, TypeError."""
    if given is None:
        return None
    project, patient_id, source = (str(one) for one in given)  # type: ignore[attr-defined]  # another type is refused
    return Path(project), patient_id, source


def listen(stream: BinaryIO, requests: Requests) -> None:
    """Read lines until the stream ends or "close" comes."""
    for line in stream:
        try:
            request = json.loads(line)
        except ValueError:
            log.warning("a line is no JSON and was passed over")
            continue
        if not isinstance(request, dict):
            continue
        if request.get("op") == "close":
            break
        if request.get("op") == "drop":
            requests.drop(request.get("id"))
        else:
            requests.add(request)
    requests.close()


def work(requests: Requests, say: Callable[[dict[str, Any]], None]) -> None:
    """Answer until the requests are closed. Whatever goes wrong with one is its answer."""
    answering = Answering()
    while (request := requests.newest()) is not None:
        try:
            document = {"ok": True, **answering.answer(request)}
        except AppError as error:
            document = {"ok": False, **error_document(error)}
        except Exception as error:
            log.exception("a request failed")
            sentence = f"The model could not answer for {request.get('path')}: {type(error).__name__}: {error}."
            document = {"ok": False, **error_document(JobFailed(sentence))}
        say({"id": request.get("id"), **document})


def main() -> int:
    """Serve standard input and output. Returns the exit code."""
    lower_priority()
    log_without_names("%(levelname)s %(name)s: %(message)s", logging.WARNING)
    # Nothing but answers may reach standard output, also not what a library prints.
    out = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())

    def say(document: dict[str, Any]) -> None:
        out.write(json.dumps(document, allow_nan=False).encode() + b"\n")
        out.flush()

    requests = Requests()
    listener = threading.Thread(target=listen, args=(sys.stdin.buffer, requests), daemon=True, name="requests")
    listener.start()
    try:
        from ml.training.device import use_threads

        use_threads()
        say({"ready": True})
        work(requests, say)
    except BrokenPipeError:
        pass  # the parent is gone
    # Not sys.exit: a computation in a library's thread must not keep the child alive.
    os._exit(0)


if __name__ == "__main__":
    sys.exit(main())
