"""Headers the own walker does not know, read by pydicom and re-coded for it."""

import logging
import warnings
from io import BytesIO
from pathlib import Path

from viewer.core.errors import BadFile
from viewer.reading.dicom_file import EXPLICIT_LITTLE, DicomFile, NotDicom
from viewer.reading.header import SPECIFIC_CHARACTER_SET, Header
from viewer.reading.walker import PIXEL_TAGS, NeedMore, Syntax, Walker, WalkFailed

log = logging.getLogger(__name__)


def read_foreign(path: Path, size: int, *, reason: str) -> DicomFile:
    """What pydicom makes of a file, element by element; an element it cannot read is left out."""
    import pydicom
    from pydicom.filewriter import write_dataset

    log.debug("walker: %s; asking pydicom", reason)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            dataset = pydicom.dcmread(path, force=True)
        except Exception as error:
            # pydicom raises whatever the bytes make it raise; the file is bad either way.
            log.exception("pydicom could not read a file")
            raise BadFile(f"{path} has a header that cannot be read ({reason}); ask for a new copy.") from error
        if not dataset:
            raise NotDicom(f"{path} holds no DICOM elements ({reason}).")
        uid = str(getattr(dataset, "file_meta", {}).get("TransferSyntaxUID", "") or "")
        pixels: bytes | None = None
        buffer = BytesIO()
        for tag in sorted(dataset.keys()):
            try:
                if int(tag) in PIXEL_TAGS:
                    pixels = bytes(dataset[tag].value)
                    vr, pixel_tag = str(dataset[tag].VR), int(tag)
                    continue
                part = BytesIO()
                single = pydicom.Dataset()
                single.add(dataset[tag])
                part_file = pydicom.filebase.DicomIO(part)
                part_file.is_little_endian, part_file.is_implicit_VR = True, False
                write_dataset(part_file, single)
            except Exception:
                log.exception("pydicom could not re-code element %s", tag)
                continue
            buffer.write(part.getvalue())
    head = buffer.getvalue()
    try:
        walk = Walker(head, len(head), Syntax(explicit=True)).data_set(0)
    except (WalkFailed, NeedMore) as error:
        raise BadFile(f"{path} has a header that cannot be read ({reason}); ask for a new copy.") from error
    header = Header(
        buffer=head, places=walk.places, syntax=Syntax(explicit=True), transfer_syntax=uid or EXPLICIT_LITTLE
    )
    header.charset = header.texts(SPECIFIC_CHARACTER_SET)
    return _with_pixels(path, size, header, None if pixels is None else (pixel_tag, vr, pixels))


def _with_pixels(path: Path, size: int, header: Header, pixels: tuple[int, str, bytes] | None) -> DicomFile:
    from viewer.reading.walker import PixelElement

    if pixels is None:
        return DicomFile(path=path, size_bytes=size, header=header)
    tag, vr, data = pixels
    encapsulated = data[:4] == b"\xfe\xff\x00\xe0"
    header.pixels = PixelElement(
        tag=tag, vr=vr.encode(), offset=len(header.buffer), length=-1 if encapsulated else len(data)
    )
    return DicomFile(path=path, size_bytes=size, header=header, body=header.buffer + data)
