"""The command table in use: one QAction per row, menus, tool tips, and what may run now."""

import logging
from collections.abc import Iterable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QMenuBar, QWidget

from viewer.core.errors import AppError, NotFound
from viewer.core.text.nameless import Word
from viewer.ui.commands.command import MENUS, Command
from viewer.ui.look.chips import key_text
from viewer.ui.look.plain_text import button_text, set_tip
from viewer.ui.state.announcing import announce_until
from viewer.ui.state.situation import WORKSPACES, Situation

if TYPE_CHECKING:
    from viewer.ui.flows.desk import Desk

log = logging.getLogger(__name__)


class CommandBook(QObject):
    """Every command by id. The one place where a command runs and where its errors become a sentence."""

    ran = Signal(str)

    def __init__(self, session: "Desk", rows: Iterable[Command]) -> None:
        super().__init__(session)
        self._session = session
        self.rows = {row.id: row for row in rows}
        self.actions = {row.id: self._action(row) for row in self.rows.values()}
        self._menus: list[tuple[QMenu, list[str]]] = []
        self._why_empty: dict[QMenu, QAction] = {}  # of the menu bar: the one row of a menu that has none to offer
        # What goes by more than the situation; the rest is left where it is while that is the same.
        self._changing = {row.id: row for row in self.rows.values() if row.checked_when or row.text_when}
        self._followed: Situation | None = None
        self._texts: dict[str, str] = {}
        self._why_not: dict[str, str] = {}
        session.situation_changed.connect(self.follow)
        session.theme_changed.connect(self._on_theme_changed)
        self.follow(session.situation())

    def row(self, command_id: str) -> Command:
        """A row by id."""
        if command_id not in self.rows:
            raise NotFound(f"There is no command {command_id}.")
        return self.rows[command_id]

    def may_run(self, command_id: str) -> bool:
        """Whether a command is enabled now."""
        return self.row(command_id).enabled_when(self._session.situation())

    def run(self, command_id: str) -> bool:
        """Run a command if it may; errors with a sentence go to the banner, bugs to the log as well."""
        row = self.row(command_id)
        why_not = row.why_not(self._session.situation())
        if why_not:
            self._session.said.emit(why_not)
            return False
        self._session.edits.wait()
        try:
            row.run()
        except AppError as error:
            # One command was refused: past once the person is elsewhere.
            elsewhere = (self._session.image_shown, self._session.workspace_changed, self._session.project_opened)
            announce_until(self._session, "error", str(error), *elsewhere)
        except Exception as error:
            log.exception("The command %s failed", Word(command_id))
            self._session.announce_failure(error)
        self._session.tell_situation()
        self.ran.emit(command_id)
        return True

    def follow(self, situation: Situation) -> None:
        """Set every enabled state, check mark, changing text and tool tip from one situation."""
        before, self._followed = self._followed, situation
        same = situation == before
        elsewhere = before is None or situation.workspace != before.workspace
        asked: dict[int, str] = {}  # many rows have the same need
        # Scrolling brings one for every image.
        for command_id, row in (self._changing if same else self.rows).items():
            action = self.actions[command_id]
            told = self._why_not.get(command_id, "")
            why_not = told if same else row.why_not(situation, asked)
            if elsewhere:
                action.setVisible(row.works_in(situation.workspace))
            if row.checked_when is not None:
                action.setChecked(row.checked_when(situation))
            is_new = why_not != told
            if is_new:
                self._why_not[command_id] = why_not
                action.setEnabled(not why_not)
            if row.text_when is not None and self._texts.get(command_id) != (text := row.text_when(situation)):
                self._texts[command_id] = text
                action.setText(_menu_text(button_text(text), row))
                is_new = True
            if is_new:
                set_tip(action, tool_tip(row, self._texts.get(command_id, row.plain_text), why_not))
        if elsewhere:
            self._hide_empty_menus(situation.workspace)

    def _hide_empty_menus(self, workspace: str) -> None:
        """What has nothing to offer in a work space need not stand there; in the menu bar all would move by one."""
        for menu, command_ids in self._menus:
            offers = any(self.rows[command_id].works_in(workspace) for command_id in command_ids)
            if menu in self._why_empty:
                self._why_empty[menu].setVisible(not offers)
            else:
                menu.menuAction().setVisible(offers)

    def fill(self, bar: QMenuBar) -> None:
        """Make the menus: rows in table order, a separator between groups, sub-menus by path."""
        for title in MENUS:
            rows = [row for row in self.rows.values() if row.menu.partition("/")[0] == title]
            if rows:
                menu = bar.addMenu(title)
                self._fill_menu(menu, rows)
                if all(row.workspaces for row in rows):
                    self._why_empty[menu] = self._row_of_where(menu, rows)
        self._hide_empty_menus(self._session.workspace)

    def _row_of_where(self, menu: QMenu, rows: list[Command]) -> QAction:
        """A grey row that says where the menu's rows work."""
        spaces = [self.rows[f"view.{one}"] for one in WORKSPACES if any(one in row.workspaces for row in rows)]
        named = [f"{one.plain_text} ({key_text(one.shortcuts[0])})" for one in spaces]
        action = QAction(button_text(f"Works in {' and '.join(named)}"), menu)
        action.setEnabled(False)
        menu.addAction(action)
        return action

    def menu(self, command_ids: Iterable[str | tuple[str, list[str]]], parent: QWidget, *, title: str = "") -> QMenu:
        """A menu of some commands, such as a view's context menu; "" stands for a separator, a title with commands for
        a menu below it. What is not in the table is left out. title: what they are about, above them."""
        menu = QMenu(parent)
        menu.setToolTipsVisible(True)
        if title:
            about = QAction(button_text(title), menu)
            about.setEnabled(False)
            menu.addAction(about)
            menu.addSeparator()
        for command_id in command_ids:
            if isinstance(command_id, tuple):
                below = self.menu(command_id[1], menu)
                below.setTitle(button_text(command_id[0]))
                menu.addMenu(below)
            elif command_id in self.actions:
                menu.addAction(self.actions[command_id])
            elif not command_id:
                menu.addSeparator()
        return menu

    def _fill_menu(self, menu: QMenu, rows: list[Command]) -> None:
        menu.setSeparatorsCollapsible(True)
        menu.setToolTipsVisible(True)
        self._menus.append((menu, [row.id for row in rows]))
        group = rows[0].group
        below: dict[str, QMenu] = {}
        for row in rows:
            if row.group != group:
                menu.addSeparator()
                group = row.group
            sub = row.menu.partition("/")[2]
            if sub and sub not in below:
                below[sub] = QMenu(sub, menu)
                below[sub].setToolTipsVisible(True)
                menu.addMenu(below[sub])
                self._menus.append((below[sub], [one.id for one in rows if one.menu == row.menu]))
            (below[sub] if sub else menu).addAction(self.actions[row.id])

    def _action(self, row: Command) -> QAction:
        action = QAction(_menu_text(row.text, row), self)
        action.setObjectName(row.id)
        set_tip(action, tool_tip(row, row.plain_text))
        action.setCheckable(row.checked_when is not None)
        if row.icon:
            action.setIcon(self._session.icons.icon(row.icon, 20))
        action.setIconVisibleInMenu(False)
        action.triggered.connect(lambda _checked=False, command_id=row.id: self._on_triggered(command_id))
        return action

    def _on_triggered(self, command_id: str) -> None:
        if not self.run(command_id):
            self._session.tell_situation()

    def _on_theme_changed(self, _theme: object) -> None:
        for command_id, row in self.rows.items():
            if row.icon:
                self.actions[command_id].setIcon(self._session.icons.icon(row.icon, 20))


def _menu_text(text: str, row: Command) -> str:
    # Text after a tab stands at the right; the key itself is handled by KeyTable, which knows work spaces.
    return f"{text}\t{key_text(row.shown_key)}" if row.shown_key else text


def tool_tip(row: Command, text: str, why_not: str = "") -> str:
    """Name, key and what it does; why it is off, and what to do."""
    name = text.removesuffix("…")
    keys = "  ".join(f"[{key_text(shortcut)}]" for shortcut in row.shortcuts)
    return "\n".join(part for part in (f"{name}   {keys}".rstrip(), row.help, why_not) if part)
