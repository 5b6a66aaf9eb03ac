"""Each import contract is seen to fail: one violation of each is planted in a copy of the tree."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

VIOLATIONS = {
    "floors of the window": ("viewer/ui/state/planted.py", "import viewer.ui.views.grid\n"),
    "floors of reading": ("viewer/reading/dicom/planted.py", "import viewer.reading.grouping.stack\n"),
    "one direction": ("viewer/core/planted.py", "import viewer.reading.scan\n"),
    "no Qt below the window": ("viewer/project/planted.py", "from PySide6.QtCore import QObject\n"),
    "no torch in the viewer": ("viewer/jobs/planted.py", "import torch\n"),
    "the command line opens a window only through viewer.app": (
        "viewer/cli/planted.py",
        "import viewer.ui.window.main_window\n",
    ),
    "neighbours are strangers": ("viewer/exchange/formats/planted.py", "import viewer.exchange.formats.coco_import\n"),
}


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("copy")
    for name in ("viewer", "ml", "resources"):
        shutil.copytree(ROOT / name, place / name, ignore=shutil.ignore_patterns("__pycache__", "*.safetensors"))
    shutil.copy(ROOT / "pyproject.toml", place)
    return place


def _lint(place: Path) -> subprocess.CompletedProcess[str]:
    code = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))"
    env = {**os.environ, "PYTHONPATH": str(place), "COLUMNS": "200"}
    return subprocess.run([sys.executable, "-c", code], cwd=place, env=env, capture_output=True, text=True, check=False)


def test_every_contract_has_its_planted_violation() -> None:
    import tomllib

    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    assert {contract["name"] for contract in contracts} == set(VIOLATIONS)


@pytest.mark.parametrize("contract", VIOLATIONS)
def test_a_planted_violation_breaks_its_contract(copy: Path, contract: str) -> None:
    name, line = VIOLATIONS[contract]
    planted = copy / name
    planted.write_text(f'"""Planted."""\n\n{line}')
    try:
        done = _lint(copy)
    finally:
        planted.unlink()

    assert done.returncode == 1, done.stdout + done.stderr
    assert f"{contract} BROKEN" in done.stdout
    assert planted.stem in done.stdout


def test_the_copy_without_a_violation_keeps_them(copy: Path) -> None:
    done = _lint(copy)

    assert done.returncode == 0, done.stdout
