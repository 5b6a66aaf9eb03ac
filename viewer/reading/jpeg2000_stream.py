"""What a JPEG 2000 code stream says of itself (ISO 15444-1 annex A)."""

import struct
from dataclasses import dataclass

_SIZ_FIXED = 38  # bytes from the SIZ marker to its first component


@dataclass(frozen=True, slots=True, kw_only=True)
class Jpeg2000Stream:
    """precision, signed: of the first component; 0 and None when there is no SIZ marker.

    start: where the code stream begins; before it lie the boxes of a JP2 file. has_component_transform: the stream
    undoes RCT or ICT itself, so its three components went in as RGB (annex G.2). is_subsampled: chroma at half size.
    is_reversible: coded with the 5-3 wavelet. tiles: how many its grid has; 0 when the grid is impossible.
    """

    start: int = 0
    precision: int = 0
    signed: bool | None = None
    rows: int = 0
    cols: int = 0
    has_component_transform: bool = False
    is_subsampled: bool = False
    is_reversible: bool = False
    tiles: int = 1


def read_jpeg2000_stream(data: bytes) -> Jpeg2000Stream:
    """The main header's SIZ and COD; an empty answer when there is no code stream."""
    start = data.find(b"\xff\x4f\xff\x51")
    siz = start + 2
    if start < 0 or siz + _SIZ_FIXED + 5 > len(data):
        return Jpeg2000Stream()
    width, height, left, top = struct.unpack_from(">4L", data, siz + 6)
    count = struct.unpack_from(">H", data, siz + 38)[0]
    first = siz + 40
    depth = data[first]
    sampling = {data[at + 1 : at + 3] for at in range(first, min(first + 3 * count, len(data) - 2), 3)}
    transform, reversible = _coding_style(data, siz)
    return Jpeg2000Stream(
        start=start,
        precision=(depth & 0x7F) + 1,
        signed=bool(depth & 0x80),
        rows=height - top,
        cols=width - left,
        has_component_transform=transform,
        is_subsampled=len(sampling) > 1,
        is_reversible=reversible,
        tiles=_tiles(width, height, *struct.unpack_from(">4L", data, siz + 22)),
    )


def _tiles(width: int, height: int, tile_width: int, tile_height: int, left: int, top: int) -> int:
    """Tiles of the grid that begins at (left, top) (A.5.1, B.3); 0 when it has none."""
    if not tile_width or not tile_height or left >= width or top >= height:
        return 0
    return -(-(width - left) // tile_width) * -(-(height - top) // tile_height)


def _coding_style(data: bytes, position: int) -> tuple[bool, bool]:
    """(multiple component transform, reversible wavelet) of the COD segment (A.6.1)."""
    while position + 4 <= len(data) and data[position] == 0xFF:
        marker, length = struct.unpack_from(">HH", data, position)
        if marker == 0xFF52:
            segment = data[position + 2 : position + 2 + length]
            return (segment[6] == 1, segment[11] == 1) if len(segment) > 11 else (False, False)
        if marker in (0xFF90, 0xFF93):  # the first tile: the main header is over
            break
        position += 2 + length
    return False, False
