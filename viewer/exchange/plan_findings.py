"""How the rows of a plan's store are walked: those of one image together, and a remark kept with its image."""

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from viewer.exchange.importer import Outcome, Remark
from viewer.exchange.plan_store import PlanStore

JOINS = (
    "JOIN images ON images.name = {0}.name JOIN names ON names.id = images.name "
    "JOIN ranks ON ranks.image_id = images.image_id "
)
HELD = "images.image_id NOT IN (SELECT image_id FROM held_back)"


class Findings:
    """Remarks of the checks of one store."""

    def __init__(self, store: PlanStore) -> None:
        self.store = store

    def say(
        self,
        outcome: Outcome,
        sentence: str,
        *,
        rule: str,
        settle: str = "",
        name_id: int | None = None,
        count: int = 1,
    ) -> None:
        """Keep a remark; with an outcome that is left out, the image of the name stays open."""
        self.store.remark(Remark(outcome=outcome, sentence=sentence, rule=rule, settle=settle, count=count), name_id)
        if outcome.is_left_out and name_id is not None:
            self.store.sql.execute(
                "INSERT OR IGNORE INTO open (image_id) SELECT image_id FROM images WHERE name = ?", (name_id,)
            )

    def by_image(self, query: str) -> Iterator[list[tuple[Any, ...]]]:
        """Rows of a query whose first column is the image and that is ordered by it, those of one image together."""
        cursor = self.store.sql.cursor()
        cursor.execute(query)
        for _, rows in groupby(cursor, key=lambda row: row[0]):
            yield list(rows)
