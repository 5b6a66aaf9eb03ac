"""Names that stand below each other and are alike but for some letters: what differs is what is not cut."""

from collections.abc import Sequence
from itertools import takewhile

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics

from viewer.ui.look.plain_text import elide

DOTS = "…"


def cut_apart(metrics: QFontMetrics, text: str, others: Sequence[str], room_px: int) -> str:
    """A name within its room, cut in its middle; at its beginning where another of the list would look the same."""
    shown = elide(metrics, text, Qt.TextElideMode.ElideMiddle, room_px)
    head, dots, tail = shown.partition(DOTS)
    if not dots:
        return shown
    alike = [one for one in others if one != text and one.startswith(head) and one.endswith(tail)]
    columns = zip(text, *alike) if alike else ()
    common = sum(1 for _ in takewhile(lambda letters: len(set(letters)) == 1, columns))
    if common <= len(head):
        return shown
    return elide(metrics, DOTS + text[min(common, len(text) - 1) :], Qt.TextElideMode.ElideRight, room_px)
