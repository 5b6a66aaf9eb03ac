"""What holds names or pixels outside of a chosen folder is its person's alone, whatever the umask says."""

import json
import logging
import os
import sqlite3
import stat
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ui.conftest import write_films, write_slice
from viewer.cli.log_file import LogFile, log_path
from viewer.cli.main import main
from viewer.project.register import add_frames, personal_folder, personal_project
from viewer.reading.sources.private_files import (
    cache_folder,
    config_folder,
    opener,
    our_folders,
    private_file,
    private_folder,
    replaced,
    temporary_folder,
)

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has access lists in place of modes")
SAMPLE = ("sample-", "children")  # what is made up, and what is empty


@pytest.fixture(params=[0o000, 0o022, 0o077, 0o777], ids=oct)
def umask(request: pytest.FixtureRequest, tmp_path: Path, home: Path) -> Iterator[int]:
    """The umask of the test, from nothing masked to everything; its folders were made before."""
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


@pytest.fixture(params=[0o000, 0o022], ids=oct)
def wide_umask(request: pytest.FixtureRequest, tmp_path: Path, home: Path) -> Iterator[int]:
    """A umask that lets others read."""
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def wider_than_private(top: Path) -> list[str]:
    """Every file and folder below `top`, itself too, that more than its person may use."""
    every = [top, *(path for path in top.rglob("*"))]
    return [f"{path.relative_to(top)} {mode(path):o}" for path in every if mode(path) & 0o077]


def test_a_folder_is_private_with_what_was_missing_above_it(umask: int, tmp_path: Path) -> None:
    made = private_folder(tmp_path / "a" / "b")
    assert mode(made) == mode(made.parent) == 0o700


def test_files_are_private_whatever_makes_them(umask: int, tmp_path: Path) -> None:
    private_folder(tmp_path / "new")
    private_file(tmp_path / "new" / "one")
    with open(tmp_path / "new" / "two", "w", opener=opener) as file:
        file.write("x")
    with replaced(tmp_path / "new" / "three") as beside:
        assert mode(beside) in (0o600, 0) and beside.parent == tmp_path / "new"
        beside.chmod(0o600)
        beside.write_text("y")
    assert [mode(path) for path in sorted((tmp_path / "new").iterdir())] == [0o600] * 3
    assert mode(temporary_folder(tmp_path / "new")) & 0o077 == 0


def test_what_was_made_wider_before_is_narrowed(tmp_path: Path, home: Path) -> None:
    for folder in our_folders():
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o777)
        (folder / "old").write_text("x")
        (folder / "old").chmod(0o666)
        private_file(folder / "old")
        assert mode(folder) == 0o700 and mode(folder / "old") == 0o600


def test_somebody_else_s_folder_is_left_as_it_is(tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o775)
    private_file(shared / "index.sqlite")
    assert mode(shared) == 0o775 and mode(shared / "index.sqlite") == 0o600


def test_what_replaces_a_file_has_a_name_that_nobody_can_foretell(tmp_path: Path) -> None:
    names = set()
    for _ in range(3):
        with replaced(tmp_path / "file.png") as beside:
            names.add(beside.name)
    assert len(names) == 3 and all(str(os.getpid()) not in name or len(name) > 20 for name in names)
    assert [path.name for path in tmp_path.iterdir()] == ["file.png"]


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("old")
    with pytest.raises(RuntimeError), replaced(tmp_path / "file"):
        raise RuntimeError
    assert (tmp_path / "file").read_text() == "old" and len(list(tmp_path.iterdir())) == 1


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """A series of three slices in a folder and in an archive."""
    folder = tmp_path / "study"
    for place in range(3):
        write_slice(folder / f"{place}.dcm", patient="P", study=1, series=1, place=place, frame="1.2.7")
    with zipfile.ZipFile(tmp_path / "study.zip", "w") as archive:
        for path in sorted(folder.iterdir()):
            archive.write(path, f"CT/one/{path.name}")
    return folder


def test_a_scan_leaves_an_index_an_archive_and_a_log_that_are_private(
    wide_umask: int, study: Path, home: Path, tmp_path: Path
) -> None:
    assert main(["scan", str(study)]) == 0
    assert main(["scan", str(tmp_path / "study.zip")]) == 0

    assert (cache_folder() / "headers.sqlite").is_file() and log_path().is_file()
    assert len(list(cache_folder().rglob("*.dcm"))) == 3
    for folder in our_folders():
        if folder.exists():
            assert wider_than_private(folder) == []


