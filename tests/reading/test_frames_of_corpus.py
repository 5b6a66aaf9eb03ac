"""Every real file gives the array of the manifest, or is refused by name for the reason listed here."""

import csv
import hashlib
import re
import warnings
from pathlib import Path

import imagecodecs
import numpy as np
import pytest

from viewer.core.errors import AppError
from viewer.reading.frames import file_frames, header_tags, open_cached, read_frame

LOSSY = {f"1.2.840.10008.1.2.4.{n}" for n in (50, 51, 53, 81, 91, 112, 203)}
GREY_TOLERANCE, COLOUR_TOLERANCE = 3, 7

# What is refused, and the words that say why. A file that is refused and not listed here fails the test.
REFUSED = {
    "broken/ExplVR_LitEndNoMeta.dcm": "an RT ion plan",
    "broken/GH178.dcm": "holds no pixels",
    "broken/GH487.dcm": "holds no pixels",
    "broken/JPEG2000-embedded-sequence-delimiter.dcm": "cannot be trusted",
    "broken/badVR.dcm": "'1A' frames",
    "broken/meta_missing_tsyntax.dcm": "0 rows and 0 columns",
    "broken/no_meta.dcm": "no DICOM file",
    "broken/no_meta_group_length.dcm": "a radiotherapy object",
    "broken/no_preamble_dicm_in_data": "holds no pixels",
    "broken/rtplan_truncated.dcm": "an RT plan",
    "made/bits_stored_too_big.dcm": "17 of 16 bits",
    "made/compressed_cut.dcm": "cut short",
    "made/cut_in_header.dcm": "holds no pixels|cut short",
    "made/encapsulated_pdf.dcm": "a PDF document",
    "made/gsps_graphics.dcm": "a presentation state",
    "made/no_pixel_data.dcm": "holds no pixels",
    "made/not_dicom.dcm": "no DICOM file",
    "made/only_preamble.dcm": "ends after its DICOM prefix",
    "made/photometric_unknown.dcm": "FUNNY",
    "made/rows_zero.dcm": "0 rows and 64 columns",
    "made/samples_wrong.dcm": "3 samples a pixel and holds one",
    "made/zero_length.dcm": "is empty",
    "objects/dicomdir/DICOMDIR": "",
    "objects/dicomdir_variants/DICOMDIR-bigEnd": "",
    "objects/dicomdir_variants/DICOMDIR-nooffset": "",
    "objects/dicomdir_variants/DICOMDIR-reordered": "",
    "objects/hotiron.dcm": "a colour palette",
    "objects/invalid_reference_rt.dcm": "an RT structure set",
    "objects/petseg/rwvm.dcm": "a real world value mapping",
    "objects/petseg/sr.dcm": "a structured report",
    "objects/reportsi.dcm": "a structured report",
    "objects/rtplan.dcm": "an RT plan",
    "objects/rtstruct.dcm": "an RT structure set",
    "objects/sm_annotations.dcm": "microscopy annotations",
    "objects/spring.dcm": "a colour palette",
    "objects/test-SR.dcm": "a structured report",
    "objects/waveform_ecg.dcm": "a waveform",
    "pixel/prLUTs.dcm": "a presentation state",
    "series/petctmr_sts002/CT_rtstruct/RS.dcm": "an RT structure set",
    "series/petctmr_sts002/PET_rtstruct/RS.dcm": "an RT structure set",
    "syntax/deflated/report_dfl": "a structured report",
    "text/UN_sequence.dcm": "holds no pixels",
    "text/chrJapMultiExplicitIR6.dcm": "holds no pixels",
    "text/chrKoreanMulti.dcm": "holds no pixels",
    "text/chrSQEncoding.dcm": "holds no pixels",
    "text/csa_slice_norm.dcm": "holds no pixels",
    "text/empty_charset_LEI.dcm": "holds no pixels",
    "text/nested_priv_SQ.dcm": "0 rows and 0 columns",
}

# Read although the manifest has no array for them: each has a test of its own below.
WITHOUT_ARRAY = {
    "broken/GH340.dcm",
    "broken/MR_truncated.dcm",
    "broken/emri_small_jpeg_2k_lossless_too_short.dcm",
    "made/cut_in_pixels.dcm",
    "made/rows_doubled.dcm",
    "pixel/CR-MONO1-10-chest",
    "syntax/deflated/liver_deflate.dcm",
    "syntax/rle/liver_rle.dcm",
}

# The manifest's array is the stream's, without the sign that the header gives it.
SIGN_BY_HEADER = {"made/jpegxl_lossless_mono16.dcm"}


