"""What a library says of its models, asked once for each version: a child loads the library, and its answer is kept.

The window and the command line list and choose models without torch in their process.
"""

import json
import logging
import subprocess
from functools import cache
from importlib import metadata
from pathlib import Path

from viewer import children
from viewer.core.checked import Fields, parse_json
from viewer.core.errors import AppError, JobFailed, MissingExtra
from viewer.reading.sources.documents import read_json
from viewer.reading.sources.private_files import cache_folder, replaced

log = logging.getLogger(__name__)

LIMIT_S = 600.0
MOST_BYTES = 16 << 20
# Of the answers' form and of what is looked at; answers of another are asked for anew.
FORMAT = 1


def library_version(library: str) -> str:
    """The version that is installed; the library is not loaded. Raises MissingExtra."""
    try:
        return metadata.version(library)
    except metadata.PackageNotFoundError as error:
        raise MissingExtra(f"A model of {library}") from error


def kept_at(library: str, version: str, question: str) -> Path:
    """Where an answer is kept; it can be asked for again."""
    return cache_folder() / "libraries" / f"{library}-{version}-{FORMAT}" / f"{question}.json"


def ask(library: str, version: str, module: str, question: str) -> Fields:
    """The answer of `python -m MODULE QUESTION`, one JSON object, kept on the disk for this version.

    question: a word that is safe as a file's name. The first time takes some seconds; the same answer is the same
    object. Raises JobFailed.
    """
    return _kept(kept_at(library, version, question), library, version, module, question)


@cache
def _kept(path: Path, library: str, version: str, module: str, question: str) -> Fields:
    try:
        return Fields(read_json(path, most=MOST_BYTES), str(path))
    except FileNotFoundError:
        pass
    except AppError:
        log.warning("What was kept of a library cannot be read; it is asked again")
    text = _answer(library, module, question)
    try:
        with replaced(path) as beside:
            beside.write_bytes(text)
    except OSError:
        log.warning("What a library says cannot be kept; it is asked again next time")
    return Fields(parse_json(text, "The answer"), f"What {library} {version} says of {question}")


def _answer(library: str, module: str, question: str) -> bytes:
    """Raises JobFailed."""
    try:
        done = children.run(
            module, question, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=LIMIT_S
        )
    except subprocess.TimeoutExpired as error:
        raise JobFailed(f"{library} did not say within {LIMIT_S:g} s what {question} is; try again.") from error
    text = bytes(done.stdout)
    try:
        if done.returncode == 0:
            json.loads(text)
            return text
    except ValueError:
        pass
    lines = done.stderr.decode(errors="replace").strip().splitlines() or ["it said nothing"]
    raise JobFailed(f"{library} could not be asked for {question}: {lines[-1][:200]}. Install it again.")
