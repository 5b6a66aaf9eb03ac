"""Headers the own walker does not know, read by pydicom and re-coded for it; the pixels stay where they are.

pydicom is given a bounded part of the file, in memory: whatever its bytes say, it can take no more time and memory than
that part allows (some seconds at worst), so no child process is needed for it.
"""

import logging
import struct
import warnings
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from viewer.core.errors import BadFile
from viewer.reading.dicom.header import SPECIFIC_CHARACTER_SET, Header
from viewer.reading.dicom.parsed_file import DEFLATED, EXPLICIT_LITTLE, DicomFile, NotDicom
from viewer.reading.dicom.walker import LONG_VRS, PIXEL_TAGS, NeedMore, PixelElement, Syntax, Walker, WalkFailed
from viewer.reading.sources.limits import MAX_FOREIGN_BYTES

if TYPE_CHECKING:
    from pydicom import Dataset

log = logging.getLogger(__name__)


def read_foreign(path: Path, size: int, *, reason: str) -> DicomFile:
    """What pydicom makes of a header, element by element; an element it cannot read is left out.

    Raises NotDicom when it finds none, BadFile when it cannot read the header or that is too long to be given to it.
    """
    import pydicom
    from pydicom.filereader import read_partial

    log.debug("walker: %s; asking pydicom", reason)
    unreadable = BadFile(f"{path} has a header that cannot be read ({reason}); ask for a new copy.")
    with path.open("rb") as file:
        head = file.read(MAX_FOREIGN_BYTES)
    if DEFLATED.encode() in head[:1024]:
        raise unreadable  # pydicom would inflate without a bound
    stream = BytesIO(head)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            dataset = read_partial(stream, stop_when=lambda tag, _vr, _length: int(tag) in PIXEL_TAGS, force=True)
            implicit, little = dataset.original_encoding
        except Exception as error:
            # pydicom raises whatever the bytes make it raise; the file is bad either way.
            log.debug("pydicom could not read a header", exc_info=True)
            raise unreadable from error
        if not dataset:
            raise NotDicom(f"{path} holds no DICOM elements ({reason}).")
        uid = str(getattr(dataset, "file_meta", pydicom.Dataset()).get("TransferSyntaxUID", "") or "")
        buffer, lost = _recoded(dataset, little=bool(little))
    pixels = _pixel_element(head, stream.tell(), implicit=bool(implicit), order="<" if little else ">")
    if pixels is None and size > len(head):
        raise unreadable  # what lies behind the part that was read is not known
    syntax = Syntax(explicit=True, big_endian=not little)
    try:
        walk = Walker(buffer, len(buffer), syntax).data_set(0)
    except (WalkFailed, NeedMore, struct.error) as error:
        raise unreadable from error
    header = Header(
        buffer=buffer, places=walk.places, syntax=syntax, pixels=pixels, transfer_syntax=uid or EXPLICIT_LITTLE
    )
    header.charset = header.texts(SPECIFIC_CHARACTER_SET)
    doubt = f"The header is damaged: {lost} of its attributes could not be read." if lost else ""
    return DicomFile(path=path, size_bytes=size, header=header, is_recoded=True, doubt=doubt)


def _recoded(dataset: "Dataset", *, little: bool) -> tuple[bytes, int]:
    """The elements in explicit VR, and how many could not be written.

    Binary values keep the byte order of the file, as pydicom leaves some of them untouched.
    """
    import pydicom
    from pydicom.filewriter import write_dataset

    buffer, lost = BytesIO(), 0
    for tag in sorted(dataset.keys()):
        part = BytesIO()
        part_file: Any = pydicom.filebase.DicomIO(part)
        part_file.is_little_endian, part_file.is_implicit_VR = little, False
        try:
            single = pydicom.Dataset()
            single.add(dataset[tag])
            write_dataset(part_file, single)
        except Exception:
            # One element that pydicom cannot convert must not take the others with it.
            log.debug("pydicom could not re-code element %s", tag, exc_info=True)
            lost += 1
            continue
        buffer.write(part.getvalue())
    return buffer.getvalue(), lost


def _pixel_element(head: bytes, start: int, *, implicit: bool, order: str) -> PixelElement | None:
    """The pixel element whose head stands at `start` of the file; None when there is none."""
    if start + 8 > len(head):
        return None
    group, element = struct.unpack_from(order + "HH", head, start)
    tag = group << 16 | element
    if tag not in PIXEL_TAGS:
        return None
    vr = b"" if implicit else head[start + 4 : start + 6]
    if vr in LONG_VRS and start + 12 <= len(head):
        offset, length = start + 12, struct.unpack_from(order + "L", head, start + 8)[0]
    elif implicit:
        offset, length = start + 8, struct.unpack_from(order + "L", head, start + 4)[0]
    else:
        offset, length = start + 8, struct.unpack_from(order + "H", head, start + 6)[0]
    return PixelElement(tag=tag, vr=vr, offset=offset, length=-1 if length == 0xFFFFFFFF else length)
