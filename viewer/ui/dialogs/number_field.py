"""A field for a whole number that keeps what was typed and says what is wrong with it, instead of jumping back."""

from PySide6.QtGui import QValidator
from PySide6.QtWidgets import QAbstractSpinBox, QSpinBox

from ml.recipe import RANGES, range_problem
from viewer.ui.look.plain_text import set_hint, set_name

_MOST = 2**31 - 1  # what the widget can hold


class NumberField(QSpinBox):
    """A spin box whose arrows stay within a setting's range (`ml.recipe.RANGES`), and into which anything may be typed.

    A spin box with that range would put its own number in the place of one that is out of it, without a word.
    """

    def __init__(self, name: str, setting: str, *, low: int | None = None, unset: str = "") -> None:
        """unset: what 0 means, for a setting where it is no number; the field is empty then, and says that."""
        super().__init__()
        self._unset = unset
        ends = RANGES[setting]
        self.low, self.high = int(ends[0]) if low is None else low, min(_MOST, int(ends[1]))
        self.setting = setting
        super().setRange(-_MOST, _MOST)
        self.setGroupSeparatorShown(False)
        set_name(self, name)
        if unset:
            set_hint(self.lineEdit(), unset)

    def textFromValue(self, val: int) -> str:
        """Nothing for what is not set."""
        return "" if self._unset and val == 0 else super().textFromValue(val)

    def valueFromText(self, text: str) -> int:
        """0 for nothing, where that may be left out."""
        return 0 if self._unset and not text.strip() else super().valueFromText(text)

    def validate(self, input: str, pos: int) -> tuple[QValidator.State, str, int]:
        """An empty field is an answer where there is a word for it."""
        if self._unset and not input.strip():
            return QValidator.State.Acceptable, input, pos
        return super().validate(input, pos)

    def stepBy(self, steps: int) -> None:
        """By the arrows, the wheel and the keys."""
        self.setValue(min(self.high, max(self.low, self.value() + steps * self.singleStep())))

    def stepEnabled(self) -> QAbstractSpinBox.StepEnabledFlag:
        """Which arrows lead somewhere."""
        flag = QAbstractSpinBox.StepEnabledFlag
        down = flag.StepDownEnabled if self.value() > self.low else flag.StepNone
        return down | (flag.StepUpEnabled if self.value() < self.high else flag.StepNone)

    @property
    def problem(self) -> str:
        """What is wrong with the number, in a sentence; "" when nothing is."""
        return range_problem(self.setting, self.value(), self.low, self.high)
