"""Whether a PNG is whole: its chunks by their checksums (PNG 3rd edition 5.3), before a codec sees them."""

import struct
import zlib

SIGNATURE_BYTES, HEAD_BYTES, CHECKSUM_BYTES = 8, 8, 4
CRITICAL = 0x20  # the bit of a name's first letter that a chunk without which there is no picture leaves out


def png_fault(data: bytes) -> str:
    """What is wrong with a PNG, "" when nothing is; only of chunks that its pixels are made of."""
    position, has_pixels = SIGNATURE_BYTES, False
    while position + HEAD_BYTES + CHECKSUM_BYTES <= len(data):
        length, kind = struct.unpack_from(">L4s", data, position)
        end = position + HEAD_BYTES + length
        if end + CHECKSUM_BYTES > len(data):
            break
        if not kind[0] & CRITICAL:
            body = memoryview(data)[position + 4 : end]
            if zlib.crc32(body) != int.from_bytes(data[end : end + CHECKSUM_BYTES], "big"):
                return "its checksum is another: it is damaged inside"
            has_pixels |= kind == b"IDAT"
        if kind == b"IEND":
            return "" if has_pixels else "it holds no pixels"
        position = end + CHECKSUM_BYTES
    return "it is cut short"
