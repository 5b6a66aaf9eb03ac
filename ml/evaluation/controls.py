"""Controls beside a model, on the same cases: every row of `control_rows` that answers what the model answers.

Each learns from the training part and has a cut of its own, chosen on validation, as the network: what it learnt from
it knows too well to choose there, and judged at another's cut a control looks weaker than it is.
"""

from collections.abc import Collection, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ml.data.batches import ImageData
from ml.evaluation.classes import choose_threshold
from ml.evaluation.control_rows import CONTROLS
from ml.evaluation.control_rows.seen import (
    BOXES,
    LABELS,
    MASKS,
    NUMBERS,
    Control,
    Learnt,
    SeenLabels,
    SeenNumbers,
    Shown,
)
from viewer.core.registry import load

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def _rows(kind: str) -> Iterator[tuple[str, Control]]:
    """(what it is called, the control) of those that answer a kind."""
    for name in CONTROLS:
        control: Control = load(CONTROLS, name)
        if kind in control.names:
            yield control.names[kind], control


def class_controls(data: ImageData, learnt: Learnt, test: Ints) -> dict[str, tuple[Floats, float]]:
    """Scores (case, label) of each control, and its cut."""
    fit, exclusive = learnt.fit, data.task.exclusive
    seen = SeenLabels(
        data=data, fit=fit, test=np.concatenate([learnt.cut_on, test]), truth=data.labels[fit].astype(np.float64),
        exclusive=exclusive,
    )  # fmt: skip
    there, until = data.labels[learnt.cut_on].astype(np.float64), len(fit) + len(learnt.cut_on)
    found = {}
    for name, control in _rows(LABELS):
        scores = control.said(seen)
        if scores is not None:
            cut = choose_threshold(there, scores[len(fit) : until], exclusive=exclusive)
            found[name] = (scores[until:], cut)
    return found


def number_controls(data: ImageData, truth: Floats, fit: Ints, test: Ints) -> dict[str, Floats]:
    """(case, label) of each control. truth: (image, label) of all rows of the data, NaN unknown."""
    seen = SeenNumbers(data=data, fit=fit, test=test, truth=truth[fit])
    said = {name: control.said(seen) for name, control in _rows(NUMBERS)}
    return {name: numbers[len(fit) :] for name, numbers in said.items() if numbers is not None}


def mask_controls(data: ImageData, learnt: Learnt, test: Ints) -> dict[str, Any]:
    """What each control draws, as a `MaskTable`."""
    return _drawn(MASKS, data, learnt, test)


def box_controls(data: ImageData, learnt: Learnt, test: Ints) -> dict[str, Any]:
    """(cases, cut) of each control."""
    return _drawn(BOXES, data, learnt, test)


def _drawn(kind: str, data: ImageData, learnt: Learnt, test: Ints) -> dict[str, Any]:
    seen = Shown(data=data, fit=learnt.fit, cut_on=learnt.cut_on, test=test)
    return {name: control.said(seen) for name, control in _rows(kind)}


def told_controls(answered: Collection[str]) -> list[dict[str, str]]:
    """{"name", "tells", "why"} of each control of what was answered; why: one is not there, "" where it is.

    answered: who answered, by the names of a report.
    """
    kinds = (LABELS, NUMBERS, MASKS, BOXES)
    kind = max(kinds, key=lambda each: sum(name in answered for name, _ in _rows(each)))
    rows = list(_rows(kind))
    if not any(name in answered for name, _ in rows):
        return []
    return [
        {"name": name, "tells": control.tells, "why": "" if name in answered else control.lacking}
        for name, control in rows
    ]
