"""What the window remembers of studies, as texts by name, and how a study is taken out of them.

The window's settings are one JSON file of texts (`window.json`); this is the part that names what was opened.
"""

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from viewer.core.checked import parse_json
from viewer.core.errors import BadFile

SETTINGS_NAME, THUMBNAILS = "window.json", "thumbnails"
RECENT = "recent/rows"
# What says nothing of any study or project, and so stays when everything is forgotten.
OURS = ("look/", "window/", "layout/", "flag/", "word/panels/", "word/author")
FOLDER_WORDS = ("word/last_folder",)


def place_key(path: Path) -> str:
    """16 hex digits that stand for a path."""
    return hashlib.sha256(str(path.absolute()).encode("utf-8", "surrogateescape")).hexdigest()[:16]


def place_name(path: Path) -> str:
    """Under which the last place in an opened path is remembered."""
    return f"word/place/{place_key(path)}"


def thumbnail_name(path: Path) -> str:
    """The file of an opened path's small picture."""
    return f"{place_key(path)}.png"


def is_within(path: str | Path, roots: Iterable[Path]) -> bool:
    """Whether a path is one of `roots` or lies below one, by its absolute name."""
    return any(Path(path).absolute().is_relative_to(root.absolute()) for root in roots)


@dataclass(frozen=True, slots=True, kw_only=True)
class Without:
    """What is left: values, and the names of thumbnails that nothing names any more."""

    values: dict[str, str]
    thumbnails: tuple[str, ...]
    entries: int


def without_studies(values: Mapping[str, str], roots: Collection[Path]) -> Without:
    """The values without what was opened at or below `roots`: its entry, its picture, its last place."""
    rows = _rows(values)
    kept = [row for row in rows if not is_within(str(row.get("path", "")), roots)]
    gone = [Path(str(row.get("path", ""))) for row in rows if row not in kept]
    left = dict(values)
    for path in (*roots, *gone):
        left.pop(place_name(path), None)
    for name in FOLDER_WORDS:
        if name in left and is_within(left[name], roots):
            del left[name]
    if len(kept) < len(rows):
        left[RECENT] = json.dumps(kept, allow_nan=False)
    pictures = {thumbnail_name(path) for path in (*roots, *gone)} - {str(row.get("thumbnail", "")) for row in kept}
    return Without(values=left, thumbnails=tuple(sorted(pictures)), entries=len(rows) - len(kept))


def without_names(values: Mapping[str, str]) -> dict[str, str]:
    """The values that say how the window looks, and who works with it."""
    return {name: value for name, value in values.items() if name.startswith(OURS)}


def _rows(values: Mapping[str, str]) -> list[dict[str, Any]]:
    try:
        rows = parse_json(values.get(RECENT, "[]"), RECENT)
    except BadFile:
        return []
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
