"""Commands as a person types them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from viewer.cli.main import main

Run = Callable[..., Any]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command with --json; returns its document, and checks the exit code."""

    def do(*words: object, code: int = 0) -> Any:
        capsys.readouterr()
        assert main([*map(str, words), "--json"]) == code
        return json.loads(capsys.readouterr().out)

    return do


@pytest.fixture
def runs(tmp_path: Path) -> tuple[Path, Path]:
    """Two finished runs of a project, the newer one judged."""
    from tests.ui.test_run_report import finished_run, judged  # loads Qt, which other commands do without
    from viewer.project.project import Project

    Project.create(tmp_path / "project").close()
    made = finished_run(tmp_path / "project"), finished_run(tmp_path / "project")
    judged(max(made))
    return min(made), max(made)
