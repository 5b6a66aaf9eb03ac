"""Whatever a library raises at a file becomes one sentence that names the file; our own sentences pass as they are."""

import errno
import os
import struct
import zlib
from pathlib import Path

import pytest

from viewer.core.boundary import at_boundary, cannot_be_read, cannot_be_written, said_by_the_system
from viewer.core.errors import AppError, BadFile, BadModel, BadProject, NotWritable, UnsupportedFile

PATH = Path("films/1.png")

RAISED = [
    zlib.error("Error -3 while decompressing data: invalid stored block lengths"),
    struct.error("unpack requires a buffer of 4 bytes"),
    ZeroDivisionError("division by zero"),
    OverflowError("int too large to convert to float"),
    RecursionError("maximum recursion depth exceeded"),
    MemoryError(),
    KeyError("Rows"),
    IndexError("list index out of range"),
    SyntaxError("not a PNG file"),
    EOFError(),
    UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte"),
    ValueError("line one\nline two \x00\x1b[31m"),
    AssertionError(),
    OSError("broken data stream"),
    TypeError("x" * 1000),
]


@pytest.mark.parametrize("raised", RAISED, ids=lambda raised: type(raised).__name__)
def test_what_a_library_raises_is_one_sentence_with_the_file(raised: Exception) -> None:
    with pytest.raises(BadFile) as told, at_boundary(PATH, what="a picture"):
        raise raised

    sentence = str(told.value)
    assert str(PATH) in sentence
    assert "unexpected" not in sentence
    assert sentence.isprintable()
    assert sentence.endswith(".")
    assert len(sentence) < 300
    assert told.value.__cause__ is raised


@pytest.mark.parametrize("ours", [UnsupportedFile("a.png holds sound."), BadProject("p is damaged.")])
def test_a_sentence_of_our_own_passes_unchanged(ours: AppError) -> None:
    with pytest.raises(type(ours)) as told, at_boundary(PATH):
        raise ours

    assert told.value is ours


def test_who_stops_the_program_is_not_a_fault_of_a_file() -> None:
    for stop in (KeyboardInterrupt, SystemExit, GeneratorExit):
        with pytest.raises(stop), at_boundary(PATH):
            raise stop


def test_the_kind_and_the_advice_are_the_callers() -> None:
    said = r"1\.png cannot be read as weights \(KeyError: 'a'\); train it again\.$"
    with (
        pytest.raises(BadModel, match=said),
        at_boundary(PATH, error=BadModel, what="weights", advice="train it again"),
    ):
        raise KeyError("a")


def system(number: int) -> OSError:
    return OSError(number, os.strerror(number), str(PATH))


@pytest.mark.parametrize(
    ("number", "words"),
    [(errno.ENOENT, "is not there"), (errno.EACCES, "may not be read by you"), (errno.EIO, "Input/output error")],
)
def test_what_the_system_says_of_reading(number: int, words: str) -> None:
    assert words in str(cannot_be_read(PATH, system(number)))
    assert str(PATH) in str(cannot_be_read(PATH, system(number)))


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "disk is full"),
        (errno.EROFS, "read-only disk"),
        (errno.EACCES, "may not be written by you"),
        (errno.EIO, "Input/output error"),
    ],
)
def test_what_the_system_says_of_writing(number: int, words: str) -> None:
    told = cannot_be_written(PATH, system(number))

    assert isinstance(told, NotWritable)
    assert words in str(told)
    assert str(PATH) in str(told)
    assert words in said_by_the_system(system(number)) or number == errno.EACCES


def test_the_system_s_words_are_told_with_the_file_where_it_names_one() -> None:
    assert said_by_the_system(system(errno.EIO)) == f"{PATH}: Input/output error."
    assert said_by_the_system(OSError(errno.EIO, "Input/output error")) == "Input/output error."
    assert said_by_the_system(OSError(errno.ENOSPC, "No space left on device")) == "No space left on device."
    assert said_by_the_system(OSError("broken\nstream")) == "broken stream."


def test_an_error_without_a_number_says_its_own_words() -> None:
    assert str(cannot_be_read(PATH, OSError("broken data stream"))) == f"{PATH} cannot be read: broken data stream."
    assert str(cannot_be_written(PATH, OSError("broken pipe"))) == f"{PATH} cannot be written: broken pipe."
    assert str(cannot_be_written(PATH, system(errno.EIO))) == f"{PATH} cannot be written: Input/output error."


def test_what_a_library_says_is_cut_at_160_characters() -> None:
    for length, said in ((160, "x" * 160), (161, "x" * 157 + "...")):
        assert str(cannot_be_read(PATH, OSError("x" * length))) == f"{PATH} cannot be read: {said}."


def test_where_a_library_failed_is_in_the_log_for_who_looks_for_it(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("DEBUG", "viewer.core.boundary"), pytest.raises(BadFile), at_boundary(PATH):
        raise KeyError("Rows")

    (record,) = caplog.records
    assert record.exc_info is not None and record.exc_info[0] is KeyError
