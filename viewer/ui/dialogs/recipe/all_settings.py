"""All settings of a recipe that the training dialog does not show at once, folded away until they are wanted."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from ml.recipe import RANGES, Recipe, setting_words
from viewer.core.errors import BadRequest
from viewer.core.text.counting import counted
from viewer.ui.dialogs.last_used import Last, Range, not_offered
from viewer.ui.dialogs.recipe.fields import ChoiceField, DecimalField, FlagField, PointField, SettingField, field_of
from viewer.ui.dialogs.recipe.rows import GROUPS, ROWS, Row
from viewer.ui.look.chips import text_label
from viewer.ui.look.plain_text import set_text, set_tip
from viewer.ui.look.row_painting import KeyButton

if TYPE_CHECKING:
    from viewer.ui.flows.desk import Desk

SHOWN_FLAG = "all_settings_shown"
SHOW, HIDE = "All settings", "Fewer settings"


class AllSettings(QWidget):
    """A button that shows them, how many differ from the model's own, and the fields by group."""

    changed = Signal()

    def __init__(self, session: "Desk") -> None:
        super().__init__()
        self._session = session
        self._defaults: dict[str, Any] = {}
        self.fields: dict[str, SettingField] = {}
        self._titles: dict[str, QWidget] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        self.body = QWidget()
        head = QHBoxLayout()
        head.setSpacing(8)
        self.button = KeyButton(session.icons, SHOW, icon="settings")
        self.button.clicked.connect(lambda: self._show(shown=self.body.isHidden()))
        self.differ = text_label("", "caption")
        head.addWidget(self.button)
        head.addWidget(self.differ, 1)
        column.addLayout(head)
        grid = QGridLayout(self.body)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(6)
        for column_of_fields in (1, 3):
            grid.setColumnStretch(column_of_fields, 1)
        for group in GROUPS:
            title = text_label(group, "strong")
            title.setContentsMargins(0, 6, 0, 0)
            grid.addWidget(title, grid.rowCount(), 0, 1, 4)
            self._add(grid, [row for row in ROWS if row.group == group])
        column.addWidget(self.body)
        self._show(shown=session.settings.flag(SHOWN_FLAG))

    def _add(self, grid: QGridLayout, rows: list[Row]) -> None:
        first = grid.rowCount()
        for place, row in enumerate(rows):
            field = self.fields[row.name] = field_of(row)
            assert isinstance(field, QWidget)
            set_tip(field, row.tip)
            field.told.connect(self._on_told)
            line, column = first + place // 2, 2 * (place % 2)
            if isinstance(field, QCheckBox):
                grid.addWidget(field, line, column, 1, 2)
                continue
            title = self._titles[row.name] = text_label(row.title, "second")
            set_tip(title, row.tip)
            grid.addWidget(title, line, column)
            grid.addWidget(field, line, column + 1)

    def _show(self, *, shown: bool) -> None:
        self.body.setVisible(shown)
        self.button.set_words(HIDE if shown else SHOW)
        self._session.settings.set_flag(SHOWN_FLAG, on=shown)

    def _on_told(self) -> None:
        self._follow()
        self.changed.emit()

    def _follow(self) -> None:
        """What does nothing as the others stand cannot be set; how many differ is told."""
        for row in ROWS:
            if row.needs is not None:
                name, value = row.needs
                holds = self.fields[name].setting_value() == value
                for widget in (self.fields[row.name], self._titles.get(row.name)):
                    if isinstance(widget, QWidget):
                        widget.setEnabled(holds)
        count = sum(self._value(name) != self._defaults.get(name) for name in self.fields)
        set_text(self.differ, f"{counted(count, 'setting')} other than the model's own" if count else "")

    def _value(self, name: str) -> Any:
        try:
            return self.fields[name].setting_value()
        except BadRequest:
            return None  # it is no default, whatever it is

    # Showing

    def show_recipe(self, recipe: Recipe) -> None:
        """The values of a recipe, as those that the person begins from."""
        self._defaults = {name: value for name, value in asdict(recipe).items() if name in self.fields}
        for name, value in self._defaults.items():
            self.fields[name].show_value(value)
        self._follow()

    def show_last(self, last: Last) -> list[str]:
        """Take over what a run was last started with. Returns a sentence for each choice that there is none of now."""
        refused = []
        for name in (name for name in self.fields if name in last.values):
            try:
                self.fields[name].show_value(last.values[name])
            except BadRequest:
                refused.append(not_offered(setting_words(name).removeprefix("the "), last.values[name]))
        self._follow()
        return refused

    def follow(self) -> None:
        """After fields were filled in from outside, which tells nobody."""
        for field in self.fields.values():
            if isinstance(field, PointField):
                field.follow()
        self._follow()

    @property
    def by_words(self) -> dict[str, QWidget]:
        """What a person may change, by its title; an operating point is two fields."""
        found: dict[str, QWidget] = {}
        for row in ROWS:
            field = self.fields[row.name]
            if isinstance(field, PointField):
                found |= {row.title: field.rule, f"{row.title}, number": field.number}
            elif isinstance(field, QWidget):
                found[row.title] = field
        return found

    # Reading

    def values(self) -> dict[str, Any]:
        """What the fields say, by the recipe's names; of what cannot be set, the model's own. Raises BadRequest."""
        return {
            name: field.setting_value()
            if not isinstance(field, QWidget) or field.isEnabledTo(self)
            else self._defaults[name]
            for name, field in self.fields.items()
        }

    @property
    def ranges(self) -> dict[str, Range]:
        """What each number may be, by the recipe's names."""
        return {
            name: Range(
                words=setting_words(name).removeprefix("the "), low=RANGES[name][0], high=RANGES[name][1],
                whole=not isinstance(field, DecimalField),
            )
            for name, field in self.fields.items()
            if name in RANGES
        }  # fmt: skip

    @property
    def texts(self) -> dict[str, str]:
        """What each choice is called, by the recipe's names."""
        return self._called((ChoiceField, PointField))

    @property
    def flags(self) -> dict[str, str]:
        """What each flag is called, by the recipe's names."""
        return self._called((FlagField,))

    def _called(self, kinds: tuple[type, ...]) -> dict[str, str]:
        return {
            name: setting_words(name).removeprefix("the ")
            for name, field in self.fields.items()
            if isinstance(field, kinds)
        }
