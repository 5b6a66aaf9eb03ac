"""The answers of a decoding child, one function for each kind of child. Nothing here runs in the window's process."""

from dataclasses import fields
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from viewer.reading.pixels.coding import Coding
from viewer.reading.pixels.stream_kinds import decode_stream

Answer = tuple[NDArray[Any] | None, dict[str, Any]]


def stream(asked: dict[str, Any], data: bytes) -> Answer:
    """One compressed frame by the decoder of its transfer syntax."""
    decoded = decode_stream(asked["uid"], data, _coding(asked["coding"]))
    said = {row.name: getattr(decoded, row.name) for row in fields(decoded) if row.name != "array"}
    return decoded.array, {"decoded": said}


def _coding(plain: dict[str, Any]) -> Coding:
    return Coding(**{**plain, "doubts": tuple(plain["doubts"])})


def fragile(asked: dict[str, Any], data: bytes) -> Answer:
    """One compressed frame by codecs that are known to crash on damaged input; each time in a process of its own."""
    if "plugins" not in asked:
        return stream(asked, data)
    from viewer.reading.pixels.plugins import decode_with_plugins

    array, name = decode_with_plugins(asked["uid"], _coding(asked["coding"]), data)
    return array, {"plugin": name}


def picture(asked: dict[str, Any], data: bytes) -> Answer:
    """One page of a PNG, JPEG or TIFF, or what the file holds; it is opened here by its path. data: nothing."""
    from viewer.reading.pictures.plain_facts import plain_of
    from viewer.reading.pictures.raster import read_raster, read_raster_info
    from viewer.reading.series import FrameRef

    if "page" not in asked:
        return None, {"info": plain_of(read_raster_info(Path(asked["path"])))}
    frame = read_raster(FrameRef(path=Path(asked["path"]), frame_index=asked["page"]))
    return frame.stored, {"decoder": frame.decoder, "facts": plain_of(frame.facts)}
