"""Which image comes when: pure functions of (seed, epoch), so workers and resume cannot change it."""

import numpy as np
from numpy.typing import NDArray


def epoch_order(count: int, *, seed: int, epoch: int) -> NDArray[np.int64]:
    """(count,) a permutation of 0..count-1."""
    return np.random.default_rng([seed, epoch]).permutation(count)


def epoch_batches(count: int, batch_size: int, *, seed: int, epoch: int) -> list[NDArray[np.int64]]:
    """The epoch's batches. A last batch of one joins the batch before: batch norm needs two."""
    order = epoch_order(count, seed=seed, epoch=epoch)
    batches = [order[i : i + batch_size] for i in range(0, count, batch_size)]
    if len(batches) > 1 and len(batches[-1]) == 1 < batch_size:
        last = batches.pop()
        batches[-1] = np.concatenate([batches[-1], last])
    return batches
