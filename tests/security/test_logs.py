"""A log is sent to strangers: it holds kinds, places in the source and numbers, and no patient, file or folder."""

import io
import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from tests.ui.conftest import (  # noqa: F401  # fixtures of the whole window
    _looked_through,
    garbage_on_this_thread,
    window,
    write_slice,
)
from tests.waiting import settled
from viewer.cli import main as command_line
from viewer.cli.log_file import LogFile, log_path
from viewer.cli.main import main
from viewer.core.errors import BadFile
from viewer.core.text.nameless import NamelessFormatter, Word, file_mark
from viewer.ui.window.main_window import MainWindow

NAME, ID, FOLDER = "Zwetschgenbaum", "ZW-4711", "Rumpelstilz"


@pytest.fixture
def line() -> Iterator[Callable[[Callable[[logging.Logger], None], str], str]]:
    """What stands in a log file after something was logged."""
    made: list[tuple[logging.Logger, logging.Handler]] = []

    def run(say: Callable[[logging.Logger], None], name: str = "viewer.reading.scan") -> str:
        stream = io.StringIO()
        handler = logging.StreamHandler(stream)
        handler.setFormatter(NamelessFormatter("%(levelname)s %(name)s: %(message)s"))
        logger = logging.getLogger(name)
        logger.addHandler(handler)
        logger.setLevel(logging.INFO)
        made.append((logger, handler))
        say(logger)
        logger.removeHandler(handler)
        return stream.getvalue()

    yield run
    for logger, handler in made:
        logger.removeHandler(handler)
        logger.setLevel(logging.NOTSET)


def test_texts_are_left_out_unless_they_are_ours(line: Callable[..., str]) -> None:
    said = line(lambda log: log.info("of %s: %s %d %.1f", NAME, Word("view.invert"), 3, 0.5))
    assert said == "INFO viewer.reading.scan: of …: view.invert 3 0.5\n"


def test_a_path_is_a_mark_that_is_the_same_for_the_same_file(line: Callable[..., str]) -> None:
    path = Path("/home") / FOLDER / f"{NAME}.dcm"
    said = line(lambda log: log.warning("%s and %s", path, path))
    assert said == f"WARNING viewer.reading.scan: <file {file_mark(path)}> and <file {file_mark(path)}>\n"


def raises(error: Exception, cause: Exception | None = None) -> Callable[[logging.Logger], None]:
    def say(log: logging.Logger) -> None:
        try:
            try:
                raise cause or error
            except type(cause or error) as first:
                if cause is not None:
                    raise error from first
                raise
        except type(error):
            log.exception("A bug with %s", error)

    return say


def test_a_traceback_has_its_places_and_kinds_and_not_what_was_said(line: Callable[..., str]) -> None:
    said = line(raises(BadFile(f"{FOLDER}/{NAME}.dcm is none."), KeyError(NAME)))
    assert NAME not in said and FOLDER not in said
    assert "KeyError" in said and "BadFile" in said and "A bug with BadFile" in said
    assert 'File "tests/security/test_logs.py", line ' in said and "raise cause or error" in said
    assert said.index("KeyError") < said.index("The above was the cause of:") < said.rindex("BadFile")


def test_what_is_said_in_the_words_of_the_source_stays(line: Callable[..., str]) -> None:
    def say(log: logging.Logger) -> None:
        try:
            raise ZeroDivisionError("no slices at all")
        except ZeroDivisionError:
            log.exception("A bug")

    assert line(say).endswith("\nZeroDivisionError: no slices at all\n")


def test_an_error_of_the_system_has_its_number(line: Callable[..., str]) -> None:
    said = line(lambda log: log.info("not read: %s", FileNotFoundError(2, "No such file", f"/{NAME}")))
    assert said.endswith("not read: FileNotFoundError 2\n")


@pytest.mark.parametrize(
    ("logger", "say", "kept"),
    [
        ("pydicom", lambda log: log.warning("Invalid value for VR DA: '%s'", NAME), "Invalid value for VR DA: '%s'"),
        ("pydicom", lambda log: log.warning(f"Invalid value {NAME}"), "…"),  # noqa: G004
        ("py.warnings", lambda log: log.warning("%s", f"/x/{FOLDER}.py:1: UserWarning: {NAME}"), "…"),
        ("qt", lambda log: log.warning("%s", f"QPixmap: no picture '{NAME}'"), "QPixmap: no picture …"),
        ("qt", lambda log: log.warning("%s", "QPainter: not active"), "QPainter: not active"),
    ],
)
def test_what_libraries_say_is_left_out(
    line: Callable[..., str], logger: str, say: Callable[[logging.Logger], None], kept: str
) -> None:
    assert line(say, logger) == f"WARNING {logger}: {kept}\n"


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """A study whose patient, folder and files have names that stand nowhere else, and a file that is damaged."""
    folder = tmp_path / FOLDER
    for place in range(2):
        write_slice(
            folder / f"{NAME}_{place}.dcm", patient=ID, study=1, series=1, place=place, frame="1.2.7",
            PatientName=f"{NAME}^Anna", StudyDescription=f"Knie {NAME}",
        )  # fmt: skip
    (folder / f"{NAME}_damaged.dcm").write_bytes((folder / f"{NAME}_0.dcm").read_bytes()[:900])
    return folder


