"""start.py installs once, under the constraints, says one sentence when it cannot, and runs every check."""

import ast
import importlib.util
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
START = ROOT / "packaging" / "start.py"


@pytest.fixture
def start(tmp_path: Path) -> ModuleType:
    """start.py as a module, with an environment below tmp_path that holds nothing."""
    spec = importlib.util.spec_from_file_location("start_under_test", START)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.VENV = tmp_path / "venv"
    module.VENV.mkdir()
    return module


@pytest.fixture
def pips(start: ModuleType, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """What pip was asked for; it installs nothing."""
    asked: list[list[str]] = []
    monkeypatch.setattr(start, "pip", lambda words, watch=None: asked.append(list(words)))
    return asked


def test_it_imports_the_standard_library_only() -> None:
    tree = ast.parse(START.read_text(encoding="utf-8"))
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}

    assert {name.split(".")[0] for name in names} <= sys.stdlib_module_names


def test_a_second_run_skips_pip(start: ModuleType, pips: list[list[str]]) -> None:
    start.install("")
    start.install("")

    assert pips == [["-e", "."]]


def test_changed_constraints_install_again(start: ModuleType, pips: list[list[str]], tmp_path: Path) -> None:
    start.CONSTRAINTS = tmp_path / "constraints.txt"
    start.CONSTRAINTS.write_text("numpy==2.4.6\n")
    start.install("ai")
    start.CONSTRAINTS.write_text("numpy==2.4.7\n")
    start.install("ai")

    assert pips == [["-e", ".[ai]"], ["-e", ".[ai]"]]


def test_another_checkout_takes_the_environment_over_without_installing_again(
    start: ModuleType, pips: list[list[str]]
) -> None:
    start.install("")
    start.set_stamp("checkout", "elsewhere")
    start.install("")

    assert pips[1:] == [["--no-deps", "-e", "."]]


