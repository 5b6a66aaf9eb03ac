"""How large a JPEG XL stream says its picture is (ISO 18181-1 D.2, ISO 18181-2 for the boxes)."""

SIGNATURE = b"\xff\x0a"
CONTAINER = b"\x00\x00\x00\x0cJXL "

# ISO 18181-1 table D.3: width over height as (numerator, denominator); 0 says the width is written out.
RATIOS = ((0, 1), (1, 1), (12, 10), (4, 3), (3, 2), (16, 9), (5, 4), (2, 1))
SIZE_BITS = (9, 13, 18, 30)


def jpeg_xl_size(data: bytes) -> tuple[int, int]:
    """(rows, cols) of the code stream's size header; (0, 0) when there is none."""
    body = _code_stream(data)
    if body[:2] != SIGNATURE or len(body) < 4:
        return 0, 0
    bits = _Bits(int.from_bytes(body[2:16], "little"))
    small = bits.take(1) == 1
    rows = _side(bits, small=small)
    up, down = RATIOS[bits.take(3)]
    return rows, rows * up // down if up else _side(bits, small=small)


def _side(bits: "_Bits", *, small: bool) -> int:
    return 8 * (bits.take(5) + 1) if small else bits.take(SIZE_BITS[bits.take(2)]) + 1


class _Bits:
    """Bits of a number from the lowest up."""

    def __init__(self, value: int) -> None:
        self._value = value

    def take(self, count: int) -> int:
        taken = self._value & ((1 << count) - 1)
        self._value >>= count
        return taken


def _code_stream(data: bytes) -> bytes:
    """The first bytes of the code stream, out of its container when it has one."""
    if not data.startswith(CONTAINER):
        return data[:32]
    position = 0
    while position + 8 <= len(data):
        size, kind = int.from_bytes(data[position : position + 4], "big"), data[position + 4 : position + 8]
        start = position + 8
        if size == 1:
            size, start = int.from_bytes(data[start : start + 8], "big"), start + 8
        if kind == b"jxlc":
            return data[start : start + 32]
        if kind == b"jxlp":  # a part of the stream; its number stands before it
            return data[start + 4 : start + 36]
        if size < 8:
            break
        position += size
    return b""
