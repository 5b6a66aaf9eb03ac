"""Whatever is decided, said, undone and redone: a complete case stays lawful, nothing drawn is doubled or lost.

Two layers of one promise: here on the project's edits, many thousand steps; with the window in `tests/ui`.
"""

from pathlib import Path

import numpy as np
import pytest

from tests.project.conftest import made_up_image
from tests.project.lawful_walk import KINDS, Walk
from viewer.project.project import Project

# Of each kind and seed; the full run makes 4,800 in all.
STEPS = [120, pytest.param(400, marks=pytest.mark.full)]


@pytest.mark.parametrize("steps", STEPS)
@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("kind", KINDS)
def test_no_sequence_of_steps_leaves_a_complete_case_unlawful(tmp_path: Path, kind: str, seed: int, steps: int) -> None:
    with Project.create(tmp_path / "project", author="Ada") as project:
        project.images.register([made_up_image(number, f"P{number}") for number in range(3)])
        walk = Walk(project, kind, np.random.default_rng(seed))

        for _ in range(steps):
            walk.step()
            walk.check()

        # Else the walk has shown nothing; of exclusive masks that overlap few cases can be completed.
        assert walk.completed > steps / 100 and walk.decided > steps / 20
