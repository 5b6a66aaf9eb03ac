"""From a snapshot's items to batches: reading, preparing, caching, augmenting.

Order and augmentation are pure functions of seed, epoch and index. Imports reading and core.
"""
