"""What lies in the folder of a data set: pictures by their place in it, apart from what other programs left there."""

import os
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from viewer.exchange.importer import ImageName, Item, left_out, note

# By name, whatever the case: what systems, editors and network disks leave beside pictures.
LEFTOVERS = frozenset(
    ("thumbs.db", "ehthumbs.db", "desktop.ini", "icon\r", "__macosx", "@eadir", "$recycle.bin", "lost+found",
     "system volume information", "__pycache__")
)  # fmt: skip
# Ends that promise a picture: such a file is named when it is none, and any other is only counted.
PICTURE_ENDS = frozenset(
    (".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".tif", ".tiff", ".dcm", ".dicom", ".ima", ".bmp", ".gif", ".webp",
     ".jp2", ".pgm", ".ppm")
)  # fmt: skip
DICOM_ENDS = frozenset((".dcm", ".dicom", ".ima"))
_SAID = 3
_LONGEST_LINK = 1024


def plain_name(name: str) -> str:
    """A name in composed letters (Unicode NFC): one disk keeps them composed, another in pieces."""
    return unicodedata.normalize("NFC", name)


def is_leftover(name: str) -> bool:
    """Whether a file or folder of this name is no part of a data set: hidden, or left by a system or an editor."""
    return name.startswith((".", "~$")) or name.casefold() in LEFTOVERS


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One file. path: where it is opened, links and all. place: its path in the set in composed letters."""

    path: Path
    place: PurePosixPath


@dataclass(slots=True, kw_only=True)
class SetFolder:
    """A folder that was gone through. files: in the order of their names, leftovers apart.

    leftovers: how many files and folders were passed over. dead: links that lead nowhere or in a circle, folders that
    cannot be read, and what is neither file nor folder, each with its sentence. empty: folders that hold nothing but
    leftovers.
    """

    root: Path
    files: list[Found] = field(default_factory=list)
    leftovers: int = 0
    dead: list[tuple[Path, str]] = field(default_factory=list)
    empty: list[Path] = field(default_factory=list)

    def remarks(self, belongs_to: Callable[[PurePosixPath], Sequence[Found]] | None = None) -> Iterator[Item]:
        """What is to be said of the folder itself. belongs_to: the images that stay open by what leads nowhere."""
        for path, sentence in self.dead:
            place = PurePosixPath(plain_name(path.relative_to(self.root).as_posix()))
            images = [ImageName(path=str(one.path.resolve())) for one in belongs_to(place)] if belongs_to else []
            yield left_out(None, sentence, rule="a folder or link that leads nowhere", also=tuple(images))
        if self.leftovers:
            sentence = f"{self.root}: {self.leftovers} hidden files or leftovers of other programs were passed over."
            yield note(sentence, rule="leftovers of other programs", count=self.leftovers)


def go_through(root: Path) -> SetFolder:
    """Every file below `root`, through linked folders too; a link back to a folder that it lies in is not followed."""
    found = SetFolder(root=root)
    _enter(found, root, PurePosixPath(), (), set())
    return found


def _enter(
    found: SetFolder, folder: Path, place: PurePosixPath, above: tuple[str, ...], entered: set[tuple[str, str]]
) -> None:
    real = os.path.realpath(folder)
    # One folder may be two classes by two links, but within a class it counts once, so that links cannot multiply.
    key = (place.parts[0] if place.parts else "", real)
    if real in above:
        found.dead.append((folder, f"{folder} is a link to a folder that it lies in; it was not followed."))
        return
    if key in entered:
        return
    entered.add(key)
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        found.dead.append((folder, f"{folder} cannot be read: {error.strerror or error}."))
        return
    before = len(found.files)
    for entry in entries:
        below = place / plain_name(entry.name)
        if is_leftover(entry.name):
            found.leftovers += 1
        elif entry.is_dir():
            _enter(found, Path(entry.path), below, (*above, real), entered)
        elif entry.is_file():
            target = _link_as_text(entry)
            if target:
                sentence = f"{entry.path} is a link that was copied as text (to {target}); it was not followed."
                found.dead.append((Path(entry.path), sentence))
            else:
                found.files.append(Found(path=Path(entry.path), place=below))
        else:
            found.dead.append((Path(entry.path), _why_not_gone_to(entry)))
    if len(found.files) == before:
        found.empty.append(folder)


def _why_not_gone_to(entry: "os.DirEntry[str]") -> str:
    """What is said of an entry that is no file and no folder; opening it could wait for ever, or change a device."""
    if entry.is_symlink() and not Path(entry.path).exists():
        return f"{entry.path} is a link that leads nowhere."
    return f"{entry.path} is neither a file nor a folder (a pipe, socket or device) and was not opened."


def _link_as_text(entry: "os.DirEntry[str]") -> str:
    """Where a small file leads whose only text is a path, as links become on systems that have none; else ""."""
    try:
        if not 0 < entry.stat().st_size <= _LONGEST_LINK:
            return ""
        text = Path(entry.path).read_bytes().decode("utf-8")
        if not text.isprintable() or "/" not in text.replace("\\", "/"):
            return ""
        return text if (Path(entry.path).parent / text.replace("\\", "/")).exists() else ""
    except (OSError, UnicodeDecodeError, ValueError):
        return ""


def is_picture(path: Path) -> bool:
    """Whether a file begins as a picture or DICOM file, or is called one of the latter (those without a preamble)."""
    from viewer.reading.pictures.raster import is_raster

    if is_raster(path):
        return True
    try:
        with path.open("rb") as file:
            head = file.read(132)
    except OSError:
        return False
    return head[128:] == b"DICM" or (len(head) == 132 and path.suffix.casefold() in DICOM_ENDS)


def not_pictures(files: Sequence[Path], where: str) -> Iterator[Item]:
    """What is said of files that were passed over: each by name that is called a picture and is none, others together.

    where: "in a class folder", for the sentence.
    """
    broken = [file for file in files if file.suffix.casefold() in PICTURE_ENDS and not is_picture(file)]
    for file in broken:
        yield left_out(None, f"{file} is no picture that can be read.", rule="called a picture, and none")
    called = set(broken)
    others = [file for file in files if file not in called]
    if others:
        names = ", ".join(file.name for file in others[:_SAID]) + (", ..." if len(others) > _SAID else "")
        are = "file is no picture" if len(others) == 1 else "files are no pictures"
        sentence = f"{len(others)} {are} {where}, passed over: {names}."
        yield note(sentence, rule="files that are no pictures", count=len(others))
