"""What a person set in the dialog of a new run, which another model or snapshot leaves as it is."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QCheckBox, QComboBox, QLineEdit, QSpinBox, QWidget

from ml.before import refuse_size
from viewer.core.errors import BadRequest
from viewer.ui.look.plain_text import set_field, tell_choice

if TYPE_CHECKING:
    from ml.catalogue import ModelSpec

SIZES = ("Input size, px", "Input columns, px")


class ByHand:
    """The content of each field as the dialog last filled it in, and of those a person changed since.

    A field is compared with what was filled in, so it does not matter whether keys, wheel or a menu changed it.
    """

    def __init__(self, widgets: Mapping[str, QWidget]) -> None:
        """widgets: every field that a model's values are shown in, by the words beside it."""
        self._widgets = dict(widgets)
        self._filled: dict[str, Any] = {}
        self._mine: dict[str, Any] = {}

    def look(self) -> None:
        """Before other values are filled in: what a person changed. A field once set is theirs until `forget`."""
        for name, filled in self._filled.items():
            now = _content(self._widgets[name])
            if now != filled or name in self._mine:
                self._mine[name] = now
        self._filled.clear()  # what is filled in until `show` is nobody's change

    def forget(self) -> None:
        """The person asked for the model's own values."""
        self._mine.clear()
        self._filled.clear()

    def show(self, spec: "ModelSpec") -> str:
        """Put back what the person set, after the model's own values were filled in. Returns what is said of it.

        A size that the model does not take is not put back, which is said; the model's own stands then.
        """
        self._filled = {name: _content(widget) for name, widget in self._widgets.items()}
        kept, refused = [], []
        for name, value in list(self._mine.items()):
            problem = _size_problem(spec, value) if name in SIZES else ""
            if problem:
                refused.append(f"{problem} It is {self._filled[name] or 'as many as rows'} now.")
                del self._mine[name]
            elif _put(self._widgets[name], value) and value != self._filled[name]:
                kept.append(name)
        stays = f"What you set by hand stays: {_listed(kept)}." if kept else ""
        return " ".join(filter(None, [stays, *refused]))


def _size_problem(spec: "ModelSpec", side_px: int) -> str:
    """Why a network takes no image of that side, "" where it does; 0 is its own."""
    try:
        refuse_size(spec, side_px or spec.input_px)
    except BadRequest as error:
        return str(error)
    return ""


def _content(widget: QWidget) -> Any:
    match widget:
        case QSpinBox():
            return widget.value()
        case QCheckBox():
            return widget.isChecked()
        case QComboBox():
            return widget.currentData()
        case QLineEdit():
            return widget.text()
    raise TypeError(f"{type(widget).__name__} has no content to keep.")


def _put(widget: QWidget, value: Any) -> bool:
    """Without telling of it. Returns whether the field has a place for it: another snapshot may have fewer folds."""
    was = widget.blockSignals(True)
    try:
        match widget:
            case QSpinBox():
                widget.setValue(value)
            case QCheckBox():
                widget.setChecked(value)
            case QComboBox():
                place = widget.findData(value)
                if place < 0:
                    return False
                widget.setCurrentIndex(place)
                tell_choice(widget)
            case QLineEdit():
                set_field(widget, value)
    finally:
        widget.blockSignals(was)
    return True


def _listed(names: Sequence[str]) -> str:
    """As a sentence has them: the first letter small."""
    return "; ".join(name[:1].lower() + name[1:] for name in names)
