"""What this person queued on this computer: one private file a run, outside of every project.

A run folder may come from anybody, and its events are only what it says of itself. A run that says "queued" without
an order here was queued by somebody else or elsewhere; it is shown so and starts only when the person says so.
An order holds for the config.json it was given for, and for one start.
"""

import hashlib
import json
import logging
import os
import platform
from pathlib import Path

from ml.events import CONFIG_FILE
from viewer.core.boundary import cannot_be_written
from viewer.core.errors import BadFile, BadRequest
from viewer.reading.sources.documents import read_bytes
from viewer.reading.sources.private_files import replaced

log = logging.getLogger(__name__)


def place_order(run_folder: Path) -> None:
    """Note that this run is to be started here, as its config.json stands now. Raises NotWritable, BadRequest."""
    refuse_links(run_folder)
    path = _file_of(run_folder)
    text = json.dumps({"run": str(_place(run_folder)), "stands_for": _stands_for(run_folder)}, allow_nan=False)
    try:
        with replaced(path) as beside:
            beside.write_text(text, encoding="utf-8")
    except OSError as error:
        raise cannot_be_written(path, error) from error


def refuse_links(run_folder: Path) -> None:
    """Raise BadRequest where the run, or a file in it, is a link: the job would write into another folder."""
    for path in (run_folder, *run_folder.iterdir()):
        if path.is_symlink():
            raise BadRequest(f"{path} is a link to another place; a run is started only where its files lie in it.")


def is_ordered(run_folder: Path) -> bool:
    """Whether this person, on this computer, queued this run as it stands now."""
    try:
        facts = json.loads(_file_of(run_folder).read_text(encoding="utf-8"))
        wanted = facts.get("stands_for") if isinstance(facts, dict) else None
        return wanted is not None and wanted == _stands_for(run_folder)
    except FileNotFoundError:
        return False
    except (OSError, ValueError, BadFile):
        log.info("an order cannot be read", exc_info=True)
        return False


def take_order(run_folder: Path) -> bool:
    """Use the order up. False when there is none: somebody else has just taken it."""
    if not is_ordered(run_folder):
        return False
    try:
        _file_of(run_folder).unlink()
    except OSError:
        return False
    return True


def drop_order(run_folder: Path) -> None:
    """The run is not to be started any more."""
    try:
        _file_of(run_folder).unlink(missing_ok=True)
    except OSError:
        log.info("an order cannot be dropped", exc_info=True)


def _place(run_folder: Path) -> Path:
    return run_folder.resolve()


def _file_of(run_folder: Path) -> Path:
    from platformdirs import user_data_path

    name = hashlib.sha256(os.fsencode(_place(run_folder))).hexdigest()[:32]
    return user_data_path("negatoscope", appauthor=False) / "queued" / f"{name}.json"


def _stands_for(run_folder: Path) -> str:
    """The computer and the run's settings, as one digest."""
    digest = hashlib.sha256(platform.node().encode() + b"\0")
    digest.update(read_bytes(run_folder / CONFIG_FILE))
    return digest.hexdigest()
