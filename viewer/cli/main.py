"""Entry point: `negatoscope [PATH...]` opens the window, `negatoscope COMMAND ...` works without one."""

import argparse
import contextlib
import gc
import logging
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from viewer.cli import COMMANDS
from viewer.cli.options import CommandParser, UsageStop, add_every_commands_options
from viewer.cli.output import Output
from viewer.cli.screen import ensure_window
from viewer.cli.trace import Trace
from viewer.core.boundary import said_by_the_system
from viewer.core.errors import AppError, BadRequest
from viewer.core.registry import load_module
from viewer.core.text.nameless import NamelessFormatter
from viewer.core.text.shown_text import for_terminal
from viewer.reading.sources.servers import name_server

log = logging.getLogger(__name__)

INTERRUPTED = 130  # 128 + SIGINT, what shells expect


@dataclass(frozen=True, slots=True, kw_only=True)
class _Common:
    """The options that every command understands, wherever they stand on its line."""

    as_json: bool
    with_events: bool
    trace: Path | None


def _split_common(words: Sequence[str]) -> tuple[_Common, list[str]]:
    """Take --json, --events and --trace FILE out of the line; what follows a bare `--` is left alone.

    They are taken out before argparse sees the line, because nested sub-commands (`project info DIR --json`) would
    each have to know them.
    """
    rest: list[str] = []
    as_json = with_events = False
    trace: Path | None = None
    queue = list(words)
    while queue:
        word = queue.pop(0)
        if word == "--":
            rest += [word, *queue]
            break
        if word == "--json":
            as_json = True
        elif word == "--events":
            with_events = True
        elif word == "--trace":
            if not queue:
                raise BadRequest("--trace needs a file to append to.")
            trace = Path(queue.pop(0))
        elif word.startswith("--trace="):
            trace = Path(word.removeprefix("--trace="))
        else:
            rest.append(word)
    return _Common(as_json=as_json, with_events=with_events, trace=trace), rest


