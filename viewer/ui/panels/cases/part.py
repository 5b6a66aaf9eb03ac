"""The word in a case's row that says in which part of the chosen snapshot it is, which snapshot that is, and what the
filter understands."""

from typing import TYPE_CHECKING

from PySide6.QtGui import QPainter

from viewer.ui.look.chips import Paragraph
from viewer.ui.look.icons import Icons
from viewer.ui.look.plain_text import FACTS, set_text
from viewer.ui.look.row_painting import draw_pill, line_px, pill_px

if TYPE_CHECKING:
    from viewer.ui.flows.desk import Desk
    from viewer.ui.flows.model_choices import ModelChoice
    from viewer.ui.flows.snapshots import SnapshotRow

GAP_PX = 6
FILTER_TIP = """Title, patient, status, file, a label that a case holds, or who worked on it.
Of the chosen snapshot: part:train, part:validation, part:test, part:fold0 or part:none
In Review AI, of the chosen model: score>0.8, score<0.2, score:0.4..0.6, score(LABEL)>0.8,
disagrees, disagrees(LABEL), uncertain, uncertain<0.05"""


def short_part(word: str) -> str:
    """A part's word where the row is narrow: whole it stands in the row's tool tip."""
    return word.replace("validation", "val")


def part_px(icons: Icons, word: str) -> int:
    """What a part's word takes with the gap before it; nothing where there is none."""
    return pill_px(icons, word) + GAP_PX if word else 0


def draw_part(icons: Icons, painter: QPainter, right_x: int, middle_y: int, word: str) -> None:
    """Write a part's word so that it ends at right_x."""
    draw_pill(icons, painter, right_x, middle_y, word, "mute")


def whole_facts(icons: Icons, detail: str, room_px: int) -> str:
    """As many of the facts as have room, each whole: half a size is none. The first one may be cut."""
    facts = detail.split(FACTS)
    while len(facts) > 1 and line_px(icons, FACTS.join(facts)) >= room_px:
        facts.pop()
    return FACTS.join(facts)


def parts_of_words(row: "SnapshotRow", model: "ModelChoice | None") -> str:
    """Whose parts the cases show; in Review also where the model that is asked has learned from others."""
    words = f"Parts are those of the snapshot {row.name}"
    if model is None:
        return f"{words}."
    if model.kind != row.kind or set(model.labels) != set(row.labels):
        return f"{words}, which is of another task than the model {model.title}."
    if model.snapshot_id and model.snapshot_id != row.id:
        return f"{words}; the model {model.title} learned from another one."
    return f"{words}."


class PartsLine(Paragraph):
    """Names the snapshot whose parts the cases show; not there while no part is."""

    def __init__(self, session: "Desk") -> None:
        super().__init__("caption")
        self._session, self._follows_model = session, False
        session.snapshots.parts_changed.connect(self._show)
        session.workspace_changed.connect(lambda _: self._show())
        self._show()

    def _show(self) -> None:
        session = self._session
        if session.workspace == "review" and not self._follows_model:  # before, nobody asks a model anything
            self._follows_model = True
            session.review.asking.model_chosen.connect(lambda _: self._show())
        row = session.snapshots.chosen if session.snapshots.parts is not None else None
        model = session.review.asking.model if session.workspace == "review" else None
        set_text(self, "" if row is None else parts_of_words(row, model))
        self.setVisible(row is not None)
