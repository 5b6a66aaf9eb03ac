"""Which tests reach which line: recorded once on the sound code, so that a fault is run by those tests alone.

Every test file runs once in a fork of its own under coverage.py, which is told at each test, and at each fixture of a
wider scope, whose lines come now. A line that only an import runs (a constant, a default, a field) is held by every
test that reaches a function of its module, or of a module that imports that one.
"""

import ast
import hashlib
import json
import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pytest

PYTEST = ("-q", "-x", "-m", "not full")
LEAST_S, TIMES = 25.0, 8.0  # how long a test may take beside the time that it took on the sound code
FIXTURE = "fixture "


@dataclass(slots=True, kw_only=True)
class Reached:
    """What the tests of one file reach. tests, fixtures: seconds of each; needs: each test's fixtures of a wider scope;
    lines: lines by whose they are (a test or `FIXTURE` and a name), then by file."""

    key: str
    tests: dict[str, float] = field(default_factory=dict)
    fixtures: dict[str, float] = field(default_factory=dict)
    needs: dict[str, list[str]] = field(default_factory=dict)
    lines: dict[str, dict[str, list[int]]] = field(default_factory=dict)

    def reaching(self, file: str, wanted: set[int] | None) -> Iterator[str]:
        """The tests that reach one of these lines; None: any line."""
        whose = {who for who, files in self.lines.items() if not _apart(files.get(file, []), wanted)}
        for test in self.tests:
            if test in whose or any(FIXTURE + name in whose for name in self.needs.get(test, [])):
                yield test

    def cost(self, test: str) -> tuple[float, float]:
        """Seconds of the fixtures of a wider scope that it asks for, and of itself."""
        return sum(self.fixtures.get(name, 0.0) for name in self.needs.get(test, [])), self.tests[test]


def _apart(lines: list[int], wanted: set[int] | None) -> bool:
    return not lines if wanted is None else wanted.isdisjoint(lines)


def record(copy: Path, tests: list[Path], files: list[str], kept: Path) -> list[Reached]:
    """What each of these test files reaches in `files`; what `kept` holds of the same text is taken from there."""
    sources = "".join((copy / name).read_text(encoding="utf-8") for name in files)
    known = json.loads(kept.read_text(encoding="utf-8")) if kept.exists() else {}
    found = []
    for number, path in enumerate(tests):
        name = path.relative_to(copy).as_posix()
        key = hashlib.sha256((sources + path.read_text(encoding="utf-8")).encode()).hexdigest()
        if known.get(name, {}).get("key") != key:
            known[name] = _recorded(copy, name, files) | {"key": key}
            kept.write_text(json.dumps(known), encoding="utf-8")
            took = sum([*known[name]["tests"].values(), *known[name]["fixtures"].values()])
            sys.stdout.write(f"{number + 1}/{len(tests)} {name}: {len(known[name]['tests'])} tests, {took:.0f} s\n")
            sys.stdout.flush()
        found.append(Reached(**known[name]))
    return found


def _recorded(copy: Path, name: str, files: list[str]) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        answer = Path(folder) / "reached.json"
        in_fork(copy, lambda: _record_one(copy, name, files, answer))
        if not answer.exists():
            raise RuntimeError(f"{name} ended before its end")
        return dict(json.loads(answer.read_text(encoding="utf-8")))


def _record_one(copy: Path, name: str, files: list[str], answer: Path) -> int:
    from coverage import Coverage

    seen = Coverage(data_file=None, include=[str(copy / file) for file in files], messages=False, config_file=False)
    recorder = _Recorder(seen.switch_context)
    seen.start()
    status = int(pytest.main([*PYTEST[:1], *PYTEST[2:], name], plugins=[recorder]))
    seen.stop()
    data, lines = seen.get_data(), {}
    for file in files:
        for line, whose in data.contexts_by_lineno(str(copy / file)).items():
            for who in filter(None, whose):
                lines.setdefault(who, {}).setdefault(file, []).append(line)
    tests = {test: took for test, took in recorder.tests.items() if test not in recorder.not_used}
    answer.write_text(
        json.dumps({"tests": tests, "fixtures": recorder.fixtures, "needs": recorder.needs, "lines": lines})
    )
    return status


