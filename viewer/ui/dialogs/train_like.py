"""The training dialog that begins with the recipe of a run."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ml.recipe import Recipe
from ml.starts import SCRATCH, start_name
from viewer.core.text.titles import short_id
from viewer.ui.dialogs.last_used import Last
from viewer.ui.flows.snapshots import SnapshotRow

if TYPE_CHECKING:
    from viewer.ui.dialogs.train_fields import TrainFields

LIKE_WORDS = "The values are those of the run that is cloned: change what you like."


def snapshot_like(rows: Sequence[SnapshotRow], like: Recipe) -> str:
    """The id of its snapshot, which the recipe may name by a beginning; of one that has gone the newest of its task."""
    own = [row.id for row in rows if like.snapshot_id and row.id.startswith(like.snapshot_id)]
    return next(iter([*own, *(row.id for row in rows if row.task == like.task)]), "")


def values_like(like: Recipe, row: SnapshotRow) -> Last:
    """Its values as the dialog takes them over; none where another task was chosen."""
    if (row.task, row.kind) != (like.task, like.kind):
        return Last()
    values = like.to_json()
    if not like.input_px:  # the network's own size, which the field shows already
        del values["input_px"]
    if like.fold is None:
        del values["fold"]
    return Last(values=values)


def show_start_like(fields: "TrainFields", like: Recipe, row: SnapshotRow) -> str:
    """Choose what it began with, also where that is not offered here. Returns what is said above the fields."""
    if like.init != SCRATCH:
        # A run or model may be named by a path or by a beginning.
        name = start_name(like.init)
        offered = [str(fields.start_from.itemData(place)) for place in range(fields.start_from.count())]
        place = next((place for place, one in enumerate(offered) if one.startswith(name) or one == like.init), -1)
        if place < 0 and Path(like.init).is_absolute():
            fields.add_weights(like.init)
        elif place >= 0:
            fields.start_from.setCurrentIndex(place)
        else:
            return f"{LIKE_WORDS} What it began with, {name}, is not here any more: it begins from scratch."
    if like.snapshot_id and not row.id.startswith(like.snapshot_id):
        return f"{LIKE_WORDS} They are for another snapshot than its own, {short_id(like.snapshot_id)}."
    return LIKE_WORDS
