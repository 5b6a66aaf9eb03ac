"""The middle of the window in Train: pages behind tabs, each made when it is first shown.

A page is a QWidget class made with the session, one row of PAGES under the words of its tab. It takes the focus when it
is brought to the front, and may have signals: `page_asked(str)` for another page by its tab, `command_asked(str)` for a
command by its id, `menu_asked(QPoint)` for a menu of its `row_commands` under its `menu_title`. No page knows another.
"""

from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QStackedWidget, QTabBar, QVBoxLayout, QWidget

from viewer.core.registry import load
from viewer.ui.look.plain_text import add_tab

if TYPE_CHECKING:
    from viewer.ui.commands.book import CommandBook
    from viewer.ui.flows.desk import Desk

PAGES = {
    "Run": "viewer.ui.run_page.page:RunPage",
    "All runs": "viewer.ui.run_table.page:RunTablePage",
}


class TrainCentre(QWidget):
    """Places the pages and nothing else."""

    def __init__(self, session: "Desk", book: "CommandBook") -> None:
        super().__init__()
        self._session, self._book = session, book
        self._made: dict[str, QWidget] = {}
        self.setProperty("surface", "win")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.tabs = QTabBar()
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        self.tabs.setAccessibleName("What Train shows")
        for title in PAGES:
            add_tab(self.tabs, title)
        column.addWidget(self.tabs)  # first: shown without a parent it would be a window of its own, and take the keys
        self.tabs.setVisible(len(PAGES) > 1)  # of one page there is nothing to choose
        self._stack = QStackedWidget()
        column.addWidget(self._stack, 1)
        self.tabs.currentChanged.connect(lambda place: self._bring(list(PAGES)[place]))
        self._bring(next(iter(PAGES)))

    def show_page(self, title: str) -> None:
        """Bring a page to the front and give it the keys."""
        self.tabs.setCurrentIndex(list(PAGES).index(title))
        self.take_focus()

    def page(self, title: str) -> QWidget:
        """A page, made when first asked for."""
        if title not in self._made:
            page: QWidget = load(PAGES, title)(self._session)
            self._made[title] = page
            self._stack.addWidget(page)
            if hasattr(page, "page_asked"):
                page.page_asked.connect(self.show_page)
            if hasattr(page, "command_asked"):
                page.command_asked.connect(self._book.run)
            if hasattr(page, "menu_asked"):
                page.menu_asked.connect(partial(self._show_menu, page))
        return self._made[title]

    def _show_menu(self, page: Any, point: QPoint) -> None:
        """The commands of a page's row, from the one table."""
        self._book.follow(self._session.situation())  # the row became the chosen one just now
        menu = self._book.menu(page.row_commands, page, title=page.menu_title)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(point)

    def take_focus(self) -> None:
        """Give the keys to the page that is seen."""
        page = self._stack.currentWidget()
        if page is not None:
            page.setFocus()

    def _bring(self, title: str) -> None:
        self._stack.setCurrentWidget(self.page(title))