def test_pip_always_runs_under_the_constraints(start: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    commands: list[list[str]] = []

    class Done:
        stdout = ()
        returncode = 0

        def __init__(self, command: list[str], **_: object) -> None:
            commands.append(command)

        def __enter__(self) -> "Done":
            return self

        def __exit__(self, *_: object) -> None:
            pass

    monkeypatch.setattr(start.subprocess, "Popen", Done)
    monkeypatch.setattr(Done, "stdout", ("Collecting numpy",))

    start.install("test")

    assert commands
    assert all(command[command.index("-c") + 1] == str(start.CONSTRAINTS) for command in commands)


def test_a_failed_pip_leaves_no_stamp(start: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise start.Stop("no network")

    monkeypatch.setattr(start, "pip", fail)

    with pytest.raises(start.Stop):
        start.install("ai")
    assert not start.installed("ai")


def test_missing_libraries_are_named_in_one_command_to_who_is_not_root(
    start: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(start.sys, "platform", "linux")
    monkeypatch.setattr(start.os, "geteuid", lambda: 1000)
    monkeypatch.setattr(start.shutil, "which", lambda name: "/bin/x" if name == "apt-get" else None)

    with pytest.raises(start.Stop, match=r"sudo apt-get install -y --no-install-recommends libnowhere0 xvfb$"):
        start.ensure_system({"libnowhere.so.9": "libnowhere0"}, {"Xvfb": "xvfb"})


def test_an_unfit_python_says_which_ones_fit(start: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(start.sys, "version_info", (3, 9, 1))
    monkeypatch.setattr(start.shutil, "which", lambda _: None)

    with pytest.raises(start.Stop, match=r"Python 3\.9; .*3\.11, 3\.12 or 3\.13"):
        start.use_a_python_that_fits()


@pytest.mark.parametrize("works", [True, False])
def test_the_open_window_is_told_how_far_the_installation_is(
    start: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, works: bool
) -> None:
    status = tmp_path / "ai-status.json"
    seen: list[dict[str, object]] = []

    def install(_extra: str, watch: Callable[[str], None]) -> None:
        watch("Collecting torch (from negatoscope)")
        seen.append(json.loads(status.read_text()))
        watch("Installing collected packages: torch")
        seen.append(json.loads(status.read_text()))
        if not works:
            raise start.Stop("pip could not install")

    class Window:
        def wait(self) -> int:
            return 0

    monkeypatch.setattr(start, "install", install)
    start.install_ai_behind(Window(), status)

    assert [facts["state"] for facts in seen] == ["installing", "installing"]
    assert "torch" in str(seen[0]["text"])
    assert json.loads(status.read_text())["state"] == ("ready" if works else "failed")


def test_without_a_display_the_demo_runs_instead(start: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Path] = []
    monkeypatch.setattr(start, "has_display", lambda: False)
    monkeypatch.setattr(start, "demo", lambda out: asked.append(out) or 0)

    assert start.open_window() == 0
    assert len(asked) == 1


def test_the_window_opens_where_it_was_left_and_on_the_sample_study_at_first_only(
    start: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[list[str]] = []

    class Window:
        def __init__(self, command: list[str], **_: object) -> None:
            opened.append(command)

        def wait(self) -> int:
            return 0

    for step in ("ensure_system", "install_reading"):
        monkeypatch.setattr(start, step, lambda *_: None)
    monkeypatch.setattr(start, "has_display", lambda: True)
    monkeypatch.setattr(start, "installed", lambda _: True)
    monkeypatch.setattr(start.subprocess, "Popen", Window)

    assert start.open_window() == 0
    assert [command[-1] for command in opened] == ["--sample-at-first"]


@pytest.mark.parametrize("name", ["demo", "study"])
def test_a_sub_command_is_really_run(start: ModuleType, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """A module without a `__main__` part ends at once with exit code 0 and looks as if it had worked."""
    ran: list[list[str]] = []
    monkeypatch.setattr(start, "run", lambda *words, env=None: ran.append([sys.executable, *map(str, words[1:])]) or 0)
    for step in ("ensure_system", "install_reading", "install_ai"):
        monkeypatch.setattr(start, step, lambda *_: None)

    getattr(start, name)(*([Path("demo")] if name == "demo" else [[]]))
    answer = subprocess.run([*ran[-1], "--help"], capture_output=True, text=True, cwd=ROOT, check=False)

    assert answer.returncode == 0
    assert f"usage: negatoscope {name}" in answer.stdout


@pytest.mark.parametrize("broken", [None, "ruff", "mypy", "lint-imports", "pytest"])
def test_one_failed_check_fails_the_whole_and_all_are_run(
    start: ModuleType, monkeypatch: pytest.MonkeyPatch, pips: list[list[str]], broken: str | None
) -> None:
    ran: list[str] = []

    def run(*words: str | Path, env: dict[str, str] | None = None) -> int:
        line = " ".join(Path(word).name if str(start.VENV) in str(word) else str(word) for word in words)
        ran.append(line)
        return int(broken is not None and broken in line)

    def beside(*words: str, env: dict[str, str]) -> Callable[[], int]:
        assert words[-1] == "--collect-only" and "PYTHONDONTWRITEBYTECODE" not in env
        return lambda: ran.append("gathered") or 0

    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    monkeypatch.setattr(start, "run", run)
    monkeypatch.setattr(start, "beside", beside)
    monkeypatch.setattr(start, "ensure_system", lambda *_: None)
    monkeypatch.setattr(start, "ensure_venv", lambda: None)

    code = start.test(full=False)

    assert (code != 0) == (broken is not None)
    order = [
        next(i for i, line in enumerate(ran) if word in line)
        for word in ("check .", "format", "mypy", "lint-imports", "gathered", "pytest")
    ]
    assert order == sorted(order)
    assert "-m full" not in ran[-1]


def test_everything_installed_is_pinned_and_no_address_is_written() -> None:
    lines = (ROOT / "packaging/constraints.txt").read_text().splitlines()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [*project["dependencies"], *(row for extra in project["optional-dependencies"].values() for row in extra)]

    assert all(re.fullmatch(r"[A-Za-z0-9_.-]+==[A-Za-z0-9.+!]+", line) for line in lines)
    pinned = {_plain(line.partition("==")[0]) for line in lines}
    assert {_plain(re.split(r"[<>=!~\[; ]", row)[0]) for row in wanted} <= pinned
    assert {"torch==2.15.0", "torchvision==0.29.2"} <= set(lines)


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_ci_runs_every_check() -> None:
    run = ROOT / ".ci" / "run"

    assert "python3 packaging/start.py test" in run.read_text()
    assert run.stat().st_mode & 0o111


def test_a_second_demo_does_not_meet_the_first_ones_folder(
    start: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    first = start.new_demo_folder()
    first.mkdir()
    (first / "report.html").write_text("x")

    assert start.new_demo_folder() != first
