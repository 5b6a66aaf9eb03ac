"""Sentences as they may be shown now: while names are hidden, without the names of files."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from viewer.core.text.privacy import without_files

if TYPE_CHECKING:
    from viewer.ui.flows.desk import Desk


def spoken(session: "Desk", sentence: str) -> str:
    """A sentence as it may be shown now: names of the files that are open or in the project go with the names."""
    return without_files(sentence, _files(session)) if session.names_hidden and sentence else sentence


def _files(session: "Desk") -> Iterator[Path]:
    yield from (problem.path for problem in session.problems)
    yield from (ref.path for series in session.series_list() for ref in series.frames)
    records = (held.record for held in session.at_hand.images.held.values())
    yield from (record.path for record in records if record is not None)
    yield from (cell.wanted.path for cell in session.cells if cell.wanted is not None)
