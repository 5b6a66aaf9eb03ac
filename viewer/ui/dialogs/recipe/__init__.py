"""Every setting of a training recipe that the training dialog does not show at once: a row each, and the fields that
show them. It knows recipes, fields and the look; of projects, snapshots and runs it knows nothing."""
