"""How large each page of a TIFF is, from its directory alone (TIFF 6.0 section 2; BigTIFF: 8-byte offsets).

tifffile makes an object of every tag of a page (0.2 to 0.5 ms a page: 10 s of processor time for 60,000 pages); two
numbers and a turn are wanted here.
"""

import mmap
from collections.abc import Iterator
from pathlib import Path
from struct import Struct, error

COLS, ROWS, ORIENTATION = 256, 257, 274
SHORT, LONG, LONG8 = 3, 4, 16
MOST_TAGS = 4096  # of one page, as in tifffile
TURNED = range(5, 9)  # orientations by which rows become columns


def page_sizes(path: Path, most: int) -> Iterator[tuple[int, int]]:
    """(rows, cols) of up to `most` pages of the chain, as each is shown; pages without a size are passed over.

    It ends where the chain leads out of the file. Raises OSError where the file cannot be mapped.
    """
    with open(path, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:  # noqa: PTH123
        order = "<" if data[:2] == b"II" else ">"
        is_big = data[2:4] in (b"\x2b\x00", b"\x00\x2b")
        count, offset = Struct(order + ("Q" if is_big else "H")), Struct(order + ("Q" if is_big else "I"))
        entry, value_at = Struct(order + ("HHQ8s" if is_big else "HHI4s")), 12 if is_big else 8
        numbers = {SHORT: Struct(order + "H"), LONG: Struct(order + "I"), LONG8: Struct(order + "Q")}
        try:
            (place,) = offset.unpack_from(data, 8 if is_big else 4)
            for _ in range(most):
                (tags,) = count.unpack_from(data, place) if place else (0,)
                if not 0 < tags <= MOST_TAGS:
                    return
                found = dict.fromkeys((COLS, ROWS, ORIENTATION), 0)
                for number in range(tags):
                    at = place + count.size + number * entry.size
                    tag, kind, _, _ = entry.unpack_from(data, at)
                    if tag in found and kind in numbers:
                        (found[tag],) = numbers[kind].unpack_from(data, at + value_at)
                if found[ROWS] and found[COLS]:
                    size = (found[ROWS], found[COLS])
                    yield size[::-1] if found[ORIENTATION] in TURNED else size
                (place,) = offset.unpack_from(data, place + count.size + tags * entry.size)
        except (error, OverflowError):
            return
