"""How a file's pixels are coded: the Image Pixel Module, checked before anything is allocated (PS3.3 C.7.6.3)."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from viewer.core.errors import BadFile, UnsupportedFile
from viewer.reading.dicom.header import Header
from viewer.reading.sources.limits import check_frame_size

ROWS, COLUMNS, FRAMES = 0x00280010, 0x00280011, 0x00280008
FLOAT_PIXELS, DOUBLE_PIXELS, PIXELS = 0x7FE00008, 0x7FE00009, 0x7FE00010
MOST_ROWS = 0xFFFF  # Rows and Columns are of VR US (C.7.6.3); what stands there as a longer number is no size
# Numbers of the pixels of which there is one each (C.7.6.3, C.11.1).
SINGLE = {
    0x00280002: "Samples per Pixel", FRAMES: "Number of Frames", ROWS: "Rows", COLUMNS: "Columns",
    0x00280100: "Bits Allocated", 0x00280101: "Bits Stored", 0x00280102: "High Bit", 0x00280103: "Pixel Representation",
    0x00281052: "Rescale Intercept", 0x00281053: "Rescale Slope",
}  # fmt: skip
# Distances between rows and between columns, of which there are two (10.7.1.3).
PAIRS = {0x00280030: "Pixel Spacing", 0x00181164: "Imager Pixel Spacing"}
ELSCINT_CODING = 0x07A11011
PAD_BYTES = 16  # behind the pixels: to an even length, or as some writers do to whole words or a few of them

MONOCHROME = ("MONOCHROME1", "MONOCHROME2")
GREY_AND_INDEX = (*MONOCHROME, "PALETTE COLOR")
# Defined within a compressed frame only (PS3.3 C.7.6.3.1.2). Files that were decompressed and kept the word hold RGB.
COMPRESSED_AS = ("YBR_RCT", "YBR_ICT")
NEVER_UNCOMPRESSED = ("YBR_PARTIAL_420", "XYB")
COLOUR = ("RGB", "YBR_FULL", "YBR_FULL_422", "YBR_RCT", "YBR_ICT", "YBR_PARTIAL_422", "YBR_PARTIAL_420", "XYB")


@dataclass(frozen=True, slots=True, kw_only=True)
class Coding:
    """The Image Pixel Module's numbers.

    bits_allocated: of one sample in the file; bits_stored: of those, the ones that count. is_float: (double) float
    pixel data. planar: Planar Configuration 1, all of one colour before the next. doubts: what the header leaves out of
    these numbers or says wrongly, one sentence each; they stand on the image.
    """

    rows: int
    cols: int
    frames: int
    samples: int
    bits_allocated: int
    bits_stored: int
    high_bit: int
    signed: bool
    photometric: str
    planar: bool
    is_float: bool = False
    doubts: tuple[str, ...] = ()

    @property
    def pixels_per_frame(self) -> int:
        """rows x cols."""
        return self.rows * self.cols

    @property
    def dtype(self) -> np.dtype[np.generic]:
        """The dtype of a decoded frame, native byte order."""
        if self.is_float:
            return np.dtype(np.float64 if self.bits_allocated == 64 else np.float32)
        size = next((n for n in (1, 2, 4, 8) if 8 * n >= self.bits_allocated), 8)
        return np.dtype(f"{'i' if self.signed else 'u'}{size}")

    @property
    def is_422(self) -> bool:
        """Native data with half the chroma columns (PS3.3 C.7.6.3.1.2)."""
        return self.photometric in ("YBR_FULL_422", "YBR_PARTIAL_422")


def read_coding(header: Header, path: Path) -> Coding:
    """The numbers, made sound. Raises BadFile or UnsupportedFile naming the one that is wrong."""
    if header.pixels is None:
        raise UnsupportedFile(f"{path} holds no pixels.")
    if header.text(ELSCINT_CODING).startswith("PMSCT_RLE"):
        # A maker's own run lengths under the name of plain pixels (its decoders ran past their buffers: CVE-2026-5441).
        raise UnsupportedFile(f"{path} holds pixels compressed by {header.text(ELSCINT_CODING)}, which is not read.")
    is_float = header.pixels.tag in (FLOAT_PIXELS, DOUBLE_PIXELS)
    rows, cols = header.integer(ROWS) or 0, header.integer(COLUMNS) or 0
    if not (0 < rows <= MOST_ROWS and 0 < cols <= MOST_ROWS):
        raise BadFile(f"{path} says its image has {rows} rows and {cols} columns; ask for a new copy.")
    allocated = header.integer(0x00280100)
    if is_float:
        allocated = 32 if header.pixels.tag == FLOAT_PIXELS else 64
    if allocated is None:
        raise BadFile(f"{path} does not say how many bits a pixel has (Bits Allocated); ask for a new copy.")
    if allocated not in (1, 8, 12, 16, 24, 32, 64):
        raise UnsupportedFile(f"{path} has pixels of {allocated} bits, which this program does not read.")
    stored = header.integer(0x00280101) or allocated
    if stored > allocated:
        raise BadFile(f"{path} says {stored} of {allocated} bits are stored; its pixel values cannot be trusted.")
    samples = header.integer(0x00280002) or 1
    photometric = header.text(0x00280004).upper() or ("MONOCHROME2" if samples == 1 else "RGB")
    if samples == 3 and photometric in MONOCHROME:
        # Three samples cannot be grey levels; `frames` says so on the image.
        photometric = "RGB"
    if is_float and samples > 1:
        raise UnsupportedFile(f"{path} has floating point colours, of which the brightness is not known; not shown.")
    _check_colour(path, samples, photometric)
    check_frame_size(path, rows, cols, rows * cols * samples * max(1, allocated // 8))
    return Coding(
        rows=rows,
        cols=cols,
        frames=frame_count(header, path),
        samples=samples,
        bits_allocated=allocated,
        bits_stored=stored,
        high_bit=_high_bit(header, stored, allocated),
        # Colours have no sign, whatever Pixel Representation says: a bright one would turn dark.
        signed=header.integer(0x00280103) == 1 and samples == 1,
        photometric=photometric,
        planar=header.integer(0x00280006) == 1,
        is_float=is_float,
        doubts=(
            *_count_doubts(header),
            *_many_doubts(header),
            *(_float_doubts(header, allocated) if is_float else _doubts(header, samples, stored, photometric)),
        ),
    )


def _float_doubts(header: Header, allocated: int) -> tuple[str, ...]:
    said = header.integer(0x00280100)
    return (
        () if said == allocated else (f"The header says its {allocated}-bit floating point pixels have {said} bits.",)
    )


def _doubts(header: Header, samples: int, stored: int, photometric: str) -> tuple[str, ...]:
    """What is missing or impossible among the numbers that every image must have (PS3.3 C.7.6.3, all of type 1)."""
    sign = header.integer(0x00280103)
    found = []
    if header.integer(0x00280002) != samples:
        found.append(f"The header does not say how many samples a pixel has; read with {samples}.")
    if not header.text(0x00280004):
        found.append(f"The header has no Photometric Interpretation; shown as {photometric}.")
    if header.integer(0x00280101) != stored:
        found.append(f"The header does not say how many bits count (Bits Stored); all {stored} are taken.")
    if sign not in (0, 1):
        said = "does not say" if sign is None else f"says {sign} for"
        found.append(f"The header {said} whether values have a sign (Pixel Representation); read without.")
    planar = header.integer(0x00280006)
    if samples == 3 and planar not in (0, 1):
        found.append("The header does not say how colours are ordered (Planar Configuration); read pixel by pixel.")
    if planar == 1 and photometric.endswith("_422") and header.pixels is not None and header.pixels.length >= 0:
        found.append(f"The header says {photometric} is ordered by plane, which it never is; read pixel by pixel.")
    return tuple(found)


def frame_count(header: Header, path: Path) -> int:
    """Number of Frames, 1 when absent. Raises BadFile when it is no number.

    A number that is no count, such as 0, is what uncompressed pixels fill, else 1, and is said.
    """
    count = _said_count(header)
    if count is not None:
        return count
    if not header.numbers_or_none(FRAMES):
        raise BadFile(f"{path} says it has {header.text(FRAMES)!r} frames; ask for a new copy.")
    pixels = header.pixels
    frame_bits = (header.integer(ROWS) or 0) * (header.integer(COLUMNS) or 0) * (header.integer(0x00280100) or 0)
    frame_bits *= header.integer(0x00280002) or 1
    if pixels is None or pixels.length <= 0 or frame_bits < 8:
        return 1
    whole, rest = divmod(8 * pixels.length, frame_bits)
    return max(1, whole) if rest <= 8 * PAD_BYTES else 1


def _said_count(header: Header) -> int | None:
    """Number of Frames as the file has it; 1 when it is absent or empty, None when it is no count."""
    if not header.raw(FRAMES).strip(b" \0"):
        return 1
    count = header.integer(FRAMES)
    header.ignored.discard(FRAMES)  # the doubt below says it
    return count if count is not None and count >= 1 else None


def _many_doubts(header: Header) -> tuple[str, ...]:
    """What is said where a number of the pixels stands as several: as words of a longer one, or by mistake."""
    many = [(name, header.numbers_or_none(tag) or ()) for tag, name in SINGLE.items()]
    odd = [(name, header.numbers_or_none(tag) or ()) for tag, name in PAIRS.items()]
    return (
        *(
            f"{name} has {len(values)} values in the header; the first, {values[0]:g}, is used."
            for name, values in many
            if any(values[1:])
        ),
        *(
            f"{name} has {len(values)} value{'s' * (len(values) > 1)} in the header instead of 2; "
            f"the first{' two count' if len(values) > 1 else ' counts for rows and columns'}."
            for name, values in odd
            if len(values) not in (0, 2)
        ),
    )


def _count_doubts(header: Header) -> tuple[str, ...]:
    if _said_count(header) is not None:
        return ()
    return (f"The header says it has {header.text(FRAMES)[:16]!r} frames (Number of Frames); read by its pixels.",)


def _high_bit(header: Header, stored: int, allocated: int) -> int:
    high = header.integer(0x00280102)
    # Retired data sets keep their bits above bit 0; anything impossible counts as the usual place, and is said.
    if high is not None and stored - 1 <= high < allocated:
        return high
    header.ignore(0x00280102)
    return stored - 1


def _check_colour(path: Path, samples: int, photometric: str) -> None:
    if photometric in GREY_AND_INDEX:
        expected = 1
    elif photometric in COLOUR:
        expected = 3
    else:
        raise UnsupportedFile(f"{path} has the photometric interpretation {photometric!r}, which is not known.")
    if samples != expected:
        raise BadFile(f"{path} is {photometric} with {samples} sample(s) a pixel instead of {expected}; not shown.")
