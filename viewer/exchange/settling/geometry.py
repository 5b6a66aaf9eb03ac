"""Where an import says that its images lie, held against what their files say: one who mixes them up is told."""

import json
import math
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from viewer.exchange.exported_geometry import COMPARED_NAMES, read_geometry
from viewer.exchange.importer import Outcome
from viewer.exchange.plan_findings import HELD, JOINS, Findings
from viewer.exchange.plan_images import new_image_in
from viewer.exchange.plan_store import PlanStore
from viewer.project.records import ImageRecord, NewImage

_SAME = 1e-4  # of millimetres and of cosines: as far as a decimal string of DICOM (16 letters) carries them
_NAMED = 3


class GeometryChecks:
    """Holds back the images of which an import says another place than their file."""

    def __init__(self, store: PlanStore, in_project: Mapping[str, ImageRecord]) -> None:
        self._store = store
        self._in_project = in_project
        self._findings = Findings(store)

    def run(self) -> None:
        """Every image of which the import says where it lies."""
        places: dict[tuple[str, int], dict[str, tuple[str, int]]] = defaultdict(dict)
        for rows in self._findings.by_image(_GEOMETRY):
            image_id, path, name_id = rows[0][:3]
            said = [json.loads(row[3]) for row in rows]
            wrong = self._contradiction(image_id, said)
            if wrong:
                self._hold_back(image_id, name_id, f"{path}: {wrong}. The image was left out.", "another place")
                continue
            series = said[0].get("series_uid") or said[0].get("series_id")
            index = said[0].get("series_index")
            if series and isinstance(index, int):
                places[str(series), index][image_id] = (path, name_id)
        for (_, index), several in places.items():
            if len(several) > 1:
                names = " and ".join(path for path, _ in list(several.values())[:_NAMED])
                sentence = f"The import says that {names} are image {index} of one series; they were left out."
                for image_id, (_, name_id) in several.items():
                    self._hold_back(image_id, name_id, sentence, "one place in a series, two images")

    def _contradiction(self, image_id: str, said: list[dict[str, Any]]) -> str:
        if any(one != said[0] for one in said[1:]):
            return "the import says two things of where it lies"
        image: ImageRecord | NewImage | None = self._in_project.get(image_id)
        if image is None:
            query = "SELECT facts FROM fresh WHERE image_id = ? LIMIT 1"
            image = new_image_in(self._store.sql.execute(query, (image_id,)).fetchone()[0])
        there = read_geometry(image, 0).facts()
        for name in COMPARED_NAMES:
            if name in said[0] and not _alike(said[0][name], there.get(name)):
                written = f"its file says {there[name]}" if name in there else "its file says none"
                return f"the import says {name} {said[0][name]}, {written}"
        return ""

    def _hold_back(self, image_id: str, name_id: int, sentence: str, what: str) -> None:
        self._findings.say(Outcome.CONTRADICTORY, sentence, rule=f"geometry: {what}", name_id=name_id)
        self._store.sql.execute("INSERT OR IGNORE INTO held_back VALUES (?)", (image_id,))


def _alike(said: Any, there: Any) -> bool:
    if isinstance(said, list) and isinstance(there, list):
        return len(said) == len(there) and all(map(_alike, said, there))
    if isinstance(said, int | float) and isinstance(there, int | float):
        return math.isclose(said, there, rel_tol=0, abs_tol=_SAME)
    return bool(said == there)


_GEOMETRY = (
    "SELECT images.image_id, path, names.id, facts, place FROM geometry "
    f"{JOINS.format('geometry')} WHERE {HELD} ORDER BY rank, geometry.seq"
)
