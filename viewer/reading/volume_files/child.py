"""The child process of `viewer.reading.volume_files.reader`: questions on stdin, a line of JSON and bytes on stdout.

SimpleITK's readers overrun their memory on some damaged headers and take the process with them; so they have one of
their own. A volume that cannot be read slice by slice is kept here until each of its slices was asked for.
"""

import json
import os
import sys
from typing import Any

import numpy as np
from numpy.typing import NDArray

from viewer.reading.decoding.shut_in import shut_in

GREY = ("UInt8", "Int8", "UInt16", "Int16", "UInt32", "Int32", "UInt64", "Int64", "Float32", "Float64")


class Volumes:
    """Answers questions about volume files."""

    def __init__(self) -> None:
        import SimpleITK

        self._itk: Any = SimpleITK
        self._held: tuple[Any, NDArray[Any], set[int]] | None = None

    def answer(self, asked: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
        """(what goes on the line, the bytes behind it). Raises what SimpleITK raises."""
        reader = self._itk.ImageFileReader()
        reader.SetImageIO(asked["io"])
        reader.SetFileName(asked["path"])
        reader.ReadImageInformation()
        if asked["do"] == "open":
            return self._facts(reader), b""
        array = self._from_whole(reader, asked) if asked["whole"] else self._alone(reader, asked)
        array = np.ascontiguousarray(array)
        return {"dtype": array.dtype.str, "bytes": array.nbytes}, array.tobytes()

    def _facts(self, reader: Any) -> dict[str, Any]:
        kind = reader.GetPixelID()
        names = {getattr(self._itk, f"sitk{name}"): name for name in (*GREY, "VectorUInt8")}
        return {
            "size": reader.GetSize(),
            "spacing": reader.GetSpacing(),
            "origin": reader.GetOrigin(),
            "direction": reader.GetDirection(),
            "parts": reader.GetNumberOfComponents(),
            "type": names.get(kind, self._itk.GetPixelIDValueAsString(kind)),
        }

    def _alone(self, reader: Any, asked: dict[str, Any]) -> NDArray[Any]:
        size = reader.GetSize()
        reader.SetExtractIndex((0, 0, asked["slice"], asked["time"])[: len(size)])
        reader.SetExtractSize((*size[:2], 1, 1)[: len(size)])
        array: NDArray[Any] = self._itk.GetArrayFromImage(reader.Execute())
        return array

    def _from_whole(self, reader: Any, asked: dict[str, Any]) -> NDArray[Any]:
        key = (asked["path"], asked["stamp"])
        if self._held is None or self._held[0] != key:
            self._held = None  # before the next is allocated
            image = reader.Execute()
            every = self._itk.GetArrayFromImage(image).reshape((asked["frames"], -1))
            self._held = (key, every, set(range(asked["frames"])))
        _, every, wanted = self._held
        wanted.discard(asked["frame"])
        if not wanted:
            self._held = None
        found: NDArray[Any] = every[asked["frame"]]
        return found


def main() -> int:
    """Answer until stdin ends."""
    # What the library prints must not come between the answers.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    volumes = Volumes()
    shut_in(opens_files=True)
    for line in sys.stdin.buffer:
        try:
            said, data = volumes.answer(json.loads(line))
        except (RuntimeError, TypeError, ValueError, MemoryError) as error:
            said, data = {"error": str(error) or type(error).__name__}, b""
        # To our own parent alone, which says of an odd spacing or origin what is wrong with it.
        answers.write(json.dumps(said, allow_nan=True).encode() + b"\n" + data)
        answers.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
