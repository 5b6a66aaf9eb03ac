"""No circle of imports between files anywhere, and no row of a registry knows another: each with a planted one.

An import under TYPE_CHECKING counts: who has to read one file to understand another depends on it.
"""

import ast
from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache
from importlib import import_module
from pathlib import Path

import pytest

from tests.test_architecture import REGISTRIES

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("viewer", "ml", "resources")
Edges = dict[str, set[str]]


def sources() -> dict[str, str]:
    """Module -> its text."""
    found = {}
    for path in (path for package in PACKAGES for path in (ROOT / package).rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path.read_text(encoding="utf-8")
    return found


@lru_cache(maxsize=2000)
def _named(text: str) -> tuple[tuple[frozenset[str], str], ...]:
    """What each import of a file names: modules, and the one to take where none of these is one."""
    found = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            found += [(frozenset({alias.name}), "") for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.append((frozenset(f"{node.module}.{alias.name}" for alias in node.names), node.module))
    return tuple(found)


def imports(texts: dict[str, str]) -> Edges:
    """Module -> the modules of ours that it imports, wherever in it."""
    edges: Edges = defaultdict(set)
    for module, text in texts.items():
        for whole, package in _named(text):
            edges[module] |= whole & texts.keys() or {package} & texts.keys()
        edges[module].discard(module)
    return edges


def circles(edges: Edges) -> list[list[str]]:
    """What is left after what imports nothing, or is imported by nothing, was taken away again and again."""
    left = {module: set(targets) for module, targets in edges.items() if targets}
    while True:
        targets = {target for others in left.values() for target in others}
        kept = {
            module: others & left.keys()
            for module, others in left.items()
            if module in targets and others & left.keys()
        }
        if kept == left:
            return [sorted(left)] if left else []
        left = kept


# Two kinds of shapes are what all others are asked for: a task takes a box or a mask of whatever was drawn.
ASKED_OF_ALL = {"viewer.core.shapes.kinds.box", "viewer.core.shapes.kinds.mask"}


def modules_of(registry: str) -> set[str]:
    """The files of its rows."""
    module, _, name = registry.partition(":")
    rows: Iterable[str] = getattr(import_module(module), name).values()
    return {row.partition(":")[0] for row in rows} - ASKED_OF_ALL


def acquaintances(edges: Edges, rows: set[str]) -> list[str]:
    """Rows that import another row."""
    return [f"{one} imports {other}" for one in sorted(rows) for other in sorted(edges[one] & rows)]


def test_no_file_is_in_a_circle_of_imports() -> None:
    assert circles(imports(sources())) == []


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("viewer.core.errors", "from viewer.core import counting_planted\n"),
        ("viewer.ui.state.session", "if TYPE_CHECKING:\n    from viewer.ui.flows.desk import Desk\n"),
        ("viewer.reading.dicom.parsed_file", "def f():\n    from viewer.reading.dicom.opening import open_dicom\n"),
        ("ml.explain.scale", "import ml.explain.heatmap\n"),
    ],
)
def test_a_planted_circle_is_seen(module: str, line: str) -> None:
    texts = sources()
    texts["viewer.core.counting_planted"] = "import viewer.core.errors\n"
    texts[module] += line
    (circle,) = circles(imports(texts))
    assert module in circle


@pytest.mark.parametrize("registry", REGISTRIES)
def test_no_row_of_a_registry_imports_another(registry: str) -> None:
    rows = modules_of(registry)
    assert len(rows) > 1
    assert acquaintances(imports(sources()), rows) == []


@pytest.mark.parametrize("registry", REGISTRIES)
def test_a_planted_acquaintance_is_seen(registry: str) -> None:
    texts, (one, other, *_) = sources(), sorted(modules_of(registry))
    texts[one] += f"import {other}\n"
    assert acquaintances(imports(texts), modules_of(registry)) == [f"{one} imports {other}"]