def test_what_a_person_asks_for_by_name_goes_by_their_umask(study: Path, tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        assert main(["render", str(study / "0.dcm"), "--out", str(tmp_path / "x.png")]) == 0
        assert main(["project", "create", str(tmp_path / "project")]) == 0
    finally:
        os.umask(before)
    assert mode(tmp_path / "x.png") == 0o644 and mode(tmp_path / "project") == 0o755


def test_the_personal_project_is_private(wide_umask: int, tmp_path: Path, home: Path) -> None:
    with personal_project() as project:
        add_frames(project, write_films(tmp_path / "films", 2))
        beside = [path for path in personal_folder().iterdir() if path.name.startswith("project.db")]
        assert [f"{path.name} {mode(path):o}" for path in beside if mode(path) & 0o077] == []
    assert mode(personal_folder()) == mode(personal_folder().parent) == 0o700


def test_a_personal_project_of_an_earlier_version_is_narrowed(home: Path) -> None:
    personal_project().close()
    (personal_folder() / "project.db").chmod(0o644)
    personal_folder().chmod(0o755)
    personal_project().close()
    assert mode(personal_folder()) == 0o700 and mode(personal_folder() / "project.db") == 0o600


def test_a_database_that_is_narrowed_keeps_its_locks(tmp_path: Path) -> None:
    """Closing any handle on a file ends this process' POSIX locks on it, and another would write beside it."""
    place = private_file(tmp_path / "one.sqlite")
    writer = sqlite3.connect(place, isolation_level=None)
    writer.execute("CREATE TABLE t (x)")
    writer.execute("BEGIN IMMEDIATE")
    private_file(place)

    code = "import sqlite3, sys; sqlite3.connect(sys.argv[1], timeout=0).execute('BEGIN IMMEDIATE')"
    other = subprocess.run([sys.executable, "-c", code, str(place)], check=False, capture_output=True, text=True)
    writer.close()
    assert "database is locked" in other.stderr


def test_the_log_is_private_also_after_it_was_turned_over(wide_umask: int, home: Path) -> None:
    log_path().parent.mkdir(parents=True)
    log_path().write_text("of an earlier version\n")
    log_path().chmod(0o644)
    handler = LogFile(log_path())
    handler.maxBytes = 200
    try:
        for number in range(20):
            handler.handle(logging.LogRecord("viewer", logging.INFO, "x", 1, "line %d", (number,), None))
    finally:
        handler.close()
    assert len(list(log_path().parent.iterdir())) == 3
    assert wider_than_private(log_path().parent) == [] and mode(log_path().parent) == 0o700


def test_what_the_window_remembers_is_private(wide_umask: int, home: Path) -> None:
    from viewer.ui.state.settings import Recent, Settings

    settings = Settings(config_folder() / "window.json")
    settings.add_recent(Recent(path="/x/Anna", kind="study", title="Anna"))
    settings.sync()
    assert "Anna" in json.dumps(json.loads((config_folder() / "window.json").read_text()))
    assert wider_than_private(config_folder()) == []


@pytest.mark.parametrize("writer", ["replace_file", "write_whole", "write_json", "write_png"])
def test_a_link_planted_beside_a_file_is_not_written_through(writer: str, tmp_path: Path) -> None:
    """In a folder that others may write to, a name made of the process' number could be their link."""
    import numpy as np

    from ml.card import write_json
    from viewer.cli.input_images import write_whole
    from viewer.cli.render import _write
    from viewer.project.disk.replacing import replace_file

    victim = tmp_path / "victim"
    victim.write_text("kept")
    folder = tmp_path / "shared"
    folder.mkdir()
    target = folder / "one.png"
    for name in (f".one.png.{os.getpid()}.part", f".one.png.{os.getpid()}.tmp", f".one.{os.getpid()}.png"):
        (folder / name).symlink_to(victim)
    write = {
        "replace_file": lambda: replace_file(target, b"x"),
        "write_whole": lambda: write_whole(target, b"x"),
        "write_json": lambda: write_json(target, {"x": 1}),
        "write_png": lambda: _write(np.zeros((4, 4), np.uint8), target),
    }
    write[writer]()
    assert victim.read_text() == "kept" and target.is_file() and not target.is_symlink()


def test_no_name_of_a_temporary_file_is_made_of_the_process_number() -> None:
    root = Path(__file__).resolve().parents[2]
    found = [
        f"{path.relative_to(root)}:{number}"
        for folder in ("viewer", "ml")
        for path in (root / folder).rglob("*.py")
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if "getpid()" in line and ("with_name(" in line or "with_suffix(" in line or "mkdir" in line)
    ]
    assert found == []
