"""Resume: a run that was stopped and went on equals the uninterrupted one, bit for bit; nothing is ever unpickled."""

import pickle
import shutil
from pathlib import Path

import pytest
import torch

from ml.card import weights_path, write_json
from ml.events import CONTROL_FILE, read_events
from ml.training import foreign, loop
from ml.training.checkpoint import read_tensors, write_tensors
from ml.training.initial import resolve_init, start_from
from ml.training.loop import LAST, Cancelled
from ml.training.run import run_training
from viewer.core.errors import Ambiguous, BadModel, NotFound


class StopAt:
    """Writes the wish to cancel when a given step is over."""

    def __init__(self, step: int) -> None:
        self.left = step

    def __call__(self, folder: Path) -> str:
        self.left -= 1
        return "cancel" if self.left < 0 else ""


def all_tensors(folder: Path) -> dict[str, torch.Tensor]:
    return read_tensors(folder / LAST)[0]


@pytest.mark.parametrize("kind", ["classification", "detection", "segmentation", "regression"])
def test_stopped_and_resumed_equals_uninterrupted_bit_for_bit(
    kind, disc_films, film_reader, tiny_recipe, new_run, monkeypatch
) -> None:
    films = disc_films(kind, count=32)
    recipe = tiny_recipe(kind, epochs=3, batch_size=6, ema_decay=0.9, precision="bf16", freeze_epochs=1)
    whole = new_run(recipe, "whole")
    run_training(whole, films, reader=film_reader)
    for step in (1, 5):
        broken = new_run(recipe, f"broken{step}")
        monkeypatch.setattr(loop, "wish", StopAt(step))
        with pytest.raises(Cancelled):
            run_training(broken, films, reader=film_reader)
        monkeypatch.undo()
        torch.manual_seed(99)  # another process would not have the same random state
        run_training(broken, films, resume=True, reader=film_reader)

        a, b = all_tensors(whole), all_tensors(broken)
        assert a.keys() == b.keys(), step
        assert [name for name in a if not torch.equal(a[name], b[name])] == [], step
        kept = [read_tensors(weights_path(folder))[0] for folder in (whole, broken)]
        assert all(torch.equal(kept[0][name], kept[1][name]) for name in kept[0]), step


def test_the_comparison_would_notice_what_a_checkpoint_forgets(
    disc_films, film_reader, tiny_recipe, new_run, monkeypatch
) -> None:
    films, recipe = disc_films(count=32), tiny_recipe(epochs=2, batch_size=6, ema_decay=0.9)
    whole, stopped = new_run(recipe, "whole"), new_run(recipe, "stopped")
    run_training(whole, films, reader=film_reader)
    monkeypatch.setattr(loop, "wish", StopAt(2))
    with pytest.raises(Cancelled):
        run_training(stopped, films, reader=film_reader)
    monkeypatch.undo()
    for forgotten in ("", "optimizer.", "ema.", "rng.torch"):
        broken = Path(shutil.copytree(stopped, stopped.with_name(f"broken {forgotten}")))
        tensors, document = read_tensors(broken / LAST)
        spoiled = {
            name: torch.zeros_like(value) if forgotten and name.startswith(forgotten) and name != "rng.torch" else value
            for name, value in tensors.items()
        }
        if forgotten == "rng.torch":
            spoiled[forgotten] = torch.Generator().manual_seed(5).get_state()
        write_tensors(broken / LAST, spoiled, document)

        run_training(broken, films, resume=True, reader=film_reader)

        a, b = all_tensors(whole), all_tensors(broken)
        assert any(not torch.equal(a[name], b[name]) for name in a) is bool(forgotten), forgotten


def test_control_json_stops_the_run_and_keeps_its_state(disc_films, film_reader, tiny_recipe, new_run) -> None:
    folder = new_run(tiny_recipe())
    write_json(folder / CONTROL_FILE, {"wish": "cancel"})

    with pytest.raises(Cancelled):
        run_training(folder, disc_films(count=24), reader=film_reader)

    assert (folder / LAST).is_file()
    assert not any(event["event"] == "epoch" for event in read_events(folder))


