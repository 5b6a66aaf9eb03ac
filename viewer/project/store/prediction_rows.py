"""What a row of the predictions holds as text: the kind of task, the labels, and what is said of the whole image.

A probability of a label is a number; a number of the image has its unit beside it.
"""

import json
from collections.abc import Mapping
from typing import Any

from viewer.core.shapes.annotations import Prediction
from viewer.core.task_kinds.kind import task_kind
from viewer.core.values import Quantity
from viewer.project.store.stored_rows import as_stored


def stored_scores(prediction: Prediction) -> dict[str, Any]:
    """What is said of the whole image, as it is kept; `scores_of` and `numbers_of` read it back."""
    numbers = {name: {"number": said.number, "unit": said.unit} for name, said in prediction.numbers.items()}
    return {**prediction.scores, **numbers}


def scores_of(row: Any) -> dict[str, float]:
    """The probabilities. Raises BadProject, as all of these do."""
    return {name: said for name, said in _said(row).items() if not isinstance(said, Mapping)}


def numbers_of(row: Any) -> dict[str, Quantity]:
    """The numbers of the image."""
    with as_stored(_where(row)):
        return {
            name: Quantity(number=float(said["number"]), unit=str(said["unit"]))
            for name, said in _said(row).items()
            if isinstance(said, Mapping)
        }


def _said(row: Any) -> dict[str, Any]:
    with as_stored(_where(row)):
        said = json.loads(row.scores)
        for name, one in said.items():
            number = one.get("number") if isinstance(one, dict) else one
            if not isinstance(name, str) or type(number) not in (int, float):
                raise ValueError("its scores are no numbers")
        return dict(said)


def kind_of(row: Any) -> str:
    """The kind of task."""
    with as_stored(_where(row)):
        return task_kind(row.kind).name


def labels_of(row: Any) -> tuple[str, ...]:
    """What the model tells apart."""
    with as_stored(_where(row)):
        names = json.loads(row.labels)
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise ValueError("its labels are no list of names")
        return tuple(names)


def _where(row: Any) -> str:
    return f"The prediction {row.prediction_id} on the image {row.image_id}"
