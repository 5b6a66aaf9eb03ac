"""Three neighbouring slices of two series as the channels of one sample: frozen, learned, resumed, judged, asked.

The label shows in one of the six channels alone (`tests.two_series`): a model that passed over its frames would guess.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from ml.card import read_card, weights_path, write_json
from ml.recipe import Recipe, default_recipe
from ml.seen import read_seen
from ml.training import loop
from ml.training.checkpoint import read_tensors
from ml.training.loop import LAST, Cancelled
from ml.training.run import run_training
from tests.two_series import CT, PET, is_hot, labelled_project, write_studies
from viewer.cli.main import main
from viewer.project.project import Project
from viewer.project.snapshots.snapshot import Snapshot
from viewer.reading.frames import read_frame
from viewer.reading.image_id import pixel_sha256
from viewer.reading.series import FrameRef

PATIENTS = 16
ASKED = ["--context", "1", "--with-series", "PET", "--split", "0.6", "0.2", "0.2"]


def recipe_of(snapshot: Snapshot, **values: Any) -> Recipe:
    facts = {"input_px": 24, "batch_size": 8, "epochs": 12, "threads": 1, "precision": "fp32", "device": "cpu"}
    return default_recipe(
        task="hot", kind="classification", labels=snapshot.task.labels, model="simple_cnn",
        snapshot_id=snapshot.id, **{**facts, **values},
    )  # fmt: skip


def new_run(project: Path, name: str, recipe: Recipe) -> Path:
    folder = project / "runs" / name
    folder.mkdir(parents=True)
    write_json(folder / "config.json", {"recipe": recipe.to_json()})
    return folder


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with a snapshot of samples and a finished run of it."""
    folder = tmp_path_factory.mktemp("samples")
    project = labelled_project(folder / "p", write_studies(folder / "in", PATIENTS))
    assert main(["snapshot", str(project), "--task", "hot", "--kind", "classification", *ASKED]) == 0
    snapshot = Snapshot.load(project)
    run_training(new_run(project, "run-1", recipe_of(snapshot)), snapshot)
    return folder


