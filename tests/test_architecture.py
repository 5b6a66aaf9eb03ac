"""The house rules that a machine can check: rooms, names, sizes, registries, a light start."""

import ast
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import lru_cache
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SOURCES = sorted([*ROOT.glob("viewer/**/*.py"), *ROOT.glob("ml/**/*.py"), *ROOT.glob("resources/**/*.py")])
HEAVY = (
    "torch", "torchvision", "timm", "segmentation_models_pytorch", "scipy", "skimage", "SimpleITK", "cv2", "numba",
    "alembic", "psycopg",
)  # fmt: skip
VAGUE = re.compile(r"^(utils?|helpers?|common|misc|tools_?misc|.*_utils?|.*manager)$", re.IGNORECASE)
REGISTRIES = (
    "viewer.cli:COMMANDS",
    "viewer.core.shapes.kinds:KINDS",
    "viewer.ui.tools:TOOLS",
    "viewer.ui.panels:PANELS",
    "viewer.ui.run_page:CARDS",
    "viewer.exchange:IMPORTERS",
    "viewer.exchange:EXPORTERS",
    "viewer.reading.pixels.decoders:DECODERS",
    "ml.catalogue:MODELS",
    "ml.explain.cams:CAMS",
    "ml.tasks:TASKS",
    "viewer.core.task_kinds:TASK_KINDS",
    "viewer.project.store.dialect:DIALECTS",
    "viewer.project.said.keys:KEYS",
)
ONE_ROW = ("ml.catalogue:FAMILIES", "viewer.ui.window.train_centre:PAGES")  # no row that could know another yet


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@lru_cache(maxsize=1000)
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@lru_cache(maxsize=1000)
def _nodes(path: Path) -> tuple[ast.AST, ...]:
    return tuple(ast.walk(_tree(path)))


def _imports(path: Path) -> Iterator[tuple[str, bool]]:
    """(module, whether at module level)"""
    top = set(_tree(path).body)
    for node in _nodes(path):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node in top
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module, node in top


def test_a_file_has_at_most_400_lines_and_functions_at_most_50_statements() -> None:
    assert [_name(path) for path in SOURCES if len(path.read_text(encoding="utf-8").splitlines()) > 400] == []
    long = []
    for path in SOURCES:
        for node in _nodes(path):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno is not None:
                if node.end_lineno - node.lineno < 50:  # a statement a line: the house's format
                    continue
                statements = sum(isinstance(inner, ast.stmt) for inner in ast.walk(node)) - 1
                long += [f"{_name(path)}: {node.name} has {statements} statements"] if statements > 50 else []
    assert long == []


ROOMS = sorted({path.parent for path in SOURCES if path.parent != ROOT / "resources"})
GROW = ("viewer/cli", "viewer/ui/tools", "viewer/ui/panels", "viewer/ui/dialogs", "viewer/exchange/formats")


def test_a_room_has_at_most_35_files_and_says_what_belongs_there() -> None:
    """Registries, one file a row, may grow. Two or three sentences say what belongs there and what it may import."""
    crowded = [_name(room) for room in ROOMS if len(list(room.glob("*.py"))) > 35 and _name(room) not in GROW]
    assert crowded == []
    said = {_name(room): ast.get_docstring(_tree(room / "__init__.py")) or "" for room in ROOMS}
    assert [name for name, words in said.items() if len(re.findall(r"[.:](?=\s|$)", words)) < 2] == []


def test_no_file_repeats_the_name_of_its_room_before_its_own() -> None:
    """Such as views/views_cell.py: a family of names is a room."""
    rooms = {name: room for room in ROOMS for name in (room.name, room.name.rstrip("s"))}
    repeated = [
        _name(path)
        for path in SOURCES
        if any(path.stem.startswith(f"{name}_") and path.parent == room for name, room in rooms.items())
    ]
    assert repeated == []


def test_the_main_window_only_places_things() -> None:
    assert len((ROOT / "viewer/ui/window/main_window.py").read_text(encoding="utf-8").splitlines()) < 300


def test_names_are_domain_nouns() -> None:
    vague = [_name(p) for p in SOURCES if VAGUE.match(p.stem) or any(VAGUE.match(part) for part in p.parts[-3:-1])]
    classes = [
        f"{_name(p)}: {node.name}"
        for p in SOURCES
        for node in _nodes(p)
        if isinstance(node, ast.ClassDef) and node.name.endswith(("Manager", "Helper", "Util", "Utils"))
    ]
    assert vague + classes == []


def test_qt_is_known_to_the_window_only() -> None:
    strangers = [
        _name(p)
        for p in SOURCES
        if not _name(p).startswith("viewer/ui/")
        and _name(p) != "viewer/app.py"
        and any(module.split(".")[0] in ("PySide6", "pyqtgraph") for module, _ in _imports(p))
    ]
    assert strangers == []


def test_torch_is_known_to_ml_only() -> None:
    strangers = [
        _name(p)
        for p in SOURCES
        if not _name(p).startswith("ml/") and any(m.split(".")[0] in ("torch", "torchvision") for m, _ in _imports(p))
    ]
    assert strangers == []


def test_what_the_window_imports_of_ml_imports_no_torch_on_top() -> None:
    plain = [ROOT / f"ml/{name}.py" for name in ("catalogue", "recipe", "events", "card")]
    plain += sorted((ROOT / "ml/models").glob("*.py"))
    plain += [p for p in sorted((ROOT / "ml/tasks").glob("*.py")) if not p.stem.endswith("outputs")]
    heavy = [_name(p) for p in plain for m, top in _imports(p) if top and m.split(".")[0] in HEAVY]
    assert heavy == []


