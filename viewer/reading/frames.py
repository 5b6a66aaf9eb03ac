"""Reading one frame: header, bytes, decoder, stored values, facts."""

import logging
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from viewer.core.boundary import at_boundary
from viewer.core.errors import BadFile, UnsupportedFile
from viewer.reading.dicom.functional_groups import FrameHeader
from viewer.reading.dicom.opening import open_dicom
from viewer.reading.dicom.parsed_file import DicomFile, NotDicom
from viewer.reading.dicom.second_sets import second_set_words
from viewer.reading.dicom.walker import PixelElement
from viewer.reading.facts.identity import frame_identity
from viewer.reading.facts.pixel_facts import frame_facts
from viewer.reading.frame import Frame
from viewer.reading.pixels.coding import COMPRESSED_AS, MONOCHROME, NEVER_UNCOMPRESSED, Coding, read_coding
from viewer.reading.pixels.cut_files import CUT_SHORT, DAMAGED
from viewer.reading.pixels.decoder import Decoded, DecodeFailed, StreamCut, StreamTooLarge
from viewer.reading.pixels.decoders import DECODERS, NATIVE, NOT_READ
from viewer.reading.pixels.in_children import decode_frame, decoder_name
from viewer.reading.pixels.native import frame_bits, read_native
from viewer.reading.pixels.overlay_planes import embedded_planes, has_embedded_planes
from viewer.reading.pixels.promise import check_promise
from viewer.reading.pixels.samples import (
    dropped_from_native,
    is_coded_ybr,
    stored_from_decoded,
    stored_from_native,
    ybr_partial_to_rgb,
    ybr_to_rgb,
)
from viewer.reading.series import FrameRef
from viewer.reading.sources.archive import under_its_name
from viewer.reading.sources.file_stamp import file_stamp

if TYPE_CHECKING:
    from viewer.reading.dicom.tag_rows import TagRow

log = logging.getLogger(__name__)

# Behind the pixels: to an even length, or as some writers do to whole words or a few of them.
PAD_BYTES = 16
ITEM_BYTES = b"\xfe\xff\x00\xe0"
# Most single slices are smaller than this, so that one read brings header and pixels.
WHOLE_FILE_BYTES = 1 << 20


def read_frame(ref: FrameRef) -> Frame:
    """Read one frame of a DICOM file, a picture or a volume. Raises BadFile or UnsupportedFile with a sentence."""
    with at_boundary(ref.path), under_its_name(ref.path) as place:
        if place is not ref.path:
            return replace(_read_frame(replace(ref, path=place)), ref=ref)
        return _read_frame(ref)


def _read_frame(ref: FrameRef) -> Frame:
    try:
        file = open_cached(ref.path)
    except NotDicom:
        from viewer.reading.pictures.in_children import read_picture
        from viewer.reading.pictures.raster import is_raster
        from viewer.reading.volume_files.file import is_volume_file, read_volume_frame

        if is_raster(ref.path):
            return read_picture(ref)
        if is_volume_file(ref.path):
            return read_volume_frame(ref)
        raise
    return read_dicom_frame(file, ref)


def file_frames(path: Path) -> tuple[FrameRef, ...]:
    """Every frame of one file, in the file's own order. Raises BadFile or UnsupportedFile."""
    with at_boundary(path), under_its_name(path) as place:
        frames = _file_frames(place)
        return frames if place is path else tuple(replace(ref, path=path) for ref in frames)


def _file_frames(path: Path) -> tuple[FrameRef, ...]:
    from viewer.reading.pixels.coding import frame_count

    try:
        file = open_cached(path)
    except NotDicom:
        others = _frames_of_other(path)
        if not others:
            raise
        return others
    header = file.header
    if header.pixels is None:
        from viewer.reading.dicom.object_kinds import object_kind

        kind = object_kind(header.text(0x00080016) or header.media_class, header.text(0x00080060))
        if header.cut and not kind:
            raise BadFile(f"{path} is cut short inside its header; copy it again.")
        raise UnsupportedFile(f"{path} is {kind}, not an image." if kind else f"{path} holds no pixels.")
    frames = frame_count(header, path)
    check_promise(file, frames)
    uid, number = header.text(0x00080018), header.text(0x00200013)
    return tuple(
        FrameRef(path=path, frame_index=index, sop_instance_uid=uid, instance_number=number) for index in range(frames)
    )


def _frames_of_other(path: Path) -> tuple[FrameRef, ...]:
    """The frames of a picture or a volume; none of other files."""
    from viewer.reading.pictures.in_children import picture_info
    from viewer.reading.pictures.raster import is_raster
    from viewer.reading.volume_files.file import is_volume_file, open_volume

    if is_raster(path):
        count = picture_info(path).pages
    elif is_volume_file(path):
        volume = open_volume(path)
        count = volume.slices * volume.times
    else:
        return ()
    return tuple(FrameRef(path=path, frame_index=index) for index in range(count))


