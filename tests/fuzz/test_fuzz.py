"""Mutated files are shown as pydicom decodes them, shown with a banner, or refused by name; nothing else happens.

A failure names its seed; `python tests/fuzz/campaign.py --seeds SEED --keep FOLDER` makes and reads that file again.
"""

import os
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
pytestmark = pytest.mark.skipif(os.name != "posix", reason="children are limited and forked as POSIX does")


@pytest.fixture
def run_campaign(monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]  # a neighbour of this file
    monkeypatch.syspath_prepend(str(HERE))
    from campaign import run_campaign

    yield run_campaign
    for name in ("campaign", "known_differences", "stand_ins"):
        sys.modules.pop(name, None)


def corpus_folder() -> Path | None:
    from viewer.reading.sources.data_folder import find_data

    data = find_data()
    return data / "dicom" if data is not None and (data / "dicom" / "manifest.csv").exists() else None


def told(failures: list[tuple[int, str, list[str], str]]) -> str:
    return "\n".join(f"seed {seed} ({base}; {'; '.join(steps)}): {what}" for seed, base, steps, what in failures)


def test_three_hundred_mutants_are_right_doubted_or_refused(run_campaign, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    report = run_campaign(range(300), corpus=corpus_folder(), folder=tmp_path)

    assert told(report.failures) == ""
    assert report.counts["equal"] > 60
    assert report.counts["refused"] > 30
    assert report.counts["banner"] > 10


@pytest.mark.full
def test_ten_thousand_mutants_are_right_doubted_or_refused(run_campaign, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    report = run_campaign(range(1000, 11_000), corpus=corpus_folder(), folder=tmp_path, lanes=os.cpu_count() or 1)

    assert told(report.failures) == ""
