"""What the headers of NIfTI, NRRD and MetaImage files promise, read before a library touches them.

SimpleITK reads the pixels and the geometry (`volume_file`). Three things are asked here first, because it does not
answer them: which other files a header leads to (they must lie in its own folder), whether as many bytes are there as
are promised (a cut NIfTI comes back from it filled up, without a word), and whether the file says where its voxels lie
in the patient and in which unit they are measured (it fills in an identity and takes millimetres for granted).
"""

import re
import struct
import zlib
from dataclasses import dataclass
from math import inf, isfinite, prod
from pathlib import Path

from viewer.core.errors import BadFile, UnsupportedFile
from viewer.core.geometry import SpacingLevel
from viewer.reading.facts.value_units import MOST_FACTOR
from viewer.reading.volume_files.data_start import meta_data_start, nrrd_data_start

# Enough for a NIfTI header, also inside gzip.
HEAD_BYTES = 4096
MAX_TEXT_BYTES = 1 << 20
NIFTI, NRRD, META = "NIfTI", "NRRD", "MetaImage"
ENDINGS = {
    NIFTI: (".nii", ".nii.gz", ".hdr"),
    NRRD: (".nrrd", ".nhdr"),
    META: (".mha", ".mhd"),
}
# The one pattern of numbered data files that is handed on: NRRD and MetaImage give it to C's printf.
NUMBERED = re.compile(r"[^%]*%0?\d{0,2}d[^%]*")
# Kinds of axes along which the values of one voxel lie and are its colour, and of axes in space. ITK writes colours as
# "vector" too, so three bytes of that kind are taken for one; a "list" is never one.
NRRD_COLOURS = frozenset(("rgb-color", "3-color", "rgba-color", "4-color", "vector", "???", "none"))
NRRD_SPACE = frozenset(("domain", "space"))
NIFTI_METRES = (1, 2, 3)  # metre, millimetre, micrometre: SimpleITK turns all three into millimetres
ANATOMICAL_SPACES = re.compile(
    r"(right|left)-(anterior|posterior)-(superior|inferior)(-time)?|(RAS|LAS|LPS)T?", re.IGNORECASE
)
NRRD_BYTES = {
    "signed char": 1, "int8": 1, "int8_t": 1, "uchar": 1, "unsigned char": 1, "uint8": 1, "uint8_t": 1,
    "short": 2, "short int": 2, "signed short": 2, "signed short int": 2, "int16": 2, "int16_t": 2,
    "ushort": 2, "unsigned short": 2, "unsigned short int": 2, "uint16": 2, "uint16_t": 2,
    "int": 4, "signed int": 4, "int32": 4, "int32_t": 4, "uint": 4, "unsigned int": 4, "uint32": 4, "uint32_t": 4,
    "longlong": 8, "long long": 8, "long long int": 8, "signed long long": 8, "signed long long int": 8, "int64": 8,
    "int64_t": 8, "ulonglong": 8, "unsigned long long": 8, "unsigned long long int": 8, "uint64": 8, "uint64_t": 8,
    "float": 4, "double": 8,
}  # fmt: skip
GZIP, GZIP_OR_ZLIB = 31, 47  # for zlib's wbits
# Number lists of a MetaImage that say where its voxels lie and how large they are, each under all its names.
META_NUMBERS = (
    "elementspacing", "elementsize", "offset", "position", "origin", "transformmatrix", "rotation", "orientation",
)  # fmt: skip
META_BYTES = {"CHAR": 1, "SHORT": 2, "INT": 4, "LONG": 4, "LONG_LONG": 8, "FLOAT": 4, "DOUBLE": 8}


