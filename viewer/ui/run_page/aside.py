"""What is read of a report beside that on a run's own test part: of an external test, or of all folds."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from viewer.core.errors import AppError
from viewer.core.text.counting import counted
from viewer.core.text.titles import short_id

if TYPE_CHECKING:
    from viewer.jobs.runs import RunState


@dataclass(frozen=True, slots=True, kw_only=True)
class SideFacts:
    """where: on what it is judged, the site and its snapshot. report: its figures, None without; why_not: why they
    cannot be read."""

    where: str = ""
    report: Mapping[str, Any] | None = None
    why_not: str = ""


def side_facts(job: "RunState") -> SideFacts:
    """Reads the disk; what cannot be read is a sentence."""
    from ml.report_job import read_wish
    from viewer.jobs.reports import is_made, read_report

    where = ""
    try:
        wish = read_wish(job.folder)
        if wish.home:
            of = f", {counted(len(wish.runs), 'fold')} as one model" if wish.runs else ""
            where = f"{Path(wish.home).name}, snapshot {short_id(wish.snapshot)}{of}"
        if not is_made(job):
            return SideFacts(where=where)
        return SideFacts(where=where, report=read_report(job.folder.parent, job.folder.name))
    except AppError as error:
        return SideFacts(where=where, why_not=f"This report cannot be read: {error}")
