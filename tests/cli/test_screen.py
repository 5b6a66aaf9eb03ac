"""Where no window can open, one sentence says why and what mends it; Qt itself ends with "Aborted"."""

import importlib.util
import os
import shutil
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from tests.waiting import LIMIT_S
from viewer.cli import screen
from viewer.cli.main import main
from viewer.core.errors import NotFound

START = Path(__file__).resolve().parents[2] / "packaging" / "start.py"
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="shared libraries of Linux")
SYSTEM = {"libc.so.6", "libm.so.6", "libdl.so.2", "libpthread.so.0", "ld-linux-x86-64.so.2", "ld-linux-aarch64.so.1"}
NO_DISPLAY = {"QT_QPA_PLATFORM": "", "DISPLAY": "", "WAYLAND_DISPLAY": ""}


def elf(path: Path, needed: list[str], *, at: int = 0x2000) -> Path:
    """A file with the headers of a shared library that needs these. at: where its names lie in memory."""
    names = b"\0" + b"".join(name.encode() + b"\0" for name in needed)
    places = [1 + sum(len(one) + 1 for one in needed[:n]) for n in range(len(needed))]
    entries = b"".join(struct.pack("<qQ", 1, place) for place in places)
    entries += struct.pack("<qQ", 5, at) + struct.pack("<qQ", 0, 0)
    names_at = 64 + 2 * 56
    head = b"\x7fELF\x02\x01\x01" + bytes(9) + struct.pack("<HHIQQQIHHHHHH", 3, 62, 1, 0, 64, 0, 0, 64, 56, 2, 0, 0, 0)
    load = struct.pack("<IIQQQQQQ", 1, 4, names_at, at, at, len(names), len(names), 8)
    dynamic = struct.pack("<IIQQQQQQ", 2, 4, names_at + len(names), 0, 0, len(entries), len(entries), 8)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(head + load + dynamic + names + entries)
    return path


@pytest.fixture
def plugin(tmp_path: Path) -> Path:
    """Qt's part for X, which needs a library beside it and two of the system; that one needs a third."""
    elf(tmp_path / "Qt/lib/libQt6XcbQpa.so.6", ["libxcb-icccm.so.4", "libxcb.so.1"])
    return elf(tmp_path / "Qt/plugins/platforms/libqxcb.so", ["libQt6XcbQpa.so.6", "libGL.so.1", "libxcb.so.1"])


def without(monkeypatch: pytest.MonkeyPatch, plugin: Path, *absent: str) -> None:
    """A loader that finds every library but these."""
    monkeypatch.setattr(screen, "plugin_file", lambda kind: plugin)
    monkeypatch.setattr(screen, "_loads", lambda name: name not in absent and not (absent and name == str(plugin)))
    monkeypatch.setattr(screen, "_answers", lambda kind, environment: True)


@pytest.mark.parametrize("absent", [("libxcb-icccm.so.4",), ("libGL.so.1", "libxcb.so.1"), ("libxcb.so.1",)])
def test_every_missing_library_is_named_with_the_command_that_brings_it(
    monkeypatch: pytest.MonkeyPatch, plugin: Path, absent: tuple[str, ...]
) -> None:
    without(monkeypatch, plugin, *absent)
    monkeypatch.setattr(screen.shutil, "which", lambda name: "/usr/bin/apt-get" if name == "apt-get" else None)

    with pytest.raises(NotFound) as told:
        screen.ensure_window({"DISPLAY": ":0"}, platform="linux")

    words = str(told.value)
    assert all(name in words for name in absent)
    assert words.endswith("sudo apt-get install -y " + " ".join(screen.PACKAGES[name] for name in absent))


def test_another_system_is_told_in_its_own_words(monkeypatch: pytest.MonkeyPatch, plugin: Path) -> None:
    without(monkeypatch, plugin, "libxcb-icccm.so.4")
    monkeypatch.setattr(screen.shutil, "which", lambda name: "/usr/bin/dnf" if name == "dnf" else None)
    with pytest.raises(NotFound, match=r"sudo dnf install 'libxcb-icccm\.so\.4\(\)\(64bit\)'$"):
        screen.ensure_window({"DISPLAY": ":0"}, platform="linux")

    monkeypatch.setattr(screen.shutil, "which", lambda name: None)
    with pytest.raises(NotFound, match=r"on Debian: libxcb-icccm4"):
        screen.ensure_window({"DISPLAY": ":0"}, platform="linux")