def header_tags(path: Path) -> "list[TagRow]":
    """Every element of a DICOM file's header, or the fields of a volume's or a picture's. Raises BadFile."""
    from viewer.reading.dicom.tag_rows import read_tag_rows
    from viewer.reading.pictures.raster import is_raster
    from viewer.reading.pictures.tags import picture_tag_rows
    from viewer.reading.volume_files.file import is_volume_file
    from viewer.reading.volume_files.tags import volume_tag_rows

    with at_boundary(path), under_its_name(path) as place:
        if is_raster(place):
            return picture_tag_rows(place)
        return volume_tag_rows(place) if is_volume_file(place) else read_tag_rows(place)


def modality_values(frame: Frame) -> NDArray[Any]:
    """The stored values after the modality step (HU and the like). Same shape; colour stays as it is."""
    from viewer.core.windowing import apply_modality

    return frame.stored if frame.facts.samples == 3 else apply_modality(frame.stored, frame.facts)


def open_cached(path: Path) -> DicomFile:
    """An open DICOM file; the last few stay open in memory, so a multi-frame header is read once."""
    return _opened(path, *file_stamp(path))


@lru_cache(maxsize=4)
def _opened(path: Path, size_bytes: int, mtime_ns: int) -> DicomFile:
    return open_dicom(path, first_read_bytes=WHOLE_FILE_BYTES)


def read_dicom_frame(file: DicomFile, ref: FrameRef) -> Frame:
    """Read one frame of an open DICOM file."""
    header = file.header
    coding = read_coding(header, file.path)
    check_promise(file, coding.frames)
    if ref.sop_instance_uid and header.text(0x00080018) not in ("", ref.sop_instance_uid):
        raise BadFile(f"{file.path} holds another image than when its folder was read; read the folder again.")
    if not 0 <= ref.frame_index < coding.frames:
        raise BadFile(f"{file.path} has {coding.frames} frame(s); there is no frame {ref.frame_index}.")
    if header.transfer_syntax in NATIVE or (header.pixels and header.pixels.length >= 0):
        stored, rows_there, banner = _native(file, coding, ref.frame_index)
        name, coded = "native", None
    else:
        coded, name, notes = _decode(file, coding, ref.frame_index)
        coding, banner = _fit(file.path, coding, coded)
        has_planes = has_embedded_planes(header, coding)
        stored, coding, odd = stored_from_decoded(coded, coding, has_planes=has_planes)
        rows_there = coded.rows_there
        banner = " ".join(part for part in (notes, banner, odd) if part)
    photometric = coding.photometric
    if is_coded_ybr(coded, coding):
        convert = ybr_partial_to_rgb if photometric.startswith("YBR_PARTIAL") else ybr_to_rgb
        stored = convert(stored, coding.bits_stored)
    if coding.samples == 3:
        photometric = "RGB"
    said = header.text(0x00280004).upper()
    if coding.samples == 3 and said in MONOCHROME:
        banner = f"{banner} The header says {said} with 3 samples a pixel; shown as RGB.".strip()
    banner = " ".join(part for part in (banner, file.doubt, *coding.doubts, second_set_words(file)) if part)
    view = FrameHeader(header=header, index=ref.frame_index)
    stored.setflags(write=False)
    embedded = embedded_planes(file, coding, ref.frame_index, coded)
    facts = frame_facts(view, coding, photometric=photometric, banner=banner, embedded=embedded)
    if rows_there is not None or "The file is cut short" in banner:
        facts = replace(facts, rows_there=rows_there, doubts=(*facts.doubts, CUT_SHORT))
    elif coded is not None and coded.doubts:
        facts = replace(facts, doubts=(*facts.doubts, *coded.doubts))
    return Frame(
        ref=ref,
        stored=stored,
        facts=facts,
        identity=frame_identity(view),
        decoder=name,
        big_endian=header.syntax.big_endian,
    )


def _native(file: DicomFile, coding: Coding, index: int) -> tuple[NDArray[Any], int | None, str]:
    """(stored values, the rows that are there when some are not, what is wrong with them)."""
    pixels = file.header.pixels
    if pixels is None:
        raise UnsupportedFile(f"{file.path} holds no pixels.")
    if pixels.length < 0 and file.read(pixels.offset, 4) == ITEM_BYTES:
        raise BadFile(f"{file.path} says its pixels are not compressed, but they are in fragments; ask for a new copy.")
    if coding.is_422 and coding.cols % 2:
        raise UnsupportedFile(f"{file.path} is {coding.photometric} with an odd number of columns; not shown.")
    if coding.photometric in NEVER_UNCOMPRESSED:
        raise UnsupportedFile(f"{file.path} is {coding.photometric} and not compressed, which is not known; not shown.")
    samples, rows_there = read_native(file, pixels, coding, index)
    notes = _native_doubts(file, pixels, coding)
    if rows_there < coding.rows:
        _check_promise(file, pixels, coding)
    if rows_there == 0:
        raise BadFile(f"{file.path} ends before the pixels of frame {index}; copy it again.")
    if coding.photometric in COMPRESSED_AS:
        notes.append(f"The header says {coding.photometric} of uncompressed pixels; shown as RGB.")
    if rows_there < coding.rows:
        notes.append(f"The file is cut short: {rows_there} of {coding.rows} rows are there, the rest is blank.")
    stored = stored_from_native(samples, coding)
    if not has_embedded_planes(file.header, coding):
        notes.append(dropped_from_native(samples, stored, coding))
    return stored, rows_there if rows_there < coding.rows else None, " ".join(note for note in notes if note)


