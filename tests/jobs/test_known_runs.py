"""Who looks at runs again and again reads again only what has changed, and sees each change."""

from collections.abc import Callable
from pathlib import Path

import pytest

from ml.card import write_json
from ml.events import append_event
from tests.run_rows import write_run
from tests.ui.test_run_report import judged
from viewer.jobs import runs as runs_module
from viewer.jobs.run_marks import change_marks
from viewer.jobs.runs import Known, list_runs, read_run


@pytest.fixture
def read_folders(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the folders that were read, in order."""
    read: list[str] = []

    def noted(folder: Path) -> object:
        read.append(folder.name)
        return read_run(folder)

    monkeypatch.setattr(runs_module, "read_run", noted)
    return read


def test_what_is_over_is_read_once_and_is_the_very_same_value(tmp_path: Path, read_folders: list[str]) -> None:
    first, second = write_run(tmp_path, 1, 3), write_run(tmp_path, 2, 3)
    known: Known = {}

    before = list_runs(tmp_path, known)
    read_folders.clear()
    after = list_runs(tmp_path, known)

    assert read_folders == [] and [one.run_id for one in after] == [first.name, second.name]
    assert all(one is other for one, other in zip(before, after, strict=True))
    assert after == list_runs(tmp_path)


def renamed(folder: Path) -> None:
    change_marks(folder, title="The good one")


def resumed(folder: Path) -> None:
    append_event(folder, "queued", resume=True)


def reported(folder: Path) -> None:
    judged(folder)


def opened_once(folder: Path) -> None:
    (folder.parent.parent / "snapshots").mkdir()
    (folder.parent.parent / "snapshots" / "openings.jsonl").write_text("")


def set_anew(folder: Path) -> None:
    write_json(folder / "config.json", {"recipe": {"task": "another"}})


@pytest.mark.parametrize("change", [renamed, resumed, reported, opened_once, set_anew])
def test_a_change_is_seen(change: Callable[[Path], None], tmp_path: Path, read_folders: list[str]) -> None:
    folder, other = write_run(tmp_path, 1, 3), write_run(tmp_path, 2, 3)
    known: Known = {}
    list_runs(tmp_path, known)
    read_folders.clear()

    change(folder)
    found = list_runs(tmp_path, known)

    assert folder.name in read_folders and (change is opened_once or other.name not in read_folders)
    assert found == list_runs(tmp_path)


def test_what_waits_or_works_is_read_each_time(tmp_path: Path, read_folders: list[str]) -> None:
    folder = write_run(tmp_path, 1, 3)
    append_event(folder, "queued", resume=True)
    known: Known = {}
    list_runs(tmp_path, known)
    read_folders.clear()

    list_runs(tmp_path, known)

    assert read_folders == [folder.name]


def test_a_run_that_is_gone_is_forgotten(tmp_path: Path) -> None:
    folder = write_run(tmp_path, 1, 3)
    known: Known = {}
    list_runs(tmp_path, known)
    folder.rename(tmp_path / "elsewhere")

    assert list_runs(tmp_path, known) == [] and known == {}
