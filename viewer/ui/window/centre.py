"""The middle of the window: the welcome page, the views, or in Train, which shows runs and no images, its pages."""

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QStackedWidget, QWidget

if TYPE_CHECKING:
    from viewer.ui.commands.book import CommandBook
    from viewer.ui.flows.desk import Desk
    from viewer.ui.window.train_centre import TrainCentre


class Centre(QStackedWidget):
    """One of them at a time; what Train shows is made when Train is first entered."""

    def __init__(self, session: "Desk", book: "CommandBook", welcome: QWidget, grid: QWidget) -> None:
        super().__init__()
        self._book = book
        self._session, self._welcome, self._grid = session, welcome, grid
        self._train: TrainCentre | None = None
        self._came_from = "read"  # the work space with views that the person was in last
        self.addWidget(welcome)
        self.addWidget(grid)

    @property
    def is_welcome(self) -> bool:
        """Whether the welcome page is there."""
        return self.currentWidget() is self._welcome

    @property
    def train(self) -> "TrainCentre":
        """The pages of Train, made when first asked for."""
        if self._train is None:
            from viewer.ui.window.train_centre import TrainCentre

            self._train = TrainCentre(self._session, self._book)
            self.addWidget(self._train)
        return self._train

    def bring_welcome(self) -> None:
        """The welcome page lies over the rest."""
        self.setCurrentWidget(self._welcome)
        self._session.cover(covered=True)

    def bring(self) -> None:
        """What the work space shows."""
        in_train = self._session.workspace == "train"
        if in_train:
            self._session.set_fact("cine", holds=False)  # nobody sees it run
        else:
            self._came_from = self._session.workspace
        self.setCurrentWidget(self.train if in_train else self._grid)
        self._session.cover(covered=in_train)

    def go_to_images(self) -> None:
        """What a person opens is to be seen: from Train back to the work space that they came from."""
        if self._session.workspace == "train" and not self._session.by_itself:
            self._session.set_workspace(self._came_from)

    def take_focus(self) -> None:
        """Give the keys to the active view, or to what Train shows in its place."""
        if self._train is not None and self.currentWidget() is self._train:
            self._train.take_focus()
        elif self._session.active_cell is not None:
            self._session.active_cell.view.setFocus()
