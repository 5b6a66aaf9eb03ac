"""What a chosen file or folder looks like."""

from pathlib import Path

import pytest

from viewer.exchange import IMPORTERS
from viewer.exchange.guessing import guess_format


@pytest.mark.parametrize(
    ("there", "chosen", "expected"),
    [
        (["labels.csv"], "labels.csv", "csv"),
        (["labels.TSV"], "labels.TSV", "csv"),
        (["coco.json"], "coco.json", "coco"),
        (["images/a.png", "masks/a.png"], ".", "masks"),
        (["a.png", "a_mask.png"], ".", "masks"),
        (["NORMAL/a.jpeg", "PNEUMONIA/b.jpeg"], ".", "image-folder"),
        (["train/NORMAL/a.jpeg", "test/NORMAL/b.jpeg"], ".", "image-folder"),
        (["a.png", "b.png"], ".", ""),
        (["notes.pdf"], "notes.pdf", ""),
        ([], "not there", ""),
    ],
)
def test_a_format_is_guessed_from_names_alone(tmp_path: Path, there: list[str], chosen: str, expected: str) -> None:
    for name in there:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"")

    found = guess_format(tmp_path / chosen)

    assert found == expected
    assert not found or found in IMPORTERS
