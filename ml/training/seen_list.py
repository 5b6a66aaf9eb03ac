"""Writing what a run will have seen, before its first step."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ml.data.batches import ImageData
from ml.recipe import Recipe
from ml.seen import SEEN_FILE, PatientKey, Seen, image_digests, patient_key, read_seen, write_seen
from ml.tasks.task import learnt
from ml.training.initial import resolve_init
from viewer.core.errors import NotWritable


def record_seen(
    folder: Path, project_folder: Path, recipe: Recipe, data: ImageData, rows: Mapping[str, NDArray[np.int64]]
) -> None:
    """Write the run's list: its training and validation parts, and what its start had seen.

    A list that is there stays: a run that goes on is the same run. Raises NotWritable: without a list nobody could say
    what the model was trained on.
    """
    if (folder / SEEN_FILE).is_file():
        return
    key = patient_key(project_folder, make=True)
    trained, learned_from = _part(data, rows.get("train", ()), key)
    validated, chosen_on = _part(data, rows.get("val", ()), key)
    seen = Seen(
        trained=trained,
        validated=validated - trained,
        trained_patients=learned_from,
        validated_patients=chosen_on - learned_from,
        key=key.name if key is not None else "",
    )
    if recipe.init != "scratch":
        seen = seen.after(read_seen(resolve_init(project_folder, recipe.init)), recipe.init)
    try:
        write_seen(folder, seen)
    except OSError as error:
        raise NotWritable(
            f"{folder / SEEN_FILE} cannot be written: {error.strerror or error}. Free some space, then resume the run."
        ) from error


def digests_of(data: ImageData, rows: Sequence[int] | NDArray[np.int64]) -> list[tuple[str, ...]]:
    """By what each sample of these rows is known: its image, and every further frame."""
    facts: list[dict[str, Any]] = [data.cache.facts[int(row)] for row in rows]
    frames = [[fact, *fact.get("frames", ())] for fact in facts]
    return [
        tuple(digest for one in every for digest in image_digests(str(one["content"]), str(one["pixels"])))
        for every in frames
    ]


def storage_and_truth(
    data: ImageData, rows: Mapping[str, NDArray[np.int64]]
) -> tuple[list[dict[str, str]], NDArray[np.float64], tuple[str, ...]]:
    """For `storage_doubts`: of the training and validation images how they are stored and what they show.

    A region label is shown by an image on which it is drawn.
    """
    chosen = [int(row) for part in ("train", "val") for row in rows.get(part, ())]
    facts = [dict(data.cache.facts[row]["storage"]) for row in chosen]
    shown = learnt(data.task.kind).shown([data.items[row] for row in chosen], data.task)
    return facts, shown, data.task.labels


def _part(
    data: ImageData, rows: Sequence[int] | NDArray[np.int64], key: PatientKey | None
) -> tuple[frozenset[str], frozenset[str]]:
    """(digests of the images, digests of the patients)."""
    images = frozenset(digest for known in digests_of(data, rows) for digest in known)
    people = {key.digest(data.items[int(row)]) for row in rows} if key is not None else set()
    return images, frozenset(people - {""})
