"""Masks read as pictures of the image's size: a folder that `masks` wrote, or one with `images` and `masks`.

What lies where: `viewer.exchange.mask_pairs`. What the values of a mask mean: `viewer.exchange.mask_meaning`. A mask
file with several pages belongs to a file with as many frames, page by page.
"""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from viewer.core.boundary import at_boundary
from viewer.core.errors import AppError, BadFile, BadRequest
from viewer.core.text.table_text import rows_of
from viewer.exchange.becoming import roles_of
from viewer.exchange.exported_geometry import GEOMETRY_NAMES, facts_of_text
from viewer.exchange.importer import (
    Becomes,
    ImageName,
    ImportedShape,
    Importer,
    Item,
    Outcome,
    Record,
    Remark,
    left_out,
    note,
)
from viewer.exchange.mask_file import page_count
from viewer.exchange.mask_meaning import MaskChoice
from viewer.exchange.mask_pairs import by_names, pair
from viewer.exchange.mask_picture import MASK_OPTIONS, mask_choice, one_bit_mask, read_regions
from viewer.exchange.options import Options
from viewer.exchange.own_masks import COLUMNS, INDEX_NAME, SOURCE_COLUMN
from viewer.exchange.own_table import (
    LEFT_OUT,
    OBJECT_COLUMN,
    OWN_ROLES,
    READER_COLUMNS,
    RULE_COLUMN,
    SPLIT_COLUMN,
    STATUS_COLUMN,
    content_name,
    reader_of,
    unfinished,
)
from viewer.exchange.set_folder import PICTURE_ENDS, Found, go_through, is_picture, not_pictures

IMAGE_FOLDERS = ("images", "image", "imgs", "img")
MASK_FOLDERS = ("masks", "mask")
NUMBER_OF_FRAMES = 0x00280008
_READ = frozenset(
    (*COLUMNS, OBJECT_COLUMN, SOURCE_COLUMN, STATUS_COLUMN, LEFT_OUT, *READER_COLUMNS, RULE_COLUMN, SPLIT_COLUMN,
     *GEOMETRY_NAMES)
)  # fmt: skip


def read(path: Path, options: Options) -> Iterator[Item]:
    """One record per picture or row. Raises BadFile when the folder has neither an index nor images and masks."""
    choice = mask_choice(options)
    if (path / INDEX_NAME).is_file():
        yield from _read_index(path, choice)
        return
    images, masks = _folder_called(path, IMAGE_FOLDERS), _folder_called(path, MASK_FOLDERS)
    if images is None or masks is None:
        raise BadFile(f"{path} has neither an {INDEX_NAME} nor the folders images and masks.")
    yield from _read_pairs(images, masks, choice)


def _folder_called(path: Path, names: tuple[str, ...]) -> Path | None:
    folders = [one for one in sorted(path.iterdir()) if one.is_dir()] if path.is_dir() else []
    for name in names:
        for folder in folders:
            if folder.name.casefold() == name:
                return folder
    return None


# -- what this program wrote


def _read_index(folder: Path, choice: MaskChoice) -> Iterator[Item]:
    index = folder / INDEX_NAME
    try:
        # Not as text of lines: a line break inside a cell stays what it is.
        rows = list(rows_of(index.read_bytes().decode("utf-8-sig")))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BadFile(f"{index} cannot be read ({error}).") from error
    if rows and not set(COLUMNS) <= set(rows[0]):
        raise BadFile(f"{index} lacks one of the columns {', '.join(COLUMNS)}.")
    there = list(rows[0]) if rows else []
    further = tuple(name for name in there if name and name not in _READ)
    yield Becomes(roles=roles_of(OWN_ROLES, there), unused=further)
    for number, row in enumerate(rows, start=2):
        yield from _read_row(folder, f"line {number}", row, choice)


def _read_row(folder: Path, where: str, row: Mapping[str, str], choice: MaskChoice) -> Iterator[Item]:
    frame = row["frame_index"] or "0"
    if not (frame.isascii() and frame.isdigit()):
        sentence = f"{folder / INDEX_NAME}, {where}: {frame!r} is no number of a frame, counted from 0."
        unframed = ImageName(path=row["path"], image_id=content_name(row["image_id"]))
        yield left_out(unframed, sentence, rule="no such frame", outcome=Outcome.OUT_OF_RANGE)
        return
    image = ImageName(path=row["path"], image_id=content_name(row["image_id"]), frame_index=int(frame))
    what = f"{folder / INDEX_NAME}, {where}"
    try:
        with at_boundary(what, error=BadRequest, advice="it was left out"):
            reader, geometry = reader_of(row), facts_of_text(row)
    except AppError as error:
        sentence = str(error) if str(error).startswith(what) else f"{what}: {error}; it was left out."
        yield left_out(image, sentence, rule="a row that cannot be read")
        return
    shapes: list[ImportedShape] = []
    if row["mask_path"]:
        shapes, remarks = _mask_of_row(folder / row["mask_path"], row["mask_label"] or "mask", image, choice)
        if len(shapes) == 1:
            shapes = [replace(shapes[0], object_name=row.get(OBJECT_COLUMN) or "")]
        yield from remarks
    if row.get(LEFT_OUT):
        sentence = f"{folder / INDEX_NAME}, {where}: the export left out {row[LEFT_OUT]:.80}, so its case stays open."
        yield left_out(image, sentence, rule="what the export left out", of_record=False)
    # An empty cell is an image without a patient, said outright, and no cell that somebody forgot.
    yield Record(
        image=image,
        where=where,
        patient_id=row["patient_id"] or None,
        source=row.get(SOURCE_COLUMN) or None,
        shapes=tuple(shapes),
        unfinished=unfinished(row.get(STATUS_COLUMN)),
        reader=reader,
        geometry=geometry,
        part=row.get(SPLIT_COLUMN) or "",
    )


