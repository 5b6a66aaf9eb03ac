"""What may start a program, import by a name or read a stream that can run code: counted in the source itself."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted([*ROOT.glob("viewer/**/*.py"), *ROOT.glob("ml/**/*.py"), *ROOT.glob("resources/**/*.py")])
LAUNCHERS = sorted(ROOT.glob("packaging/*.py"))

STARTS = {
    *(f"subprocess.{name}" for name in ("Popen", "run", "call", "check_call", "check_output", "getoutput")),
    *("subprocess.getstatusoutput", "os.system", "os.popen", "os.startfile", "os.forkpty", "pty.spawn"),
    *("asyncio.create_subprocess_exec", "asyncio.create_subprocess_shell", "webbrowser.open"),
}
START_BEGINNINGS = ("os.exec", "os.spawn", "os.posix_spawn")
START_NAMES = {"Popen", "QProcess", "QDesktopServices", "ProcessPoolExecutor", "DataLoader"}
# Modules whose reading runs code or resolves what a stranger wrote. shared_memory and resource_tracker start nothing.
BANNED = ("pickle", "cPickle", "dill", "cloudpickle", "joblib", "shelve", "marshal", "runpy", "yaml", "lxml", "xml")
SHARED = ("multiprocessing.shared_memory", "multiprocessing.resource_tracker")
# PySide reads a Python object out of a stream of QVariants by unpickling it.
UNPICKLES = {"QSettings", "QDataStream"}
RUNS = {"eval", "exec", "__import__", "compile"}
UNPACKS = {"extractall", "unpack_archive", "enable_load_extension", "load_extension"}

# file: what it may do, because it is the one place of its kind.
ALLOWED = {
    "viewer/children.py": "starts",
    "viewer/core/registry.py": "imports by a name",
    "ml/training/foreign.py": "torch.load",
    "viewer/reading/decoding_child/serve.py": "forks",  # a decoding child itself, for one image
}


def _dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def _keyword(call: ast.Call, name: str) -> object:
    return next((k.value.value for k in call.keywords if k.arg == name and isinstance(k.value, ast.Constant)), None)


def violations(text: str) -> Iterator[tuple[str, int]]:
    """(what it does, line) of each."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield from _of_import(node)
        elif isinstance(node, ast.Call):
            yield from _of_call(node)


def _of_import(node: ast.Import | ast.ImportFrom) -> Iterator[tuple[str, int]]:
    inner = isinstance(node, ast.ImportFrom)
    names = [f"{node.module}.{alias.name}" if inner else alias.name for alias in node.names]  # type: ignore[union-attr]
    for name in names:
        if name.split(".")[0] in BANNED:
            yield f"reads {name.split('.')[0]}", node.lineno
        if name.split(".")[0] == "multiprocessing" and not name.startswith(SHARED):
            yield "starts", node.lineno
        if name in STARTS or (inner and name.rpartition(".")[2] in START_NAMES):
            yield "starts", node.lineno
        if name == "importlib.import_module":
            yield "imports by a name", node.lineno
        if name.rpartition(".")[2] in UNPICKLES:
            yield "reads pickle", node.lineno


def _of_call(node: ast.Call) -> Iterator[tuple[str, int]]:
    name = _dotted(node.func)
    last = name.rpartition(".")[2]
    if name in STARTS or name.startswith(START_BEGINNINGS) or last in START_NAMES:
        yield "starts", node.lineno
    if name == "os.fork":
        yield "forks", node.lineno
    if name in RUNS:
        yield f"runs {name}", node.lineno
    if name == "importlib.import_module" or last in ("spec_from_file_location", "exec_module"):
        yield "imports by a name", node.lineno
    if name == "torch.load" or (last == "load" and _keyword(node, "weights_only") is not None):
        yield "torch.load" if _keyword(node, "weights_only") is True else "torch.load of a pickle", node.lineno
    if name in ("np.load", "numpy.load") and _keyword(node, "allow_pickle") is not False:
        yield "reads pickle", node.lineno
    if last in UNPACKS:
        yield f"unpacks with {last}", node.lineno


def _found(paths: list[Path]) -> Iterator[tuple[str, str, int]]:
    for path in paths:
        for what, line in violations(path.read_text(encoding="utf-8")):
            yield path.relative_to(ROOT).as_posix(), what, line


