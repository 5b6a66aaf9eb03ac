"""What holds for every value of the core: it is frozen, made by name, and each error has its exit code."""

import importlib
import pkgutil
from dataclasses import fields, is_dataclass

import pytest

import viewer.core
from viewer.core import errors
from viewer.core.errors import AppError

MODULES = [importlib.import_module(found.name) for found in pkgutil.iter_modules(viewer.core.__path__, "viewer.core.")]
VALUES = [
    thing
    for module in MODULES
    for thing in vars(module).values()
    if isinstance(thing, type) and is_dataclass(thing) and thing.__module__ == module.__name__
]
FAMILY = [thing for thing in vars(errors).values() if isinstance(thing, type) and issubclass(thing, AppError)]


@pytest.mark.parametrize("value", VALUES, ids=lambda value: f"{value.__module__}.{value.__name__}")
def test_a_value_is_frozen_slotted_and_made_by_name(value: type) -> None:
    assert value.__dataclass_params__.frozen  # type: ignore[attr-defined]
    assert "__slots__" in vars(value)
    assert all(field.kw_only for field in fields(value))


def test_a_value_that_holds_arrays_is_compared_by_identity() -> None:
    from viewer.core.edits import Edit, MaskPatch
    from viewer.core.volume import Reformat, Volume
    from viewer.core.windowing import DisplayTable

    for value in (Volume, Reformat, DisplayTable, MaskPatch, Edit):
        assert value.__eq__ is object.__eq__, value.__name__


def test_what_cannot_be_asked_for_has_exit_code_2_and_what_failed_1() -> None:
    codes = {kind.__name__: kind.exit_code for kind in FAMILY}

    assert {name for name, code in codes.items() if code == 2} == {"UnknownName", "Ambiguous", "BadRequest"}
    assert set(codes.values()) == {1, 2}


def test_what_is_missing_is_named_with_the_command_that_brings_it() -> None:
    assert str(errors.MissingExtra("Training")).startswith("Training needs torch")
    assert "python3 packaging/start.py" in str(errors.MissingExtra("Training"))
