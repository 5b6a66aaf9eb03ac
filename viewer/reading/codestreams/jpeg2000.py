"""What a JPEG 2000 code stream says of itself (ISO 15444-1 annex A)."""

import struct
from collections import Counter
from dataclasses import dataclass

_SIZ_FIXED = 38  # bytes from the SIZ marker to its first component
SOT, END = b"\xff\x90", b"\xff\xd9"  # where a tile-part begins, where the code stream ends
_SOT_BYTES = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Jpeg2000Stream:
    """precision, signed: of the first component; 0 and None when there is no SIZ marker.

    start: where the code stream begins; before it lie the boxes of a JP2 file. has_component_transform: the stream
    undoes RCT or ICT itself, so its three components went in as RGB (annex G.2). is_subsampled: chroma at half size.
    is_reversible: coded with the 5-3 wavelet. tiles: how many its grid has; 0 when the grid is impossible.
    tiles_across: in a row of tiles. first_tile_rows, tile_rows: image rows in the first row of tiles and in the others.
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
    tiles_across: int = 1
    first_tile_rows: int = 0
    tile_rows: int = 0

    def rows_above(self, tile: int) -> int:
        """The image rows above tile `tile`, which is counted from 0 in reading order (B.3)."""
        number = tile // max(1, self.tiles_across)
        return self.first_tile_rows + (number - 1) * self.tile_rows if number else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TileParts:
    """What a code stream holds of its tiles (A.4.2).

    has_end: the end marker is there. whole_tiles: how many tiles from the first on are known to be complete.
    end: where the last complete tile-part ends.
    """

    has_end: bool
    whole_tiles: int
    end: int


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
    tile_width, tile_height, tiles_left, tiles_top = struct.unpack_from(">4L", data, siz + 22)
    return Jpeg2000Stream(
        start=start,
        precision=(depth & 0x7F) + 1,
        signed=bool(depth & 0x80),
        rows=height - top,
        cols=width - left,
        has_component_transform=transform,
        is_subsampled=len(sampling) > 1,
        is_reversible=reversible,
        tiles=_tiles(width, height, tile_width, tile_height, tiles_left, tiles_top),
        tiles_across=_tiles(width, 1, tile_width, 1, tiles_left, 0),
        first_tile_rows=tiles_top + tile_height - top,
        tile_rows=tile_height,
    )


def read_tile_parts(data: bytes, start: int) -> TileParts:
    """The tile-parts of the code stream that begins at `start`, as far as they are there.

    A tile is known to be complete when it says how many parts it has (TNsot) and each of them is as long as it says
    (Psot). A part that runs to the end marker says no length, so without that marker nothing is known of it.
    """
    position = _first_tile_part(data, start)
    last = position
    met: Counter[int] = Counter()
    promised: dict[int, int] = {}
    while data[position : position + 2] == SOT and position + _SOT_BYTES <= len(data):
        tile, length, _, parts = struct.unpack_from(">HLBB", data, position + 4)
        last = position
        if length < _SOT_BYTES or position + length > len(data):
            break
        met[tile] += 1
        promised[tile] = max(parts, promised.get(tile, 0))
        position += length
    whole = 0
    while whole in met and met[whole] == promised[whole]:
        whole += 1
    # Packets hold no marker above FF8F (B.10.1, C.3), so this can only be the end.
    return TileParts(has_end=data.find(END, last + _SOT_BYTES) >= 0, whole_tiles=whole, end=position)


def _first_tile_part(data: bytes, start: int) -> int:
    """Where the main header ends."""
    position = start + 2
    while position + 4 <= len(data) and data[position] == 0xFF and data[position : position + 2] != SOT:
        position += 2 + struct.unpack_from(">H", data, position + 2)[0]
    return position


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
