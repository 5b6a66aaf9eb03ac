"""A volume whose axes are no directions is refused before the library inverts them: 1e308 keeps it busy for minutes."""

from pathlib import Path

import pytest

from viewer.core.errors import BadFile
from viewer.reading.frames import file_frames, read_frame

HEADER = (
    "ObjectType = Image\nNDims = 3\nBinaryData = True\nBinaryDataByteOrderMSB = False\nCompressedData = False\n"
    "TransformMatrix = 1 0 0 {} 1 0 0 0 1\nOffset = 0 0 0\nElementSpacing = 1 1 1\nDimSize = 4 3 2\n"
    "ElementType = MET_UCHAR\nElementDataFile = LOCAL\n"
)


def written(folder: Path, value: str) -> Path:
    path = folder / "v.mha"
    path.write_bytes(HEADER.format(value).encode() + bytes(24))
    return path


@pytest.mark.parametrize("value", ["1e308", "-1e308", "1e5"])
def test_an_axis_that_is_no_direction_is_refused_at_once(tmp_path: Path, value: str) -> None:
    with pytest.raises(BadFile, match=r"v\.mha says its axes point along .*no direction"):
        file_frames(written(tmp_path, value))


@pytest.mark.parametrize("value", ["0", "0.2", "-1.5"])
def test_a_sheared_volume_is_still_read(tmp_path: Path, value: str) -> None:
    path = written(tmp_path, value)

    assert [read_frame(ref).stored.shape for ref in file_frames(path)] == [(3, 4), (3, 4)]
