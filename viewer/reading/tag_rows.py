"""A header as rows for the tag panel, with the names of the dictionary."""

import logging
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from viewer.core.errors import BadFile
from viewer.reading.dicom_file import NotDicom
from viewer.reading.text import without_designator

if TYPE_CHECKING:
    from pydicom import Dataset
    from pydicom.dataelem import DataElement

log = logging.getLogger(__name__)

MAX_CHARACTERS = 400
MAX_ROWS = 20_000
# How pydicom's warnings begin when it goes on with letters that may be the wrong ones.
TEXT_DOUBTS = ("Unknown encoding", "Found unknown escape", "Failed to decode")
DOUBT = " (character set unknown or wrong)"


@dataclass(frozen=True, slots=True, kw_only=True)
class TagRow:
    """One element. tag: "(0010,0010)". level: 0 at the top, one more inside each sequence."""

    tag: str
    keyword: str
    vr: str
    value: str
    level: int


def read_tag_rows(path: Path) -> list[TagRow]:
    """Every element of a DICOM header without its pixels. Raises BadFile."""
    import pydicom
    from pydicom.errors import InvalidDicomError

    with warnings.catch_warnings(record=True) as doubts:
        warnings.simplefilter("always")
        try:
            dataset = pydicom.dcmread(path, stop_before_pixels=True, force=True)
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
        if element.VR == "SQ":
            for number, item in enumerate(element.value):
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
    return text if len(text) <= MAX_CHARACTERS else text[:MAX_CHARACTERS] + f" … ({len(text)} characters)"