@dataclass(frozen=True, slots=True, kw_only=True)
class VolumeHeader:
    """What a header says before its pixels are read.

    kind: NIfTI, NRRD or MetaImage. sizes: fastest axis first, as in the file. size_bytes: of all its values, which
    begin no earlier than offset_bytes.
    data_files: every file that holds them, the header's own included where they follow it. compressed: whether the
    values must be inflated. spacing_source: "" when the file gives no spacing. has_plane: whether it says where the
    voxels lie in the patient. geometry_note: what is doubtful about that, "" when nothing is. value_note: what is wrong
    with the scale of its values, as a sentence, "" when nothing is. voxel_kind: what several values of a voxel are by
    the file's word where that is no colour, such as "list". wbits: how zlib is to read compressed values, 0 where it
    cannot; packed_at: where they begin in the first file; packed_bytes: how many they are, 0: all up to its end.
    """

    kind: str
    sizes: tuple[int, ...]
    size_bytes: int
    data_files: tuple[Path, ...]
    compressed: bool
    spacing_source: str
    spacing_level: SpacingLevel
    has_plane: bool
    geometry_note: str = ""
    offset_bytes: int = 0
    value_note: str = ""
    voxel_kind: str = ""
    wbits: int = 0
    packed_at: int = 0
    packed_bytes: int = 0


def volume_kind(head: bytes) -> str:
    """NIfTI, NRRD, MetaImage or "" from a file's first bytes (HEAD_BYTES are enough)."""
    if head[:2] == b"\x1f\x8b":
        head = inflated(head)
    if head[:4] == b"NRRD" and head[4:8].isdigit():
        return NRRD
    if len(head) >= 348 and head[344:348] in (b"n+1\0", b"ni1\0") and nifti_order(head):
        return NIFTI
    if head[:4] in (b"\x1c\x02\0\0", b"\0\0\x02\x1c") and head[4:8] in (b"n+2\0", b"ni2\0"):
        return NIFTI
    if re.match(rb"\s*(ObjectType|Comment|ObjectSubType|NDims|Name|ID)\s*[=:]", head) and re.search(
        rb"(?m)^\s*NDims\s*[=:]", head
    ):
        return META
    return ""


def inflated(head: bytes) -> bytes:
    """The beginning of what a gzip file holds; empty when it is broken."""
    try:
        return zlib.decompressobj(31).decompress(head, HEAD_BYTES)
    except zlib.error:
        return b""


def nifti_order(head: bytes) -> str:
    """ "<" or ">" of a NIfTI-1 header's numbers; "" when it is none."""
    return next((order for order in "<>" if struct.unpack_from(order + "i", head)[0] == 348), "")


def read_volume_header(path: Path) -> VolumeHeader:
    """The header of a volume, checked against what is on the disk.

    Raises BadFile (not readable, cut short, leads out of its folder) or UnsupportedFile.
    """
    try:
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
            kind = volume_kind(head)
            text = head + file.read(MAX_TEXT_BYTES) if kind in (NRRD, META) else b""
    except OSError as error:
        raise BadFile(f"{path} cannot be read: {error.strerror or error}.") from error
    if kind == NIFTI:
        header = _nifti(path, head)
    elif kind == NRRD:
        header = _nrrd(path, text)
    elif kind == META:
        header = _meta(path, text)
    else:
        raise BadFile(f"{path} is no NIfTI, NRRD or MetaImage file.")
    if not path.name.lower().endswith(ENDINGS[kind]):
        # The NIfTI library refuses other names, and a detached header is told from a whole file by its name.
        raise BadFile(f"{path} is a {kind} file by its content; rename it to end in {' or '.join(ENDINGS[kind])}.")
    if not header.compressed:
        _check_length(path, header)
    return header


def _check_length(path: Path, header: VolumeHeader) -> None:
    try:
        there = sum(file.stat().st_size for file in header.data_files)
    except OSError as error:
        raise BadFile(f"{path} cannot be read: {error.strerror or error}.") from error
    if there < header.offset_bytes + header.size_bytes:
        there = max(0, there - header.offset_bytes)
        raise BadFile(
            f"{path} is cut short: its values take {header.size_bytes} bytes, {there} are there; copy it again."
        )