class _Recorder:
    """Of pytest: tells whose lines come now, and how long each took. not_used: tests that failed or were skipped."""

    def __init__(self, switch: Callable[[str], None]) -> None:
        self.switch, self.now = switch, ""
        self.tests: dict[str, float] = {}
        self.fixtures: dict[str, float] = {}
        self.needs: dict[str, list[str]] = {}
        self.not_used: set[str] = set()

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self._is_now(nodeid)

    def pytest_runtest_logfinish(self) -> None:
        self._is_now("")

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: Any, request: Any) -> Any:
        """Wraps each fixture's making; one that is there for several tests is nobody's own."""
        before, began, name = self.now, time.monotonic(), str(fixturedef.argname)
        wide = fixturedef.scope != "function"
        if wide:
            self._is_now(FIXTURE + name)
            item = getattr(request, "_pyfuncitem", None)
            if item is not None and name not in self.needs.setdefault(item.nodeid, []):
                self.needs[item.nodeid].append(name)
        result = yield
        if wide:
            self.fixtures[name] = time.monotonic() - began
            self._is_now(before)
        return result

    def pytest_runtest_setup(self, item: Any) -> None:
        needs = self.needs.setdefault(item.nodeid, [])
        for name, found in item._fixtureinfo.name2fixturedefs.items():
            if found[-1].scope != "function" and name not in needs:
                needs.append(name)

    def pytest_runtest_logreport(self, report: Any) -> None:
        self.tests[report.nodeid] = self.tests.get(report.nodeid, 0.0) + report.duration
        if not report.passed:
            self.not_used.add(report.nodeid)

    def _is_now(self, who: str) -> None:
        self.now = who
        self.switch(who)


def tests_for(found: list[Reached], file: str, line: int, copy: Path, importers: list[str]) -> dict[str, float]:
    """The tests that reach this line with the seconds of each, quickest first; those of one file that share what takes
    long to make stand together. importers: the files that import this one."""
    statement, in_function = _statement(copy / file, line)
    wanted = statement if in_function else None
    ranks: dict[str, tuple[Any, ...]] = {}
    costs: dict[str, float] = {}
    for name in [file] if in_function else [file, *importers]:
        for one in found:
            for test in one.reaching(name, wanted):
                shared, itself = one.cost(test)
                group = (shared, test.partition("::")[0]) if shared > 0.5 else (0.0, "")
                ranks[test] = (*group, itself)
                costs[test] = shared + itself
    return {test: costs[test] for test in sorted(ranks, key=lambda test: ranks[test])}


@cache
def _statement(path: Path, line: int) -> tuple[set[int], bool]:
    """The lines of the statement that this line belongs to, without what stands in it; whether a function runs it."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    best, in_function = set(range(1, 1 << 20)), False
    for node in ast.walk(tree):
        if isinstance(node, ast.stmt):
            lines = _header(node)
            if line in lines and len(lines) <= len(best):
                best = set(lines)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            in_function |= _first(node.body[0]) <= line <= (node.end_lineno or 0)
    return best, in_function


def _header(node: ast.stmt) -> range:
    body = getattr(node, "body", None)
    last = _first(body[0]) - 1 if body and not isinstance(node, ast.Try) else node.end_lineno or node.lineno
    return range(_first(node), max(last, node.lineno) + 1)


def _first(node: ast.stmt) -> int:
    return min([node.lineno, *(one.lineno for one in getattr(node, "decorator_list", []))])


def failing(copy: Path, costs: dict[str, float]) -> str | None:
    """Runs these tests in this order until one fails: its name, "" where none could start, None where all pass."""
    with tempfile.TemporaryDirectory() as folder:
        said = Path(folder) / "now"
        said.write_text("")
        status = in_fork(copy, lambda: _run(costs, said))
        return None if status == 0 else said.read_text(encoding="utf-8")


def _run(costs: dict[str, float], said: Path) -> int:
    signal.alarm(int(LEAST_S * 4))  # a loop without end may stand in what is imported too; the alarm ends this child
    return int(pytest.main([*PYTEST, *costs], plugins=[_Runner(costs, said)]))


class _Runner:
    """Of pytest: the order, and the end of a test that takes far longer than it did."""

    def __init__(self, costs: dict[str, float], said: Path) -> None:
        self.costs, self.said = costs, said

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[Any]) -> None:
        order = {test: rank for rank, test in enumerate(self.costs)}
        items[:] = sorted((item for item in items if item.nodeid in order), key=lambda item: order[item.nodeid])

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self.said.write_text(nodeid, encoding="utf-8")
        signal.alarm(int(LEAST_S + TIMES * self.costs[nodeid]))


def in_fork(copy: Path, work: Callable[[], int]) -> int:
    """What `work` returns in a child of this process, which has the large libraries and nothing of the project."""
    root, child = Path(__file__).resolve().parents[2], os.fork()
    if not child:
        os.setsid()
        os.chdir(copy)
        os.environ |= {"QT_QPA_PLATFORM": "offscreen", "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": str(copy)}
        sys.dont_write_bytecode = True
        sys.path[:] = [str(copy), *(path for path in sys.path if Path(path or ".").resolve() not in (root, copy))]
        for name in [name for name in sys.modules if name.partition(".")[0] == "tests"]:
            del sys.modules[name]
        with Path(os.devnull).open("w") as nothing:
            os.dup2(nothing.fileno(), 1)
            os.dup2(nothing.fileno(), 2)
        os._exit(work())
    _, status = os.waitpid(child, 0)
    with suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)  # its own children, where it was ended
    return status
