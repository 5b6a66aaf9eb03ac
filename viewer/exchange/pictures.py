"""Which file an import means by a name: layouts that tools write, backslashes, composed and decomposed letters."""

import filecmp
import os
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath

from viewer.exchange.importer import Remark, guessed
from viewer.reading.sources.archive import is_there
from viewer.reading.sources.servers import name_server

# Folders in which tools put their files, beside the one with the pictures (COCO, CVAT, Datumaro, Label Studio).
_FILE_FOLDERS = ("annotations", "annotation", "labels", "label", "ann", "anns", "json", "csv", "tables")
_MOST_ENTRIES = 200_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The files that a name may mean. rule: how the first was found where the name alone does not say it."""

    paths: tuple[Path, ...] = ()
    rule: str = ""


def _plain(name: str) -> str:
    """A file name for comparison: composed letters (NFC), whatever the system stores."""
    return unicodedata.normalize("NFC", name)


class Pictures:
    """Looks for files from the place of the import's own file. folders: given by the person, then only these count."""

    def __init__(self, source: Path, folders: Sequence[Path] = ()) -> None:
        for named in (source, *folders):
            name_server(named)
        self._given = tuple(folder.resolve() for folder in folders)
        self.roots = self._given or tuple(dict.fromkeys(_roots(source)))
        self._set_folders = self._given or _set_folders(source)
        self._listings: dict[Path, dict[str, list[str]]] = {}
        self._below: dict[str, list[Path]] | None = None
        self._cache: dict[str, Found] = {}

    def find(self, name: str) -> Found:
        """The files that `name` may mean; none, one, or several that differ."""
        if name not in self._cache:
            self._cache[name] = self._find(name)
        return self._cache[name]

    def leads_out(self, name: str) -> bool:
        """Whether a name that is absolute or climbs (`..`) means files in no folder of the set.

        False for any other name, and where the set is a folder, whose files were listed and not named.
        """
        found = self.find(name)
        climbs = ".." in PureWindowsPath(name).parts
        if not self._set_folders or not found.paths or not (climbs or (Path(name).is_absolute() and not found.rule)):
            return False
        return not any(path.is_relative_to(folder) for path in found.paths for folder in self._set_folders)

    def said_outside(self, names: Sequence[str]) -> Remark:
        """What a person should see of names that lead out of the set before anything of theirs is taken."""
        lead = "1 name leads" if len(names) == 1 else f"{len(names)} names lead"
        sentence = (
            f"{lead} out of the folder of the set ({self._set_folders[0]}); the first is {names[0]}, which is "
            f"{self.find(names[0]).paths[0]}."
        )
        return guessed(sentence, rule="a name leads out of the folder", count=len(names))

    def _find(self, name: str) -> Found:
        if "\0" in name or not name.strip():
            return Found()
        path = Path(name)
        if path.is_absolute():
            if is_there(path):
                return Found(paths=(path.resolve(),))
            return self._by_last_parts(path.parts[1:])
        found = self._in_roots(path.parts)
        if found.paths:
            return found
        windows = PureWindowsPath(name)
        if "\\" in name:
            if windows.is_absolute() or windows.drive:
                return self._by_last_parts(windows.parts[1:])
            found = self._in_roots(windows.parts)
            if found.paths:
                return found
        return self._in_a_subfolder(windows.parts if "\\" in name else path.parts)

    def _in_roots(self, parts: Sequence[str]) -> Found:
        """The name below each root, letter by letter, else with letters composed alike, else in other case."""
        hits: dict[Path, str] = {}
        for root in self.roots:
            for found, rule in self._walk(root, parts):
                hits.setdefault(found.resolve(), rule)
        exact = [path for path, rule in hits.items() if not rule]
        paths = tuple(_that_differ(exact or list(hits)))
        return Found(paths=paths, rule="" if exact or not paths else hits[paths[0]])

    def _walk(self, folder: Path, parts: Sequence[str]) -> Iterator[tuple[Path, str]]:
        plain = folder.joinpath(*parts)
        try:
            if is_there(plain):
                yield plain, ""
                return
        except OSError:  # a name that the system refuses (too long)
            return
        places: list[tuple[Path, str]] = [(folder, "")]
        for part in parts:
            if part in (".", ".."):
                places = [(place / part, rule) for place, rule in places]
                continue
            following: list[tuple[Path, str]] = []
            for place, rule in places:
                listing = self._listing(place)
                alike = listing.get(_plain(part), [])
                if alike:
                    following += [(place / name, rule) for name in alike]
                else:
                    other_case = [name for name in listing.get(_plain(part).casefold() + "/", []) if name != part]
                    following += [(place / name, "found in another case (capitals)") for name in other_case]
            places = following
        yield from places

    def _listing(self, folder: Path) -> dict[str, list[str]]:
        """What a folder holds: by composed name, and by composed name without case followed by a slash."""
        if folder not in self._listings:
            entries: dict[str, list[str]] = {}
            try:
                names = sorted(entry.name for entry in folder.iterdir())
            except OSError:
                names = []
            for name in names:
                entries.setdefault(_plain(name), []).append(name)
                entries.setdefault(_plain(name).casefold() + "/", []).append(name)
            self._listings[folder] = entries
        return self._listings[folder]

    def _by_last_parts(self, parts: Sequence[str]) -> Found:
        """A path of another machine: its longest end that is there. A bare name is enough only in a folder given.

        Two patients' 001.png have one name, so a folder that the file names and that is not there is not passed over.
        """
        fewest = 1 if self._given else 2
        for start in range(1, len(parts) - fewest + 1) if not self._given else range(len(parts)):
            found = self._in_roots(parts[start:])
            if found.paths:
                end = "/".join(parts[start:])
                return Found(paths=found.paths, rule=f"a path of another machine was found by its end ({end})")
        return Found()

    def _in_a_subfolder(self, parts: Sequence[str]) -> Found:
        """The whole relative path below some subfolder of the import's own folder."""
        if ".." in parts:
            return Found()
        wanted = tuple(_plain(part) for part in parts if part != ".")
        paths = [
            path
            for path in self._all_below().get(wanted[-1] if wanted else "", [])
            if tuple(map(_plain, path.parts[-len(wanted) :])) == wanted
        ]
        return Found(paths=tuple(_that_differ(paths)), rule="found by its name in a subfolder")

    def _all_below(self) -> dict[str, list[Path]]:
        if self._below is None:
            self._below = {}
            seen = 0
            for root in self._given or self.roots[:1]:
                for folder, folders, names in os.walk(root):
                    folders[:] = sorted(one for one in folders if not one.startswith("."))
                    seen += len(names) + len(folders)
                    if seen > _MOST_ENTRIES:
                        break
                    for name in names:
                        self._below.setdefault(_plain(name), []).append(Path(folder) / name)
        return self._below