def _nifti(path: Path, head: bytes) -> VolumeHeader:
    """NIfTI-1, by the names and places of nifti1.h."""
    compressed = head[:2] == b"\x1f\x8b"
    head = inflated(head) if compressed else head
    order = nifti_order(head)
    if not order:
        raise UnsupportedFile(f"{path} is a NIfTI-2 file, which is not read; convert it to NIfTI-1.")
    dim = struct.unpack_from(order + "8h", head, 40)
    sizes = tuple(dim[1 : 1 + dim[0]]) if 1 <= dim[0] <= 7 else ()
    _check_sizes(path, sizes)
    bits = struct.unpack_from(order + "h", head, 72)[0]
    offset = struct.unpack_from(order + "f", head, 108)[0]
    steps = struct.unpack_from(order + "8f", head, 76)
    qform, sform = struct.unpack_from(order + "2h", head, 252)
    unit = head[123] & 7
    has_spacing = all(step > 0 for step in steps[1 : 1 + min(3, len(sizes))])
    known = unit in NIFTI_METRES
    pair = head[344:348] == b"ni1\0"
    return VolumeHeader(
        kind=NIFTI,
        sizes=sizes,
        size_bytes=prod(sizes) * abs(bits) // 8,
        data_files=(_beside(path, path.with_suffix(".img").name),) if pair else (path,),
        compressed=compressed,
        spacing_source=("NIfTI pixdim" if known else "NIfTI pixdim, unit not given") if has_spacing else "",
        spacing_level=SpacingLevel.PATIENT if known else SpacingLevel.ESTIMATED,
        has_plane=len(sizes) >= 3 and (qform > 0 or sform > 0),
        geometry_note=_two_places(head, order, steps, qform, sform),
        offset_bytes=int(offset) if 0 <= offset < 1 << 40 else 0,
        value_note=_scale_note(path, *struct.unpack_from(order + "2f", head, 112)),
        wbits=GZIP if compressed else 0,
    )


def _scale_note(path: Path, slope: float, intercept: float) -> str:
    """What is wrong with a scale (scl_slope, scl_inter) that is not applied. Raises BadFile where half of it would be.

    By nifti1.h a slope of 0 means that there is no scale. SimpleITK still adds the intercept then, and leaves out each
    of the two that is not finite.
    """
    half = (not isfinite(intercept)) if isfinite(slope) and slope else isfinite(intercept) and intercept != 0
    if half or MOST_FACTOR < max(abs(slope), abs(intercept)) < inf:
        raise BadFile(f"{path} scales its values by {slope:g} and adds {intercept:g}; ask for a new copy.")
    if isfinite(slope):
        return ""
    return f"The scale of its values (scl_slope) is {slope:g} in the file and was not applied: values are as stored."


def _two_places(head: bytes, order: str, steps: tuple[float, ...], qform: int, sform: int) -> str:
    """Whether the two places a NIfTI file may give (method 2 and 3 of nifti1.h) differ by more than half a voxel."""
    if qform <= 0 or sform <= 0:
        return ""
    b, c, d, *offset = struct.unpack_from(order + "6f", head, 256)
    a = max(0.0, 1.0 - b * b - c * c - d * d) ** 0.5
    turn = (
        (a * a + b * b - c * c - d * d, 2 * (b * c - a * d), 2 * (b * d + a * c)),
        (2 * (b * c + a * d), a * a + c * c - b * b - d * d, 2 * (c * d - a * b)),
        (2 * (b * d - a * c), 2 * (c * d + a * b), a * a + d * d - c * c - b * b),
    )
    scale = (steps[1], steps[2], steps[3] * (-1.0 if steps[0] < 0 else 1.0))
    rows = [struct.unpack_from(order + "4f", head, 280 + 16 * row) for row in range(3)]
    dim = struct.unpack_from(order + "8h", head, 40)
    half = min(abs(step) for step in steps[1:4]) / 2
    for row, (sx, sy, sz, s0) in enumerate(rows):
        gaps = [(s - turn[row][n] * scale[n]) * max(0, dim[n + 1] - 1) for n, s in enumerate((sx, sy, sz))]
        # The farthest corner along this patient axis, either way.
        if abs(s0 - offset[row]) + sum(abs(gap) for gap in gaps) > half:
            return "its two descriptions of where it lies (qform and sform) differ"
    return ""


