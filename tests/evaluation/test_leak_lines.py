"""A report tells the leak audit of its snapshot: its sentences, the pairs in a table, persons by their ids."""

from pathlib import Path
from typing import Any

import pytest

from ml.evaluation.case_tables import MOST_CASES, read_tables
from ml.evaluation.leak_lines import add_leaks
from viewer.project.leaks.document import LEAKS_NAME, Audit, Leak, Side, write_audit

ID = "0123456789abcdef"


def told(folder: Path) -> dict[str, Any]:
    document: dict[str, Any] = {"notes": ["before"], "tables": []}
    add_leaks(document, folder, ID)
    return document


@pytest.fixture
def snapshot(tmp_path: Path) -> Path:
    (tmp_path / "snapshots" / ID).mkdir(parents=True)
    return tmp_path / "snapshots" / ID


def leak(kind: str, *parts: str, number: int = 0, **facts: Any) -> Leak:
    sides = [
        Side(part=part, patient=f"P{number}{part}", file=f"{number}{part}.png", image_id=f"{number}{part}")
        for part in parts
    ]
    return Leak(kind=kind, sides=tuple(sides), **facts)


def audit(*found: Leak, **facts: Any) -> Audit:
    return Audit(snapshot_id=ID, made="2026-12-01T00:00:00+00:00", images=9, found=found, **facts)


def test_what_crosses_stands_in_a_table_and_all_in_the_notes(snapshot: Path, tmp_path: Path) -> None:
    write_audit(
        snapshot,
        audit(leak("near", "train", "test", score=0.93, turned="mirrored"), leak("near", "val", "val"),
              leak("person", "val", "train"), unread=(("a.png", "a.png is not there."),)),
    )  # fmt: skip

    document = told(tmp_path)

    assert document["notes"] == [
        "before",
        "Leak audit: 1 near duplicate and 1 person under two ids in more than one part, so figures may be too good.",
        "Within one part: 1 near duplicate.",
        "1 image could not be looked at (the first is a.png), and may be anything.",
    ]
    assert document["leaks"]["counts"]["near"] == {"found": 2, "crossing": 1}
    (table,) = read_tables(document["tables"], "the report")
    assert table.rows == (
        ("nearly the same picture, mirrored", "0train.png", "train", "0test.png", "test"),
        ("the same name and birth date", "P0val", "val", "P0train", "train"),
    )
    assert "`negatoscope leaks DIR 01234567`" in table.note


def test_a_sound_snapshot_has_a_sentence_and_no_table(snapshot: Path, tmp_path: Path) -> None:
    write_audit(snapshot, audit())

    document = told(tmp_path)

    assert document["notes"][1:] == ["Leak audit of 9 images: nothing found in more than one part."]
    assert document["tables"] == []


def test_many_pairs_are_cut_and_said_to_be(snapshot: Path, tmp_path: Path) -> None:
    write_audit(snapshot, audit(*(leak("near", "train", "test", number=n) for n in range(MOST_CASES + 5))))

    (table,) = read_tables(told(tmp_path)["tables"], "the report")

    assert len(table.rows) == MOST_CASES and table.note.endswith(f"These are the first {MOST_CASES}.")


def test_without_an_audit_or_with_a_damaged_one_the_report_says_so(snapshot: Path, tmp_path: Path) -> None:
    assert told(tmp_path)["notes"][1].startswith("The snapshot 01234567 was not audited for leaks")

    (snapshot / LEAKS_NAME).write_text('{"snapshot": 7}')

    document = told(tmp_path)
    assert "leaks.json: snapshot should be a text" in document["notes"][1] and document["leaks"] is None
