"""Two films of a study as the channels of one sample: frozen, learned, judged, asked.

The run is too short to learn anything: what reaches its network is asserted, not its answers.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ml.card import read_card, write_json
from ml.catalogue import PreprocessSpec
from ml.data.cache import open_cache
from ml.data.preprocess import Preprocess
from ml.data.targets import TaskFacts
from ml.inference.load import load_model
from ml.recipe import default_recipe
from ml.training.run import run_training
from tests.two_views import SHAPES, labelled_project, write_study
from viewer.cli.main import main
from viewer.project.snapshots.snapshot import Snapshot
from viewer.reading.frames import read_frame
from viewer.reading.series import FrameRef

PATIENTS = 8
WORDS = "a film (DX) with the view LATERAL of its study: 2 channels"
LACKS = "has no film of the view “LATERAL” in its study"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with a snapshot of samples and a finished run of it; the last patient has no lateral film."""
    folder = tmp_path_factory.mktemp("views")
    for patient in range(PATIENTS):
        write_study(folder / "in", patient)
    write_study(folder / "in", PATIENTS, ["PA"])
    project = labelled_project(folder / "p", folder / "in")
    asked = ["--task", "hot", "--kind", "classification", "--with-view", "LATERAL", "--split", "0.6", "0.2", "0.2"]
    assert main(["snapshot", str(project), *asked]) == 0
    snapshot = Snapshot.load(project)
    recipe = default_recipe(
        task="hot", kind="classification", labels=snapshot.task.labels, model="simple_cnn", snapshot_id=snapshot.id,
        input_px=24, batch_size=4, epochs=1, threads=1, precision="fp32", device="cpu",
    )  # fmt: skip
    run = project / "runs" / "run-1"
    run.mkdir(parents=True)
    write_json(run / "config.json", {"recipe": recipe.to_json()})
    run_training(run, snapshot)
    return folder


def json_of(capsys: Any, *words: object) -> Any:
    """What a command says with --json."""
    capsys.readouterr()
    assert main([*map(str, words), "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_the_snapshot_says_what_a_sample_is_and_which_film_lacks_its_view(place: Path, capsys: Any) -> None:
    words = ["--task", "hot", "--with-view", "LATERAL", "--split", "0.6", "0.2", "0.2"]
    assert main(["snapshot", str(place / "p"), *words]) == 0

    told = capsys.readouterr().out
    assert f"each sample is {WORDS}" in told and f"left out, {LACKS}: 1 (1_PA.dcm)" in told


def test_each_view_fills_its_channel_as_it_would_alone_by_its_own_percentiles(place: Path, tmp_path: Path) -> None:
    snapshot = Snapshot.load(place / "p")
    spec = read_card(place / "p" / "runs" / "run-1").preprocess
    alone = Preprocess(PreprocessSpec(size_px=24))
    task = TaskFacts(kind="classification", labels=("hot", "cold"), exclusive=True)
    cache = open_cache(tmp_path, snapshot.items, spec, task, snapshot_id=snapshot.id)

    assert spec.rule.views == ("LATERAL",) and spec.channels == 2 and cache.exact.shape == (PATIENTS, 2, 24, 24)
    for row, item in enumerate(snapshot.items):
        for channel, frame in enumerate(item.frames):
            film = read_frame(FrameRef(path=frame.path))
            assert film.stored.shape == SHAPES[("PA", "LATERAL")[channel]]
            unit, _ = alone.unit(film.stored, film.facts, 24)
            np.testing.assert_array_equal(cache.exact[row, channel], unit[0].astype(np.float16))


def test_a_model_answers_about_the_films_that_have_their_view_and_names_the_others(place: Path, capsys: Any) -> None:
    run = place / "p" / "runs" / "run-1"
    assert f"It reads several frames: each sample is {WORDS}." in read_card(run).notes
    of_folder = json_of(capsys, "predict", place / "in", "--model", run, "--out", place / "folder.json")
    of_project = json_of(capsys, "predict", place / "p", "--model", run, "--out", place / "project.json")

    assert of_folder["model"]["reads"] == WORDS
    answered = [Path(one["path"]).parts[-2:] for one in of_folder["predictions"]]
    assert sorted(answered) == [(f"{patient:02}", "1_PA.dcm") for patient in range(PATIENTS)]
    by_id = {one["image_id"]: one["scores"] for one in of_project["predictions"]}
    assert by_id == {one["image_id"]: one["scores"] for one in of_folder["predictions"]}
    # A lateral film is no sample, and the film of the last patient lacks one: each is named.
    for document in (of_folder, of_project):
        reasons = {Path(one["path"]).parts[-2:]: one["reason"] for one in document["problems"]}
        assert len(reasons) == PATIENTS + 1
        assert "is of the view “LATERAL” itself" in reasons["00", "2_LATERAL.dcm"]
        assert f"reads {WORDS}, but 1_PA.dcm {LACKS}; open or name the folder" in reasons[f"{PATIENTS:02}", "1_PA.dcm"]
    json_of(capsys, "evaluate", place / "p", "run-1", "--out", place / "report")
    assert f"Each sample is {WORDS}." in (place / "report" / "report.html").read_text()


def test_a_film_whose_view_is_not_there_is_refused(place: Path, capsys: Any) -> None:
    run, film = place / "p" / "runs" / "run-1", place / "in" / "00" / "1_PA.dcm"
    for command in (["predict"], ["explain", "--class", "hot"]):
        capsys.readouterr()
        words = [command[0], str(film), *command[1:], "--model", str(run), "--out", str(place / "no.npy")]
        assert main(words) == 1
        assert f"1_PA.dcm {LACKS}; open or name the folder that holds the whole study" in capsys.readouterr().err


def test_a_heatmap_lies_on_the_film_itself_and_says_that_it_is_of_both(place: Path, capsys: Any) -> None:
    heat = json_of(capsys, "explain", place / "in" / "00", "--class", "hot",
                   "--model", place / "p" / "runs" / "run-1", "--out", place / "heat")  # fmt: skip

    (found,) = heat["maps"]
    rows, cols = SHAPES["PA"]
    assert Path(found["path"]).name == "1_PA.dcm" and found["box"] == [0, 0, cols, rows]
    assert (
        f"of {WORDS}; drawn on the image itself, also what raised the score at this place of another view"
        in (found["checks"])
    )


def test_the_other_view_changes_the_answer(place: Path) -> None:
    """What reaches the network: the same PA film beside two lateral ones."""
    from ml.inference.predict import predict

    loaded = load_model(place / "p" / "runs" / "run-1")
    own, hot, cold = (
        read_frame(FrameRef(path=place / "in" / name))
        for name in ("00/1_PA.dcm", "00/2_LATERAL.dcm", "01/2_LATERAL.dcm")
    )
    answers = [predict(loaded, own, "id", sample=(own, other)) for other in (hot, cold)]

    assert answers[0].scores["hot"] != answers[1].scores["hot"]
    assert answers[0].prediction_id != answers[1].prediction_id