def _nrrd(path: Path, text: bytes) -> VolumeHeader:
    """NRRD, by its definition at teem.sourceforge.net/nrrd/format.html."""
    head = re.split(rb"\r?\n\r?\n", text, maxsplit=1)[0]
    lines = head.decode("latin-1").splitlines()[1:]
    fields: dict[str, str] = {}
    listed: list[str] | None = None
    for line in lines:
        if listed is not None:
            listed.append(line.strip())
            continue
        name, colon, value = line.partition(": ")
        if colon and not line.startswith("#"):
            fields[name.strip().lower().replace("datafile", "data file")] = value.strip()
            if name.strip().lower() in ("data file", "datafile") and value.split()[:1] == ["LIST"]:
                listed = []
    sizes = _integers(fields.get("sizes", ""))
    _check_sizes(path, sizes)
    directions, spacings = fields.get("space directions", ""), fields.get("spacings", "")
    units = set(re.findall(r'"([^"]*)"', fields.get("space units", fields.get("units", ""))))
    millimetres = bool(units) and units - {"s", "ms", "sec", ""} == {"mm"}
    if units and not millimetres and units - {"", "???"}:
        raise UnsupportedFile(f"{path} is measured in {', '.join(sorted(units))}, not in mm; it is not read.")
    where = "space directions" if directions else "spacings" if _numbers(spacings) else ""
    kind_bytes = NRRD_BYTES.get(fields.get("type", "").lower())
    if kind_bytes is None:
        raise UnsupportedFile(f"{path} holds values of the type {fields.get('type', '')!r}, which is not read.")
    encoding = fields.get("encoding", "").lower()
    if kind_bytes > 1 and encoding not in ("ascii", "text", "txt") and fields.get("endian") not in ("little", "big"):
        raise BadFile(f"{path} does not say in which order its bytes are (endian); ask for a new copy.")
    return VolumeHeader(
        kind=NRRD,
        sizes=sizes,
        size_bytes=prod(sizes) * kind_bytes,
        data_files=_data_files(path, fields.get("data file", ""), listed),
        compressed=encoding != "raw",
        spacing_source=f"NRRD {where}{'' if millimetres else ', unit not given'}" if where else "",
        spacing_level=SpacingLevel.PATIENT if millimetres else SpacingLevel.ESTIMATED,
        voxel_kind=_nrrd_voxel_kind(fields.get("kinds", "")),
        has_plane=bool(directions) and ANATOMICAL_SPACES.fullmatch(fields.get("space", "")) is not None,
        offset_bytes=max(0, *_integers(fields.get("byte skip", ""))[:1], 0),
        wbits=GZIP if encoding in ("gzip", "gz") else 0,
        packed_at=nrrd_data_start(path, text, fields.get("line skip", "0"), detached="data file" in fields),
    )


def _nrrd_voxel_kind(kinds: str) -> str:
    """The kind of the one axis that is no direction in space, where it is no colour; wherever that axis stands."""
    others = [kind for kind in kinds.split() if kind.lower() not in NRRD_SPACE]
    return " and ".join(kind for kind in others if kind.lower() not in NRRD_COLOURS)


def _meta(path: Path, text: bytes) -> VolumeHeader:
    """MetaImage, by the documentation of MetaIO: lines of "Key = value" up to ElementDataFile."""
    fields: dict[str, str] = {}
    listed: list[str] | None = None
    for raw in text.split(b"\n"):
        line = raw.decode("latin-1").strip()
        if listed is not None:
            listed.append(line)
            continue
        name, equals, value = line.partition("=") if "=" in line else line.partition(":")
        if equals:
            fields[name.strip().lower()] = value.strip()
        if name.strip().lower() == "elementdatafile":
            if value.split()[:1] != ["LIST"]:
                break
            listed = []
    else:
        if listed is None:
            raise BadFile(f"{path} has no ElementDataFile line; ask for a new copy.")
    sizes = _integers(fields.get("dimsize", ""))
    _check_sizes(path, sizes)
    _check_numbers(path, fields)
    kind = fields.get("elementtype", "").upper().removeprefix("MET_").removesuffix("_ARRAY")
    kind_bytes = META_BYTES.get(kind if kind in META_BYTES else kind.removeprefix("U"))
    if kind_bytes is None:
        raise UnsupportedFile(f"{path} holds values of the type {fields.get('elementtype', '')!r}, which is not read.")
    if fields.get("binarydata", "True")[:1] not in ("T", "t", "1"):
        # SimpleITK overruns its memory on some of these.
        raise UnsupportedFile(f"{path} holds its values as text, which is not read.")
    channels = _integers(fields.get("elementnumberofchannels", "1")) or (1,)
    size_bytes = prod(sizes) * kind_bytes * max(1, channels[0])
    where = next((name for name in ("ElementSpacing", "ElementSize") if fields.get(name.lower())), "")
    turned = any(fields.get(name) for name in ("transformmatrix", "rotation", "orientation"))
    anatomy = fields.get("anatomicalorientation", "")
    name = fields["elementdatafile"]
    compressed = fields.get("compresseddata", "").lower() in ("true", "1", "t")
    is_local = name.upper() == "LOCAL"
    packed_bytes = (*_integers(fields.get("compresseddatasize", "")), 0)[0]
    if compressed and (listed is not None or "%" in name or (is_local and packed_bytes <= 0)):
        raise UnsupportedFile(f"{path} does not say where each of its compressed values ends; save it again.")
    return VolumeHeader(
        kind=META,
        sizes=sizes,
        size_bytes=size_bytes,
        data_files=(path,) if is_local else _data_files(path, name, listed),
        compressed=compressed,
        wbits=GZIP_OR_ZLIB if compressed else 0,
        packed_at=meta_data_start(text) if is_local else 0,
        packed_bytes=max(0, packed_bytes),
        spacing_source=f"MetaImage {where}" if where else "",
        spacing_level=SpacingLevel.PATIENT,
        has_plane=len(sizes) >= 3 and turned and "?" not in anatomy,
    )


