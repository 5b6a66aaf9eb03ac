"""Values of an evaluation stay what they are: two figures of one outcome are of the same cases and the same scores."""

import dataclasses
import importlib
import inspect
import pkgutil

import ml.evaluation
import ml.tasks
from viewer.project.snapshots import split

# What is gathered run by run and is complete when the last one is judged.
GATHERED = {"Collected", "SeenCases"}


def test_only_what_is_gathered_run_by_run_can_be_changed() -> None:
    rooms = (ml.evaluation, ml.tasks)
    names = [one.name for room in rooms for one in pkgutil.walk_packages(room.__path__, f"{room.__name__}.")]
    modules = [split, *map(importlib.import_module, names)]
    values = {
        value
        for module in modules
        for _, value in inspect.getmembers(module, inspect.isclass)
        if dataclasses.is_dataclass(value) and value.__module__ == module.__name__
    }

    assert len(values) > 50
    assert {value.__name__ for value in values if not value.__dataclass_params__.frozen} == GATHERED