def _mask_of_row(
    mask: Path, label: str, image: ImageName, choice: MaskChoice
) -> tuple[list[ImportedShape], list[Remark]]:
    """Our own masks have one bit and say all there is; another picture in their place is read as any other."""
    try:
        if mask.is_file() and (runs := one_bit_mask(mask)) is not None:
            return [ImportedShape(label=label, shape=runs)], []
    except AppError:
        pass  # said by the other way
    return read_regions(mask, label=label, choice=choice, image=image)


# -- what others wrote


def _read_pairs(images: Path, masks: Path, choice: MaskChoice) -> Iterator[Item]:
    of_images, of_masks = go_through(images), go_through(masks)
    pictures = [file for file in of_images.files if is_picture(file.path)]
    if not pictures:
        raise BadFile(f"{images} holds no picture.")
    mask_files = [one for one in of_masks.files if one.path.suffix.casefold() in PICTURE_ENDS or is_picture(one.path)]
    pairs = pair(pictures, mask_files)
    without = nothing = 0
    yield Becomes(roles={"images in the folder": (images.name,), "masks in the folder": (masks.name,)})
    may_be = "a mask that has no picture may be of it" if pairs.orphans else ""
    for picture in pictures:
        by_label = pairs.masks.get(picture.path, {})
        name = ImageName(path=str(picture.path.resolve()))
        if not by_label:
            without += 1
            yield Record(image=name, where=str(picture.place), unfinished=may_be)
        for label, files in by_label.items():
            items = list(_read_masks(picture.path, name, files[0], label, choice))
            nothing += not any(isinstance(one, Record) and one.shapes for one in items) and len(items) == 1
            yield from items
    yield from pairs.remarks
    if without:
        yield note(f"{without} of {len(pictures)} pictures of {images} have no mask.", rule="pictures without a mask")
    if nothing:
        yield note(f"{nothing} masks of {masks} are empty; nothing was drawn on their images.", rule="empty masks")
    owners = by_names(pictures)
    for found, used in ((of_images, pictures), (of_masks, mask_files)):
        taken = {file.path for file in used}
        others = [file for file in found.files if file.path not in taken]
        refused = {file.path: owners(file.place) for file in others} if found is of_masks else {}
        for path, of in refused.items():
            if of:
                yield _no_mask(path, of)
        yield from not_pictures([file.path for file in others if not refused.get(file.path)], f"below {found.root}")
    yield from of_images.remarks()
    # What leads nowhere and belongs to no picture by its name may have held masks of all of them.
    yield from of_masks.remarks(lambda place: owners(place) or pictures)


def _no_mask(path: Path, of: Sequence[Found]) -> Remark:
    """A file called as the mask of a picture that is no picture itself, such as masks/a.npy."""
    images = [ImageName(path=str(one.path.resolve())) for one in of]
    sentence = f"{path} is called as the mask of {of[0].place} and is no picture that can be read."
    return left_out(images[0], sentence, rule="masks that cannot be read", of_record=False, also=tuple(images[1:]))


def _read_masks(picture: Path, name: ImageName, mask: Path, label: str, choice: MaskChoice) -> Iterator[Item]:
    """The records of one mask file: one, or one for each page."""
    try:
        pages = page_count(mask)
        frames = _frame_count(picture) if pages > 1 else 1
    except AppError as error:
        yield left_out(name, str(error), rule="masks that cannot be read")
        yield Record(image=name)
        return
    if pages > 1 and pages != frames:
        sentence = (
            f"{mask} has {pages} pages and {picture} {frames} frame{'s' if frames != 1 else ''}; it was left out."
        )
        yield left_out(name, sentence, rule="pages of a mask and frames of its file", outcome=Outcome.AMBIGUOUS)
        yield Record(image=name)
        return
    for page in range(pages):
        image = ImageName(path=name.path, frame_index=page) if pages > 1 else name
        shapes, remarks = read_regions(mask, label=label, choice=choice, image=image, page=page)
        yield from remarks
        yield Record(image=image, where=str(mask.name), shapes=tuple(shapes))


def _frame_count(picture: Path) -> int:
    """How many frames a picture or DICOM file has. Raises BadFile."""
    from viewer.reading.dicom.opening import open_dicom
    from viewer.reading.pictures.in_children import picture_info
    from viewer.reading.pictures.raster import is_raster

    with at_boundary(picture):
        if is_raster(picture):
            return picture_info(picture).pages
        return open_dicom(picture).header.integer(NUMBER_OF_FRAMES) or 1


IMPORTER = Importer(title="Mask pictures", read=read, options=MASK_OPTIONS)
