"""Commands as a person types them."""

import json
from collections.abc import Callable
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
