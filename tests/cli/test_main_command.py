"""`negatoscope` itself: commands, one JSON document, exit codes, the trace, and how failures are said."""

import json
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from viewer.cli import COMMANDS, main
from viewer.cli.main import command_parser
from viewer.core.errors import BadFile, BadRequest


def make_command(monkeypatch: pytest.MonkeyPatch, run: Any) -> None:
    """A sub-command `probe WORD` that does what the test wants."""
    module = ModuleType("probe_command")
    module.HELP = "Probe."  # type: ignore[attr-defined]
    module.EXAMPLE = "negatoscope probe x"  # type: ignore[attr-defined]
    module.add_arguments = lambda parser: parser.add_argument("word")  # type: ignore[attr-defined]
    module.run = run  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "probe_command", module)
    monkeypatch.setitem(COMMANDS, "probe", "probe_command")


@pytest.mark.parametrize("name", list(COMMANDS))
def test_every_command_has_help_with_an_example(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main([name, "--help"]) == 0

    said = capsys.readouterr().out
    assert "example:" in said and f"negatoscope {name}" in said
    assert "--json" in said and "--trace" in said
    assert command_parser(name).description


def test_the_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main(["--help"]) == 0

    said = capsys.readouterr().out
    assert all(f"  {name} " in said for name in COMMANDS)
    assert "not part of this build" not in said


def test_version_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("negatoscope 0.")


def test_with_json_stdout_is_exactly_one_document_and_everything_else_goes_to_stderr(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(args: Any, out: Any) -> Any:
        out.line("a line for people")
        sys.stdout.write("a library that prints\n")
        out.event({"event": "half way"})
        return {"path": Path("/x"), "nothing": float("nan"), "word": args.word}

    make_command(monkeypatch, run)
    assert main.main(["probe", "w", "--json", "--events"]) == 0

    captured = capsys.readouterr()
    assert json.loads(captured.out) == {"path": "/x", "nothing": None, "word": "w"}
    assert "a line for people" in captured.err
    assert json.loads(next(line for line in captured.err.splitlines() if line.startswith("{"))) == {"event": "half way"}


@pytest.mark.parametrize(
    ("error", "code"), [(BadFile("x.dcm is cut short; copy it again."), 1), (BadRequest("Give one of them."), 2)]
)
def test_an_error_is_one_line_on_stderr_and_the_exit_code(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], error: Exception, code: int
) -> None:
    def run(args: Any, out: Any) -> Any:
        raise error

    make_command(monkeypatch, run)

    assert main.main(["probe", "w"]) == code
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", f"negatoscope: {error}\n")
    assert main.main(["probe", "w", "--json"]) == code
    assert json.loads(capsys.readouterr().out)["error"] == {"kind": type(error).__name__, "message": str(error)}


def test_a_bug_is_one_calm_sentence_and_its_traceback_is_in_the_log(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], home: Path
) -> None:
    def run(args: Any, out: Any) -> Any:
        raise ZeroDivisionError("seen only in the log")

    make_command(monkeypatch, run)

    assert main.main(["probe", "w"]) == 1
    said = capsys.readouterr().err
    assert said.count("\n") == 1 and "unexpected" in said and "seen only" not in said
    (log,) = home.rglob("negatoscope.log")
    assert str(log) in said
    assert "ZeroDivisionError: seen only in the log" in log.read_text()


