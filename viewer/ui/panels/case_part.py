"""The word in a case's row that says in which part of the chosen snapshot it is, and what the filter understands."""

from PySide6.QtGui import QPainter

from viewer.ui.look.icons import Icons
from viewer.ui.look.row_painting import draw_pill

GAP_PX = 6
FILTER_TIP = """Title, patient, status, file, a label that a case holds, or who worked on it.
Of the chosen snapshot: part:train, part:validation, part:test, part:fold0 or part:none"""


def part_px(icons: Icons, painter: QPainter, right_x: int, middle_y: int, word: str) -> int:
    """Write a part's word so that it ends at right_x. Returns what it takes with the gap before it; 0 without one."""
    return draw_pill(icons, painter, right_x, middle_y, word, "mute") + GAP_PX if word else 0
