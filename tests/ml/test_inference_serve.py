"""The warm child: order, errors as answers, and an end with its parent."""

import hashlib
import io
import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from ml.card import Card, Domain
from ml.catalogue import PreprocessSpec, load_spec
from ml.inference.serve import Requests, listen, work
from ml.inference.store import write_model
from ml.inference.wire import heat_of, prediction_of
from tests.waiting import LIMIT_S, until
from viewer.core.errors import OutsideDomain
from viewer.core.heat import HeatMap
from viewer.core.shapes.annotations import Prediction
from viewer.jobs.inference import InferenceClient
from viewer.reading.series import FrameRef


@pytest.fixture
def model(tmp_path: Path) -> Path:
    torch.manual_seed(1)
    card = Card(
        name="M", model="simple_cnn", kind="classification", labels=("a", "b"), exclusive=True,
        preprocess=PreprocessSpec(size_px=32), domain=Domain(), threshold=0.5, metrics={}, snapshot_id="",
        cam_layer="features",
    )  # fmt: skip
    write_model(tmp_path / "model", load_spec("simple_cnn").build(2, 1), card)
    return tmp_path / "model"


@pytest.fixture
def film(tmp_path: Path) -> Path:
    path = tmp_path / "film.png"
    Image.fromarray(np.random.default_rng(1).integers(0, 255, (40, 30)).astype(np.uint8)).save(path)
    return path


def request(folder: Path, film: Path, number: int, **changed: Any) -> dict[str, Any]:
    asked = {"id": number, "op": "predict", "path": str(film), "frame": 0, "model": str(folder)}
    return {**asked, "sop_instance_uid": "", "image_id": id_of(film), "run_anyway": False, **changed}


def id_of(film: Path) -> str:
    """What the film's image is called, from its pixels by Pillow and hashlib alone."""
    if not film.is_file() or film.suffix != ".png":
        return "i"
    values = np.asarray(Image.open(film))
    pixels = hashlib.sha256(f"|u1{values.shape}".encode() + values.tobytes()).hexdigest()
    return hashlib.sha256(f"\n0\n{pixels}".encode()).hexdigest()[:32]


def serve_all(*asked: dict[str, Any]) -> list[dict[str, Any]]:
    """Everything is asked before the first is answered."""
    requests, answers = Requests(), []
    for one in asked:
        requests.add(one)

    def say(document: dict[str, Any]) -> None:
        answers.append(document)
        if len(answers) == len(asked):
            requests.close()

    work(requests, say)
    return answers


def test_the_newest_request_is_answered_first(model: Path, film: Path) -> None:
    answers = serve_all(*(request(model, film, number) for number in range(3)))

    assert [answer["id"] for answer in answers] == [2, 1, 0]
    assert all(answer["ok"] for answer in answers)


def test_a_prediction_and_a_heatmap_are_what_the_lines_hold(model: Path, film: Path) -> None:
    explain = request(model, film, 1, op="explain", label="b", method="gradcam")
    heat, prediction = serve_all(request(model, film, 0), explain)

    assert set(prediction_of(prediction["prediction"]).scores) == {"a", "b"}
    assert heat_of(heat["heat"]).grid.shape == (2, 2)
    assert {"rows", "cols", "grid_b64", "box", "label", "method", "layer", "model_hash"} <= set(heat["heat"])
    assert len(json.dumps(heat)) < 2000


@pytest.mark.parametrize(
    ("changed", "kind"),
    [
        ({"path": "nowhere.dcm"}, "BadFile"),
        ({"model": "nowhere"}, "NotFound"),
        ({"op": "sing"}, "BadRequest"),
        ({"op": "explain", "label": "zebra"}, "BadRequest"),
        ({"frame": "x"}, "BadRequest"),
    ],
)
def test_what_goes_wrong_with_one_request_is_its_answer(
    model: Path, film: Path, changed: dict[str, Any], kind: str
) -> None:
    bad, good = serve_all(request(model, film, 0), request(model, film, 1, **changed))

    assert (bad["id"], bad["ok"], bad["kind"]) == (1, False, kind)
    assert bad["error"].endswith(".")
    assert good["ok"]


def test_a_model_that_was_trained_anew_is_read_anew(model: Path, film: Path) -> None:
    from ml.card import read_card
    from ml.inference.serve import Answering

    answering = Answering()
    first = answering.answer(request(model, film, 0))["prediction"]["model_hash"]
    torch.manual_seed(9)
    write_model(model, load_spec("simple_cnn").build(2, 1), read_card(model))
    os.utime(model / "weights.safetensors", ns=(1, 1))

    assert answering.answer(request(model, film, 1))["prediction"]["model_hash"] != first


