"""The one way to start a child: isolated, in a folder of its own, with absolute paths and known names only."""

import json
import os
import sys
from pathlib import Path

import pytest

from viewer import children

# What a child says of itself.
FACTS = """
import json, os, sys
print(json.dumps({"path": sys.path, "folder": os.getcwd(), "names": sorted(os.environ), "safe": sys.flags.safe_path,
                  "user_site": sys.flags.no_user_site}))
"""


def facts_of_a_child() -> dict[str, object]:
    words = [*children.command("json.tool")[:-2], "-c", FACTS]
    child = children.start_words(words, stdout=-1)
    said, _ = child.communicate()
    found: dict[str, object] = json.loads(said)
    return found


def test_a_relative_path_is_refused_before_anything_starts(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"films/1\.dcm is not an absolute path"):
        children.start("json.tool", Path("films/1.dcm"))


def test_the_module_is_named_after_isolating_flags() -> None:
    assert children.command("ml.job", Path("/runs/1"), "--resume") == [
        sys.executable, "-P", "-s", "-m", "ml.job", str(Path("/runs/1")), "--resume",
    ]  # fmt: skip


def test_neither_the_current_folder_nor_a_path_from_outside_is_on_a_childs_module_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(["", str(tmp_path / "mine"), "."]))

    said = facts_of_a_child()

    assert said["safe"]
    assert said["user_site"]
    assert isinstance(said["path"], list)
    assert not [path for path in said["path"] if path in ("", ".") or str(tmp_path) in path]


def test_a_child_stands_in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    folder = Path(str(facts_of_a_child()["folder"]))

    assert folder != tmp_path
    assert list(folder.iterdir()) == []
    if os.name != "nt":
        assert folder.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(
    "name",
    ["PYTHONSTARTUP", "PYTHONHOME", "PYTHONUSERBASE", "PYTHONBREAKPOINT", "LD_PRELOAD", "QT_PLUGIN_PATH", "GIT_DIR"],
)
def test_what_decides_what_runs_is_not_handed_on(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "/planted")

    assert name not in children.environment()


def test_library_folders_are_handed_on_when_they_are_absolute(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LD_LIBRARY_PATH", os.pathsep.join(["", "here", "/opt/cuda/lib", "."]))

    assert children.environment()["LD_LIBRARY_PATH"] == "/opt/cuda/lib"


@pytest.mark.skipif(os.name == "nt", reason="a program is a script of the shell here")
def test_a_program_of_the_current_folder_is_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    planted = tmp_path / "git"
    planted.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
    planted.chmod(0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", os.pathsep.join(["", ".", str(tmp_path.relative_to(tmp_path.anchor))]))

    with pytest.raises(FileNotFoundError):
        children.run_program("git", "--version")

    assert not (tmp_path / "ran").exists()


@pytest.mark.skipif(os.name == "nt", reason="a program is a script of the shell here")
def test_nor_does_one_hide_the_installed_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for folder in (tmp_path / "here", tmp_path / "bin"):
        folder.mkdir()
        (folder / "tool").write_text(f"#!/bin/sh\necho {folder.name}\n")
        (folder / "tool").chmod(0o755)
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setenv("PATH", os.pathsep.join([".", "../here", str(tmp_path / "bin")]))

    assert children.run_program("tool", stdout=-1).stdout == b"bin\n"