def _top_parser() -> argparse.ArgumentParser:
    """The parser of `negatoscope` itself; its help lists the commands."""
    width = max(map(len, COMMANDS)) + 2
    listing = "\n".join(f"  {name:<{width}}{_module(name).HELP}" for name in COMMANDS)
    parser = CommandParser(
        prog="negatoscope",
        usage="negatoscope [PATH ...] | --sample | --sample-at-first\n       negatoscope COMMAND ...",
        description="Read DICOM studies, annotate them, retrain models and review what they propose.\n"
        "With paths, or with nothing, it opens the window. Research software, not for diagnosis.",
        epilog=f"commands:\n{listing}\n\n`negatoscope COMMAND --help` says more and gives an example.\n"
        "A folder that is called like a command opens as ./scan.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="store_true", help="print the version")
    parser.add_argument("--sample", action="store_true", help="open the window on the sample study")
    parser.add_argument(
        "--sample-at-first", action="store_true",
        help="open the window where it was left; on the sample study where nothing was opened before",
    )  # fmt: skip
    add_every_commands_options(parser)
    return parser


def _module(name: str) -> ModuleType:
    return load_module(COMMANDS, name)


def command_parser(name: str) -> argparse.ArgumentParser:
    """The parser of one sub-command, from its module's HELP, EXAMPLE and add_arguments."""
    module = _module(name)
    parser = CommandParser(
        prog=f"negatoscope {name}",
        description=module.HELP,
        epilog=f"example:\n  {module.EXAMPLE}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    module.add_arguments(parser)
    add_every_commands_options(parser)
    return parser


def _run_command(name: str, words: Sequence[str], out: Output) -> None:
    args = command_parser(name).parse_args(words)
    out.trace("command", name=name)
    # A library that prints must not spoil the one document on stdout.
    keep_stdout = contextlib.redirect_stdout(sys.stderr) if out.as_json else contextlib.nullcontext()
    with keep_stdout:
        out.json(_module(name).run(args, out))


@contextlib.contextmanager
def _collector_put_off() -> Iterator[None]:
    """No search for garbage while the window is loaded and made; the window sees to it from its first paint on."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _open_window(words: Sequence[str], out: Output) -> None:
    paths = [Path(word) for word in words if word != "--"]
    for path in paths:
        if not path.exists():
            raise BadRequest(
                f"{path} is neither a file, a folder nor a command; `negatoscope --help` lists the commands."
            )
    ensure_window()
    with _collector_put_off():
        from viewer.app import open_window

        out.exit_code = open_window(paths, out.trace)


def _dispatch(words: Sequence[str], out: Output) -> None:
    if words and words[0] in COMMANDS:
        _run_command(words[0], words[1:], out)
    elif words and words[0].startswith("-") and words[0] != "--":
        if words[0] == "--version":
            from importlib.metadata import version

            out.line(f"negatoscope {version('negatoscope')}")
            out.json({"version": version("negatoscope")})
        elif words in (["--sample"], ["--sample-at-first"]):
            ensure_window()
            with _collector_put_off():
                from viewer.app import open_sample

                out.exit_code = open_sample(out.trace, at_first_only=words == ["--sample-at-first"])
        else:
            parser = _top_parser()
            parser.parse_args(words)
            parser.error(f"{words[0]} belongs to a command; put the command first.")
    else:
        _open_window(words, out)


class _OneLine(logging.Formatter):
    """Messages without tracebacks: those go to the log file."""

    def format(self, record: logging.LogRecord) -> str:
        return for_terminal(f"negatoscope: {record.getMessage()}")


def _log_handlers(*, with_names: bool) -> list[logging.Handler]:
    """One handler for the log file (where its folder can be written), one that puts our own warnings on stderr.

    with_names: whether stderr is read by the person; a desktop keeps that of its windows in a log of its own.
    """
    from viewer.cli.log_file import LogFile, log_path

    stderr = logging.StreamHandler()
    stderr.setLevel(logging.WARNING)
    stderr.setFormatter(_OneLine() if with_names else NamelessFormatter("negatoscope: %(message)s"))
    stderr.addFilter(lambda record: record.name.partition(".")[0] in ("viewer", "ml") and not record.exc_info)
    handlers: list[logging.Handler] = [stderr]
    try:
        return [*handlers, LogFile(log_path())]
    except OSError:
        return handlers


@contextlib.contextmanager
def _logging(*, with_names: bool) -> Iterator[None]:
    """Log to the file and to stderr for as long as the command runs."""
    root = logging.getLogger()
    handlers = _log_handlers(with_names=with_names)
    level = root.level
    logging.captureWarnings(True)
    root.setLevel(logging.INFO)
    for handler in handlers:
        root.addHandler(handler)
    try:
        yield
    finally:
        logging.captureWarnings(False)
        root.setLevel(level)
        for handler in handlers:
            root.removeHandler(handler)
            handler.close()


def _guarded(words: Sequence[str], out: Output) -> None:
    """Run the command; every failure becomes one sentence and an exit code."""
    try:
        _dispatch(words, out)
    except AppError as error:
        log.info("%s", error, exc_info=True)  # the log has its kind and its way, the person its sentence
        out.error(type(error).__name__, str(error), exit_code=error.exit_code)
    except BrokenPipeError:
        raise
    except KeyboardInterrupt:
        out.error("Interrupted", "Stopped.", exit_code=INTERRUPTED)
    except OSError as error:
        log.exception("The system refused something")
        out.error("OSError", said_by_the_system(error), exit_code=1)
    except MemoryError:
        log.exception("Out of memory")
        out.error("MemoryError", "The memory does not suffice; close other programs and try again.", exit_code=1)
    except Exception as error:
        log.exception("Unexpected error")
        out.error(
            "Unexpected",
            f"Something unexpected went wrong ({type(error).__name__}); the details are in {_log_place()}.",
            exit_code=1,
        )


def _log_place() -> str:
    for handler in logging.getLogger().handlers:
        if isinstance(handler, logging.FileHandler) and Path(handler.baseFilename).name == "negatoscope.log":
            return handler.baseFilename
    return "no log, because its folder cannot be written"


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command line; returns the exit code: 0, 1 (failure), 2 (usage) or 130 (Ctrl+C)."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")  # a file name of any encoding can be named
    words = list(sys.argv[1:] if argv is None else argv)
    for word in words:
        name_server(word)
    trace = Trace()
    try:
        common, rest = _split_common(words)
        trace = Trace(common.trace)
    except AppError as error:
        out = Output(as_json="--json" in words)
        out.error(type(error).__name__, str(error), exit_code=error.exit_code)
        out.finish()
        return error.exit_code
    out = Output(as_json=common.as_json, with_events=common.with_events, trace=trace)
    try:
        with _logging(with_names=sys.stderr.isatty() or bool(rest and rest[0] in COMMANDS)):
            _guarded(rest, out)
        out.finish()
    except UsageStop as stop:  # argparse has said it on stderr
        out.json({"error": {"kind": "Usage", "message": stop.sentence}})
        out.exit_code = 2
        out.finish()
    except SystemExit as stop:  # argparse: help
        out.exit_code = stop.code if isinstance(stop.code, int) else 1
    except BrokenPipeError:
        # Whoever read our output has had enough; keep the interpreter from complaining when it flushes at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        out.exit_code = 1
    finally:
        trace("process_end", exit_code=out.exit_code)
        trace.close()
    return out.exit_code


if __name__ == "__main__":
    sys.exit(main())
