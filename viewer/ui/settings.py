"""What the window remembers between starts, in one typed place over QSettings."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from PySide6.QtCore import QByteArray, QSettings

from viewer.ui.theme import THEMES, Theme

RECENT_LIMIT = 12


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
    """Typed access; unknown or damaged values fall back to the default."""

    def __init__(self, file: Path) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        self.folder = file.parent
        self._store = QSettings(str(file), QSettings.Format.IniFormat)

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
        self._store.setValue("look/theme", theme.name)
        self._store.setValue("look/font_scale", str(theme.font_scale))

    @property
    def workspace(self) -> str:
        """The work space last used."""
        return self._text("window/workspace", "read")

    @workspace.setter
    def workspace(self, name: str) -> None:
        self._store.setValue("window/workspace", name)

    @property
    def geometry(self) -> QByteArray:
        """The window's place on the screen, empty before the first close."""
        return self._bytes("window/geometry")

    @geometry.setter
    def geometry(self, value: QByteArray) -> None:
        self._store.setValue("window/geometry", value)

    def layout(self, workspace: str) -> QByteArray:
        """The docks of a work space, empty before it was ever left."""
        return self._bytes(f"layout/{workspace}")

    def keep_layout(self, workspace: str, state: QByteArray) -> None:
        """Remember the docks of a work space; an empty state forgets them."""
        self._store.setValue(f"layout/{workspace}", state)

    def flag(self, name: str) -> bool:
        """A yes/no preference: "invert_window_drag", "names_hidden", ...; off unless set."""
        return self._text(f"flag/{name}", "no") == "yes"

    def set_flag(self, name: str, *, on: bool) -> None:
        """Remember a yes/no preference."""
        self._store.setValue(f"flag/{name}", "yes" if on else "no")

    def word(self, name: str, default: str = "") -> str:
        """A remembered word, such as the author or the last folder."""
        return self._text(f"word/{name}", default)

    def set_word(self, name: str, value: str) -> None:
        """Remember a word."""
        self._store.setValue(f"word/{name}", value)

    @property
    def recent(self) -> list[Recent]:
        """What was opened, newest first."""
        try:
            rows = json.loads(self._text("recent/rows", "[]"))
            return [Recent(**row) for row in rows]
        except (ValueError, TypeError):
            return []

    def add_recent(self, entry: Recent) -> None:
        """Put an entry first, dropping an older one of the same path."""
        rows = [entry, *(row for row in self.recent if row.path != entry.path)][:RECENT_LIMIT]
        self._store.setValue("recent/rows", json.dumps([asdict(row) for row in rows]))

    def forget_recent(self, path: str) -> None:
        """Take an entry off the list."""
        self._store.setValue("recent/rows", json.dumps([asdict(row) for row in self.recent if row.path != path]))

    def sync(self) -> None:
        """Write to the disk now."""
        self._store.sync()

    def _text(self, key: str, default: str) -> str:
        value = self._store.value(key, default)
        return value if isinstance(value, str) else default

    def _bytes(self, key: str) -> QByteArray:
        value = self._store.value(key)
        return value if isinstance(value, QByteArray) else QByteArray()
