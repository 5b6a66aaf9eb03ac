"""The headers of NIfTI, NRRD and MetaImage files as rows for the tag panel: each field as the file has it."""

import re
import struct
from collections.abc import Iterator
from pathlib import Path

from viewer.core.errors import BadFile
from viewer.reading.dicom.tag_rows import TagRow, shortened
from viewer.reading.sources.limits import MAX_ROWS
from viewer.reading.volume_files.header import (
    HEAD_BYTES,
    MAX_TEXT_BYTES,
    META,
    NIFTI,
    inflated,
    nifti_order,
    volume_kind,
)

# Name, place in the header and code of each field of nifti1.h that says something today. "s": text.
NIFTI_FIELDS = (
    ("sizeof_hdr", 0, "i"), ("db_name", 14, "18s"), ("dim_info", 39, "B"), ("dim", 40, "8h"),
    ("intent_p1", 56, "f"), ("intent_p2", 60, "f"), ("intent_p3", 64, "f"), ("intent_code", 68, "h"),
    ("datatype", 70, "h"), ("bitpix", 72, "h"), ("slice_start", 74, "h"), ("pixdim", 76, "8f"),
    ("vox_offset", 108, "f"), ("scl_slope", 112, "f"), ("scl_inter", 116, "f"), ("slice_end", 120, "h"),
    ("slice_code", 122, "B"), ("xyzt_units", 123, "B"), ("cal_max", 124, "f"), ("cal_min", 128, "f"),
    ("slice_duration", 132, "f"), ("toffset", 136, "f"), ("descrip", 148, "80s"), ("aux_file", 228, "24s"),
    ("qform_code", 252, "h"), ("sform_code", 254, "h"), ("quatern_b", 256, "f"), ("quatern_c", 260, "f"),
    ("quatern_d", 264, "f"), ("qoffset_x", 268, "f"), ("qoffset_y", 272, "f"), ("qoffset_z", 276, "f"),
    ("srow_x", 280, "4f"), ("srow_y", 296, "4f"), ("srow_z", 312, "4f"), ("intent_name", 328, "16s"),
    ("magic", 344, "4s"),
)  # fmt: skip
PLACES = {0: "unknown", 1: "scanner", 2: "aligned", 3: "Talairach", 4: "MNI 152", 5: "template"}
TYPES = {
    1: "1 bit", 2: "uint8", 4: "int16", 8: "int32", 16: "float32", 32: "complex64", 64: "float64", 128: "RGB",
    256: "int8", 512: "uint16", 768: "uint32", 1024: "int64", 1280: "uint64", 1536: "float128", 1792: "complex128",
    2048: "complex256", 2304: "RGBA",
}  # fmt: skip
LENGTHS = {1: "m", 2: "mm", 3: "µm"}
TIMES = {8: "s", 16: "ms", 24: "µs", 32: "Hz", 40: "ppm", 48: "rad/s"}


def volume_tag_rows(path: Path) -> list[TagRow]:
    """The fields of a volume's header, in the file's order. Raises BadFile."""
    try:
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
            kind = volume_kind(head)
            text = head + file.read(MAX_TEXT_BYTES) if kind not in ("", NIFTI) else b""
    except OSError as error:
        raise BadFile(f"{path} cannot be read: {error.strerror or error}.") from error
    if kind == NIFTI:
        fields = _nifti_fields(inflated(head) if head[:2] == b"\x1f\x8b" else head)
    else:
        fields = _meta_fields(text) if kind == META else _nrrd_fields(text)
    return [
        TagRow(tag="", keyword=name, vr="", value=shortened(value), level=0)
        for (name, value), _ in zip(fields, range(MAX_ROWS))
    ]


def _nifti_fields(head: bytes) -> Iterator[tuple[str, str]]:
    order = nifti_order(head)
    if not order:  # a NIfTI-2 file, which is not read
        yield "magic", _text(head[4:8])
        return
    for name, place, code in NIFTI_FIELDS:
        values = struct.unpack_from(order + code, head, place)
        said = " ".join(_text(value) if isinstance(value, bytes) else f"{value:.9g}" for value in values)
        words = _words(name, values[0])
        yield name, f"{said} ({words})" if words else said


def _words(name: str, value: int) -> str:
    """What a code of nifti1.h stands for."""
    if name == "xyzt_units":
        return ", ".join(unit for unit in (LENGTHS.get(value & 7, ""), TIMES.get(value & 0x38, "")) if unit)
    if name in ("qform_code", "sform_code"):
        return PLACES.get(value, "")
    return TYPES.get(value, "") if name == "datatype" else ""


def _nrrd_fields(text: bytes) -> Iterator[tuple[str, str]]:
    """Fields are "name: value", key/value pairs "key:=value"; a line with neither names a data file."""
    magic, *lines = re.split(rb"\r?\n\r?\n", text, maxsplit=1)[0].splitlines() or [b""]
    yield "magic", _text(magic)
    for line in lines:
        if line.startswith(b"#"):
            continue
        name, colon, value = line.partition(b":")
        yield (_text(name), _text(value.removeprefix(b"="))) if colon else ("", _text(line))


def _meta_fields(text: bytes) -> Iterator[tuple[str, str]]:
    """Lines of "Key = value" up to ElementDataFile, and the files that it lists."""
    is_list = False
    for line in text.split(b"\n"):
        name, equals, value = line.partition(b"=" if b"=" in line else b":")
        if is_list or equals:
            yield ("", _text(line)) if is_list else (_text(name), _text(value))
        if name.strip().lower() == b"elementdatafile":
            if value.split()[:1] != [b"LIST"]:
                return
            is_list = True


def _text(value: bytes) -> str:
    return value.partition(b"\0")[0].decode("utf-8", "replace").strip()
