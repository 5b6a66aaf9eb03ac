"""A log line holds kinds, places in the source, numbers and words of ours; never a name that came from outside."""

import logging
import re
from pathlib import Path, PurePosixPath

import pytest

from viewer.core.errors import BadFile
from viewer.core.text.nameless import NamelessFormatter, Word, file_mark

NAME = "Zwetschgenbaum"


def line(message: object, *args: object, name: str = "viewer.reading.scan", error: object = None) -> str:
    """What the formatter makes of one record."""
    shown = (type(error), error, getattr(error, "__traceback__", None)) if error is not None else None
    record = logging.LogRecord(name, logging.INFO, "x.py", 1, message, args, shown)  # type: ignore[arg-type]
    return NamelessFormatter("%(message)s").format(record)


def raised(error: BaseException) -> BaseException:
    """The error with the place where it was raised."""
    try:
        raise error
    except type(error) as caught:
        return caught


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (None, "None"),
        (True, "True"),
        (7, "7"),
        (0.5, "0.5"),
        (Word("view.invert"), "view.invert"),
        (NAME, "…"),
        (NAME.encode(), "…"),
        ([NAME], "…"),
        (KeyError(NAME), "KeyError"),
        (OSError(28, "No space", NAME), "OSError 28"),
        (OSError(NAME), "OSError"),
    ],
)
def test_of_what_is_logged_only_numbers_words_and_kinds_stand_in_the_line(value: object, said: str) -> None:
    assert line("of %s", value) == f"of {said}"
    assert line("of %(it)s", {"it": value}) == f"of {said}"


def test_a_path_is_eight_digits_that_tell_files_apart_and_cannot_be_tried() -> None:
    one, other = PurePosixPath(f"/home/{NAME}"), PurePosixPath("/home/x")

    assert line("%s", one) == f"<file {file_mark(one)}>"
    assert file_mark(one) == file_mark(str(one)) != file_mark(other)
    assert re.fullmatch("[0-9a-f]{8}", file_mark(one))


@pytest.mark.parametrize("name", ["viewer", "viewer.reading.scan", "ml.job", "__main__"])
def test_our_own_line_without_a_value_is_said_whole(name: str) -> None:
    assert line("opened 100 %", name=name) == "opened 100 %"


def test_of_what_a_library_says_only_its_template_stays() -> None:
    assert line("bad VR: %s", NAME, name="pydicom") == "bad VR: %s"
    assert line("%s", NAME, name="pydicom") == "…"
    assert line(f"bad VR: {NAME}", name="pydicom") == "…"
    assert line(f"bad VR: {NAME}", name="viewers") == "…", "not ours, though it begins so"


def test_of_what_qt_says_its_own_words_stay() -> None:
    assert line("QPainter: not active", name="qt.gui") == "QPainter: not active"
    assert line(f"QFile: '{NAME}' is not open", name="qt.gui") == "QFile: …"
    assert line(f"/home/{NAME}", name="qt") == "…"


def test_what_another_handler_has_made_of_the_error_is_not_used() -> None:
    record = logging.LogRecord("viewer", logging.INFO, "x.py", 1, "a bug", (), (None, None, None))
    record.exc_text, record.stack_info = f"KeyError: {NAME}", NAME

    assert NamelessFormatter("%(message)s").format(record).strip() == "a bug"
    assert record.exc_text == f"KeyError: {NAME}", "the other handler's text is left to it"


def test_a_chain_of_errors_is_told_oldest_first_with_what_links_them() -> None:
    oldest, middle, last = raised(KeyError(NAME)), BadFile(NAME), ValueError(NAME)
    last.__cause__, middle.__context__ = middle, oldest

    said = line("a bug", error=last)
    assert re.findall(r"^(?:\w+Error|BadFile|While.*|The .*)$", said, re.MULTILINE) == [
        "KeyError", "While that was handled:", "BadFile", "The above was the cause of:", "ValueError",
    ]  # fmt: skip
    assert said.count("Traceback (most recent call last):") == 3 and said.endswith("ValueError") and NAME not in said
    assert "KeyError\n\nWhile that was handled:\n\nTraceback" in said


def test_an_error_that_hides_what_was_before_it_is_told_alone() -> None:
    alone = ValueError(NAME)
    alone.__context__, alone.__suppress_context__ = KeyError(NAME), True

    assert line("a bug", error=alone) == "a bug\nTraceback (most recent call last):\nValueError"


def test_errors_that_are_each_other_s_cause_are_told_once() -> None:
    first, second = ValueError(NAME), KeyError(NAME)
    first.__cause__, second.__cause__ = second, first

    assert line("a bug", error=first).count("Traceback") == 2


@pytest.mark.parametrize(
    ("folder", "shown"),
    [
        (f"{NAME}/viewer/env/site-packages/lib", "lib/deep.py"),
        (f"{NAME}/viewer/copy/viewer/core", "viewer/core/deep.py"),
        (f"{NAME}/ml", "ml/deep.py"),
        (NAME, "deep.py"),
    ],
)
def test_a_traceback_names_a_source_file_from_its_package_on(tmp_path: Path, folder: str, shown: str) -> None:
    said = line("a bug", error=raised_in(tmp_path / folder / "deep.py", "def go():\n    raise ValueError(5)\ngo()\n"))

    assert f'  File "{shown}", line 3, in <module>\n    go()\n  File "{shown}", line 2, in go\n    raise Val' in said
    assert NAME not in said and said.endswith("\nValueError")


@pytest.mark.parametrize("quote", ["'", '"'])
def test_what_an_error_says_stays_where_it_stands_in_quotes_in_its_source(tmp_path: Path, quote: str) -> None:
    ours = raised_in(tmp_path / "a.py", f"raise ValueError({quote}no slices{quote})\n")
    read = raised_in(tmp_path / "b.py", f"raise ValueError({quote}no {quote} + {quote}{NAME}{quote})\n")

    assert line("a bug", error=ours).endswith("\nValueError: no slices")
    assert line("a bug", error=read).endswith("\nValueError")


def test_the_source_that_counts_is_the_one_that_raised_the_error(tmp_path: Path) -> None:
    inner = tmp_path / "inner.py"
    inner.write_text("def go():\n    raise ValueError('said inside')\n", encoding="utf-8")
    outer = f"import runpy\nrunpy.run_path({str(inner)!r})['go']()\n"

    error = raised_in(tmp_path / "outer.py", outer)
    assert line("a bug", error=error).endswith("\nValueError: said inside")


def test_an_error_from_source_that_is_not_there_has_its_place_without_a_line() -> None:
    said = line("a bug", error=raised_in(None, "raise ValueError('gone')\n"))

    assert said.endswith('  File "<nowhere>", line 1, in <module>\nValueError')


def raised_in(path: Path | None, source: str) -> BaseException:
    """The error that this source raises when it is run from this file; None: from no file."""
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source, encoding="utf-8")
    try:
        exec(compile(source, str(path or "<nowhere>"), "exec"), {})
    except ValueError as caught:
        caught.__traceback__ = caught.__traceback__ and caught.__traceback__.tb_next
        return caught
    raise AssertionError("raises nothing")
