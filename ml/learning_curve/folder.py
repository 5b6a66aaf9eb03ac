"""Where a run's learning curve lies. Loads nothing."""

from pathlib import Path

from ml.events import CONFIG_FILE

CURVE_FOLDER = "learning_curve"


def is_curve(folder: Path) -> bool:
    """Whether a job's folder is a run's learning curve: it lies in a run's folder, under its one name."""
    return folder.name == CURVE_FOLDER and (folder.parent / CONFIG_FILE).is_file()
