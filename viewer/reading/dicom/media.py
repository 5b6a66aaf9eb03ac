"""DICOMDIR: what the list of a medium promises and what is there (PS3.10 8, PS3.3 F).

The list is not the truth: a scan reads every file below its folder, listed or not. It is asked for what should be there
and is missing.
"""

import re
from collections.abc import Sequence
from pathlib import Path

from viewer.reading.dicom.opening import open_dicom

DIRECTORY_RECORDS, REFERENCED_FILE = 0x00041220, 0x00041500


def media_faults(list_file: Path, *, shown_as: Path) -> list[tuple[Path, str]]:
    """(path, one sentence) for each listed file that is not there or whose name leads out of the medium.

    shown_as: what the list is called where its bytes lie elsewhere (in an unpacked archive). Raises BadFile.
    """
    header = open_dicom(list_file).header
    listed = [record.texts(REFERENCED_FILE) for record in header.items(DIRECTORY_RECORDS)]
    names = list(dict.fromkeys(parts for parts in listed if parts))
    folder, shown = list_file.parent, shown_as.parent
    known: dict[Path, dict[str, Path]] = {}
    faults: list[tuple[Path, str]] = []
    missing: list[tuple[Path, str]] = []
    for parts in names:
        text = "/".join(parts)
        if _climbs(parts):
            faults.append((shown_as, f"{shown_as} lists {text!r}, which leads out of its folder; it is not followed."))
        elif _find(folder, parts, known) is None:
            missing.append((shown.joinpath(*parts), f"{shown.joinpath(*parts)} is listed in {shown_as} and not there."))
    if len(missing) == len(names) > 1:
        missing = [(shown_as, f"{shown_as} lists {len(names)} files and none is there; copy the whole medium.")]
    return faults + missing


def _climbs(parts: Sequence[str]) -> bool:
    return any(part in ("", ".", "..") or re.search(r"[/\x00]|^[A-Za-z]:", part) for part in parts)


def _find(folder: Path, parts: Sequence[str], known: dict[Path, dict[str, Path]]) -> Path | None:
    """The file of a File ID, however its medium spells names: small letters, a dot at the end, a version (ISO 9660)."""
    place = folder
    for part in parts:
        if place not in known:
            try:
                known[place] = {_plain(entry.name): entry for entry in place.iterdir()}
            except OSError:
                known[place] = {}
        found = known[place].get(_plain(part)) or _with_ending(part, known[place])
        if found is None:
            return None
        place = found
    return place


def _plain(name: str) -> str:
    return re.sub(r"\.?(;\d+)?$", "", name.casefold())


def _with_ending(name: str, entries: dict[str, Path]) -> Path | None:
    """The file whose name got an ending when the medium was copied (IM1 is IM1.dcm there); only where it is the one."""
    base = _plain(name)
    ended = (path for plain, path in entries.items() if re.fullmatch(re.escape(base) + r"\.\w{1,5}", plain))
    found = [path for path in ended if path.is_file()]
    return found[0] if len(found) == 1 else None
