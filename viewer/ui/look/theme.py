"""Colours, sizes and fonts: one token table, from which QPalette and the style sheet are made.

Widgets ask for looks by property, never by colour:

    label.setProperty("role", r)    r: title (14/600), figure (20/600), strong (13/600), body, second (mid), caption
                                    (11, low), row (12), mono (log), ok, warn, err
    button.setProperty("kind", k)   k: primary, plain (default), quiet (no border), review (34 high), danger
    frame.setProperty("surface", s) s: win, panel, raise, card, line (1 px separator)
    frame.setProperty("pill", p)    p: acc, ok, warn, err, mute

Painted delegates ask `session.theme.color("mid")`.
"""

from dataclasses import dataclass
from functools import lru_cache

from PySide6.QtGui import QColor, QFont, QPalette

DARK = {
    "win": "#0E1012", "panel": "#16191C", "raise": "#1D2125", "ctl": "#282D32", "ctlh": "#333A41",
    "line": "#2C3238", "line2": "#626C75", "hi": "#ECEFF1", "mid": "#B4BBC2", "low": "#8A939C",
    "acc": "#6AA9F7", "onacc": "#07182B", "accbg": "#1B3350", "acctx": "#CFE4FF",
    "ok": "#4FC58C", "okbg": "#14301F", "warn": "#F0B849", "warnbg": "#33270D", "err": "#FF7A73", "errbg": "#3A1A1A",
    "field": "#0E1012", "card": "#16191C", "swatchline": "#00000000",
}  # fmt: skip
LIGHT = {
    "win": "#E8EBEE", "panel": "#F6F7F9", "raise": "#ECEFF2", "ctl": "#FFFFFF", "ctlh": "#CFD6DC",
    "line": "#D3D8DD", "line2": "#87919B", "hi": "#14181B", "mid": "#434B53", "low": "#5E6770",
    "acc": "#1F63B5", "onacc": "#FFFFFF", "accbg": "#D6E6FA", "acctx": "#0F3F7A",
    "ok": "#1B7A47", "okbg": "#DDF3E6", "warn": "#8A5A00", "warnbg": "#FCEFCF", "err": "#B3261E", "errbg": "#FBE0DE",
    "field": "#FFFFFF", "card": "#FFFFFF", "swatchline": "#33000000",
}  # fmt: skip
THEMES = {"dark": DARK, "light": LIGHT}
SANS, MONO = "Inter", "JetBrains Mono"


@lru_cache(maxsize=200)
def face(px: int, weight: int, *, mono: bool = False) -> QFont:
    """The font itself, in px as they are drawn; not to be changed. Made once: every row that is painted asks for it."""
    font = QFont(MONO if mono else SANS)
    font.setPixelSize(px)
    font.setWeight(QFont.Weight(weight))
    if not mono:
        font.setFeature(QFont.Tag("tnum"), 1)
        font.setFeature(QFont.Tag("ss02"), 1)
    return font


@dataclass(frozen=True, slots=True, kw_only=True)
class Theme:
    """One look. name: a key of THEMES. font_scale: 0.9 to 1.5, multiplies every font size."""

    name: str = "dark"
    font_scale: float = 1.0

    def hex(self, token: str) -> str:
        """A token's colour as #RRGGBB (or #AARRGGBB)."""
        return THEMES[self.name][token]

    def color(self, token: str) -> QColor:
        """A token's colour."""
        return QColor(self.hex(token))

    def px(self, size_px: float) -> int:
        """A font size in pixels after the font size setting."""
        return round(size_px * self.font_scale)

    def room(self, size_px: int) -> int:
        """A height that lines of text stand in, or a step between them: it grows with the text and never shrinks."""
        return max(size_px, self.px(size_px))

    def icon_px(self, size_px: int = 16) -> int:
        """The side of an icon or of a check box's mark: it grows with the text beside it and never shrinks."""
        return self.room(size_px)

    def font(self, size_px: float = 13, weight: int = 400, *, mono: bool = False) -> QFont:
        """Inter (or JetBrains Mono) at a size, with equal-width digits and clear 0/O, I/l/1."""
        return QFont(face(self.px(size_px), weight, mono=mono))

    def palette(self) -> QPalette:
        """The palette for what the style sheet does not reach."""
        roles = QPalette.ColorRole
        table = {
            roles.Window: "panel", roles.WindowText: "hi", roles.Base: "field", roles.AlternateBase: "panel",
            roles.Text: "hi", roles.Button: "ctl", roles.ButtonText: "hi", roles.BrightText: "err",
            roles.Highlight: "accbg", roles.HighlightedText: "acctx", roles.Link: "acc", roles.LinkVisited: "acc",
            roles.ToolTipBase: "raise", roles.ToolTipText: "hi", roles.PlaceholderText: "low", roles.Mid: "line2",
            roles.Dark: "line", roles.Light: "ctlh", roles.Shadow: "win", roles.Accent: "acc",
        }  # fmt: skip
        palette = QPalette()
        for role, token in table.items():
            palette.setColor(role, self.color(token))
        for role in (roles.WindowText, roles.Text, roles.ButtonText):
            faint = self.color("hi")
            faint.setAlphaF(0.4)
            palette.setColor(QPalette.ColorGroup.Disabled, role, faint)
        return palette
