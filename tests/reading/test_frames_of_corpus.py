"""Every real file whose decoded array is known gives that array."""

import csv
import hashlib
import warnings
from pathlib import Path

import numpy as np
import pytest

from viewer.core.errors import AppError
from viewer.reading.frames import file_frames, open_cached, read_frame

LOSSY = {f"1.2.840.10008.1.2.4.{n}" for n in (50, 51, 81, 91, 112, 203)}
LOSSY_TOLERANCE = 7


def rows(corpus: Path) -> list[dict[str, str]]:
    with (corpus / "manifest.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def stored(path: Path) -> np.ndarray:
    frames = [read_frame(ref) for ref in file_frames(path)]
    array = np.squeeze(np.stack([frame.stored for frame in frames]))
    return array.astype(array.dtype.newbyteorder(">")) if frames[0].big_endian else array


def reference_difference(path: Path, array: np.ndarray) -> int:
    """Largest difference to what pydicom decodes, raw or as RGB, whichever is nearer."""
    from pydicom.pixels.utils import pixel_array

    differences = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for raw in (True, False):
            other = np.squeeze(pixel_array(path, raw=raw)).astype(np.int64)
            differences.append(int(np.abs(array.astype(np.int64) - other).max()))
    return min(differences)


def test_stored_values_have_the_hash_of_the_manifest(corpus: Path) -> None:
    other, checked = [], 0
    for row in rows(corpus):
        if not row["sha256_array"]:
            continue
        checked += 1
        array = stored(corpus / row["path"])
        wanted = {row["sha256_array"], row["sha256_rgb"], row["sha256_raw"]}
        if hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest() in wanted:
            continue
        if row["transfer_syntax_uid"] in LOSSY:
            if row["best_plugin"] == "imagecodecs":
                continue  # no second decoder here knows the syntax, and its floating point differs by processor
            if reference_difference(corpus / row["path"], array) <= LOSSY_TOLERANCE:
                continue
        other.append(row["path"])

    assert checked > 300
    assert other == []


def test_frame_size_is_that_of_the_manifest(corpus: Path) -> None:
    other = []
    for row in rows(corpus):
        if not row["sha256_array"]:
            continue
        ref = file_frames(corpus / row["path"])[0]
        facts = read_frame(ref).facts
        if (facts.rows, facts.cols, facts.samples) != (int(row["rows"]), int(row["cols"]), int(row["samples"] or 1)):
            other.append(row["path"])

    assert other == []


@pytest.mark.parametrize(
    "name", ["syntax/rle/liver_rle.dcm", "syntax/deflated/liver_deflate.dcm", "syntax/jpeg2000/liver_j2k.dcm"]
)
def test_one_bit_frames_are_the_same_in_every_compression(corpus: Path, name: str) -> None:
    plain = stored(corpus / "series/ct_liver3/liver.dcm")

    assert np.array_equal(stored(corpus / name), plain)


def test_every_file_is_read_or_refused_with_its_name(corpus: Path) -> None:
    for path in sorted(corpus.rglob("*")):
        if not path.is_file():
            continue
        try:
            for ref in file_frames(path):
                read_frame(ref)
        except AppError as error:
            assert path.name in str(error)


def test_a_file_cut_in_its_pixels_shows_the_rows_that_are_there(corpus: Path) -> None:
    whole = stored(corpus / "syntax/native/MR_small.dcm")
    frame = read_frame(file_frames(corpus / "made/cut_in_pixels.dcm")[0])

    assert "34 of 64 rows" in frame.facts.banner
    assert np.array_equal(frame.stored[:34], whole[:34])
    assert not frame.stored[35:].any()


def test_acr_nema_without_preamble_is_implicit_little_endian(corpus: Path) -> None:
    header = open_cached(corpus / "broken/GH340.dcm").header

    assert header.transfer_syntax == "1.2.840.10008.1.2"
    assert stored(corpus / "broken/GH340.dcm").max() == 266  # what SimpleITK reads
