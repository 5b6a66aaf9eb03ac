"""Slow second decoders, in a child process."""
from pathlib import Path
from viewer.core.errors import BadFile
from viewer.reading.coding import Coding
from viewer.reading.decoder import Decoded


def decode_in_child(path: Path, uid: str, coding: Coding, data: bytes, *, first: str) -> tuple[Decoded, str]:
    raise BadFile(f"{path} holds a compressed image that cannot be decoded ({first}); ask for a new copy.")
