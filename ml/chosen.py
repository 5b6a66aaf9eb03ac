"""What was chosen on validation and is frozen with a model: operating points and calibration. Loads no torch."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ml.calibration import Calibration, fitted, read_calibration, why_not
from ml.operating_points import Counts, OperatingPoint, points_json, read_points, standard_points
from viewer.core.checked import Fields

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """points: by rule (`ml.operating_points`). calibration: None where there is none, and `uncalibrated` says why.

    share: of the validation cases that have the one label that says it all (one alone, or the second of a pair), which
    is what calibrated scores take for granted; None elsewhere.
    """

    points: dict[str, OperatingPoint] = field(default_factory=dict)
    calibration: Calibration | None = None
    uncalibrated: str = ""
    share: float | None = None

    def to_json(self) -> dict[str, Any]:
        """For a card; `read_chosen` reads it back."""
        return {
            "points": points_json(self.points),
            "calibration": None if self.calibration is None else self.calibration.to_json(),
            "uncalibrated": self.uncalibrated,
            "share": self.share,
        }


def read_chosen(fields: Fields, labels: int) -> Chosen:
    """That of a card or of a checkpoint. Raises what `fields` raises."""
    calibrated = fields.plain_value("calibration") is not None
    return Chosen(
        points=read_points(fields.inner("points", {})),
        calibration=read_calibration(fields.inner("calibration"), labels) if calibrated else None,
        uncalibrated=fields.text("uncalibrated", "", most=1000),
        share=fields.number_or_none("share", 0, 1),
    )


def chosen_of_labels(
    truth: Floats, scores: Floats, counts: Counts | None, labels: tuple[str, ...], *, exclusive: bool, also: str
) -> Chosen:
    """Of whole-image labels. truth, scores: (case, label) of validation. counts: None where no score is cut. also: one
    more rule."""
    lacking = why_not(truth, labels, exclusive=exclusive)
    column = truth[:, -1][~np.isnan(truth[:, -1])]
    one = len(labels) == 1 or (exclusive and len(labels) == 2)
    return Chosen(
        points={} if counts is None else standard_points(counts, also),
        calibration=None if lacking else fitted(truth, scores, exclusive=exclusive),
        uncalibrated=lacking,
        share=float((column == 1).mean()) if one and len(column) else None,
    )
