"""Numbers that can be had without a network, on the same cases; see `ml.evaluation.controls`."""

import numpy as np
from numpy.typing import NDArray

from ml.data.batches import ImageData
from ml.evaluation.controls import FACTS, STORAGE, header_facts, small_pictures, storage_columns

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

MEAN, MEDIAN = "training mean", "training median"
PIXELS = "linear regression on 32x32"
STRENGTHS = np.logspace(-1, 6, 15)  # of the ridge, chosen by leaving each case out once


def number_controls(data: ImageData, truth: Floats, fit: Ints, test: Ints) -> dict[str, Floats]:
    """(case, label) of each control. truth: (image, label) of all rows of the data, NaN unknown."""
    both = np.concatenate([fit, test])
    known = truth[fit]
    found = {
        MEAN: np.tile(_column_wise(np.mean, known), (len(test), 1)),
        MEDIAN: np.tile(_column_wise(np.median, known), (len(test), 1)),
    }
    columns = {PIXELS: small_pictures(data, both), FACTS: header_facts(data, both)}
    storage = storage_columns(data, both)
    if storage.shape[1] > 1:
        columns[STORAGE] = storage
    for who, features in columns.items():
        found[who] = _fitted(features[: len(fit)], known, features[len(fit) :])
    return found


def _column_wise(of: object, known: Floats) -> Floats:
    """(label,) of the known numbers of each label; 0 where none is known."""
    assert callable(of)
    values = [column[~np.isnan(column)] for column in known.T]
    return np.array([float(of(column)) if len(column) else 0.0 for column in values], np.float64)


def _fitted(features: Floats, known: Floats, new: Floats) -> Floats:
    """A ridge regression on standardised columns for each label over the cases where it is known."""
    from sklearn.linear_model import RidgeCV
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    result = np.tile(_column_wise(np.mean, known), (len(new), 1))
    for i, numbers in enumerate(known.T):
        there = ~np.isnan(numbers)
        if len(np.unique(numbers[there])) < 2 or not len(new):
            continue
        model = make_pipeline(StandardScaler(), RidgeCV(alphas=STRENGTHS)).fit(features[there], numbers[there])
        result[:, i] = model.predict(new)
    return result