def rows(corpus: Path) -> list[dict[str, str]]:
    with (corpus / "manifest.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def stored(path: Path) -> np.ndarray:
    """Every frame as (frame, row, col[, 3]), one alone as (row, col[, 3]), in the file's byte order."""
    frames = [read_frame(ref) for ref in file_frames(path)]
    array = np.stack([frame.stored for frame in frames]) if len(frames) > 1 else frames[0].stored
    return array.astype(array.dtype.newbyteorder(">")) if frames[0].big_endian else array


def reference(path: Path, row: dict[str, str]) -> np.ndarray:
    """What the decoder that the manifest names makes of the file, colours as RGB."""
    import pydicom
    from pydicom.encaps import generate_frames
    from pydicom.pixels.utils import pixel_array

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if row["best_plugin"] != "imagecodecs":
            return np.asarray(pixel_array(path, raw=False, decoding_plugin=row["best_plugin"]))
        decode = imagecodecs.jpegxl_decode if "JPEG XL" in row["transfer_syntax"] else imagecodecs.jpeg8_decode
        data = pydicom.dcmread(path).PixelData
        frames = [decode(frame) for frame in generate_frames(data, number_of_frames=int(row["frames"] or 1))]
    return np.stack(frames) if len(frames) > 1 else frames[0]


def fault(path: Path, row: dict[str, str]) -> str:
    """What is wrong with the array of one file, "" when nothing is."""
    array = stored(path)
    shape = "x".join(map(str, array.shape))
    if shape != row["shape"] or (array.dtype != np.dtype(row["dtype"]) and row["path"] not in SIGN_BY_HEADER):
        return f"{row['path']}: {shape} {array.dtype.str}, not {row['shape']} {row['dtype']}"
    if hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest() == row["sha256_array"]:
        return ""
    if row["transfer_syntax_uid"] not in LOSSY:
        return f"{row['path']}: other pixels"
    difference = int(np.abs(array.astype(np.int64) - reference(path, row)).max())
    allowed = COLOUR_TOLERANCE if row["samples"] == "3" else GREY_TOLERANCE
    return f"{row['path']}: {difference} levels off {row['best_plugin']}" if difference > allowed else ""


def test_stored_values_are_those_of_the_manifest(corpus: Path) -> None:
    known = [row for row in rows(corpus) if row["sha256_array"]]

    assert len(known) >= 330
    assert [text for row in known if (text := fault(corpus / row["path"], row))] == []


def test_what_the_manifest_has_no_array_for_is_refused_for_the_reason_listed(corpus: Path) -> None:
    other = []
    for row in rows(corpus):
        if row["sha256_array"] or row["path"] in WITHOUT_ARRAY:
            continue
        path = corpus / row["path"]
        try:
            for ref in file_frames(path):
                read_frame(ref)
            other.append(f"{row['path']} is read")
        except AppError as error:
            reason = REFUSED.get(row["path"])
            if reason is None or not re.search(reason, str(error)) or path.name not in str(error):
                other.append(f"{row['path']}: {error}")

    assert other == []


def test_the_tags_of_what_is_no_image_are_read(corpus: Path) -> None:
    words = ("an RT", "a structured report", "a presentation state", "a waveform", "a PDF", "a colour palette")
    for name in (name for name, reason in REFUSED.items() if reason.startswith(words)):
        assert any(row.keyword == "SOPClassUID" and row.value for row in header_tags(corpus / name)), name


def test_every_file_is_read_or_refused_with_its_name(corpus: Path) -> None:
    listed = {row["path"] for row in rows(corpus)}
    for path in sorted(corpus.rglob("*")):
        if not path.is_file() or str(path.relative_to(corpus)) in listed:
            continue
        try:
            for ref in file_frames(path):
                read_frame(ref)
        except AppError as error:
            assert path.name in str(error)


@pytest.mark.parametrize("name", ["syntax/rle/liver_rle.dcm", "syntax/deflated/liver_deflate.dcm"])
def test_one_bit_frames_are_the_same_in_every_compression(corpus: Path, name: str) -> None:
    plain = stored(corpus / "series/ct_liver3/liver.dcm")

    packed = stored(corpus / name)

    assert np.array_equal(packed, plain if packed.ndim == 3 else plain[0])


def test_a_file_cut_in_its_pixels_shows_the_rows_that_are_there(corpus: Path) -> None:
    whole = stored(corpus / "syntax/native/MR_small.dcm")
    frame = read_frame(file_frames(corpus / "made/cut_in_pixels.dcm")[0])

    assert "34 of 64 rows" in frame.facts.banner
    assert np.array_equal(frame.stored[:34], whole[:34])
    assert not frame.stored[34:].any()


@pytest.mark.parametrize(("name", "there"), [("broken/MR_truncated.dcm", 63), ("made/rows_doubled.dcm", 64)])
def test_a_header_that_promises_more_rows_than_there_are_shows_those(corpus: Path, name: str, there: int) -> None:
    whole = stored(corpus / "syntax/native/MR_small.dcm")
    frame = read_frame(file_frames(corpus / name)[0])

    assert f"{there} of {frame.facts.rows} rows" in frame.facts.banner
    assert np.array_equal(frame.stored[:there], whole[:there])
    assert not frame.stored[there:].any()


def test_a_jpeg_2000_frame_that_ends_early_by_a_byte_is_whole_or_says_so(corpus: Path) -> None:
    whole = stored(corpus / "syntax/native/emri_small_big_endian.dcm")
    for index, ref in enumerate(file_frames(corpus / "broken/emri_small_jpeg_2k_lossless_too_short.dcm")):
        frame = read_frame(ref)
        assert frame.facts.banner or np.array_equal(frame.stored, whole[index])


@pytest.mark.parametrize(("name", "is_inverted"), [("broken/GH340.dcm", False), ("pixel/CR-MONO1-10-chest", True)])
def test_acr_nema_without_preamble_is_what_simpleitk_reads(corpus: Path, name: str, is_inverted: bool) -> None:
    import SimpleITK as sitk

    reader = sitk.ImageFileReader()
    reader.SetImageIO("GDCMImageIO")
    reader.SetFileName(str(corpus / name))
    other = np.squeeze(sitk.GetArrayFromImage(reader.Execute()))
    # SimpleITK turns MONOCHROME1 round at its 10 bits stored.
    other = 1023 - other if is_inverted else other

    assert open_cached(corpus / name).header.transfer_syntax == "1.2.840.10008.1.2"
    assert np.array_equal(stored(corpus / name), other)
