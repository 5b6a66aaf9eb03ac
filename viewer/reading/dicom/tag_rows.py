"""A header as rows for the tag panel, with the names of the dictionary."""

import json
import logging
import subprocess
import sys
import warnings
from dataclasses import asdict, dataclass
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from viewer import children
from viewer.core.errors import BadFile
from viewer.reading.decoding.errand import current
from viewer.reading.dicom.opening import open_dicom
from viewer.reading.dicom.parsed_file import DEFLATED, NotDicom
from viewer.reading.dicom.text import NAMED_ALONE, without_designator
from viewer.reading.dicom.walker import PIXEL_TAGS
from viewer.reading.sources.file_stamp import file_stamp
from viewer.reading.sources.limits import MAX_DEPTH, MAX_LISTED_BYTES, MAX_ROWS

if TYPE_CHECKING:
    from pydicom import Dataset
    from pydicom.dataelem import DataElement

log = logging.getLogger(__name__)

MAX_CHARACTERS = 400
# How pydicom's warnings begin when it goes on with letters that may be the wrong ones.
TEXT_DOUBTS = ("Unknown encoding", "Found unknown escape", "Failed to decode")
DOUBT = " (character set unknown or wrong)"
# pydicom takes 0.03 ms for each of a sequence's items, and the smallest has 8 bytes: a longer header than this could
# keep the interpreter from the window for seconds.
IN_PROCESS_BYTES = 256 << 10
CHILD_TIMEOUT_S = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class TagRow:
    """One element. tag: "(0010,0010)", "" in a file that is not DICOM. level: one more inside each sequence."""

    tag: str
    keyword: str
    vr: str
    value: str
    level: int


def read_tag_rows(path: Path) -> list[TagRow]:
    """Every element of a DICOM header without its pixels; a long one is read by a child process. Raises BadFile."""
    return list(_rows(path, *file_stamp(path)))


@lru_cache(maxsize=2)
def _rows(path: Path, size_bytes: int, mtime_ns: int) -> tuple[TagRow, ...]:
    """Kept for the next frame of the same file."""
    return tuple(list_rows(path) if _header_bytes(path) <= IN_PROCESS_BYTES else _rows_of_child(path))


def _header_bytes(path: Path) -> int:
    """How long the header is; for a file that cannot be read, how long it could be."""
    try:
        file = open_dicom(path)
    except NotDicom:
        return 0
    except BadFile:
        return path.stat().st_size if path.exists() else 0
    return file.header.pixels.offset if file.header.pixels is not None else file.end


def _rows_of_child(path: Path) -> list[TagRow]:
    with children.start(
        "viewer.reading.dicom.tag_rows", path.absolute(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as child:
        try:
            with current().ended_by(child.kill):
                said, _ = child.communicate(timeout=CHILD_TIMEOUT_S)
        except subprocess.TimeoutExpired as error:
            raise BadFile(f"{path} has a header that takes over {CHILD_TIMEOUT_S} s to list.") from error
        finally:
            child.kill()
    current().check()
    if child.returncode:
        raise BadFile(f"{path} has a header that cannot be listed; ask for a new copy.")
    return [TagRow(**row) for row in json.loads(said)]


def list_rows(path: Path) -> list[TagRow]:
    """The rows, in this process: as much as the first `MAX_LISTED_BYTES` give. Raises BadFile."""
    from pydicom.charset import python_encoding
    from pydicom.errors import InvalidDicomError

    python_encoding.update(NAMED_ALONE)  # as in the rest of the program
    with warnings.catch_warnings(record=True) as doubts:
        warnings.simplefilter("always")
        try:
            dataset = _read_bounded(path)
        except InvalidDicomError as error:
            raise NotDicom(f"{path} is no DICOM file.") from error
        except OSError as error:
            raise BadFile(f"{path} cannot be read: {error.strerror or error}.") from error
        except Exception as error:
            log.exception("pydicom could not read a header")
            raise BadFile(f"{path} has a header that cannot be read; ask for a new copy.") from error
        rows: list[TagRow] = []
        _add(rows, getattr(dataset, "file_meta", None), 0, doubts)
        _add(rows, dataset, 0, doubts)
    return rows


def _read_bounded(path: Path) -> "Dataset":
    """What pydicom makes of the first part of a file: it would read an element of any length, and inflate any bomb."""
    import pydicom
    from pydicom.filereader import read_dataset, read_file_meta_info

    with path.open("rb") as file:
        head = file.read(MAX_LISTED_BYTES)
    if DEFLATED.encode() not in head[:1024]:
        return pydicom.dcmread(BytesIO(head), stop_before_pixels=True, force=True)
    body = open_dicom(path).body or b""
    dataset = read_dataset(
        BytesIO(body[:MAX_LISTED_BYTES]), False, True, stop_when=lambda tag, _vr, _length: int(tag) in PIXEL_TAGS
    )
    dataset.file_meta = read_file_meta_info(path)
    return dataset


def _add(rows: list[TagRow], dataset: "Dataset | None", level: int, doubts: "list[warnings.WarningMessage]") -> None:
    if dataset is None:
        return
    for tag in sorted(dataset.keys()):
        if len(rows) >= MAX_ROWS:
            return
        name = f"({tag.group:04X},{tag.element:04X})"
        before = len(doubts)
        try:
            element = dataset[tag]
            text = f"{len(element.value)} item(s)" if element.VR == "SQ" else _text(element)
            if _is_doubtful(doubts[before:]) or (not text.isascii() and _is_doubtful(doubts[:before], TEXT_DOUBTS[:1])):
                text += DOUBT
        except Exception:
            # One element that pydicom cannot convert must not hide the others.
            log.debug("element %s", name, exc_info=True)
            rows.append(TagRow(tag=name, keyword="", vr="", value="(cannot be read)", level=level))
            continue
        rows.append(TagRow(tag=name, keyword=element.keyword or element.name, vr=element.VR, value=text, level=level))
        if element.VR == "SQ" and level < 2 * MAX_DEPTH:
            for number, item in enumerate(element.value):
                if len(rows) >= MAX_ROWS:
                    return
                rows.append(TagRow(tag="", keyword=f"item {number + 1}", vr="", value="", level=level + 1))
                _add(rows, item, level + 2, doubts)


def _is_doubtful(doubts: "list[warnings.WarningMessage]", beginnings: tuple[str, ...] = TEXT_DOUBTS) -> bool:
    return any(str(doubt.message).startswith(beginnings) for doubt in doubts)


def _text(element: "DataElement") -> str:
    value = element.value
    if isinstance(value, (bytes, bytearray)):
        return f"{len(value)} bytes"
    if value is None:
        return ""
    text = without_designator("\\".join(map(str, value)) if element.VM > 1 else str(value))
    return shortened(text)


def shortened(text: str) -> str:
    """A value no longer than can be read in a row."""
    return text if len(text) <= MAX_CHARACTERS else text[:MAX_CHARACTERS] + f" … ({len(text)} characters)"


def main() -> int:
    """The child: rows of the file named by the first argument, as JSON on stdout. Exit code 1 when there are none."""
    try:
        rows = list_rows(Path(sys.argv[1]))
    except BadFile:
        return 1
    json.dump([asdict(row) for row in rows], sys.stdout, allow_nan=False)
    return 0


if __name__ == "__main__":
    sys.exit(main())
