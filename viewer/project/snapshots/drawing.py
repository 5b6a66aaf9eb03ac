"""Patients in an order drawn by chance, so that however many are taken, rare and frequent are among them alike."""

from collections.abc import Mapping, Sequence

import numpy as np


def drawn_order(strata: Mapping[str, Sequence[tuple[str, ...]]], seed: Sequence[int]) -> list[str]:
    """All patients, of whom the first so many are a draw: each larger draw holds the smaller ones.

    strata: of each patient what its images show (`TaskKind.strata`). seed: what the draw depends on, beside them.
    """
    rng = np.random.default_rng(list(seed))
    groups: dict[tuple[tuple[str, ...], ...], list[str]] = {}
    for patient in sorted(strata):
        groups.setdefault(tuple(sorted(set(strata[patient]))), []).append(patient)
    placed = []
    for key in sorted(groups):
        members, offset = groups[key], rng.random()
        for place, index in enumerate(rng.permutation(len(members)).tolist()):
            placed.append(((place + offset) / len(members), members[index]))
    return [patient for _, patient in sorted(placed)]
