"""Folders as they are found: linked in circles, very deep, closed, slow, and with very many files."""

import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from viewer.reading.scan import all_series, scan
from viewer.reading.sources import folder as folder_module
from viewer.reading.sources.folder import files_below


def names(root: Path, unreadable: list[tuple[Path, str]] | None = None) -> list[str]:
    found = files_below([root], [] if unreadable is None else unreadable)
    return [file.relative_to(root).as_posix() for _, file in found]


def test_links_in_a_circle_are_walked_once(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / f"{name}.dcm").touch()
    (tmp_path / "a" / "to_b").symlink_to(tmp_path / "b", target_is_directory=True)
    (tmp_path / "b" / "to_a").symlink_to(tmp_path / "a", target_is_directory=True)
    (tmp_path / "self").symlink_to(tmp_path / "self")
    unreadable: list[tuple[Path, str]] = []

    assert sorted(Path(name).name for name in names(tmp_path, unreadable)) == ["a.dcm", "b.dcm"]
    assert [path.name for path, _ in unreadable] == ["self"]


@pytest.fixture
def deep(tmp_path: Path) -> Iterator[Path]:
    """A file below 1,200 folders: more than Python recurses. Taken apart here, because shutil recurses."""
    place = tmp_path / "deep"
    folders = [place]
    place.mkdir()
    for _ in range(1200):
        folders.append(folders[-1] / "d")
        folders[-1].mkdir()
    file = folders[-1] / "a.png"
    Image.fromarray(np.zeros((3, 5), np.uint8)).save(file)
    yield place
    file.unlink()
    for folder in reversed(folders):
        folder.rmdir()


def test_a_folder_deeper_than_python_recurses_is_searched(deep: Path) -> None:
    (series,) = all_series(scan([deep]))

    assert (series.rows, series.cols) == (3, 5)


def test_a_closed_folder_is_named_and_the_rest_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("open", "closed"):
        (tmp_path / name).mkdir()
        Image.fromarray(np.zeros((3, 5), np.uint8)).save(tmp_path / name / "a.png")
    scandir = os.scandir

    def refusing(path: str) -> Any:  # as root every folder opens, so the system's answer is given here
        if Path(path).name == "closed":
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr(folder_module.os, "scandir", refusing)
    result = scan([tmp_path])

    assert len(all_series(result)) == 1
    assert [problem.reason for problem in result.problems] == [
        f"{tmp_path / 'closed'} cannot be read: Permission denied."
    ]


def test_a_closed_file_is_named_and_the_rest_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a.png", "b.png"):
        Image.fromarray(np.zeros((3, 5), np.uint8)).save(tmp_path / name)
    plain_open = Path.open

    def refusing(path: Path, *args: Any, **kwargs: Any) -> Any:
        if path.name == "a.png":
            raise PermissionError(13, "Permission denied", str(path))
        return plain_open(path, *args, **kwargs)

    monkeypatch.setattr(Path, "open", refusing)
    result = scan([tmp_path])

    assert [series.description for series in all_series(result)] == ["b.png"]
    assert [problem.reason for problem in result.problems] == [
        f"{tmp_path / 'a.png'} cannot be read: Permission denied."
    ]


class Listing:
    """Stands for os.scandir of a folder with `total` files; counts how many names were asked of it."""

    def __init__(self, template: Path, total: int) -> None:
        self.entries, self.total, self.given = list(os.scandir(template)), total, 0

    def __enter__(self) -> "Listing":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def __iter__(self) -> Iterator[os.DirEntry[str]]:
        for number in range(self.total):
            self.given += 1
            yield self.entries[number % len(self.entries)]


def test_listing_a_folder_of_100_000_files_can_be_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.dcm").touch()
    listing = Listing(tmp_path, 100_000)
    monkeypatch.setattr(folder_module.os, "scandir", lambda _: listing)

    result = scan([tmp_path], cancelled=lambda: listing.given >= 1000)

    assert result.cancelled
    assert listing.given < 1100


def test_the_listing_tells_how_far_it_is_before_it_is_done(tmp_path: Path) -> None:
    for number in range(600):
        (tmp_path / f"{number}.txt").touch()
    said: list[tuple[int, int]] = []

    scan([tmp_path], progress=lambda done, total: said.append((done, total)))

    assert [pair for pair in said if pair[0] == 0] == [(0, 256), (0, 512)]
    assert said[-1] == (600, 600)


def test_a_scan_of_a_slow_disk_stops_with_the_file_it_is_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(5):
        Image.fromarray(np.zeros((3, 5), np.uint8)).save(tmp_path / f"{number}.png")
    stop, opened, plain_open = threading.Event(), [], Path.open

    def slow(path: Path, *args: Any, **kwargs: Any) -> Any:
        opened.append(path.name)
        if path.name == "1.png":  # the person loses patience while this file is waited for
            stop.set()
        return plain_open(path, *args, **kwargs)

    monkeypatch.setattr(Path, "open", slow)
    result = scan([tmp_path], cancelled=stop.is_set)

    assert result.cancelled
    assert set(opened) == {"0.png", "1.png"}
