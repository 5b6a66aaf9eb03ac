"""The line below the list of cases: the keys that walk through it."""

from PySide6.QtWidgets import QFrame, QHBoxLayout

from viewer.ui.look.chips import ElidedLabel, KeyChip
from viewer.ui.look.icons import Icons
from viewer.ui.look.plain_text import set_text, set_tip


def case_foot(icons: Icons) -> QFrame:
    """The keys, each with a word; a tip says more."""
    foot = QFrame()
    foot.setProperty("surface", "panel")
    foot.setMinimumHeight(30)
    row = QHBoxLayout(foot)
    row.setContentsMargins(8, 0, 8, 0)
    row.setSpacing(4)
    for keys, words, tip in (
        (("PgUp", "PgDown"), "Case", "The case before, the case after"),
        (("Ctrl+F",), "Filter", "Find a case in this list"),
    ):
        for key in keys:
            row.addWidget(KeyChip(key, icons))
        label = ElidedLabel("rowmid")
        set_text(label, words)
        set_tip(label, tip)
        row.addWidget(label)
        row.addStretch(1)
    return foot
