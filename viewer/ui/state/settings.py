"""What the window remembers between starts, in one typed place over a JSON file of texts.

Not QSettings: PySide unpickles what stands as @Variant in such a file, so reading one could run code.
"""

import base64
import binascii
import contextlib
import json
import logging
from dataclasses import asdict, dataclass
from pathlib import Path

from PySide6.QtCore import QByteArray

from viewer.core.checked import Fields, is_text, parse_json
from viewer.core.errors import BadFile
from viewer.reading.sources.documents import read_json
from viewer.reading.sources.private_files import private_folder, replaced
from viewer.reading.sources.remembered import RECENT, THUMBNAILS
from viewer.ui.look.theme import THEMES, Theme

log = logging.getLogger(__name__)

RECENT_LIMIT = 12
# The geometry of a window with all its docks takes a few hundred bytes.
MOST_LAYOUT_BYTES = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Recent:
    """One thing that was opened. kind: "study" or "project". opened: ISO time. thumbnail: a PNG's file name or ""."""

    path: str
    kind: str
    title: str
    detail: str = ""
    opened: str = ""
    thumbnail: str = ""


class Settings:
    """Typed access; unknown or damaged values fall back to the default, each for itself."""

    def __init__(self, file: Path) -> None:
        private_folder(file.parent)
        self.folder = file.parent
        self.file = file
        self._values = _read(file)

    @property
    def theme(self) -> Theme:
        """The look; dark unless chosen otherwise."""
        name = self._text("look/theme", "dark")
        try:
            scale = min(1.5, max(0.9, float(self._text("look/font_scale", "1.0"))))
        except ValueError:
            scale = 1.0
        return Theme(name=name if name in THEMES else "dark", font_scale=scale)

    @theme.setter
    def theme(self, theme: Theme) -> None:
        self._set("look/theme", theme.name)
        self._set("look/font_scale", str(theme.font_scale))

    @property
    def workspace(self) -> str:
        """The work space last used."""
        return self._text("window/workspace", "read")

    @workspace.setter
    def workspace(self, name: str) -> None:
        self._set("window/workspace", name)

    @property
    def geometry(self) -> QByteArray:
        """The window's place on the screen, empty before the first close."""
        return self._bytes("window/geometry")

    @geometry.setter
    def geometry(self, value: QByteArray) -> None:
        self._set_bytes("window/geometry", value)

    def layout(self, workspace: str) -> QByteArray:
        """The docks of a work space, empty before it was ever left."""
        return self._bytes(f"layout/{workspace}")

    def keep_layout(self, workspace: str, state: QByteArray) -> None:
        """Remember the docks of a work space; an empty state forgets them."""
        self._set_bytes(f"layout/{workspace}", state)

    def flag(self, name: str) -> bool:
        """A yes/no preference: "invert_window_drag", "names_hidden", ...; off unless set."""
        return self._text(f"flag/{name}", "no") == "yes"

    def set_flag(self, name: str, *, on: bool) -> None:
        """Remember a yes/no preference."""
        self._set(f"flag/{name}", "yes" if on else "no")

    def word(self, name: str, default: str = "") -> str:
        """A remembered word, such as the author or the last folder."""
        return self._text(f"word/{name}", default)

    def set_word(self, name: str, value: str) -> None:
        """Remember a word."""
        self._set(f"word/{name}", value)

    @property
    def recent(self) -> list[Recent]:
        """What was opened, newest first."""
        try:
            rows = parse_json(self._text(RECENT, "[]"), RECENT)
        except BadFile:
            return []
        found = [_recent(row) for row in rows] if isinstance(rows, list) else []
        return [row for row in found if row is not None][:RECENT_LIMIT]

    def add_recent(self, entry: Recent) -> None:
        """Put an entry first, dropping an older one of the same path."""
        self._keep([entry, *(row for row in self.recent if row.path != entry.path)][:RECENT_LIMIT])

    def forget_recent(self, path: str) -> None:
        """Take an entry off the list, with its picture."""
        self._keep([row for row in self.recent if row.path != path])

    def _keep(self, rows: list[Recent]) -> None:
        """Remember these entries; pictures of others go."""
        kept = {row.thumbnail for row in rows}
        for name in {row.thumbnail for row in self.recent} - kept - {""}:
            with contextlib.suppress(OSError):
                (self.folder / THUMBNAILS / name).unlink()
        self._set(RECENT, json.dumps([asdict(row) for row in rows], allow_nan=False))

    def reload(self) -> None:
        """Read the file again, which something else has changed."""
        self._values = _read(self.file)

    def sync(self) -> None:
        """Write to the disk now."""
        self._write()

    def _text(self, key: str, default: str) -> str:
        return self._values.get(key, default)

    def _bytes(self, key: str) -> QByteArray:
        text = self._text(key, "")
        try:
            return QByteArray(base64.b64decode(text, validate=True) if len(text) <= MOST_LAYOUT_BYTES else b"")
        except (ValueError, binascii.Error):
            return QByteArray()

    def _set(self, key: str, value: str) -> None:
        if self._values.get(key) == value:
            return
        # Another window may have written meanwhile; each keeps what the other does not touch.
        self._values = {**_read(self.file), key: value}
        self._write()

    def _set_bytes(self, key: str, value: QByteArray) -> None:
        self._set(key, base64.b64encode(value.data()).decode("ascii"))

    def _write(self) -> None:
        """Written beside, then renamed; only its person may read what was opened. What fails is not remembered."""
        try:
            with replaced(self.file) as beside:
                beside.write_text(json.dumps(self._values, indent=1, allow_nan=False), encoding="utf-8")
        except OSError:
            log.warning("What the window remembers was not written to %s", self.file, exc_info=True)


def _read(file: Path) -> dict[str, str]:
    """The texts of a settings file by name; empty for what is not there or no such file."""
    try:
        document = read_json(file)
    except FileNotFoundError:
        return {}
    except BadFile as error:
        log.info("the settings begin anew: %s", error)
        return {}
    if not isinstance(document, dict):
        return {}
    return {name: value for name, value in document.items() if is_text(name) and is_text(value, most=MOST_LAYOUT_BYTES)}


def _recent(row: object) -> Recent | None:
    """One entry; None for what is none. A thumbnail is a file's name, never a path."""
    try:
        fields = Fields(row, "an entry of what was opened")
        values = {name: fields.text(name, "", most=4096) for name in ("path", "title", "detail", "opened", "thumbnail")}
        kind = fields.word("kind", ("study", "project"))
    except BadFile as error:
        log.info("left out: %s", error)
        return None
    if not Path(values["path"]).is_absolute():  # of an earlier version: from another folder it names another place
        if not values["path"] or not Path(values["path"]).exists():
            return None
        values["path"] = str(Path(values["path"]).absolute())
    plain = Path(values["thumbnail"]).name == values["thumbnail"] and "\\" not in values["thumbnail"]
    return Recent(**{**values, "thumbnail": values["thumbnail"] if plain else ""}, kind=kind)
