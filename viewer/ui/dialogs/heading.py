"""The bar over a dialog's fields: its icon and its name."""

from PySide6.QtWidgets import QFrame, QHBoxLayout

from viewer.ui.look.chips import IconLabel, text_label
from viewer.ui.look.icons import Icons


def heading(icons: Icons, icon: str, title: str) -> QFrame:
    """40 px."""
    bar = QFrame()
    bar.setProperty("surface", "raise")
    bar.setFixedHeight(40)
    row = QHBoxLayout(bar)
    row.setContentsMargins(16, 0, 12, 0)
    row.setSpacing(10)
    row.addWidget(IconLabel(icons, icon, "mid", 20))
    row.addWidget(text_label(title, "title"))
    row.addStretch(1)
    return bar
