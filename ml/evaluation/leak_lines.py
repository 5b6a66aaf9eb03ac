"""What a report says of its snapshot's leak audit: its sentences, and the pairs in a table. Loads no torch."""

from pathlib import Path
from typing import Any

from ml.evaluation.case_tables import MOST_CASES, CaseTable
from viewer.core.errors import AppError
from viewer.core.text.titles import short_id
from viewer.project.leaks.document import KINDS, Audit, Leak, not_audited, read_audit
from viewer.project.project import SNAPSHOTS

COLUMNS = ("What", "One side", "Its part", "Other side", "Its part")


def add_leaks(document: dict[str, Any], project_folder: Path, snapshot_id: str) -> None:
    """Put the audit of a snapshot into a report's document: "leaks", its notes, its tables."""
    try:
        audit = read_audit(project_folder / SNAPSHOTS / snapshot_id)
    except AppError as error:  # figures are not lost for it
        document["leaks"] = None
        document["notes"].append(str(error))
        return
    if audit is None:
        document["leaks"] = None
        document["notes"].append(not_audited(snapshot_id))
        return
    document["leaks"] = {"counts": audit.to_json()["counts"], "sentences": list(audit.sentences)}
    document["notes"] += audit.sentences
    if audit.crossing:
        document["tables"].append(leaks_table(audit).to_json())


def leaks_table(audit: Audit) -> CaseTable:
    """What stands in more than one part, a row each. Persons by their ids, never by a name."""
    rows = [_row(leak) for leak in audit.crossing]
    more = f" These are the first {MOST_CASES}." if len(rows) > MOST_CASES else ""
    note = f"`negatoscope leaks DIR {short_id(audit.snapshot_id)}` lists them too.{more}"
    return CaseTable(
        title="Leak audit: in more than one part", columns=COLUMNS, rows=tuple(rows[:MOST_CASES]), note=note
    )


def _row(leak: Leak) -> tuple[str, ...]:
    first = leak.sides[0]
    second = next(side for side in leak.sides if side.part != first.part)
    turned = f", {leak.turned}" if leak.turned else ""
    named = [side.patient if leak.kind == "person" else side.file for side in (first, second)]
    return f"{KINDS[leak.kind][2]}{turned}", named[0], first.part, named[1], second.part