def _native_doubts(file: DicomFile, pixels: PixelElement, coding: Coding) -> list[str]:
    """What to say of whole frames when other frames are missing or the transfer syntax promises something else."""
    notes = []
    uid = file.header.transfer_syntax
    if uid not in NATIVE:
        notes.append(f"The file says its pixels are coded as {uid}, but they are not compressed; read as they stand.")
    length = file.end - pixels.offset if pixels.length < 0 else min(pixels.length, file.end - pixels.offset)
    whole = length * 8 // frame_bits(coding)
    if pixels.length >= 0 and length - -(-coding.frames * frame_bits(coding) // 8) > PAD_BYTES:
        notes.append("The file holds more pixel data than its header says; the header may be wrong.")
    if coding.frames > 1 and whole < coding.frames:
        notes.append(f"The file holds {whole} of the {coding.frames} frames that it promises.")
    return notes


def _check_promise(file: DicomFile, pixels: PixelElement, coding: Coding) -> None:
    """Refuse pixels whose element is whole but holds one sample where the header says three: no row would be right."""
    whole = pixels.offset + pixels.length <= file.end
    if whole and coding.samples > 1 and pixels.length * 8 == coding.pixels_per_frame * coding.bits_allocated:
        raise BadFile(
            f"{file.path} says {coding.samples} samples a pixel and holds one; its header is wrong, not shown."
        )


def _decode(file: DicomFile, coding: Coding, index: int) -> tuple[Decoded, str, str]:
    """(components, who decoded them, what is wrong with them)."""
    from viewer.reading.pixels.encapsulated import frame_bytes

    uid = file.header.transfer_syntax
    if uid not in DECODERS:
        what = NOT_READ.get(uid, f"the transfer syntax {uid}")
        raise UnsupportedFile(f"{file.path} holds {what}, which this program does not read.")
    if file.header.pixels is None:
        raise UnsupportedFile(f"{file.path} holds no pixels.")
    found = frame_bytes(file, file.header.pixels, coding.frames, index)
    note = "The file is cut short inside this compressed image; parts of it may be missing." if found.is_cut else ""
    try:
        decoded = decode_frame(file.path, uid, coding, found.data)
        return decoded, decoder_name(uid), " ".join(part for part in (note, decoded.note, found.note) if part)
    except StreamTooLarge as error:
        raise BadFile(f"{file.path} holds a compressed image that cannot be trusted: {error}.") from error
    except DecodeFailed as error:
        log.debug("own decoder: %s", error)
        if found.is_cut:
            raise BadFile(f"{file.path} is cut short inside its compressed image; copy it again.") from error
        if isinstance(error, StreamCut):
            raise BadFile(f"{file.path} holds a compressed image that is not whole: {error}; copy it again.") from error
        from viewer.reading.pixels.fallback import decode_in_child

        decoded, name = decode_in_child(file.path, uid, coding, found.data, first=str(error))
        note = f"The first decoder failed on this image; it was decoded by {name} and may be damaged."
        decoded = replace(decoded, doubts=(*decoded.doubts, DAMAGED))
        return decoded, name, f"{note} {found.note}".strip()


def _fit(path: Path, coding: Coding, coded: Decoded) -> tuple[Coding, str]:
    """The coding with the stream's size, and a banner where that differs from the header's."""
    rows, cols = coded.array.shape[:2]
    components = coded.array.shape[2] if coded.array.ndim == 3 else 1
    if components != coding.samples:
        raise BadFile(
            f"{path} says {coding.samples} sample(s) a pixel, its compressed image has {components}; not shown."
        )
    banners = []
    if (rows, cols) != (coding.rows, coding.cols):
        said = f"{coding.rows} x {coding.cols}"
        banners.append(f"The header says {said}, the compressed image is {rows} x {cols}; shown as it is.")
        coding = replace(coding, rows=rows, cols=cols)
    bits, coded_bits = coded.precision, 8 * coded.array.dtype.itemsize
    if coding.bits_allocated > 16 and 2 * coded_bits <= 8 * coding.dtype.itemsize:
        banners.append(
            f"The header says {coding.bits_allocated} bits, the compressed image has {coded_bits} at most; shown so."
        )
    if bits > coding.bits_allocated:
        # There is no place in the header's words for these bits, so its other numbers do not count either.
        banners.append(
            f"The header says {coding.bits_allocated} bits, the compressed image has {bits}; shown as it is."
        )
        allocated = 8 * coded.array.dtype.itemsize
        coding = replace(coding, bits_allocated=allocated, bits_stored=bits, high_bit=bits - 1)
    return coding, " ".join(banners)
