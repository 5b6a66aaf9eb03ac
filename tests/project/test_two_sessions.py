"""Two authors in two sessions at one database: whatever they do, nothing is overwritten without a word."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.project.acts_of_two import VERBS, Act
from tests.project.two_sessions import Walk
from tests.project.walked_state import OF_A_ROUND
from viewer.project.project import Project
from viewer.project.verify import verify

ACTS = st.lists(
    st.builds(
        Act,
        who=st.integers(0, 1),
        own=st.booleans(),
        verb=st.sampled_from(VERBS),
        a=st.integers(0, 5),
        b=st.integers(0, 5),
        held=st.sampled_from((False, False, True)),
    ),
    min_size=40,
    max_size=90,
)
ON_FILES = {
    "test_the_walks_reach_what_they_are_about": "how far the walks come is their own matter; shorter ones take both",
}
QUIET = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large]


@pytest.fixture
def walk(project: Project, folder: Path, request: pytest.FixtureRequest, backend: str) -> Iterator[Walk]:
    """Two sessions below the folder's lock."""
    project.close()
    url = request.getfixturevalue("postgres").url("project0") if backend == "postgresql" else ""
    made = Walk(folder, url)
    yield made
    made.close()


def walked(walk: Walk, folder: Path, acts: list[Act]) -> Counter[str]:
    """Take the steps from the beginning; what became of them. In the end replaying `steps` gives the same state."""
    walk.begin()
    outcomes = Counter(outcome for act in acts for outcome in walk.act(act))
    assert verify(folder).problems == []
    return outcomes


@given(acts=ACTS)
@settings(
    max_examples=3, deadline=None, derandomize=True, database=None, suppress_health_check=QUIET,
    phases=[Phase.generate],
)  # fmt: skip
def test_two_sessions_overwrite_nothing_of_each_other(walk: Walk, folder: Path, acts: list[Act]) -> None:
    walked(walk, folder, acts)


@pytest.mark.full
@given(acts=ACTS)
@settings(max_examples=150, deadline=None, database=None, suppress_health_check=QUIET)
def test_two_sessions_overwrite_nothing_of_each_other_in_many_walks(walk: Walk, folder: Path, acts: list[Act]) -> None:
    walked(walk, folder, acts)


def test_what_began_and_what_was_said_again_is_met_in_short_walks(walk: Walk, folder: Path) -> None:
    """From the beginning each time: a case begins in each reading for itself, and the same value is said by both."""
    import random

    for seed in range(16):
        choose = random.Random(seed)
        verbs = ("draw", "draw", "undo", "undo") if seed % 2 else ("patient", "answer", "colour", "undo")
        acts = [
            Act(who=choose.randrange(2), own=choose.random() < 0.5, verb=choose.choice(verbs), a=0,
                b=choose.randrange(3), held=False)
            for _ in range(12)
        ]  # fmt: skip
        walk.begin()
        for act in acts:
            walk.act(act)
    assert verify(folder).problems == []


def test_the_walks_reach_what_they_are_about(walk: Walk, folder: Path) -> None:
    """Of many acts, some are carried out, some refused because the other was first; in each reading all is said."""
    import random

    choose = random.Random(2)
    acts = [
        Act(
            who=choose.randrange(2),
            own=choose.random() < 0.5,
            verb=choose.choice(VERBS),
            a=choose.randrange(6),
            b=choose.randrange(6),
            held=choose.random() < 0.33,
        )
        for _ in range(400)
    ]

    outcomes = walked(walk, folder, acts)

    assert outcomes["done"] > 80
    assert sum(count for said, count in outcomes.items() if "since by" in said) > 3, outcomes
    readings = {one.round_id for session in walk.sessions for one in session.projects}
    assert len(readings) == 3
    assert walk.changed >= {
        (kind, round_id) for kind in (*OF_A_ROUND, "plane", "shape on plane") for round_id in readings
    }
