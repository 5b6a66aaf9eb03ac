"""The fields of settings: a whole number, a number, a flag, a choice, an operating point; each says its own value."""

from dataclasses import fields, replace
from typing import Any, Protocol, cast

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLineEdit, QWidget

from ml.operating_points import RULES, read_rule
from ml.recipe import Recipe, setting_title
from viewer.core.errors import BadRequest
from viewer.ui.dialogs.number_field import NumberField
from viewer.ui.dialogs.recipe.rows import Row
from viewer.ui.look.choice_box import ChoiceBox
from viewer.ui.look.plain_text import add_choice, set_field, set_hint, set_name, tell_choice

POINTS = (
    ("", "As the kind has it"), ("recall", "Recall at least"), ("precision", "Precision at least"),
    ("youden", "Youden's index"), ("cost", "Least cost of a miss"),
)  # fmt: skip
FIRST_NUMBER = {"recall": "0.95", "precision": "0.9", "cost": "10"}


class SettingField(Protocol):
    """A widget for one setting."""

    told: Any  # Signal: a person changed it

    def show_value(self, value: Any) -> None:
        """Show a value without telling of it. Raises BadRequest for one that it has no place for."""

    def setting_value(self) -> Any:
        """What it says, of the recipe's type. Raises BadRequest for what is no value."""


class WholeField(NumberField):
    """A whole number."""

    told = Signal()

    def __init__(self, row: Row) -> None:
        super().__init__(row.title, row.name, unset=row.unset)
        self.valueChanged.connect(lambda _: self.told.emit())

    def show_value(self, value: int) -> None:
        """See `SettingField`."""
        self.blockSignals(True)
        self.setValue(value)
        self.blockSignals(False)

    def setting_value(self) -> int:
        """See `SettingField`."""
        number = self.value()
        problem = self.problem if number or not self._unset else ""
        if problem and self.isEnabled():
            raise BadRequest(problem)
        return number


class DecimalField(QLineEdit):
    """A number; a comma is read as a point."""

    told = Signal()

    def __init__(self, row: Row) -> None:
        super().__init__()
        self._setting, self._shown = row.name, 0.0
        set_name(self, row.title)
        self.textChanged.connect(lambda _: self.told.emit())

    def show_value(self, value: float) -> None:
        """See `SettingField`."""
        self._shown = float(value)
        self.blockSignals(True)
        set_field(self, f"{value:g}")
        self.blockSignals(False)

    def setting_value(self) -> float:
        """See `SettingField`. What was shown and not changed has all its digits."""
        if self.text() == f"{self._shown:g}":
            return self._shown
        try:
            return float(self.text().replace(",", "."))
        except ValueError as error:
            raise BadRequest(f"{setting_title(self._setting)} is no number; write for example 0.1.") from error


class FlagField(QCheckBox):
    """On or off; its words are its label."""

    told = Signal()

    def __init__(self, row: Row) -> None:
        super().__init__(row.title)
        set_name(self, row.title)
        self.toggled.connect(lambda _: self.told.emit())

    def show_value(self, value: bool) -> None:  # noqa: FBT001  # as the other fields have it
        """See `SettingField`."""
        self.blockSignals(True)
        self.setChecked(value)
        self.blockSignals(False)

    def setting_value(self) -> bool:
        """See `SettingField`."""
        return self.isChecked()


class ChoiceField(ChoiceBox):
    """One of a few."""

    told = Signal()

    def __init__(self, row: Row) -> None:
        super().__init__()
        self._setting = row.name
        set_name(self, row.title)
        self.setSizeAdjustPolicy(ChoiceBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(12)
        for value, words in row.choices:
            add_choice(self, words, value)
        self.currentIndexChanged.connect(self._on_chosen)
        tell_choice(self)

    def _on_chosen(self, _place: int) -> None:
        tell_choice(self)
        self.told.emit()

    def show_value(self, value: str) -> None:
        """See `SettingField`."""
        place = self.findData(value)
        if place < 0:
            raise BadRequest(f"{setting_title(self._setting)} has no {value!r} to choose.")
        self.blockSignals(True)
        self.setCurrentIndex(place)
        self.blockSignals(False)
        tell_choice(self)

    def setting_value(self) -> str:
        """See `SettingField`."""
        return cast("str", self.currentData())


class PointField(QWidget):
    """An operating point: the rule, and its number where it has one."""

    told = Signal()

    def __init__(self, row: Row) -> None:
        super().__init__()
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(6)
        self.rule = ChoiceField(replace(row, choices=POINTS))
        self.number = QLineEdit()
        self.number.setMaximumWidth(80)
        set_name(self.number, f"{row.title}, number")
        set_hint(self.number, "0.95")
        line.addWidget(self.rule, 1)
        line.addWidget(self.number)
        self.setFocusProxy(self.rule)
        self.rule.told.connect(self._on_rule)
        self.number.textChanged.connect(lambda _: self.told.emit())
        self.follow()

    def follow(self) -> None:
        """The number is seen where the rule has one."""
        rule = RULES.get(self.rule.setting_value())
        self.number.setVisible(rule is not None and rule.low is not None)

    def _on_rule(self) -> None:
        self.follow()
        if self.number.isVisibleTo(self):
            self.number.blockSignals(True)
            set_field(self.number, FIRST_NUMBER[self.rule.setting_value()])
            self.number.blockSignals(False)
        self.told.emit()

    def show_value(self, value: str) -> None:
        """See `SettingField`."""
        name, _, number = value.partition(":")
        self.rule.show_value(name)
        self.number.blockSignals(True)
        set_field(self.number, number)
        self.number.blockSignals(False)
        self.follow()

    def setting_value(self) -> str:
        """See `SettingField`."""
        name = self.rule.setting_value()
        if not name:
            return ""
        number = self.number.text().strip().replace(",", ".") if self.number.isVisibleTo(self) else ""
        text = f"{name}:{number}" if number or self.number.isVisibleTo(self) else name
        read_rule(text)
        return text


def field_of(row: Row) -> SettingField:
    """The field for a setting, by what the recipe has there."""
    if row.name == "operating_point":
        return PointField(row)
    if row.choices:
        return ChoiceField(row)
    (default,) = (field.default for field in fields(Recipe) if field.name == row.name)
    kinds: dict[type, type] = {bool: FlagField, int: WholeField, float: DecimalField}
    return cast("SettingField", kinds[type(default)](row))