def test_only_the_command_table_makes_actions() -> None:
    makers = [
        _name(p)
        for p in SOURCES
        for node in _nodes(p)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "QAction"
    ]
    assert set(makers) <= {"viewer/ui/commands/book.py"}


@pytest.mark.parametrize("table", (*REGISTRIES, *ONE_ROW))
def test_every_row_of_a_registry_leads_to_something(table: str) -> None:
    module, _, attribute = table.partition(":")
    rows = getattr(import_module(module), attribute)
    assert isinstance(rows, dict)
    assert rows
    for target in rows.values():
        name, _, inner = target.partition(":")
        loaded = import_module(name)
        if inner:
            assert hasattr(loaded, inner), target


def test_public_things_say_what_they_are() -> None:
    silent = [_name(path) for path in SOURCES if not ast.get_docstring(_tree(path))]
    for path in SOURCES:
        for node in _tree(path).body:
            public = isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_")
            if public and not ast.get_docstring(node):
                silent.append(f"{_name(path)}: {node.name}")
    assert silent == []


def _loaded_after(code: str, tmp_path: Path) -> set[str]:
    program = f"import sys, json\n{code}\nsys.stderr.write(json.dumps(sorted(sys.modules)))"
    env = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, env=env, cwd=ROOT, check=True
    )
    return {name.split(".")[0] for name in json.loads(done.stderr.splitlines()[-1])}


def test_importing_the_window_loads_nothing_heavy(tmp_path: Path) -> None:
    assert _loaded_after("import viewer.app", tmp_path) & {*HEAVY, "pydicom", "pyqtgraph", "sqlalchemy"} == set()


def test_scan_loads_no_qt_and_no_torch(tmp_path: Path) -> None:
    (tmp_path / "not_dicom.txt").write_text("x")
    code = f"from viewer.cli.main import main\nmain(['scan', {str(tmp_path)!r}, '--json'])"
    assert _loaded_after(code, tmp_path) & {"PySide6", "pyqtgraph", "torch", "torchvision"} == set()


def test_packaging_is_no_package() -> None:
    assert not (ROOT / "packaging/__init__.py").exists()


def _tracked() -> list[Path]:
    done = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [ROOT / name for name in done.stdout.split("\0") if name and (ROOT / name).is_file()]


def test_no_file_is_over_2_mib_and_the_whole_under_40() -> None:
    sizes = {path: path.stat().st_size for path in _tracked()}
    assert [_name(path) for path, size in sizes.items() if size > 2 * 2**20] == []
    assert sum(sizes.values()) < 40 * 2**20


def test_no_path_of_a_machine_and_no_index_address_is_committed() -> None:
    machine = re.compile(r"(^|[^A-Za-z.])/(work|farm|root|opt/venvs|tmp/[a-z])|(pypi|simple)\.[a-z.]+/")
    named = [
        f"{_name(path)}: {line.strip()[:80]}"
        for path in _tracked()
        if path.suffix in {".py", ".md", ".toml", ".txt", ".json", ".csv", ".sh"} and path != Path(__file__).resolve()
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines()
        if machine.search(line)
    ]
    assert named == []


TEST_FILES = sorted((ROOT / "tests").rglob("*.py"))
# Programs that tests start, which stand in for a slow disk or a busy child, and the one place of waiting itself.
PROGRAMS = ("job_starter.py", "scripted_annotator.py", "run_without_ai.py")
SLEEPERS = ("waiting.py", "conftest.py", "test_slow_disk.py", *PROGRAMS)
CLOCKS = ("time.monotonic", "time.perf_counter", "time.time", "time.process_time")


def _waits_for_a_time(source: str, *, sleeper: bool = False) -> list[str]:
    """What in a test rests on the clock: fixed waits, limits of its own, asserted times. Each as "line: what"."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Assert):
            asserted = [one for one in ast.walk(node.test) if isinstance(one, ast.Call)]
            found += [f"{node.lineno}: asserts the clock" for one in asserted if ast.unparse(one.func) in CLOCKS]
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        name = ast.unparse(node.func)
        if name.endswith("qtbot.wait") or (name == "time.sleep" and not sleeper):
            found.append(f"{node.lineno}: waits for a time")
        if "qtbot.wait" in name and any(one.arg == "timeout" for one in node.keywords):
            found.append(f"{node.lineno}: has a limit of its own")
    return found


def test_no_test_waits_for_a_time_or_asserts_the_clock() -> None:
    found = []
    for path in TEST_FILES:
        text = path.read_text(encoding="utf-8")
        measures = "benchmarks" in path.parts or path.name in ("waiting.py", "test_durable.py")
        # Most files name neither, and need not be parsed.
        if not measures and any(word in text for word in ("qtbot.wait", "time.")):
            found += [f"{_name(path)}: {one}" for one in _waits_for_a_time(text, sleeper=path.name in SLEEPERS)]
    assert found == []


@pytest.mark.parametrize(
    "planted",
    [
        "qtbot.wait(50)",
        "time.sleep(1)",
        "qtbot.waitUntil(done, timeout=5000)",
        "assert time.monotonic() - began < 2",
        "assert returned < 2 and time.perf_counter() > 3",
    ],
)
def test_a_planted_wait_is_seen(planted: str) -> None:
    assert len(_waits_for_a_time(planted)) == 1
    assert _waits_for_a_time("qtbot.waitUntil(done)\nuntil(done, 'x')") == []