def test_a_checkpoint_of_another_training_is_refused(disc_films, film_reader, tiny_recipe, new_run) -> None:
    films, folder = disc_films(count=24), new_run(tiny_recipe(epochs=1))
    run_training(folder, films, reader=film_reader)
    other = new_run(tiny_recipe(epochs=1, seed=2), "other")
    (other / LAST).parent.mkdir()
    (other / LAST).write_bytes((folder / LAST).read_bytes())

    with pytest.raises(BadModel, match="seed"):
        run_training(other, films, resume=True, reader=film_reader)


def test_a_torn_checkpoint_is_refused_with_its_name(tmp_path: Path) -> None:
    path = tmp_path / "last.safetensors"
    write_tensors(path, {"a": torch.arange(1000.0)}, {"x": 1})
    path.write_bytes(path.read_bytes()[:-40])

    with pytest.raises(BadModel, match=r"last\.safetensors"):
        read_tensors(path)


def test_a_failed_write_leaves_the_old_checkpoint(tmp_path: Path, monkeypatch) -> None:
    path = tmp_path / "last.safetensors"
    write_tensors(path, {"a": torch.zeros(3)}, {"x": 1})

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("ml.training.checkpoint.os.fsync", full)
    with pytest.raises(Exception, match="No space left"):
        write_tensors(path, {"a": torch.ones(3)}, {"x": 2})

    assert read_tensors(path)[0]["a"].tolist() == [0, 0, 0]
    assert [p.name for p in tmp_path.iterdir() if p.suffix == ".tmp"] == []


class Poison:
    """Runs a command when it is unpickled."""

    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return Path.touch, (self.target,)


def test_a_poisoned_weights_file_is_refused_and_nothing_in_it_runs(tmp_path: Path) -> None:
    bait, marker = tmp_path / "bait.pt", tmp_path / "it-ran"
    torch.save({"state_dict": {"w": torch.zeros(2)}, "extra": Poison(marker)}, bait)
    with bait.open("rb") as file:
        assert file.read(2) == b"PK"

    with pytest.raises(BadModel, match="nothing in it was run"):
        foreign.convert_foreign(bait, tmp_path / "cache")

    assert not marker.exists()
    pickle.loads(pickle.dumps(Poison(marker)))  # the poison is real
    assert marker.exists()


def test_a_harmless_weights_file_is_converted_and_used(tmp_path: Path) -> None:
    from ml.catalogue import load_spec

    spec = load_spec("simple_cnn")
    source, target = spec.build(5, 1), spec.build(2, 1)
    torch.save({"state_dict": {f"module.{k}": v for k, v in source.state_dict().items()}}, tmp_path / "theirs.pth")

    loaded = start_from(target, spec, ("a", "b"), tmp_path / "theirs.pth", tmp_path / "cache", kind=spec.kind)

    assert loaded.skipped == ("head.weight", "head.bias")
    assert torch.equal(source.features[0][0].weight, target.features[0][0].weight)


def test_an_old_torch_reads_no_foreign_file_at_all(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(foreign.torch, "__version__", "2.9.1+cpu")
    (tmp_path / "x.pt").write_bytes(b"")

    with pytest.raises(BadModel, match="not safe"):
        foreign.convert_foreign(tmp_path / "x.pt", tmp_path)


def test_where_a_training_starts_is_found_by_name_or_refused(
    disc_films, film_reader, tiny_recipe, new_run, tmp_path: Path
) -> None:
    films, project = disc_films(count=24), tmp_path / "project"
    for name in ("20260101-aaaa", "20260101-bbbb"):
        run_training(new_run(tiny_recipe(epochs=1), name), films, reader=film_reader)

    assert resolve_init(project, "20260101-a").name == "20260101-aaaa"
    with pytest.raises(Ambiguous):
        resolve_init(project, "20260101")
    with pytest.raises(NotFound):
        resolve_init(project, "nothing")
    (tmp_path / "notes.txt").write_text("x")
    with pytest.raises(BadModel):
        resolve_init(project, str(tmp_path / "notes.txt"))