def test_nothing_is_said_where_all_is_there(monkeypatch: pytest.MonkeyPatch, plugin: Path) -> None:
    without(monkeypatch, plugin)

    screen.ensure_window({"DISPLAY": ":0"}, platform="linux")
    screen.ensure_window({}, platform="win32")
    screen.ensure_window({"QT_QPA_PLATFORM": "offscreen"}, platform="linux")


def test_a_file_that_is_no_library_needs_nothing(tmp_path: Path) -> None:
    for content in (b"", b"#!/bin/sh\n", b"\x7fELF\x02\x01", b"\x7fELF\x02\x01" + bytes(58), bytes(5000)):
        (tmp_path / "x").write_bytes(content)
        assert screen.needed_libraries(tmp_path / "x") == []


@LINUX
def test_the_names_are_those_that_the_systems_own_reader_finds() -> None:
    reader, file = shutil.which("readelf"), screen.plugin_file("xcb")
    if reader is None or file is None:
        pytest.skip("needs readelf and the wheel of PySide6")
    told = subprocess.run([reader, "-d", str(file)], capture_output=True, text=True, check=True).stdout

    expected = [line.partition("[")[2].partition("]")[0] for line in told.splitlines() if "(NEEDED)" in line]

    assert expected
    assert screen.needed_libraries(file) == expected


@LINUX
@pytest.mark.parametrize("kind", ["xcb", "wayland", "offscreen"])
def test_whatever_qt_needs_has_a_package(kind: str) -> None:
    file = screen.plugin_file(kind)
    if file is None:
        pytest.skip("this PySide6 does not lie as its wheel lays it")
    every = screen.missing_libraries(file, lambda name: False)

    assert len(every) > 10
    assert set(every) - SYSTEM <= set(screen.PACKAGES)


def test_start_looks_for_the_same_libraries() -> None:
    spec = importlib.util.spec_from_file_location("start_of_the_checkout", START)
    assert spec is not None and spec.loader is not None
    start = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(start)
    names = {**start.LIBRARIES, **start.SCREEN_LIBRARIES}

    assert names == {name: package for name, package in screen.PACKAGES.items() if "wayland" not in name}


@LINUX
@pytest.mark.parametrize("words", [[], ["--sample"], ["--sample-at-first"]])
def test_without_a_display_the_command_says_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], words: list[str]
) -> None:
    for name, value in NO_DISPLAY.items():
        monkeypatch.setenv(name, value)

    assert main(words) == 1

    told = capfd.readouterr().err
    assert told.startswith("negatoscope: There is no display") and told.count("\n") == 1


@LINUX
def test_a_display_that_does_not_answer_is_said_and_aborts_nothing(tmp_path: Path) -> None:
    env = {**os.environ, "QT_QPA_PLATFORM": "xcb", "DISPLAY": f"unix/{tmp_path}/no-x-server:0", "WAYLAND_DISPLAY": ""}

    done = subprocess.run(
        [sys.executable, "-m", "viewer.cli.main"], env=env, capture_output=True, text=True, timeout=LIMIT_S
    )

    assert done.returncode == 1, done.stderr
    assert "does not answer" in done.stderr and done.stderr.count("\n") == 1


@LINUX
def test_qts_last_words_reach_the_terminal(tmp_path: Path) -> None:
    program = "from viewer.app import make_application; make_application([])"
    env = {**os.environ, "QT_QPA_PLATFORM": "nosuchpart"}

    done = subprocess.run([sys.executable, "-c", program], env=env, capture_output=True, text=True, timeout=LIMIT_S)

    assert done.returncode != 0
    assert "negatoscope: Qt cannot go on and ends the program: " in done.stderr
    assert "no Qt platform plugin could be initialized" in done.stderr
