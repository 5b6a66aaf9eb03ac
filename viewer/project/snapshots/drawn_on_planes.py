"""What of a task is drawn on planes through the series of its images, where no data set of images takes it."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from pathlib import PurePath

from sqlalchemy import select

from viewer.project.lists.planes import drawn_on_planes
from viewer.project.membership import chunks
from viewer.project.project import Project
from viewer.project.readings import Round
from viewer.project.records import ImageRecord, Task
from viewer.project.store.schema import annotations, images


class DrawnOnPlanes:
    """The shapes of a task's labels on planes, in the rounds of which something is taken. Read once.

    films: how many there are on planes through each series that was asked about, by the name of its first file.
    """

    def __init__(self, project: Project, task: Task, round_ids: Sequence[str]) -> None:
        self.films: Counter[str] = Counter()
        self._labels: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
        self._film: dict[str, str] = {}
        self._seen: set[tuple[str, str]] = set()
        if task.scope != "region":
            return
        with project.database.reading() as connection:
            for some in chunks(round_ids):
                asked = annotations.c.round_id.in_(some), annotations.c.label.in_(task.labels)
                for one in drawn_on_planes(connection, *asked):
                    if one.plane is not None:
                        self._labels[one.plane.series_id, one.round_id][one.label] += 1
            of = sorted({series_id for series_id, _ in self._labels})
            for some in chunks(of):
                query = select(images.c.series_id, images.c.path).where(images.c.series_id.in_(some))
                for row in connection.execute(query.order_by(images.c.position)):
                    self._film.setdefault(row.series_id, PurePath(row.path).name)

    def labels_through(self, record: ImageRecord, rounds: Iterable[Round]) -> set[str]:
        """The labels of what these rounds have on planes through the series of an image."""
        found: set[str] = set()
        if not self._labels:
            return found  # as in most projects
        for one in rounds:
            key = (record.series_id, one.round_id)
            if key not in self._labels:
                continue
            found |= set(self._labels[key])
            if key not in self._seen:
                self._seen.add(key)
                self.films[self._film.get(record.series_id, record.path.name)] += self._labels[key].total()
        return found
