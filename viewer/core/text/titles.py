"""What a run, a model and a snapshot are called in a sentence: as the lists have them, never by a folder's name.

A command and a file keep the whole name or id: that is what the command line and the disk know them by.
"""

import re
from collections.abc import Iterable

# A run's folder: when it was asked for, its task in plain letters, four digits of its own.
RUN_NAME = re.compile(r"\d{8}-\d{4,6}-(.+)-([0-9a-f]{4})")
MODEL_NAME = re.compile(r"[0-9a-f]{16}")  # the folder of a model that is kept
SHORT_ID = 8


def short_id(snapshot_id: str) -> str:
    """A snapshot's id as it is told; the command line takes it too."""
    return snapshot_id[:SHORT_ID]


def task_word(task: str) -> str:
    """A task's name as part of a folder's name."""
    return "".join(c if c.isascii() and c.isalnum() else "-" for c in task.lower()).strip("-")[:40] or "task"


def run_title(task: str, name: str, fold: int | None = None) -> str:
    """Task, fold and the last four digits: "Findings · 4688"."""
    return f"{task}{'' if fold is None else f' fold {fold}'} · {name[-4:]}"


def name_title(name: str, tasks: Iterable[str] = ()) -> str:
    """The title of what bears a run's name; another name as it is. tasks: names of tasks of which it may be; of a task
    that has gone only its plain letters are known."""
    run = RUN_NAME.fullmatch(name)
    if run is None:
        return name
    task = next((one for one in tasks if task_word(one) == run[1]), run[1][:1].upper() + run[1][1:])
    return run_title(task, name)


def model_title(task: str, name: str, folder: str, fold: int | None = None) -> str:
    """What a model is called. task, name, fold: as its card has them. folder: that it lies in, whose digits tell the
    folds of one training apart; one that bears another name is called as its card says."""
    if task and (RUN_NAME.fullmatch(folder) or MODEL_NAME.fullmatch(folder)):
        return run_title(task, folder, fold)
    return name_title(name, [task] if task else ())
