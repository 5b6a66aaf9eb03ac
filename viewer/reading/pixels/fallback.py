"""Second decoders (pylibjpeg, gdcm and pydicom's own), and codecs that crash on broken streams: in children of a kind
of their own, where each image has a process of its own."""

from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from viewer.core.errors import BadFile
from viewer.reading.pixels.coding import Coding
from viewer.reading.pixels.decoder import Decoded, DecodeFailed
from viewer.reading.pixels.in_children import OnlyAlone, ask, is_alone, limits_of, question


def decode_in_child(path: Path, uid: str, coding: Coding, data: bytes, *, first: str) -> tuple[Decoded, str]:
    """(components, plug-in's name). first: why the own decoder failed. Raises BadFile when no other can either."""
    asked = {**question(uid, coding), "plugins": True}
    try:
        said, array = ask(path, "fragile", asked, data, limits_of(coding, data))
    except DecodeFailed as error:
        raise BadFile(
            f"{path} holds a compressed image that cannot be decoded ({first}); ask for a new copy."
        ) from error
    # The plug-ins apply the sign themselves, so only the bits above Bits Stored remain to be dropped.
    return Decoded(array=array), str(said.get("plugin"))


def codec_in_child(codec: str, data: bytes, frame_bytes: int) -> NDArray[Any]:
    """What imagecodecs' `codec` makes of a stream, for those that crash on broken ones. Raises DecodeFailed.

    Of that kind is OnlyAlone, where this process is not one of one image: the parent asks such a one then.
    """
    from viewer.reading.pixels.plugins import decode_with_codec

    if not is_alone():
        raise OnlyAlone(f"{codec} runs in a process of its own")
    return decode_with_codec(codec, data)
