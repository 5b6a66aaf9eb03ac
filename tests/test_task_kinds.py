"""A kind of task is an object: outside of the two rooms of kinds no line asks which kind a task is.

Looked for are comparisons and `match` cases with the name of a kind, and literal lists or tables of several of them.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from ml.tasks import TASKS
from viewer.core.task_kinds import TASK_KINDS

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("viewer/core/task_kinds/", "ml/tasks/")
SOURCES = sorted(
    path
    for package in ("viewer", "ml")
    for path in (ROOT / package).rglob("*.py")
    if not path.relative_to(ROOT).as_posix().startswith(ROOMS)
)


def names_in(node: ast.AST | None) -> list[str]:
    """The names of kinds that stand in a value, or in the values of a list or the keys of a table."""
    inner = node.elts if isinstance(node, ast.Tuple | ast.List | ast.Set) else [node]
    inner = node.keys if isinstance(node, ast.Dict) else inner
    return [one.value for one in inner if isinstance(one, ast.Constant) and one.value in TASK_KINDS]


def chains(text: str) -> Iterator[int]:
    """The lines that ask for a kind by its name, or list kinds."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Compare) and any(names_in(side) for side in (node.left, *node.comparators)):
            yield node.lineno
        elif isinstance(node, ast.MatchValue) and names_in(node.value):
            yield node.value.lineno
        elif isinstance(node, ast.Tuple | ast.List | ast.Set | ast.Dict) and len(names_in(node)) > 1:
            yield node.lineno


@pytest.mark.parametrize(
    "planted",
    [
        'if card.kind == "detection":\n    pass\n',
        'if "classification" != task.kind:\n    pass\n',
        'if task.kind in ("detection", "other"):\n    pass\n',
        'match task.kind:\n    case "segmentation":\n        pass\n',
        'KINDS = ("classification", "detection")\n',
        'WORDS = {"classification": "a", "segmentation": "b"}\n',
    ],
)
def test_a_planted_chain_is_found(planted: str) -> None:
    assert list(chains(f"x = 1\n{planted}")) != []


def test_what_is_no_chain_is_not_found() -> None:
    assert (
        list(chains('Spec(kind="classification")\nentry.get("segmentation")\nFOLDERS = {"seg", "segmentation"}\n'))
        == []
    )


def test_no_line_outside_of_the_rooms_of_kinds_asks_which_kind_a_task_is() -> None:
    found = [f"{path.relative_to(ROOT)}:{line}" for path in SOURCES for line in chains(path.read_text("utf-8"))]
    assert found == []


def test_every_kind_that_people_choose_can_be_learned() -> None:
    assert list(TASKS) == list(TASK_KINDS)
