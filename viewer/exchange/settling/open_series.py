"""Which images stay open because something drawn on a plane through their series does not come: all of the series.

It is of every slice that the plane cuts, and a complete slice without it would say that nothing is there.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import PurePath

from viewer.core.text.counting import counted
from viewer.exchange.importer import Outcome
from viewer.exchange.plan_findings import Findings
from viewer.exchange.plan_images import new_image_in
from viewer.exchange.plan_store import EVERY_READER, ON_PLANE, PlanStore
from viewer.project.records import ImageRecord

STAYS_OPEN = "images that stay open"  # the rule of such remarks


class OpenSeries:
    """Leaves images of a store open. in_project: by image id. completes: the import completes cases, so it is said."""

    def __init__(self, store: PlanStore, in_project: Mapping[str, ImageRecord], *, completes: bool) -> None:
        self._store, self._in_project, self._completes = store, in_project, completes
        self._findings = Findings(store)
        self._done: set[str] = set()

    def of_image(self, image_id: str) -> None:
        """Leave the series of an image open."""
        series_id = self._series_of.get(image_id, "")
        if series_id and series_id not in self._done:
            self._done.add(series_id)
            self._leave(self._images_of[series_id], "of its series")

    def of_what_is_lost(self) -> None:
        """Leave open the series of every row that could not be read, and of every image that does not come itself."""
        rows = self._store.sql.execute(_UNREAD).fetchall() + self._store.sql.execute(_HELD_BACK).fetchall()
        for (image_id,) in rows:
            self.of_image(image_id)
        for name_id, facts in self._store.sql.execute(_OF_NO_IMAGE, (ON_PLANE,)).fetchall():
            if facts is None or json.loads(facts)["label"]:
                self._of_patient_of(name_id)

    def _of_patient_of(self, name_id: int) -> None:
        """Nobody knows of which series an image is that was not found: all that the import says to be of its patient
        stay open."""
        patients = self._patients.get(name_id, frozenset())
        same = [
            image_id for name, image_id in self._store.sql.execute("SELECT name, image_id FROM images").fetchall()
            if self._patients.get(name, frozenset()) == patients
        ]  # fmt: skip
        self._leave(same, "of its patient")

    def _leave(self, image_ids: Iterable[str], whose: str) -> None:
        ids = list(image_ids)
        rows = [(image_id, EVERY_READER) for image_id in ids]
        self._store.sql.executemany("INSERT OR IGNORE INTO open (image_id, reader) VALUES (?, ?)", rows)
        named = dict.fromkeys(self._path_of[image_id] for image_id in ids if image_id in self._path_of)
        if not self._completes or not named:
            return
        first, *more = named
        stay = f" and {counted(len(more), 'more image')} {whose} stay" if more else " stays"
        self._findings.say(
            Outcome.NOTE, f"{PurePath(first).name}{stay} open: what is drawn on a plane through them was left out.",
            rule=STAYS_OPEN, count=len(named),
        )  # fmt: skip

    @cached_property
    def _series_of(self) -> dict[str, str]:
        """The series of each image that is in the project or comes, where it is of one."""
        fresh = self._store.sql.execute("SELECT image_id, facts FROM fresh").fetchall()
        found = {image_id: new_image_in(facts).series_id for image_id, facts in fresh}
        found |= {image_id: record.series_id for image_id, record in self._in_project.items()}
        return {image_id: series_id for image_id, series_id in found.items() if series_id}

    @cached_property
    def _images_of(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        for image_id, series_id in self._series_of.items():
            found[series_id].append(image_id)
        return found

    @cached_property
    def _path_of(self) -> dict[str, str]:
        """What the import calls each image."""
        query = "SELECT image_id, path FROM images JOIN names ON names.id = images.name ORDER BY images.name DESC"
        return dict(self._store.sql.execute(query).fetchall())

    @cached_property
    def _patients(self) -> dict[int, frozenset[str]]:
        """Whom the import says each name to show."""
        found: dict[int, set[str]] = defaultdict(set)
        for name_id, patient in self._store.sql.execute("SELECT name, patient FROM patients").fetchall():
            found[name_id].add(patient)
        return {name_id: frozenset(several) for name_id, several in found.items()}


_UNREAD = (
    "SELECT image_id FROM of_series JOIN images ON images.name = of_series.name "
    "UNION SELECT image_id FROM of_series JOIN meant ON meant.name = of_series.name"
)
_HELD_BACK = (
    "SELECT DISTINCT images.image_id FROM beyond JOIN images ON images.name = beyond.name "
    f"JOIN held_back ON held_back.image_id = images.image_id WHERE what = '{ON_PLANE}'"
)
_OF_NO_IMAGE = (
    "SELECT name, value FROM beyond WHERE what = ? AND name NOT IN (SELECT name FROM images) "
    "UNION SELECT name, NULL FROM of_series WHERE name NOT IN (SELECT name FROM images)"
)
