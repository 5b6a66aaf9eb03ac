"""A folder per class: the name of the folder in which a picture lies is its whole-image label."""

from collections.abc import Iterator
from pathlib import Path

from viewer.core.errors import BadFile
from viewer.exchange.batch import ImportBatch, ImportedImage, items_of
from viewer.exchange.importer import Importer, Item
from viewer.exchange.options import Options

GROUP = "folder"


def _is_picture(path: Path) -> bool:
    from viewer.reading.raster import is_raster

    if is_raster(path):
        return True
    try:
        with path.open("rb") as file:
            return file.read(132)[128:] == b"DICM"
    except OSError:
        return False


def _read_batch(path: Path) -> ImportBatch:
    """Read PATH/.../CLASS/picture. Raises BadFile when the folder holds no class folder."""
    if not path.is_dir():
        raise BadFile(f"{path} is no folder; an image folder has one folder per class.")
    images: list[ImportedImage] = []
    skipped = 0
    for file in sorted(one for one in path.rglob("*") if one.is_file()):
        if file.parent == path or any(part.startswith(".") for part in file.relative_to(path).parts):
            skipped += 1
        elif _is_picture(file):
            images.append(ImportedImage(path=file.resolve(), named={GROUP: (file.parent.name,)}))
        else:
            skipped += 1
    if not images:
        raise BadFile(f"{path} holds no pictures in class folders.")
    classes = sorted({name for image in images for name in image.named[GROUP]})
    notes = [f"{skipped} files are no pictures in a class folder and were passed over."] if skipped else []
    return ImportBatch(images=tuple(images), groups={GROUP: tuple(classes)}, notes=tuple(notes))


def read(path: Path, options: Options) -> Iterator[Item]:
    """The records of the folder. Raises BadFile when nothing in it can be read."""
    yield from items_of(_read_batch(path))


IMPORTER = Importer(title="Folder per class", read=read)
