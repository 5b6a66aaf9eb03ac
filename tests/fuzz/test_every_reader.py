"""Mutated pictures, volumes, tables, weights and databases are read or refused by name: nothing crashes, hangs, asks
for all memory, or is called unexpected.

A failure names its seed; `python tests/fuzz/every_campaign.py --seeds SEED --keep FOLDER` makes and reads it again.
"""

import importlib.util
import os
import random
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).resolve().parent
NEIGHBOURS = ("campaign", "every_campaign", "known_differences", "odd_bases", "odd_bytes", "stand_ins")
pytestmark = pytest.mark.skipif(os.name != "posix", reason="children are limited as POSIX does")


@pytest.fixture
def neighbour(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], Any]]:
    """Imports a file of this folder."""
    monkeypatch.syspath_prepend(str(HERE))
    yield importlib.import_module
    for name in NEIGHBOURS:
        sys.modules.pop(name, None)


def kinds(neighbour: Callable[[str], Any]) -> list[str]:
    """Every kind that can be read here: weights need the `ai` extra."""
    with_ai = importlib.util.find_spec("torch") is not None
    return [kind for kind in neighbour("odd_bases").MUTATED if with_ai or kind != "safetensors"]


def test_a_hundred_mutants_are_read_or_refused(neighbour: Callable[[str], Any], tmp_path: Path) -> None:
    report = neighbour("every_campaign").run_every(range(100), folder=tmp_path, kinds=kinds(neighbour))

    assert "\n".join(report.failures) == ""
    assert report.most_memory_mib < 1024
    outcomes = {outcome for _, outcome in report.counts}
    assert outcomes == {"shown", "refused"}
    assert {kind for kind, outcome in report.counts if outcome == "refused"} == set(kinds(neighbour))


@pytest.mark.full
def test_ten_thousand_mutants_are_read_or_refused(neighbour: Callable[[str], Any], tmp_path: Path) -> None:
    report = neighbour("every_campaign").run_every(
        range(10_000, 20_000), folder=tmp_path, kinds=kinds(neighbour), lanes=os.cpu_count() or 1
    )

    assert "\n".join(report.failures) == ""
    assert report.most_memory_mib < 1024
    assert sum(report.counts.values()) == 10_000


def test_a_seed_always_makes_the_same_mutant(neighbour: Callable[[str], Any], tmp_path: Path) -> None:
    bases, mutant = neighbour("odd_bases"), neighbour("odd_bytes").mutant
    for kind in ("png", "coco", "nifti"):
        (tmp_path / kind).mkdir()
        bases.WRITERS[kind](tmp_path / kind)
        for base in bases.bases_of(tmp_path, kind):
            for seed in range(10):
                assert mutant(kind, base, random.Random(seed)) == mutant(kind, base, random.Random(seed))


def faulty_reader(tmp_path: Path, body: str) -> list[str]:
    """A child as the campaign's with another reader in it."""
    script = tmp_path / "child.py"
    script.write_text(
        f"import sys\nsys.path.insert(0, {str(HERE)!r})\nimport every_reader\n"
        f"def read(faults, path, place):\n    {body}\n    return 'shown'\n"
        "every_reader.READERS['csv'] = read\nevery_reader.CPU_S = 1\nevery_reader.main()\n"
    )
    return [sys.executable, "-P", "-s", str(script), str(tmp_path / "bases"), str(tmp_path / "lane"), "csv"]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("import os; os.abort()", "exit code -6"),
        ("while True: pass", "exit code -24"),
        ("faults.append(every_reader.guard(faults, 'x', lambda: {}['a']))", "x: KeyError 'a'"),
        ("faults += [bytes(1200 << 20)] and []", "memory"),
    ],
)
def test_a_crash_a_hang_a_surprise_and_much_memory_are_failures(
    neighbour: Callable[[str], Any], tmp_path: Path, body: str, said: str
) -> None:
    """The campaign itself: what it is there to find is found."""
    bases = neighbour("odd_bases")
    for kind in ("csv", "project"):
        (tmp_path / "bases" / kind).mkdir(parents=True)
        bases.WRITERS[kind](tmp_path / "bases" / kind)
    child = neighbour("campaign").Child(faulty_reader(tmp_path, body), limit_s=neighbour("every_campaign").NO_ANSWER_S)

    answer = child.ask({"seed": 1})

    child.close()
    assert said in str(answer)
