"""The bar over a dialog's fields, its icon and its name, and the one below, for its buttons."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QFrame, QHBoxLayout, QVBoxLayout

from viewer.ui.look.chips import ElidedLabel, IconLabel
from viewer.ui.look.icons import Icons
from viewer.ui.look.plain_text import set_text, set_tip


def heading(icons: Icons, icon: str, title: str) -> QFrame:
    """40 px. A title holds names from data: one of any length gives way, and is whole in its tip."""
    bar = QFrame()
    bar.setProperty("surface", "raise")
    bar.setFixedHeight(40)
    row = QHBoxLayout(bar)
    row.setContentsMargins(16, 0, 12, 0)
    row.setSpacing(10)
    row.addWidget(IconLabel(icons, icon, "mid", 20))
    name = ElidedLabel("title", mode=Qt.TextElideMode.ElideMiddle)  # what tells runs and snapshots apart is last
    set_text(name, title)
    set_tip(name, title)
    row.addWidget(name)
    row.addStretch(1)
    return bar


def headed(dialog: QDialog, icons: Icons, icon: str) -> QVBoxLayout:
    """The dialog's layout, edge to edge, with its heading in it: its title has been set."""
    layout = QVBoxLayout(dialog)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(0)
    layout.addWidget(heading(icons, icon, dialog.windowTitle()))
    return layout


def foot() -> tuple[QFrame, QHBoxLayout]:
    """The bar below, and the row that its buttons go into."""
    bar = QFrame()
    bar.setProperty("surface", "panel")
    row = QHBoxLayout(bar)
    row.setContentsMargins(16, 10, 16, 10)
    row.setSpacing(8)
    return bar, row