def json_of(capsys: Any, *words: object) -> Any:
    """What a command says with --json."""
    capsys.readouterr()
    assert main([*map(str, words), "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def of_first_ct(place: Path) -> tuple[object, ...]:
    """The CT of the first patient, among everything that there is."""
    return place / "in", "--series", "1.2.7.1.1"


def test_each_item_holds_its_frames_in_order_by_role_place_and_content(place: Path) -> None:
    snapshot = Snapshot.load(place / "p")
    with Project.open(place / "p", writable=False) as project:
        records = {image.image_id: image for image in project.images.all()}

    assert len(snapshot.items) == PATIENTS * CT.slices
    for item in snapshot.items:
        number = int(item.tags["InstanceNumber"])  # from 1
        near = [min(max(number + offset, 1), CT.slices) for offset in (-1, 0, 1)]  # at the ends the last slice again
        found = [records[frame.image_id] for frame in item.frames]
        assert [(one.modality, int(one.tags["InstanceNumber"])) for one in found] == [
            *(("CT", at) for at in near), *(("PT", at) for at in near)
        ]  # fmt: skip
        assert {one.patient_id for one in found} == {item.patient_id}
        assert [(frame.role, frame.series, frame.offset) for frame in item.frames] == [
            *(("slice", "", offset) for offset in (-1, 0, 1)), *(("channel", "PET", offset) for offset in (-1, 0, 1))
        ]  # fmt: skip
        assert item.frames[1].image_id == item.image_id
        assert [frame.pixel_sha256 for frame in item.frames] == [one.pixel_sha256 for one in found]


def test_the_snapshot_says_what_a_sample_is_and_where_an_end_was_repeated(place: Path, capsys: Any) -> None:
    assert main(["snapshot", str(place / "p"), "--task", "hot", *ASKED]) == 0

    told = capsys.readouterr().out
    assert "each sample is 3 neighbouring slices of CT and PET: 6 channels" in told
    assert f"{2 * PATIENTS} samples at an end of a series" in told


def test_a_model_learns_what_shows_in_one_frame_alone(place: Path, capsys: Any) -> None:
    card = read_card(place / "p" / "runs" / "run-1")
    assert card.preprocess.channels == 6
    reads = "each sample is 3 neighbouring slices of CT and PET: 6 channels"
    assert f"It reads several frames: {reads}." in card.notes
    assert "Of several frames each is windowed by its own percentiles 0.5 and 99.5." in card.notes
    document = json_of(capsys, "predict", *of_first_ct(place), "--model", place / "p" / "runs" / "run-1",
                     "--out", place / "said.json")  # fmt: skip

    assert document["model"]["reads"] == "3 neighbouring slices of CT and PET: 6 channels"
    said = [max(one["scores"], key=one["scores"].get) for one in document["predictions"]]
    assert said == ["hot" if is_hot(0, at) else "cold" for at in range(CT.slices)]
    figures = json_of(capsys, "evaluate", place / "p", "run-1", "--out", place / "report")
    assert figures["answers"]["model"]["auc"]["value"] > 0.95  # a guess: 0.5
    assert f"E{reads[1:]}." in (place / "report" / "report.html").read_text()


def test_images_of_the_project_are_answered_as_those_of_the_folder(place: Path, capsys: Any) -> None:
    run = place / "p" / "runs" / "run-1"
    of_project = json_of(capsys, "predict", place / "p", "--model", run, "--out", place / "project.json")
    of_folder = json_of(capsys, "predict", *of_first_ct(place), "--model", run, "--out", place / "f.json")

    by_id = {one["image_id"]: one["scores"] for one in of_project["predictions"]}
    assert all(by_id[one["image_id"]] == one["scores"] for one in of_folder["predictions"])
    # Every PET slice lacks the series beside it: a problem that is named, not an answer.
    assert len(by_id) == PATIENTS * CT.slices
    assert len(of_project["problems"]) == PATIENTS * PET.slices
    assert "is of the series “PET” itself" in of_project["problems"][0]["reason"]


def test_a_resumed_run_equals_the_uninterrupted_one_bit_for_bit(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    snapshot = Snapshot.load(place / "p")
    recipe = recipe_of(snapshot, epochs=2)
    whole, broken = (new_run(place / "p", name, recipe) for name in ("whole", "broken"))
    run_training(whole, snapshot)
    steps = iter(range(100))
    monkeypatch.setattr(loop, "wish", lambda _folder: "cancel" if next(steps) == 3 else "")
    with pytest.raises(Cancelled):
        run_training(broken, snapshot)
    monkeypatch.undo()
    torch.manual_seed(99)  # another process would not have the same random state
    run_training(broken, snapshot, resume=True)

    for of in (lambda folder: folder / LAST, weights_path):
        a, b = (read_tensors(of(folder))[0] for folder in (whole, broken))
        assert a.keys() == b.keys()
        assert [name for name in a if not torch.equal(a[name], b[name])] == []


def test_every_frame_of_a_sample_counts_as_seen(place: Path) -> None:
    seen = read_seen(place / "p" / "runs" / "run-1")
    assert seen is not None

    for part, known in (("train", seen.trained), ("val", seen.validated)):
        for item in Snapshot.load(place / "p").parts()[part]:
            for frame in item.frames:
                stored = read_frame(FrameRef(path=frame.path, frame_index=frame.frame_index)).stored
                assert pixel_sha256(stored)[:32] in known


def test_what_lacks_of_a_sample_is_one_sentence(place: Path, capsys: Any) -> None:
    run, ct = place / "p" / "runs" / "run-1", place / "in" / "00" / "CT"

    for path, lacks in ((ct, "has no series “PET” in its study"), (ct / "1_2.dcm", "is the only slice of its series")):
        assert main(["predict", str(path), "--model", str(run), "--out", str(place / "none.json")]) == 1
        told = capsys.readouterr().err
        assert "run-1 reads 3 neighbouring slices of CT and PET: 6 channels, but" in told and lacks in told


def test_a_frame_that_changed_since_leaves_its_samples_out(tmp_path: Path) -> None:
    from ml.data.cache import read_item

    project = labelled_project(tmp_path / "p", write_studies(tmp_path / "in", 4))
    assert main(["snapshot", str(project), "--task", "hot", "--kind", "classification", *ASKED]) == 0
    snapshot = Snapshot.load(project)
    frame = snapshot.items[0].frames[-1]
    data = bytearray(frame.path.read_bytes())
    data[-10:] = bytes(10)  # of its pixels
    frame.path.write_bytes(data)
    run_training(new_run(project, "run-1", recipe_of(snapshot, epochs=1)), snapshot)

    with pytest.raises(Exception, match="has other pixels than when the snapshot was made"):
        read_item(frame)
    left_out = [json.loads(line) for line in (project / "runs" / "run-1" / "events.jsonl").read_text().splitlines()]
    touched = [item for item in snapshot.items if frame.image_id in {one.image_id for one in item.frames}]
    assert [one["left_out"] for one in left_out if "left_out" in one] == [len(touched)]


def test_weights_of_another_number_of_channels_begin_as_their_mean_at_each(place: Path, tmp_path: Path) -> None:
    """The first layer answers six equal channels as it answered the one that it was made for."""
    from safetensors.torch import save_file

    from ml.catalogue import load_spec
    from ml.training.fits import fit_of
    from ml.training.initial import start_from

    spec = load_spec("simple_cnn")
    torch.manual_seed(1)
    one, six = spec.build(2, 1), spec.build(2, 6)
    save_file(one.state_dict(), tmp_path / "one.safetensors")

    labels = ("hot", "cold")
    loaded = start_from(six, spec, labels, tmp_path / "one.safetensors", tmp_path, kind="classification")

    (name,) = loaded.spread
    image = torch.rand(1, 1, 12, 12)
    before, after = (torch.nn.functional.conv2d(image.expand(-1, n, -1, -1), network.state_dict()[name])
                     for n, network in ((1, one), (6, six)))  # fmt: skip
    torch.testing.assert_close(after, before)
    question = {"model": "simple_cnn", "kind": "classification", "labels": labels, "channels": 6,
                "init": str(tmp_path / "one.safetensors")}  # fmt: skip
    assert fit_of(place / "p", json.dumps(question))["spread"] == 1


def test_a_model_is_not_judged_on_samples_that_it_does_not_read(place: Path, capsys: Any) -> None:
    words = ["--task", "hot", "--context", "1", "--split", "0.6", "0.2", "0.2"]
    snapshot = json_of(capsys, "snapshot", place / "p", *words)

    assert main(["evaluate", str(place / "p"), "run-1", "--snapshot", snapshot["id"], "--out", str(place / "x")]) == 2
    told = capsys.readouterr().err
    assert "The model reads 3 neighbouring slices of the image's own series and PET: 6 channels" in told
    assert "holds 3 neighbouring slices of the image's own series: 3 channels" in told


def test_a_fixed_window_is_not_laid_over_two_series(place: Path) -> None:
    from ml.before import preprocess_of
    from ml.catalogue import load_spec
    from viewer.core.errors import BadRequest
    from viewer.core.samples import SampleRule

    snapshot, spec = Snapshot.load(place / "p"), load_spec("simple_cnn")
    fixed = recipe_of(snapshot, window="fixed", window_center=40.0, window_width=400.0)

    assert preprocess_of(fixed, spec, SampleRule(context=1)).channels == 3
    with pytest.raises(BadRequest, match="A fixed window is in the units of one series, and a sample also has PET"):
        preprocess_of(fixed, spec, SampleRule(series=("PET",)))


def test_a_heatmap_of_a_sample_lies_on_the_image_itself(place: Path, capsys: Any) -> None:
    heat = json_of(capsys, "explain", *of_first_ct(place), "--frame", "2", "--class", "hot",
                   "--model", place / "p" / "runs" / "run-1", "--out", place / "heat.npy")  # fmt: skip

    assert heat["maps"][0]["box"] == [0, 0, CT.side, CT.side]
    assert "3 neighbouring slices of CT and PET" in heat["maps"][0]["checks"]
    assert np.isfinite(np.load(place / "heat.npy")).all()