def _that_differ(paths: Sequence[Path]) -> list[Path]:
    """The files without those whose bytes another one has."""
    kept: list[Path] = []
    for path in dict.fromkeys(paths):
        try:
            if not any(path.is_file() and one.is_file() and filecmp.cmp(path, one, shallow=False) for one in kept):
                kept.append(path)
        except OSError:
            kept.append(path)
    return kept


def _set_folders(source: Path) -> tuple[Path, ...]:
    """The folder of the set whose file `source` is: its own, or that above a folder of annotations; () for a folder."""
    if source.is_dir():
        return ()
    base = source.parent.resolve()
    return (base.parent if base.name.casefold() in _FILE_FOLDERS else base,)


def _roots(source: Path) -> Iterator[Path]:
    """Beside the file, in `images`, in the folder of the file's own part (instances_train2017.json: train2017), and the
    same beside a folder of annotations."""
    base = source if source.is_dir() else source.parent
    part = source.stem.rpartition("_")[2] if not source.is_dir() else ""
    bases = [base]
    if not source.is_dir():
        bases.append(base.parent)
    yield base
    for one in bases:
        beside = one is base or base.name.casefold() in _FILE_FOLDERS
        if one is not base:
            yield one
        if beside:
            yield one / "images"
            if part:
                yield one / "images" / part
                yield one / part
