"""What a report says of the work beside its run: would more labels help, and how far do two readings agree."""

from collections.abc import Sequence
from pathlib import Path

from ml.evaluation.agreeing.second_read import ceiling_of
from ml.learning_curve.folder import CURVE_FOLDER
from ml.learning_curve.kept import read_curve
from viewer.core.errors import AppError, NotFound


def told_beside(runs: Sequence[Path], project_folder: Path, snapshot_id: str) -> list[str]:
    """Sentences, none where there is neither. runs: of a report; of several no learning curve is told.

    What is damaged says so: no report is refused for it.
    """
    found = []
    if len(runs) == 1:
        try:
            found.append(f"Learning curve, on validation: {read_curve(runs[0] / CURVE_FOLDER).outlook.said}")
        except NotFound:
            pass
        except AppError as error:
            found.append(f"The learning curve cannot be read: {error}")
    try:
        ceiling = ceiling_of(project_folder, snapshot_id)
    except AppError as error:
        ceiling = f"The second read of the snapshot cannot be read: {error}"
    return [*found, ceiling] if ceiling else found
