"""What only a person knows of a study: a few plain texts in PROJECT/about.json, for its reports.

Written once, shown in every report as the author's words. Beside the database like `imported_split.csv`: nothing in the
project depends on it, and a report can be told it without opening the project.
"""

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from viewer.core.checked import Fields, is_text
from viewer.core.errors import BadFile, BadRequest, NotFound
from viewer.project.disk.replacing import replace_file
from viewer.reading.sources.documents import read_bytes, read_json

ABOUT_FILE = "about.json"
MOST_LETTERS = 5000
MOST_BYTES = 1 << 20
# Name to what is asked, in the order of the sheet.
QUESTIONS: dict[str, str] = {
    "objective": "What did you want to know, and what did you expect before you looked?",
    "intended_use": "What is the model for: for which patients, at which step of their care, used by whom?",
    "data_source": "Where are the images from, from when to when, and were they collected for this study?",
    "eligibility": "Which patients were looked for, and who was left out, before images came into the project?",
    "ethics": "Which committee approved it, under which number, and was consent given or waived?",
    "label_meaning": "What does each label mean, and why was this reference standard taken?",
    "readers": "Who were the readers: how many, of which training and years, and what were they told?",
    "registration": "In which register and under which number, or that it is not registered?",
    "protocol": "Where can the protocol be read, or that there is none?",
    "availability": "Where can code, model and data be had, and on which terms?",
    "funding": "Who paid, and what did they have a say in?",
}
ADVICE = "remove the file, or write the sheet anew"


def read_about(project_folder: Path) -> dict[str, str]:
    """What was written, by the names of QUESTIONS, nothing empty. Raises BadFile."""
    path = project_folder / ABOUT_FILE
    try:
        fields = Fields(read_json(path, most=MOST_BYTES, advice=ADVICE), str(path), advice=ADVICE)
    except FileNotFoundError:
        return {}
    return _without_empty({name: fields.text(name, "", most=MOST_LETTERS) for name in QUESTIONS})


def write_about(project_folder: Path, about: Mapping[str, str]) -> dict[str, str]:
    """Keep these, and nothing else; returns them as they are kept. Raises BadRequest, NotWritable."""
    kept = checked_about(about, "The sheet")
    replace_file(project_folder / ABOUT_FILE, json.dumps(kept, indent=1, ensure_ascii=False, allow_nan=False).encode())
    return kept


def read_sheet(path: Path) -> dict[str, str]:
    """A TOML file with a text for each name. Raises NotFound, BadFile, BadRequest by file and name."""
    try:
        values: dict[str, Any] = tomllib.loads(read_bytes(path, most=MOST_BYTES).decode("utf-8"))
    except FileNotFoundError as error:
        raise NotFound(f"{path} is not there.") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadFile(f'{path} is no TOML file of the form {next(iter(QUESTIONS))} = "...": {error}') from error
    return checked_about(values, str(path))


def checked_about(about: Mapping[str, Any], where: str) -> dict[str, str]:
    """Only what is asked, each a text; what is empty is not said. Raises BadRequest."""
    for name, text in about.items():
        if name not in QUESTIONS:
            raise BadRequest(f"{where} names {name[:60]!r}, which is not asked; asked are {', '.join(QUESTIONS)}.")
        if not is_text(text, most=MOST_LETTERS):
            raise BadRequest(f"{where}: {name} is a text of at most {MOST_LETTERS} characters.")
    return _without_empty({name: str(about[name]) for name in QUESTIONS if name in about})


def _without_empty(about: Mapping[str, str]) -> dict[str, str]:
    return {name: text.strip() for name, text in about.items() if text.strip()}
