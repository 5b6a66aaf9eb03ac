"""The index of headers: the same answer as the files, dropped when they change or go, and never in the way."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from viewer.reading.grouping.into_series import natural_key
from viewer.reading.header_index import HeaderIndex
from viewer.reading.scan import ScanResult, all_series, scan

MakeDicom = Callable[..., Path]
MakeSlices = Callable[..., list[Path]]


@pytest.fixture
def index(tmp_path_factory: pytest.TempPathFactory) -> HeaderIndex:
    return HeaderIndex(tmp_path_factory.mktemp("index") / "headers.sqlite")


def _rows(index: HeaderIndex) -> set[str]:
    with sqlite3.connect(index._path) as connection:
        (table,) = connection.execute("SELECT name FROM sqlite_master WHERE name LIKE 'headers_%'").fetchone()
        return {name for (name,) in connection.execute(f"SELECT name FROM {table}")}


def test_a_second_scan_opens_no_file(
    make_slices: MakeSlices, tmp_path: Path, index: HeaderIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_slices([0, 3, 6])
    first = scan([tmp_path], index=index)
    monkeypatch.setattr("viewer.reading.scan.open_dicom", lambda path: pytest.fail(f"{path} was opened again"))

    assert scan([tmp_path], index=index) == first


def test_every_kind_of_fact_comes_back_as_it_was(corpus: Path, index: HeaderIndex) -> None:
    first = scan([corpus], index=index)

    assert len(all_series(first)) > 100
    assert scan([corpus], index=index) == first == scan([corpus])


def test_the_facts_of_a_ct_a_film_and_a_picture_come_back_as_they_were(
    sample_made_once: Path, index: HeaderIndex
) -> None:
    first = scan([sample_made_once], index=index)

    assert len(all_series(first)) == 9  # of three patients a CT, a film and its mask each
    assert scan([sample_made_once], index=index) == first == scan([sample_made_once])


def test_a_relative_path_and_an_absolute_one_share_their_rows(
    make_slices: MakeSlices, tmp_path: Path, index: HeaderIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_slices([0, 3])
    scan([tmp_path], index=index)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("viewer.reading.scan.open_dicom", lambda path: pytest.fail(f"{path} was opened again"))

    assert len(all_series(scan([Path("s")], index=index))[0].frames) == 2


def test_rows_of_files_that_are_gone_are_dropped(make_slices: MakeSlices, tmp_path: Path, index: HeaderIndex) -> None:
    paths = make_slices([0, 3, 6])
    scan([tmp_path], index=index)
    paths[1].unlink()

    scan([paths[0]], index=index)

    assert _rows(index) == {paths[0].name, paths[2].name}


def test_tables_of_an_earlier_version_go(make_slices: MakeSlices, tmp_path: Path, index: HeaderIndex) -> None:
    make_slices([0])
    with sqlite3.connect(index._path) as connection:
        connection.execute("CREATE TABLE headers_4 (path TEXT PRIMARY KEY, facts TEXT)")
        connection.execute("INSERT INTO headers_4 VALUES ('a.dcm', 'old')")

    scan([tmp_path], index=index)

    assert _rows(index) == {"000.dcm"}


def test_a_damaged_index_is_put_aside_and_made_anew(
    make_slices: MakeSlices, tmp_path: Path, index: HeaderIndex
) -> None:
    make_slices([0, 3])
    index._path.write_bytes(b"this is no database" * 100)

    first = scan([tmp_path], index=index)

    assert index._path.with_name("headers.sqlite.damaged").read_bytes().startswith(b"this is no database")
    assert _rows(index) == {"000.dcm", "001.dcm"}
    assert scan([tmp_path], index=index) == first


def test_the_environment_says_where_the_index_lies_or_that_there_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEGATOSCOPE_INDEX", "off")
    assert HeaderIndex.of_user() is None

    monkeypatch.setenv("NEGATOSCOPE_INDEX", str(tmp_path / "mine.sqlite"))
    mine = HeaderIndex.of_user()
    assert mine is not None and mine._path == tmp_path / "mine.sqlite"


def test_a_long_scan_gives_its_first_image_before_it_has_read_the_rest(make_dicom: MakeDicom, tmp_path: Path) -> None:
    (tmp_path / "000.txt").write_text("no image")
    source = make_dicom("001.dcm", np.zeros((2, 2), np.int16))
    for number in range(2, 100):
        (tmp_path / f"{number:03}.dcm").write_bytes(source.read_bytes())
    told: list[tuple[ScanResult, int]] = []
    done = [0]

    def progress(number: int, _total: int) -> None:
        done[0] = number

    result = scan([tmp_path], partly=lambda part: told.append((part, done[0])), progress=progress)

    (first, read), *_ = told
    assert read == 0
    assert [ref.path for series in all_series(first) for ref in series.frames] == [source]
    assert result == scan([tmp_path])


def test_a_few_files_are_given_at_once(make_slices: MakeSlices, tmp_path: Path) -> None:
    make_slices([0, 3, 6])

    scan([tmp_path], partly=lambda part: pytest.fail("nothing is gained by a part of three files"))


@pytest.mark.parametrize(
    ("before", "after"),
    [("2", "10"), ("a2", "a10"), ("a1", "ab"), ("a1", "a"), ("", "a"), ("a1b2", "a1b11"), ("9", "a")],
)
def test_numbers_within_names_are_sorted_as_numbers(before: str, after: str) -> None:
    assert natural_key(before) < natural_key(after)