def test_a_refusal_of_the_system_names_the_file(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(args: Any, out: Any) -> Any:
        raise OSError(28, "No space left on device", "/full/x.png")

    make_command(monkeypatch, run)

    assert main.main(["probe", "w"]) == 1
    said = capsys.readouterr().err
    assert said == "negatoscope: The disk is full; /full/x.png was not written. Make room and try again.\n"


def test_too_little_memory_is_called_so(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def run(args: Any, out: Any) -> Any:
        raise MemoryError

    make_command(monkeypatch, run)

    assert main.main(["probe", "w"]) == 1
    assert capsys.readouterr().err == "negatoscope: The memory does not suffice; close other programs and try again.\n"


def test_control_c_stops_quietly(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def run(args: Any, out: Any) -> Any:
        raise KeyboardInterrupt

    make_command(monkeypatch, run)

    assert main.main(["probe", "w"]) == 130
    assert capsys.readouterr().err == "negatoscope: Stopped.\n"


@pytest.mark.parametrize("words", [["--nonsense"], ["project"], ["project", "create"], ["snapshot", "x"], ["--trace"]])
def test_wrong_usage_is_exit_code_2(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main(words) == 2
    assert capsys.readouterr().err


def test_sample_opens_the_window_on_the_sample_study(monkeypatch: pytest.MonkeyPatch) -> None:
    app = ModuleType("viewer.app")
    asked: list[bool] = []

    def open_sample(_trace: object, *, at_first_only: bool) -> int:
        asked.append(at_first_only)
        return 7

    app.open_sample = open_sample  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "viewer.app", app)

    assert main.main(["--sample"]) == 7
    assert main.main(["--sample-at-first"]) == 7
    assert asked == [False, True]


def test_a_word_that_is_neither_command_nor_path_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main(["scna"]) == 2
    assert "neither a file, a folder nor a command" in capsys.readouterr().err


def test_paths_open_the_window_and_a_folder_called_like_a_command_too(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    opened: list[list[Path]] = []
    app = ModuleType("viewer.app")
    app.open_window = lambda paths, trace: opened.append(paths) or 0  # type: ignore[attr-defined,func-returns-value]
    monkeypatch.setitem(sys.modules, "viewer.app", app)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "scan").mkdir()

    assert main.main([]) == 0
    assert main.main(["./scan"]) == 0
    assert main.main([str(tmp_path), "./scan"]) == 0

    assert opened == [[], [Path("scan")], [tmp_path, Path("scan")]]


def test_the_trace_is_appended_and_begins_with_the_start_of_the_process(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    make_command(monkeypatch, lambda args, out: out.trace("half_way", cause="test", ms=1.5))
    path = tmp_path / "trace.jsonl"

    for _ in range(2):
        assert main.main(["probe", "w", f"--trace={path}"]) == 0

    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert [line["event"] for line in lines] == ["process_start", "command", "half_way", "process_end"] * 2
    times = [line["t_ms"] for line in lines[:4]]
    assert times == sorted(times) and times[0] == 0
    assert (lines[2]["cause"], lines[2]["ms"]) == ("test", 1.5)


def test_a_trace_that_cannot_be_written_is_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main(["--version", "--trace", str(tmp_path / "no" / "trace.jsonl")]) == 1
    assert "cannot be written" in capsys.readouterr().err


HEAVY = "import sys; from viewer.cli.main import main; main({argv!r}); sys.stderr.write(' '.join(sys.modules))"


@pytest.mark.parametrize(
    ("argv", "unwanted"),
    [
        (["--help"], ("sqlalchemy", "pydicom", "PySide6", "torch", "imagecodecs")),
        (["--version"], ("numpy", "sqlalchemy", "pydicom", "PySide6", "torch")),
        (["project", "info", "PROJECT"], ("pydicom", "PySide6", "torch", "imagecodecs", "PIL")),
    ],
)
def test_a_command_loads_only_what_it_needs(tmp_path: Path, argv: list[str], unwanted: tuple[str, ...]) -> None:
    from viewer.project.project import Project

    Project.create(tmp_path / "p").close()
    words = [str(tmp_path / "p") if word == "PROJECT" else word for word in argv]

    child = subprocess.run([sys.executable, "-c", HEAVY.format(argv=words)], capture_output=True, text=True, check=True)

    loaded = set(child.stderr.split())
    assert not loaded & set(unwanted)


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX pipes")
def test_a_reader_that_goes_away_is_no_disaster(tmp_path: Path) -> None:
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "wb") as closed:
        child = subprocess.run(
            [sys.executable, "-m", "viewer.cli.main", "--version"], stdout=closed, stderr=subprocess.PIPE, check=False
        )

    assert child.returncode == 1
    assert b"Traceback" not in child.stderr and b"Exception ignored" not in child.stderr