def written_below(home: Path) -> str:
    """Everything that any log file below a home holds."""
    return "\n".join(path.read_text(errors="replace") for path in home.rglob("*.log*") if path.is_file())


def test_commands_that_fail_leave_no_name_in_the_log(
    home: Path, study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["scan", str(study)])
    main(["render", str(study / f"{NAME}_damaged.dcm"), "--out", str(tmp_path / FOLDER / "no" / "x.png")])
    main(["render", str(study / "gone.dcm"), "--out", str(tmp_path / "x.png")])
    main(["project", "info", str(study)])

    def bug(*_: object) -> None:
        raise RuntimeError(f"of {NAME} ({ID})")

    def refused(*_: object) -> None:
        raise PermissionError(13, "Permission denied", str(study / f"{NAME}.dcm"))

    for failure in (bug, refused):
        monkeypatch.setattr(command_line, "_dispatch", failure)
        assert main(["scan", str(study)]) == 1
    said = capsys.readouterr()

    log = written_below(home)
    assert NAME in said.out + said.err, "the person is told the names"
    assert "RuntimeError" in log and "PermissionError 13" in log and "Traceback" in log
    assert [secret for secret in (NAME, ID, FOLDER, str(tmp_path)) if secret in log] == []


def test_the_window_leaves_no_name_in_the_log(home: Path, tmp_path: Path) -> None:
    handler = LogFile(log_path())
    log = logging.getLogger("viewer")
    log.addHandler(handler)
    try:
        log.warning("The last project %s could not be opened: %s", str(tmp_path / FOLDER), BadFile(NAME))
        log.debug("never: %s", NAME)
    finally:
        log.removeHandler(handler)
        handler.close()
    written = log_path().read_text(encoding="utf-8")
    assert "The last project … could not be opened: BadFile" in written
    assert "never" not in written and NAME not in written


def test_a_training_s_log_has_no_names(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import subprocess
    import sys

    code = (
        "import logging; from viewer.core.text.nameless import log_without_names\n"
        "log_without_names('%(message)s', logging.INFO)\n"
        "log = logging.getLogger('ml.job')\n"
        "try: raise OSError(28, 'No space', '/x/Zwetschgenbaum')\n"
        "except OSError as error: log.exception('the system refused %s', error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert "the system refused OSError 28" in done.stderr and "Traceback" in done.stderr
    assert NAME not in done.stderr


ROOT = Path(__file__).resolve().parents[2]


def test_whatever_logs_logs_without_names() -> None:
    sources = [path for folder in ("viewer", "ml") for path in (ROOT / folder).rglob("*.py")]
    makers = ("basicConfig(", "RotatingFileHandler", "StreamHandler(")
    loggers = {
        path.relative_to(ROOT).as_posix()
        for path in sources
        if any(word in path.read_text(encoding="utf-8") for word in makers)
    }
    assert loggers == {"viewer/core/text/nameless.py", "viewer/cli/log_file.py", "viewer/cli/main.py"}
    for child in ("ml/job.py", "ml/inference/serve.py"):
        assert "log_without_names(" in (ROOT / child).read_text(encoding="utf-8")


def test_a_window_with_a_bug_and_a_damaged_file_leaves_no_name_in_the_log(
    window: MainWindow,  # noqa: F811
    study: Path,
    home: Path,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    root, handler = logging.getLogger(), LogFile(log_path())
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    session = window.session
    try:
        session.open_paths([study])
        qtbot.waitUntil(lambda: bool(session.series_list()) and not session.opening.scanning)
        settled(session)

        def bug() -> None:
            raise ValueError(f"could not convert string to float: '{NAME}'")

        monkeypatch.setattr(session.closing, "close_shown", bug)
        row = replace(window.book.rows["file.close_study"], run=bug)
        monkeypatch.setitem(window.book.rows, "file.close_study", row)
        window.book.run("file.close_study")
        session.run_in_background(bug, lambda _: None, session.announce_failure)
        settled(session)
    finally:
        root.removeHandler(handler)
        root.setLevel(before)
        handler.close()
    log = log_path().read_text(encoding="utf-8")
    assert "The command file.close_study failed" in log and log.count("ValueError") >= 2
    assert [secret for secret in (NAME, ID, FOLDER) if secret in log] == []
