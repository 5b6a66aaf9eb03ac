"""What of a task is drawn on planes through the series of its images, where no data set of images takes it."""

from collections import Counter
from pathlib import PurePath

from sqlalchemy import select

from viewer.project.combining import Combined
from viewer.project.lists.combined_planes import CombinedPlanes
from viewer.project.membership import chunks
from viewer.project.project import Project
from viewer.project.records import ImageRecord, Task
from viewer.project.store.schema import images

_NOT_ON_IT = "is drawn on a plane through its series and not on it"
_DIFFER_BEFORE, _DIFFER_AFTER = "its readers differ in ", " on planes through its series"


class DrawnOnPlanes:
    """The shapes of a task's labels on planes, as its rule takes them of several readers. Read once.

    films: how many there are on planes through each series that was asked about, by the name of its first file.
    """

    def __init__(self, project: Project, task: Task, combined: Combined) -> None:
        self.films: Counter[str] = Counter()
        self._labels = frozenset(task.labels)
        self._seen: set[str] = set()
        self._planes = CombinedPlanes(project, combined) if task.scope == "region" else None
        self._film: dict[str, str] = {}
        with project.database.reading() as connection:
            for some in chunks([] if self._planes is None else self._planes.series):
                query = select(images.c.series_id, images.c.path).where(images.c.series_id.in_(some))
                for row in connection.execute(query.order_by(images.c.position)):
                    self._film.setdefault(row.series_id, PurePath(row.path).name)

    def why_left_out(self, record: ImageRecord, own: frozenset[str]) -> str:
        """Why an image stays out: taken without what is on planes through its series it would say that nothing is
        there. "" where it can be taken. own: the labels of what is drawn on it."""
        if self._planes is None:
            return ""
        planes = self._planes.through(record.series_id)
        if record.series_id not in self._seen:
            self._seen.add(record.series_id)
            count = sum(count for label, count in planes.shapes.items() if label in self._labels)
            if count:
                self.films[self._film[record.series_id]] += count
        unknown = sorted((planes.unknown & self._labels) - own)
        if unknown:
            return f"{_DIFFER_BEFORE}{', '.join(unknown)}{_DIFFER_AFTER}"
        elsewhere = sorted((planes.labels & self._labels) - own)
        return f"{', '.join(elsewhere)} {_NOT_ON_IT}" if elsewhere else ""


def what_to_do(reason: str) -> str:
    """What takes the images in that were left out for such a reason; "" for any other one."""
    if reason.endswith(_NOT_ON_IT):
        return "To take them, draw it on the slices too: a data set of images takes nothing from planes."
    if reason.startswith(_DIFFER_BEFORE) and reason.endswith(_DIFFER_AFTER):
        return (
            "To take them, settle it in the shared reading, and complete the case there: what one reader drew on a "
            "plane is not compared with what another drew on another one, or on the slices."
        )
    return ""
