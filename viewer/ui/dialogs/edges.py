"""What dialogs that reach to their edges have in common: their layout, and the bar below for their buttons."""

from PySide6.QtWidgets import QDialog, QFrame, QHBoxLayout, QVBoxLayout


def edge_to_edge(dialog: QDialog) -> QVBoxLayout:
    """The dialog's layout. Its name stands in the bar of its window, and nowhere else."""
    layout = QVBoxLayout(dialog)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(0)
    return layout


def foot() -> tuple[QFrame, QHBoxLayout]:
    """The bar below, and the row that its buttons go into."""
    bar = QFrame()
    bar.setProperty("surface", "panel")
    row = QHBoxLayout(bar)
    row.setContentsMargins(16, 10, 16, 10)
    row.setSpacing(8)
    return bar, row
