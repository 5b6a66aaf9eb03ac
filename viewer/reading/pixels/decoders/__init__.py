"""One file per family of compressed transfer syntaxes; rows are resolved by `viewer.core.registry.load`.

A decoder gives components as they are coded (`pixels.decoder`); no decoder knows another.
"""

_BASE = "1.2.840.10008.1.2."

# Transfer syntax UID -> "module:function" with the signature of `viewer.reading.pixels.decoder.Decoder`.
DECODERS: dict[str, str] = {
    _BASE + "1.98": "viewer.reading.pixels.decoders.uncompressed:decode",
    _BASE + "5": "viewer.reading.pixels.decoders.rle:decode",
    _BASE + "8.1": "viewer.reading.pixels.decoders.deflated_frame:decode",
    **dict.fromkeys(
        # Baseline, extended and the retired spectral selection and progressive processes.
        (_BASE + f"4.{n}" for n in (50, 51, 52, 53, 54, 55, 56)),
        "viewer.reading.pixels.decoders.jpeg:decode",
    ),
    **dict.fromkeys(
        (_BASE + f"4.{n}" for n in (57, 58, 65, 66, 70)), "viewer.reading.pixels.decoders.jpeg_lossless:decode"
    ),
    **dict.fromkeys((_BASE + f"4.{n}" for n in (80, 81)), "viewer.reading.pixels.decoders.jpeg_ls:decode"),
    **dict.fromkeys((_BASE + f"4.{n}" for n in (90, 91, 92, 93)), "viewer.reading.pixels.decoders.jpeg2000:decode"),
    **dict.fromkeys((_BASE + f"4.{n}" for n in (201, 202, 203)), "viewer.reading.pixels.decoders.jpeg2000:decode"),
    **dict.fromkeys((_BASE + f"4.{n}" for n in (110, 111, 112)), "viewer.reading.pixels.decoders.jpeg_xl:decode"),
}

NATIVE = (_BASE[:-1], _BASE + "1", _BASE + "1.99", _BASE + "2", "1.2.840.113619.5.2")

LOSSY = frozenset(
    _BASE + f"4.{n}"
    for n in (50, 51, 52, 53, 54, 55, 56, 81, 91, 93, 112, 203, 100, 101, 102, 103, 104, 105, 106, 107, 108)
)

# Named so that a file of this kind is refused in words a person knows.
NOT_READ = {
    **dict.fromkeys((_BASE + f"4.{n}" for n in (100, 101)), "MPEG-2 video"),
    **dict.fromkeys((_BASE + f"4.{n}" for n in (102, 103, 104, 105, 106)), "MPEG-4 video"),
    **dict.fromkeys((_BASE + f"4.{n}" for n in (107, 108)), "HEVC video"),
    **dict.fromkeys((_BASE + f"4.{n}" for n in (94, 95, 204, 205)), "pixels kept on a server (JPIP)"),
}

# What `Frame.decoder` stands for, for the tag panel; names that are not here are second decoders'.
NAMES = {
    "native": "Read as stored: not compressed",
    "uncompressed": "Read as stored: not compressed, in fragments",
    "rle": "Decoded by imagecodecs: RLE",
    "deflated_frame": "Decoded by zlib: deflated frame",
    "jpeg": "Decoded by imagecodecs: JPEG",
    "jpeg_lossless": "Decoded by imagecodecs: JPEG lossless",
    "jpeg_ls": "Decoded by imagecodecs: JPEG-LS",
    "jpeg2000": "Decoded by imagecodecs: JPEG 2000",
    "jpeg_xl": "Decoded by imagecodecs: JPEG XL",
}


def decoder_words(name: str) -> str:
    """Who decoded a frame, in words."""
    return NAMES.get(name) or f"Decoded by {name}, after the first decoder failed"
