"""A run is deleted whole or not at all; what hangs on it is said before, and what others need stays."""

import os
import shutil
from pathlib import Path

import pytest

from ml.card import write_json
from ml.events import LOCK_FILE, append_event
from ml.recipe import default_recipe
from tests.ui.test_run_report import judged
from viewer.core.errors import BadRequest
from viewer.jobs import removing
from viewer.jobs.orders import is_ordered
from viewer.jobs.queue import enqueue
from viewer.jobs.removing import REMOVED, remove_run, what_hangs
from viewer.jobs.runs import list_runs, read_run
from viewer.project.disk.held_lock import HeldLock
from viewer.project.lists.model_answers import ModelAnswers
from viewer.project.snapshots.openings import EVALUATION, OPENINGS_NAME, record_opening

RECIPE = default_recipe(task="Lung", kind="classification", labels=("no", "yes"), model="simple_cnn", epochs=3)
HASH = "a1" * 32


def finished(project: Path, *settings: str, model_hash: str = HASH) -> Path:
    """A finished run with its kept model."""
    folder = enqueue(project, RECIPE.with_settings(list(settings)))
    append_event(folder, "finished", best_epoch=1, model_hash=model_hash)
    kept = project / "models" / model_hash[:16]
    kept.mkdir(parents=True, exist_ok=True)
    write_json(kept / "card.json", {})
    return folder


def test_what_goes_and_what_stays_is_said_before(tmp_path: Path) -> None:
    folder = finished(tmp_path)
    (folder / "checkpoints" / "best.safetensors").write_bytes(b"x" * 2_500_000)
    judged(folder)
    later = finished(tmp_path, f"init={folder.name}", model_hash="b2" * 32)

    hanging = what_hangs(read_run(folder), list_runs(tmp_path), ModelAnswers(answers=12, decided=3))

    assert (hanging.refused, hanging.report) == ("", True)
    goes, stays = " ".join(hanging.goes), " ".join(hanging.stays_with())
    assert "2.5 MB" in goes and "report" in goes and f"Lung · {later.name[-4:]} began with its weights" in goes
    assert "12 answers of its model in the project, 3 proposals of them decided on: they stay" in stays
    assert "Its model is kept" in stays and "opened stays counted" in stays


def test_a_run_goes_whole_and_its_model_and_its_openings_stay(tmp_path: Path) -> None:
    folder, other = finished(tmp_path), finished(tmp_path, model_hash="b2" * 32)
    (tmp_path / "snapshots").mkdir()
    record_opening(tmp_path, EVALUATION, ["d" * 32], runs=[folder.name])
    told = (tmp_path / "snapshots" / OPENINGS_NAME).read_bytes()

    remove_run(read_run(folder), list_runs(tmp_path))

    assert [run.folder for run in list_runs(tmp_path)] == [other]
    assert not folder.exists() and not (tmp_path / "runs" / REMOVED).exists()
    assert (tmp_path / "models" / HASH[:16] / "card.json").is_file()
    assert (tmp_path / "snapshots" / OPENINGS_NAME).read_bytes() == told


def test_its_model_goes_too_where_that_is_asked(tmp_path: Path) -> None:
    folder = finished(tmp_path)

    remove_run(read_run(folder), list_runs(tmp_path), with_model=True)

    assert list((tmp_path / "models").iterdir()) == []


def test_a_model_that_another_run_has_too_stays(tmp_path: Path) -> None:
    folder, twin = finished(tmp_path), finished(tmp_path)

    with pytest.raises(BadRequest, match=f"Lung · {twin.name[-4:]} has the very same model"):
        remove_run(read_run(folder), list_runs(tmp_path), with_model=True)

    assert folder.is_dir()


def test_a_hash_that_is_none_names_no_folder(tmp_path: Path) -> None:
    folder = enqueue(tmp_path, RECIPE)
    append_event(folder, "finished", best_epoch=1, model_hash="../snapshots")
    (tmp_path / "models").mkdir()
    (tmp_path / "snapshots").mkdir()

    remove_run(read_run(folder), list_runs(tmp_path), with_model=True)

    assert (tmp_path / "snapshots").is_dir()


def test_whatever_ends_the_program_in_between_no_half_run_is_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, other = finished(tmp_path), finished(tmp_path, model_hash="b2" * 32)

    def killed(path: Path, **_: object) -> None:
        (path / "config.json").exists()
        raise KeyboardInterrupt

    monkeypatch.setattr(removing.shutil, "rmtree", killed)
    with pytest.raises(KeyboardInterrupt):
        remove_run(read_run(folder), list_runs(tmp_path))
    assert [run.folder for run in list_runs(tmp_path)] == [other] and not folder.exists()

    monkeypatch.undo()
    remove_run(read_run(other), list_runs(tmp_path))
    assert list_runs(tmp_path) == [] and not (tmp_path / "runs" / REMOVED).exists()


def test_what_works_is_not_deleted(tmp_path: Path) -> None:
    folder = enqueue(tmp_path, RECIPE)
    lock = HeldLock.take(folder / LOCK_FILE)
    try:
        run = read_run(folder)
        with pytest.raises(BadRequest, match="is at work; cancel it first"):
            remove_run(run, list_runs(tmp_path))
    finally:
        lock.release()
    run = read_run(folder)
    lock = HeldLock.take(folder / LOCK_FILE)  # it began after it was read
    try:
        with pytest.raises(BadRequest, match="is being worked on by"):
            remove_run(run, list_runs(tmp_path))
    finally:
        lock.release()
    assert folder.is_dir()


def test_what_its_report_works_on_is_not_deleted(tmp_path: Path) -> None:
    folder = finished(tmp_path)
    judged(folder, "judging", what="cases")
    lock = HeldLock.take(folder / "report" / LOCK_FILE)
    try:
        with pytest.raises(BadRequest, match=r"The report of Lung · .* is being made"):
            remove_run(read_run(folder), list_runs(tmp_path))
    finally:
        lock.release()


@pytest.mark.parametrize("named", ["name", "beginning", "path"])
def test_what_a_waiting_run_begins_from_is_not_deleted(named: str, tmp_path: Path) -> None:
    folder = finished(tmp_path)
    init = {"name": folder.name, "beginning": folder.name[:-2], "path": str(folder)}[named]
    waiting = enqueue(tmp_path, RECIPE.with_settings([f"init={init}"]))

    with pytest.raises(BadRequest, match=f"is where Lung · {waiting.name[-4:]} begins, which is not over yet"):
        remove_run(read_run(folder), list_runs(tmp_path))

    append_event(waiting, "cancelled")
    remove_run(read_run(folder), list_runs(tmp_path))
    assert not folder.exists()


def test_a_waiting_run_that_is_deleted_is_never_started(tmp_path: Path) -> None:
    folder = enqueue(tmp_path, RECIPE)
    kept = tmp_path / "kept"
    shutil.copytree(folder, kept)

    remove_run(read_run(folder), list_runs(tmp_path))
    shutil.copytree(kept, folder)

    assert not is_ordered(folder)


@pytest.mark.skipif(os.name == "nt", reason="links need a right there")
def test_nothing_behind_a_link_is_deleted(tmp_path: Path) -> None:
    elsewhere = finished(tmp_path / "elsewhere")
    (tmp_path / "here" / "runs").mkdir(parents=True)
    link = tmp_path / "here" / "runs" / elsewhere.name
    link.symlink_to(elsewhere)

    with pytest.raises(BadRequest, match="is a link to another place"):
        remove_run(read_run(link), list_runs(tmp_path / "here"))

    assert (elsewhere / "config.json").is_file()
