"""What is told before a start: on a real project, from the command line, without starting anything that cannot work."""

import shutil
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from ml.catalogue import load_spec
from ml.recipe import default_recipe
from tests.jobs.test_training_child import made_project
from viewer.cli.main import command_parser, main
from viewer.cli.train import recipes_of
from viewer.core.errors import BadRequest
from viewer.jobs import before_start
from viewer.jobs.before_start import run_bytes
from viewer.project.project import Project
from viewer.project.records import Task
from viewer.project.snapshots.snapshot import Snapshot

LINE = ["--task", "square", "--model", "simple_cnn"]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return made_project(tmp_path)


def refused(project: Path, capsys: pytest.CaptureFixture[str], *words: str) -> str:
    capsys.readouterr()
    assert main(["train", str(project), *LINE, *words]) in (1, 2)
    runs = project / "runs"
    assert not runs.is_dir() or not [folder for folder in runs.iterdir() if folder.is_dir()]
    return capsys.readouterr().err


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("learning_rate=inf", "The learning rate lies between"),
        ("learning_rate=nan", "The learning rate lies between"),
        ("label_smoothing=2", "The label smoothing lies between 0 and 1, not 2"),
        ("augment_contrast=nan", "The augmentation's contrast lies between"),
        ("warmup_share=-inf", "The share of warm-up lies between"),
        ("seed=-1", "The seed lies between"),
        ("epochs=0", "The number of epochs lies between"),
        ("exclusive=false", "the snapshot has frozen"),
        ("labels=sick,well", "the snapshot has frozen"),
        ("fold=1", "use --fold"),
    ],
)
def test_nonsense_is_refused_by_name(
    project: Path, capsys: pytest.CaptureFixture[str], setting: str, words: str
) -> None:
    assert words in refused(project, capsys, "--set", setting)


def test_nonsense_from_a_file_is_refused_by_name(
    project: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "settings.json"
    for text in ('{"learning_rate": Infinity}', '{"learning_rate": 1e999}', '{"augment_noise": NaN}'):
        file.write_text(text)
        name = text.split('"')[1]
        assert name in refused(project, capsys, "--config", str(file))


def test_too_little_disk_is_said_before_the_start(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(before_start.shutil, "disk_usage", lambda _: SimpleNamespace(free=1000))

    assert "only 0.0 MB are free where the project lies" in refused(project, capsys)


def test_what_a_run_leaves_is_counted_by_hand() -> None:
    """resnet18: a state of weights and two moments, the best, its copy, and one of each of ten epochs."""
    spec = load_spec("resnet18")
    recipe = default_recipe(task="t", kind="classification", labels=("a", "b"), model="resnet18", epochs=10)

    assert run_bytes(recipe, spec) == 4 * spec.parameters * 5
    assert run_bytes(recipe.with_settings(["keep_every_epoch=yes"]), spec) == 4 * spec.parameters * 15
    assert run_bytes(recipe.with_settings(["ema_decay=0.9"]), spec) == 4 * spec.parameters * 6


def test_a_snapshot_keeps_its_task_and_a_changed_one_is_said(project: Path) -> None:
    snapshot = Snapshot.load(project, task="square")
    recipe = default_recipe(task="square", kind="classification", labels=snapshot.task.labels, model="simple_cnn")
    assert not any("has changed" in doubt for doubt in before_start.before_start(project, snapshot, [recipe]).doubts)
    with Project.open(project, writable=True) as opened:
        opened.tasks.put(Task(name="square", kind="classification", labels=("sick", "well"), exclusive=False))
    snapshot = Snapshot.load(project, task="square")

    found = before_start.before_start(project, snapshot, [recipe])

    assert (snapshot.task.labels, snapshot.task.exclusive) == (("well", "sick"), True)
    assert found.refusals == ()
    assert "It is trained as it was: classification, one of well, sick." in found.doubts[0]
    assert "Now it is classification, each of sick, well" in found.doubts[0]


def test_weights_of_another_network_are_refused_before_anything_is_queued(
    project: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    import torch
    from safetensors.torch import save_file

    file = tmp_path / "other.safetensors"
    save_file({"encoder.weight": torch.zeros(3, 3)}, file)
    assert "fits this network" in refused(project, capsys, "--init", str(file))
    weights = {name: value.clone() for name, value in load_spec("simple_cnn").build(2, 1).state_dict().items()}
    weights[next(name for name in weights if name.endswith("running_var"))].fill_(float("inf"))
    save_file(weights, file)
    assert "no numbers" in refused(project, capsys, "--init", str(file))
    shutil.rmtree(project / "cache", ignore_errors=True)


def test_weights_named_from_here_are_kept_by_their_whole_path(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The run reads them from a folder of its own."""
    (tmp_path / "start.safetensors").touch()
    (tmp_path / "start.pt").touch()
    monkeypatch.chdir(tmp_path)

    def kept(init: str) -> str:
        return recipes_of(command_parser("train").parse_args([str(project), *LINE, "--init", init]))[0][0].init

    assert kept("start.safetensors") == str(tmp_path / "start.safetensors")
    assert kept("./start.pt") == str(tmp_path / "start.pt")
    assert kept("nowhere.safetensors") == "nowhere.safetensors"  # refused before the start, by what was typed
    assert kept("scratch") == "scratch"


@pytest.mark.parametrize("form", ["ending", "size"])
def test_a_class_that_its_files_tell_is_said_before_anything_is_queued(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    """24 films of noise; those of one class lie in another kind of file, or have another size."""
    films = tmp_path / "films"
    films.mkdir()
    rows = ["path,patient_id,label"]
    for number in range(24):
        sick = number % 2 == 1
        noise = np.random.default_rng(number).integers(60, 120, (40, 56 if sick and form == "size" else 48))
        name = f"{number}.{'tif' if sick and form == 'ending' else 'png'}"
        Image.fromarray(noise.astype(np.uint8)).save(films / name)
        rows.append(f"{name},P{number // 2},{'sick' if sick else 'well'}")
    (films / "labels.csv").write_text("\n".join(rows) + "\n")
    project = tmp_path / "project"
    table = str(films / "labels.csv")
    assert main(["project", "create", str(project)]) == 0
    assert main(["annotate", "import", str(project), table, "--format", "csv", "--complete"]) == 0
    words = ["--task", "square", "--kind", "classification", "--labels", "well,sick", "--split", "0.5", "0.25", "0.25"]
    assert main(["snapshot", str(project), *words]) == 0
    recipes, snapshot = recipes_of(command_parser("train").parse_args([str(project), *LINE]))

    doubts = before_start.before_start(project, snapshot, recipes).doubts

    said = [doubt for doubt in doubts if "stored tells" in doubt]
    what = "the kind of file" if form == "ending" else "the size in pixels"
    assert len(said) == 1 and f"{what} alone tells 100% right" in said[0]

    def nothing_is_queued(*_: object, **__: object) -> Path:
        raise BadRequest("not in this test")

    monkeypatch.setattr("viewer.cli.train.enqueue", nothing_is_queued)
    told = refused(project, capsys)
    assert f"Before the start: {said[0]}" in told and told.index(said[0]) < told.index("not in this test")


def test_films_that_are_stored_alike_raise_no_doubt_of_it(project: Path) -> None:
    snapshot = Snapshot.load(project, task="square")
    recipe = default_recipe(task="square", kind="classification", labels=snapshot.task.labels, model="simple_cnn")

    assert not any("stored" in doubt for doubt in before_start.before_start(project, snapshot, [recipe]).doubts)