def test_dropped_and_odd_lines_are_passed_over_and_the_end_of_input_closes() -> None:
    lines = [b"no json\n", b"[]\n", b'{"id": 1, "op": "predict"}\n', b'{"id": 2, "op": "predict"}\n']
    requests = Requests()
    kept: list[Any] = []
    requests.close = lambda: kept.append(requests.newest())  # type: ignore[method-assign]

    listen(io.BytesIO(b"".join([*lines, b'{"id": 2, "op": "drop"}\n'])), requests)

    assert kept == [{"id": 1, "op": "predict"}]


def test_the_real_child_answers_the_client_and_leaves_with_it(model: Path, film: Path) -> None:
    client = InferenceClient()
    answers: dict[str, Any] = {}
    all_there = threading.Event()

    def done(name: str) -> Any:
        def keep(answer: Any) -> None:
            answers[name] = answer
            if len(answers) == 3:
                all_there.set()

        return keep

    ref = FrameRef(path=film)
    client.predict(ref, id_of(film), model, done=done("prediction"))
    client.explain(ref, id_of(film), model, label="a", method="gradcam", done=done("heat"))
    bundled_like = model.parent / "phantom"
    from dataclasses import replace

    from ml.card import read_card

    card = replace(read_card(model), domain=Domain(phantom=True), model_hash="")
    write_model(bundled_like, load_spec("simple_cnn").build(2, 1), card)
    client.predict(ref, id_of(film), bundled_like, done=done("outside"))
    there = all_there.wait(LIMIT_S)  # nice 10, and tests share the cores
    process_id = client.process_id
    niceness = os.getpriority(os.PRIO_PROCESS, process_id or 0)
    client.close()

    assert there and process_id is not None
    assert isinstance(answers["prediction"], Prediction)
    assert isinstance(answers["heat"], HeatMap)
    assert isinstance(answers["outside"], OutsideDomain)
    assert niceness == 10
    with pytest.raises(ProcessLookupError):
        os.kill(process_id, 0)


def test_the_child_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    parent = tmp_path / "parent.py"
    parent.write_text(
        "import sys, time\n"
        "from viewer.jobs.inference import InferenceClient\n"
        "from viewer.reading.series import FrameRef\n"
        "from pathlib import Path\n"
        "client = InferenceClient()\n"
        "client.predict(FrameRef(path=Path('x')), 'i', Path('nowhere'),\n"
        "    done=lambda answer: (sys.stdout.write(str(client.process_id) + chr(10)), sys.stdout.flush()))\n"
        "time.sleep(300)\n"
    )
    process = subprocess.Popen([sys.executable, str(parent)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    child = int(process.stdout.readline())
    process.kill()
    process.wait()
    process.stdout.close()

    until(lambda: not Path(f"/proc/{child}").exists(), "the end of the child")


@pytest.mark.parametrize("op", ["predict", "explain"])
def test_a_picture_written_anew_under_its_name_is_not_answered_for_as_the_old_one(
    model: Path, film: Path, op: str
) -> None:
    asked = request(model, film, 0, op=op, label="b")
    (before,) = serve_all(asked)
    Image.fromarray(np.random.default_rng(2).integers(0, 255, (40, 30)).astype(np.uint8)).save(film)

    (after,) = serve_all(asked)

    assert before["ok"]
    assert not after["ok"]
    assert "film.png has other pixels than the image" in after["error"]
    assert serve_all(request(model, film, 0, op=op, label="b"))[0]["ok"]  # asked about as what it is now


def test_a_frame_kept_between_requests_is_read_anew_when_its_file_has_another_size(model: Path, film: Path) -> None:
    stamp = film.stat()
    first = request(model, film, 0)
    requests, answers = Requests(), []
    requests.add(first)

    def say(document: dict[str, Any]) -> None:
        answers.append(document)
        if len(answers) == 1:  # overwritten while the child is warm, with the time of before
            Image.fromarray(np.zeros((10, 10), np.uint8)).save(film)
            os.utime(film, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
            requests.add({**first, "id": 1})
        else:
            requests.close()

    work(requests, say)

    assert [answer["ok"] for answer in answers] == [True, False]
