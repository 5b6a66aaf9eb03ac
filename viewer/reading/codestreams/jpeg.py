"""What a JPEG or JPEG-LS code stream says of itself (ISO 10918-1 annex B, ISO 14495-1)."""

from dataclasses import dataclass

# Bytes behind the end marker that are still taken for padding.
_TAIL_BYTES = 64

LOSSLESS = 0xC3  # SOF3
JPEG_LS = 0xF7  # SOF55 of ISO 14495-1; decoders of JPEG read such a stream as if it were theirs
FRAME_MARKERS = frozenset((0xC0, 0xC1, 0xC2, 0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF, 0xF7))


@dataclass(frozen=True, slots=True, kw_only=True)
class JpegStream:
    """precision: bits of a component. component_ids: as in the frame header. adobe_transform: -1 without the marker."""

    precision: int = 0
    rows: int = 0
    cols: int = 0
    component_ids: tuple[int, ...] = ()
    jfif: bool = False
    adobe_transform: int = -1
    frame_marker: int = 0

    @property
    def is_rgb(self) -> bool | None:
        """What three components are; None when the stream is silent.

        Adobe's marker says it outright (ITU-T T.872 6.5.3), component letters do, and JFIF is YCbCr by definition.
        """
        if len(self.component_ids) != 3:
            return None
        if self.component_ids in ((82, 71, 66), (114, 103, 98)):
            return True
        if self.adobe_transform in (0, 1):
            return self.adobe_transform == 0
        return False if self.jfif else None


def has_end(data: bytes) -> bool:
    """Whether a JPEG-LS stream ends with its end-of-image marker, padding aside."""
    # In a short stream the tail may reach into the header, which may hold these two bytes too.
    return data.rfind(b"\xff\xd9", max(0, len(data) - _TAIL_BYTES)) > max(0, data.find(b"\xff\xda"))


def read_jpeg_stream(data: bytes) -> JpegStream:
    """Markers up to the first frame header; an empty answer when there is none."""
    position, jfif, adobe = 2, False, -1
    while (position := data.find(b"\xff", position)) >= 0 and position + 4 <= len(data):
        marker = data[position + 1]
        if marker == 0xFF:
            position += 1
            continue
        if marker <= 0x01 or 0xD0 <= marker <= 0xD8:
            position += 2  # stands alone, or is no marker at all
            continue
        length = int.from_bytes(data[position + 2 : position + 4], "big")
        body = data[position + 4 : position + 2 + length]
        if marker == 0xE0 and body.startswith(b"JFIF"):
            jfif = True
        elif marker == 0xEE and body.startswith(b"Adobe") and len(body) >= 12:
            adobe = body[11]
        elif marker in FRAME_MARKERS and len(body) >= 6:
            count = body[5]
            return JpegStream(
                precision=body[0],
                rows=int.from_bytes(body[1:3], "big"),
                cols=int.from_bytes(body[3:5], "big"),
                component_ids=tuple(body[6 + 3 * n] for n in range(count) if 6 + 3 * n < len(body)),
                jfif=jfif,
                adobe_transform=adobe,
                frame_marker=marker,
            )
        elif marker == 0xDA:
            break
        position += 2 + length
    return JpegStream(jfif=jfif, adobe_transform=adobe)
