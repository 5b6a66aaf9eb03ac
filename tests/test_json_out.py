"""JSON that leaves the program holds no NaN and no Infinity: no other program could read it."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SOURCES = sorted([*ROOT.glob("viewer/**/*.py"), *ROOT.glob("ml/**/*.py"), *ROOT.glob("packaging/*.py")])

# Between our own processes, where whoever reads checks each value and says what is odd in words of its own.
OWN_PIPES = {"viewer/reading/volume_files/child.py", "viewer/reading/decoding_child/serve.py"}


def careless(text: str) -> Iterator[int]:
    """The lines that write JSON and would write a number that is none."""
    for node in ast.walk(ast.parse(text)):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in ("dump", "dumps")
            and isinstance(node.func.value, ast.Name)
            and node.func.value.id == "json"
            and not any(
                word.arg == "allow_nan" and isinstance(word.value, ast.Constant) and word.value.value is False
                for word in node.keywords
            )
        ):
            yield node.lineno


def test_json_refuses_a_number_that_is_none() -> None:
    assert SOURCES
    found = [
        f"{path.relative_to(ROOT).as_posix()}:{line}"
        for path in SOURCES
        if path.relative_to(ROOT).as_posix() not in OWN_PIPES
        for line in careless(path.read_text(encoding="utf-8"))
    ]

    assert found == []


def test_a_careless_line_would_be_found() -> None:
    assert list(careless("import json\njson.dumps(1)\njson.dump(1, f, allow_nan=True)")) == [2, 3]
    assert list(careless("import json\njson.dumps(1, allow_nan=False)")) == []
