"""What a person called a run, as a sentence calls it then: its name, its four digits, and of which task it is.

The name lies in RUN/marks.json (`viewer.jobs.run_marks` writes it), which no training reads.
"""

from pathlib import Path

from viewer.core.checked import Fields
from viewer.core.errors import BadFile
from viewer.core.text.titles import name_title, run_title
from viewer.reading.sources.documents import read_json

MARKS_FILE = "marks.json"
MOST_TITLE = 100
MOST_BYTES = 1 << 20


def given_name(run_folder: Path) -> str:
    """The name alone; "" without one, and where it cannot be read, which the list of runs says."""
    path = run_folder / MARKS_FILE
    try:
        return Fields(read_json(path, most=MOST_BYTES), str(path)).text("title", "", most=MOST_TITLE)
    except (BadFile, OSError):
        return ""


def title_of_run(run_folder: Path, task: str) -> str:
    """ "The good one · 3f2a (Findings)"; "Findings · 3f2a" of one that nobody named."""
    given = given_name(run_folder)
    return f"{run_title(given, run_folder.name)} ({task})" if given else name_title(run_folder.name, [task])
