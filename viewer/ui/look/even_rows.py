"""A list whose rows never change their height: one that says something else is painted, nothing is laid out again; and
rows that Qt counts without asking Python."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QStringListModel, Qt
from PySide6.QtWidgets import QAbstractItemView, QListView

ROW_FLAGS = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemNeverHasChildren


class CountedRows(QStringListModel):
    """Rows of which Qt itself keeps the number; what they say is the `data` of who derives from this.

    Qt asks how many rows there are once for each row that it lays out: of 3,000 rows, answered in Python, that was 6 ms
    for each that came.
    """

    def lay_rows(self, count: int) -> None:
        """There are so many rows now, all of them others than before."""
        self.setStringList([""] * count)

    def put_rows(self, first: int, count: int) -> None:
        """So many more rows, the first of them at `first`."""
        self.insertRows(first, count)

    def flags(self, index: QModelIndex | QPersistentModelIndex) -> Qt.ItemFlag:
        return ROW_FLAGS if index.isValid() else Qt.ItemFlag.NoItemFlags


class EvenList(QListView):
    """Qt's own lays out every row for one that has changed: over 5,000 rows that took 15 ms. It paints every row in
    sight for one that is scrolled in, as long as it is not told that the ground behind the rows is the list's own."""

    def dataChanged(
        self,
        first: QModelIndex | QPersistentModelIndex,
        last: QModelIndex | QPersistentModelIndex,
        roles: Sequence[int] = (),
    ) -> None:
        QAbstractItemView.dataChanged(self, first, last, list(roles))

    def event(self, event: QEvent) -> bool:
        done = super().event(event)
        if event.type() in (QEvent.Type.Show, QEvent.Type.StyleChange):  # the style sheet leaves it to what is behind
            self.viewport().setAutoFillBackground(True)
        return done
