"""Truth against answers as a table whose cells list their cases."""

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QItemSelectionModel, QModelIndex, QRect, Qt
from PySide6.QtGui import QPainter, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHeaderView, QStyle, QStyleOptionViewItem, QTableView

from viewer.core.text.counting import counted
from viewer.ui.flows.to_review import open_judged
from viewer.ui.look.chips import Paragraph
from viewer.ui.look.plain_text import DISPLAY, TIP, role_text, set_name, set_text
from viewer.ui.look.row_painting import draw_text
from viewer.ui.panels.list_panel import Index, RowDelegate
from viewer.ui.run_page.card import Card, Told
from viewer.ui.run_page.judged import Judged, Matrix
from viewer.ui.run_page.tiles import Tiles, part_word

if TYPE_CHECKING:
    from viewer.ui.flows.desk import Desk

MOST_PLAIN = 99_999  # more digits are read in threes
CELL_PX, HEAD_PX, BESIDE_PX = 34, 110, 30
HINT = "A click on a number, or Enter, lists its cases below."


class MatrixModel(QAbstractTableModel):
    """Counts, with what each is in words."""

    def __init__(self) -> None:
        super().__init__()
        self.matrix: Matrix | None = None

    def show_matrix(self, matrix: Matrix | None) -> None:
        """Show another one."""
        self.beginResetModel()
        self.matrix = matrix
        self.endResetModel()

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if self.matrix is None else len(self.matrix.rows)

    def columnCount(self, parent: Index | None = None) -> int:
        return 0 if self.matrix is None else len(self.matrix.columns)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.UserRole) -> Any:
        if self.matrix is None or role not in (DISPLAY, TIP):
            return None
        heads = self.matrix.columns if orientation == Qt.Orientation.Horizontal else self.matrix.rows
        return role_text(role, heads[section])

    def data(self, index: Index, role: int = Qt.ItemDataRole.UserRole) -> Any:
        if self.matrix is None or not index.isValid():
            return None
        count = self.matrix.count(index.row(), index.column())
        if role == Qt.ItemDataRole.UserRole:
            return count
        return role_text(role, str(count), self.words(index.row(), index.column()))

    def words(self, row: int, column: int) -> str:
        """A cell in a sentence: "Truth pneumonia, answered normal: 3 cases"."""
        if self.matrix is None:
            return ""
        count = self.matrix.count(row, column)
        if self.matrix.is_nothing(row, column):
            return "Where nothing is there and nothing was said nothing is counted"
        return f"{self.matrix.words(row, column)}: {counted(count, *self.matrix.unit)}"


class MatrixDelegate(RowDelegate):
    """A number on a ground that is the stronger the more there are; right ones in the accent's tint."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        model = index.model()
        assert isinstance(model, MatrixModel) and model.matrix is not None
        matrix, icons, rect = model.matrix, self._session.icons, option.rect.adjusted(1, 1, -1, -1)
        count = int(index.data(Qt.ItemDataRole.UserRole))
        of_row = sum(matrix.count(index.row(), column) for column in range(len(matrix.columns))) or 1
        if matrix.is_nothing(index.row(), index.column()):
            return
        ground = icons.theme.color("accbg" if matrix.is_right(index.row(), index.column()) else "errbg")
        ground.setAlphaF(0.15 + 0.85 * count / of_row if count else 0.0)
        painter.fillRect(rect, ground)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.setPen(icons.theme.color("acc"))
            painter.drawRect(rect.adjusted(0, 0, -1, -1))
        room = QRect(rect.left(), rect.top(), rect.width() - 10, rect.height())
        draw_text(
            icons,
            painter,
            room,
            f"{count:,}" if count > MOST_PLAIN else str(count),
            px=13,
            weight=600,
            token="hi" if count else "low",
            right=True,
        )


class ConfusionCard(Card):
    """Seen once there is a report whose answers are labels."""

    title = "Truth (rows) and answers (columns)"

    def __init__(self, session: "Desk") -> None:
        super().__init__(session)
        self._told: Told | None = None
        self.model = MatrixModel()
        self.table = QTableView()
        self.table.setModel(self.model)
        self.table.setItemDelegate(MatrixDelegate(session))
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setFrameShape(QFrame.Shape.NoFrame)
        self.table.setShowGrid(False)
        self.table.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.table.setTabKeyNavigation(False)
        set_name(self.table, self.title)
        self.table.activated.connect(self._on_cell)
        self.table.clicked.connect(self._on_cell)
        for header in (self.table.horizontalHeader(), self.table.verticalHeader()):
            header.setSectionsClickable(False)
            header.setHighlightSections(False)
            header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.body.addWidget(self.table, 0, Qt.AlignmentFlag.AlignLeft)
        self.rule = Paragraph("caption")
        self.body.addWidget(self.rule)
        self.cases = Tiles(session, "Cases of the chosen number")
        self.cases.asked.connect(self._on_asked)
        self.body.addWidget(self.cases)
        session.theme_changed.connect(lambda _: self._fit())

    def tell(self, told: Told) -> None:
        """The matrix of the report; the same one keeps its chosen cell."""
        self._told, facts = told, told.facts
        matrix = None if facts is None else facts.matrix
        self.setVisible(matrix is not None)
        if matrix == self.model.matrix:
            return
        self.model.show_matrix(matrix)
        self._fit()
        if facts is not None and facts.report is not None:
            set_text(self.rule, str(facts.report["rule"]))
            self.call(f"{self.title}, in {matrix.unit[1]}" if matrix is not None else self.title)
        self.cases.show_judged((), "", HINT)

    def _fit(self) -> None:
        """As high as its rows, and as wide as its columns as far as there is room."""
        theme = self._session.theme
        self.table.horizontalHeader().setDefaultSectionSize(theme.px(HEAD_PX))
        self.table.verticalHeader().setDefaultSectionSize(theme.room(CELL_PX))
        self.table.verticalHeader().setFixedWidth(theme.px(HEAD_PX))
        wide = (1 + self.model.columnCount()) * theme.px(HEAD_PX) + 2
        self.table.setFixedWidth(max(1, min(wide, self.width() - BESIDE_PX)))
        head = self.table.horizontalHeader().sizeHint().height()
        self.table.setFixedHeight(head + self.model.rowCount() * theme.room(CELL_PX) + 4)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _on_cell(self, index: QModelIndex) -> None:
        matrix, told = self.model.matrix, self._told
        if matrix is None or told is None or told.facts is None or told.facts.report is None:
            return
        self.table.selectionModel().select(index, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        listed: tuple[Judged, ...] = matrix.cells.get((index.row(), index.column()), ())
        words = self.model.words(index.row(), index.column())
        self.cases.show_judged(listed, part_word(told.facts.report["part"]), f"{words}.")

    def _on_asked(self, image_id: str) -> None:
        if self._told is not None:
            open_judged(self._session, self._told.run, image_id)