def _check_numbers(path: Path, fields: dict[str, str]) -> None:
    """Raise BadFile naming the field whose numbers are none; SimpleITK takes 0 for each of them."""
    for name in META_NUMBERS:
        if len(_numbers(fields.get(name, ""))) != len(fields.get(name, "").split()):
            raise BadFile(f"{path} has something else than numbers for {name} ({fields[name]}); ask for a new copy.")


def _integers(text: str) -> tuple[int, ...]:
    parts = text.split()
    return tuple(int(part) for part in parts) if all(re.fullmatch(r"-?\d{1,18}", part) for part in parts) else ()


def _numbers(text: str) -> tuple[float, ...]:
    found = []
    for part in text.split():
        try:
            found.append(float(part))
        except ValueError:
            continue
    return tuple(number for number in found if number == number)  # "spacings: NaN NaN NaN" gives none


def _check_sizes(path: Path, sizes: tuple[int, ...]) -> None:
    if not sizes or any(size < 1 for size in sizes):
        raise BadFile(f"{path} says its volume has the size {sizes or 'of nothing'}; ask for a new copy.")


def _data_files(path: Path, name: str, listed: list[str] | None) -> tuple[Path, ...]:
    """The files a header names, each in the header's own folder. Raises BadFile."""
    if not name:
        return (path,)
    if listed is not None:
        names = [line for line in listed if line]
    elif "%" in name:
        names = _numbered(path, name)
    else:
        names = [name]
    if not names:
        raise BadFile(f"{path} names no file that holds its values; ask for a new copy.")
    return tuple(_beside(path, one) for one in names)


def _numbered(path: Path, text: str) -> list[str]:
    """The names that "slice%03d.raw 1 20 1" stands for."""
    pattern, *numbers = text.split()
    first, last, step = (*_integers(" ".join(numbers[:3])), 0, 0, 0)[:3]
    if not NUMBERED.fullmatch(pattern) or step == 0 or not 0 <= (last - first) // step < 100_000:
        raise BadFile(f"{path} names its data files in a way that is not followed ({text}).")
    return [pattern % number for number in range(first, last + (1 if step > 0 else -1), step)]


def _beside(path: Path, name: str) -> Path:
    """The file `name` in the folder of `path`. Raises BadFile when it lies elsewhere or is not there."""
    parts = name.replace("\\", "/").split("/")
    if name.startswith(("/", "\\")) or ":" in parts[0] or ".." in parts:
        raise BadFile(f"{path} takes its values from {name}, outside its own folder; that is not followed.")
    file = path.parent / name
    try:
        found, home = file.resolve(), path.parent.resolve()
    except (OSError, RuntimeError, ValueError) as error:  # a loop of links; a name with a zero byte
        raise BadFile(f"{path} takes its values from {name}, which cannot be read ({error}).") from error
    if not found.is_relative_to(home):
        raise BadFile(f"{path} takes its values from {name}, outside its own folder; that is not followed.")
    if not found.is_file():
        raise BadFile(f"{path} takes its values from {name}, which is not there; put it beside the header.")
    return file
