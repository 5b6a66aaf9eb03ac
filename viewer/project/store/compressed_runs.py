"""The runs of masks as they lie in a database, compressed: what comes out is bounded before it is made."""

import zlib

# Of the runs of all masks of one edit, or of one mask: 12 bytes a run.
MOST_RUNS_BYTES = 768 << 20


def inflated(block: bytes, most: int = MOST_RUNS_BYTES) -> bytes:
    """What a compressed block holds. Raises ValueError, zlib.error: a few bytes may stand for all memory there is."""
    unpacking = zlib.decompressobj()
    raw = unpacking.decompress(block, most)
    if unpacking.unconsumed_tail:
        raise ValueError(f"a compressed block of more than {most >> 20} MiB")
    if not unpacking.eof:
        raise ValueError("a compressed block that ends too early")
    return raw