def test_only_the_one_place_of_its_kind_does_it() -> None:
    assert SOURCES
    assert [found for found in _found(SOURCES) if found[1] != ALLOWED.get(found[0])] == []


def test_a_launcher_starts_programs_and_does_nothing_else_of_it() -> None:
    assert LAUNCHERS
    assert [found for found in _found(LAUNCHERS) if found[1] != "starts"] == []


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("import subprocess; subprocess.run(['ls'])", "starts"),
        ("import subprocess; subprocess.Popen(['ls'])", "starts"),
        ("from subprocess import check_output", "starts"),
        ("import os; os.system('ls')", "starts"),
        ("import os; os.execv('/bin/ls', [])", "starts"),
        ("import os; os.posix_spawn('/bin/ls', [], {})", "starts"),
        ("import os; os.startfile(path)", "starts"),
        ("import os; os.fork()", "forks"),
        ("import multiprocessing", "starts"),
        ("from multiprocessing import Process", "starts"),
        ("from concurrent.futures import ProcessPoolExecutor", "starts"),
        ("from torch.utils.data import DataLoader", "starts"),
        ("from PySide6.QtCore import QProcess", "starts"),
        ("from PySide6.QtGui import QDesktopServices", "starts"),
        ("import webbrowser; webbrowser.open(url)", "starts"),
        ("import pickle", "reads pickle"),
        ("from joblib import load", "reads joblib"),
        ("from PySide6.QtCore import QSettings", "reads pickle"),
        ("from PySide6.QtCore import QByteArray, QDataStream", "reads pickle"),
        ("import yaml", "reads yaml"),
        ("from xml.etree import ElementTree", "reads xml"),
        ("import numpy as np; np.load(path)", "reads pickle"),
        ("import numpy as np; np.load(path, allow_pickle=True)", "reads pickle"),
        ("import torch; torch.load(path)", "torch.load of a pickle"),
        ("import torch; torch.load(path, weights_only=False)", "torch.load of a pickle"),
        ("eval(text)", "runs eval"),
        ("exec(text)", "runs exec"),
        ("__import__(name)", "runs __import__"),
        ("from importlib import import_module", "imports by a name"),
        ("import importlib; importlib.import_module(name)", "imports by a name"),
        ("import importlib.util; importlib.util.spec_from_file_location(n, p)", "imports by a name"),
        ("archive.extractall(folder)", "unpacks with extractall"),
        ("connection.enable_load_extension(True)", "unpacks with enable_load_extension"),
    ],
)
def test_a_planted_line_is_found(line: str, what: str) -> None:
    assert what in [found for found, _ in violations(line)]


@pytest.mark.parametrize(
    "line",
    [
        "from multiprocessing.shared_memory import SharedMemory",
        "from multiprocessing import shared_memory",
        "import numpy as np; np.load(path, allow_pickle=False)",
        "network.eval(); dialog.exec()",
        "import subprocess; x = subprocess.PIPE",
    ],
)
def test_what_is_harmless_is_let_through(line: str) -> None:
    assert list(violations(line)) == []


def _dialogs_that_begin_anywhere(text: str) -> list[int]:
    """Lines of file dialogs without a folder to begin in, or with an empty one."""
    calls = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call)]
    asked = [node for node in calls if _dotted(node.func).startswith("QFileDialog.get")]
    return [node.lineno for node in asked if len(node.args) < 3 or ast.unparse(node.args[2]) == "''"]


def test_no_file_dialog_begins_in_the_current_folder() -> None:
    """A window may stand in a temporary folder of its launcher's: what is saved there is gone with it."""
    ui = [path for path in SOURCES if path.is_relative_to(ROOT / "viewer" / "ui")]

    found = {path.name: _dialogs_that_begin_anywhere(path.read_text(encoding="utf-8")) for path in ui}

    assert {name: lines for name, lines in found.items() if lines} == {}
    assert _dialogs_that_begin_anywhere("QFileDialog.getExistingDirectory(self, 'x')") == [1]
    assert _dialogs_that_begin_anywhere("QFileDialog.getOpenFileName(self, 'x', '', 'y')") == [1]
