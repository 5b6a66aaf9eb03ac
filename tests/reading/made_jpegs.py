"""JPEG streams written from the standard (ITU-T T.81), which encoders at hand cannot write; and ways to damage one."""

import struct

import numpy as np

# One code of 5 bits for each of the 17 categories (annex H.1.2.2); they may not be all ones.
TABLE = b"\xff\xc4" + struct.pack(">HB16B", 2 + 1 + 16 + 17, 0, 0, 0, 0, 0, 17, *[0] * 11) + bytes(range(17))


def segment(marker: int, body: bytes) -> bytes:
    return bytes((0xFF, marker)) + struct.pack(">H", 2 + len(body)) + body


def lossless_jpeg(
    samples: np.ndarray,
    precision: int,
    *,
    predictor: int = 1,
    point: int = 0,
    restart_rows: int = 0,
    scans: tuple[tuple[int, ...], ...] = (),
    with_dnl: bool = False,
    ids: tuple[int, ...] = (1, 2, 3),
    before: bytes = b"",
) -> bytes:
    """samples: (row, col[, component]). point: bits that are dropped (H.1.2.1). scans: components of each, else one."""
    planes = samples[..., None] if samples.ndim == 2 else samples
    rows, cols, count = planes.shape
    scans = scans or (tuple(range(count)),)
    components = b"".join(bytes((ids[n], 0x11, 0)) for n in range(count))
    stated = 0 if with_dnl else rows
    parts = [
        b"\xff\xd8",
        before,
        segment(0xC3, struct.pack(">BHHB", precision, stated, cols, count) + components),
        TABLE,
    ]
    if restart_rows:
        parts.append(segment(0xDD, struct.pack(">H", restart_rows * cols)))
    for number, chosen in enumerate(scans):
        head = bytes((len(chosen),)) + b"".join(bytes((ids[n], 0)) for n in chosen) + bytes((predictor, 0, point))
        parts += [segment(0xDA, head), _scan(planes[..., list(chosen)], precision, predictor, point, restart_rows)]
        if with_dnl and number == 0:
            parts.append(segment(0xDC, struct.pack(">H", rows)))
    return b"".join(parts) + b"\xff\xd9"


def _scan(planes: np.ndarray, precision: int, predictor: int, point: int, restart_rows: int) -> bytes:
    values = planes.astype(np.int64) >> point
    every = restart_rows or len(values)
    pieces = []
    for number, first in enumerate(range(0, len(values), every)):
        block = values[first : first + every]
        bits: list[str] = []
        for row in range(block.shape[0]):
            for col in range(block.shape[1]):
                for n in range(block.shape[2]):
                    start = 1 << (precision - point - 1)
                    bits.append(_code(int(block[row, col, n]) - _predicted(block[..., n], row, col, predictor, start)))
        text = "".join(bits)
        text += "1" * (-len(text) % 8)
        data = int(text, 2).to_bytes(len(text) // 8, "big").replace(b"\xff", b"\xff\x00")
        pieces.append(data if first + every >= len(values) else data + bytes((0xFF, 0xD0 + number % 8)))
    return b"".join(pieces)


def _predicted(plane: np.ndarray, row: int, col: int, predictor: int, start: int) -> int:
    """Table H.1; the first row goes by its left neighbour, the first column by the one above (H.1.2.1)."""
    if row == 0:
        return start if col == 0 else int(plane[0, col - 1])
    if col == 0:
        return int(plane[row - 1, 0])
    a, b, c = int(plane[row, col - 1]), int(plane[row - 1, col]), int(plane[row - 1, col - 1])
    return (0, a, b, c, a + b - c, a + ((b - c) >> 1), b + ((a - c) >> 1), (a + b) >> 1)[predictor]


def _code(difference: int) -> str:
    difference = (difference + (1 << 15)) % (1 << 16) - (1 << 15)  # modulo 2**16 (H.1.2.1)
    if difference == -(1 << 15):
        return f"{16:05b}"
    size = abs(difference).bit_length()
    extra = difference if difference >= 0 else difference + (1 << size) - 1
    return f"{size:05b}" + (f"{extra:0{size}b}" if size else "")


def zeroed(data: bytes, at: float, count: int = 500) -> bytes:
    """The stream with `count` zero bytes over its content; its markers at both ends stay."""
    first, last = _inside(data)
    start = int(first + at * (last - first))
    end = min(start + count, last)
    return data[:start] + bytes(end - start) + data[end:]


def without_block(data: bytes, at: float, count: int = 64) -> bytes:
    """The stream without `count` bytes of its content."""
    first, last = _inside(data)
    start = int(first + at * (last - first))
    return data[:start] + data[min(start + count, last) :]


def cut_with_end(data: bytes, at: float) -> bytes:
    """The first part of the stream, with an end marker as some programs put it there."""
    first, last = _inside(data)
    return data[: int(first + at * (last - first))].rstrip(b"\xff") + b"\xff\xd9"


def _inside(data: bytes) -> tuple[int, int]:
    scan = data.find(b"\xff\xda")
    return scan + 2 + int.from_bytes(data[scan + 2 : scan + 4], "big"), len(data) - 2


def scans_without_end(rows: int, cols: int, scans: int) -> bytes:
    """A progressive JPEG (ITU-T T.81 annex G) of few bytes: each scan goes over the whole image, and brings nothing."""
    table = bytes([0x00, 1, *[0] * 15, 0]), bytes([0x10, 1, *[0] * 15, 0])
    frame = struct.pack(">BHHBBBB", 8, rows, cols, 1, 1, 0x11, 0)
    first = struct.pack(">BBBBBB", 1, 1, 0, 0, 0, 0)
    later = struct.pack(">BBBBBB", 1, 1, 0, 1, 63, 0)

    def segment(marker: int, body: bytes) -> bytes:
        return struct.pack(">BBH", 0xFF, marker, 2 + len(body)) + body

    parts = [b"\xff\xd8", segment(0xDB, bytes([0, *[1] * 64])), segment(0xC2, frame)]
    parts += [segment(0xC4, one) for one in table]
    parts += [segment(0xDA, first), *([segment(0xDA, later)] * scans), b"\xff\xd9"]
    return b"".join(parts)
