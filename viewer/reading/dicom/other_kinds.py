"""Files of kinds that are not read, called by their name: a sentence that says "damaged" of them would be wrong."""

from pathlib import Path

from viewer.core.boundary import at_boundary
from viewer.core.errors import AppError
from viewer.reading.codestreams.jpeg import JPEG_LS, read_jpeg_stream

_PICTURE = "save it as PNG or TIFF"
_ARCHIVE = "unpack it"
# First bytes -> (what it is, what to do).
_STARTS = {
    b"GIF8": ("a GIF picture", _PICTURE),
    b"\x00\x00\x00\x0cjP  ": ("a JPEG 2000 picture outside DICOM", _PICTURE),
    b"\xff\x4f\xff\x51": ("a JPEG 2000 picture outside DICOM", _PICTURE),
    b"\x00\x00\x00\x0cJXL ": ("a JPEG XL picture outside DICOM", _PICTURE),
    b"P2\n": ("a PGM picture", _PICTURE),
    b"P5\n": ("a PGM picture", _PICTURE),
    b"P6\n": ("a PPM picture", _PICTURE),
    b"8BPS": ("a Photoshop picture", _PICTURE),
    b"%PDF": ("a PDF document", "save its pictures as PNG"),
    b"\x89HDF": ("an HDF5 file", "save its arrays as NIfTI or TIFF"),
    b"\x93NUMPY": ("a NumPy array", "save it as TIFF or NIfTI"),
    b"7z\xbc\xaf\x27\x1c": ("a 7-Zip archive", _ARCHIVE),
    b"Rar!": ("a RAR archive", _ARCHIVE),
    b"BZh": ("a bzip2 archive", _ARCHIVE),
    b"\xfd7zXZ\x00": ("an xz archive", _ARCHIVE),
}
# Behind the size of the first box (ISO 14496-12) or of the file (RIFF).
_BRANDS = {b"avif": "an AVIF picture", b"heic": "a HEIC picture", b"heix": "a HEIC picture", b"mif1": "a HEIF picture"}
_LOSSLESS = frozenset((0xC3, 0xC7, 0xCB, 0xCF))


def why_not_read(path: Path, head: bytes) -> str:
    """The sentence for a file that is no DICOM file, by its first bytes (at least 12 where it has them)."""
    kind, advice = "", _PICTURE
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        kind = "a WebP picture"
    elif head[:2] == b"BM" and head[6:10] == bytes(4):  # two letters alone begin many a text
        kind = "a BMP picture"
    elif head[4:8] == b"ftyp":
        kind = _BRANDS.get(head[8:12], "")
    else:
        kind, advice = next((said for start, said in _STARTS.items() if head.startswith(start)), ("", ""))
    return f"{path} is {kind}, which is not read; {advice}." if kind else f"{path} is no DICOM file."


def odd_jpeg(path: Path) -> str:
    """The sentence for a JPEG file of a kind that is read in DICOM alone; "" for any other file."""
    try:
        with at_boundary(path):
            data = path.read_bytes()
            if not data.startswith(b"\xff\xd8\xff"):
                return ""
            stream = read_jpeg_stream(data)
    except AppError:
        return ""
    if stream.frame_marker == JPEG_LS:
        kind = "a JPEG-LS picture"
    elif stream.frame_marker in _LOSSLESS:
        kind = "a lossless JPEG picture"
    elif stream.precision > 8:
        kind = f"a JPEG picture of {stream.precision} bits"
    else:
        return ""
    return f"{path} is {kind} outside DICOM, which is not read; {_PICTURE}."
