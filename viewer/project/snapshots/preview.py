"""What a snapshot would hold, before it is made: the dialog's counts come from the same code that makes it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from viewer.core.samples import PLAIN, SampleRule
from viewer.project.counts import complete_images
from viewer.project.objects.reading import further_shapes
from viewer.project.project import Project
from viewer.project.records import ImageRecord, Task
from viewer.project.snapshots.items import ItemReader, SnapshotItem
from viewer.project.snapshots.snapshot import DEFAULT_SPLIT, _by_file, _by_folds, _by_ratio
from viewer.project.snapshots.split import PARTS, SplitFile
from viewer.project.snapshots.staying import earlier_images
from viewer.project.snapshots.task_checks import assure_shown, without_words


@dataclass(frozen=True, slots=True, kw_only=True)
class Division:
    """Images by part. parts: part or fold name to its items. folds: 0 for a plain split.

    pinned_patients: patients kept in the test part because an earlier snapshot of the task has tested on them, or an
    import has them there. stayed: patients who keep the part that the same shares and seed gave them before.
    without: the sentence about labels that no image shows, "" for none.
    """

    parts: dict[str, tuple[SnapshotItem, ...]]
    folds: int
    pinned_patients: int
    left_out: dict[str, int]
    without: str = ""
    stayed: frozenset[str] = frozenset()

    @property
    def part_of_patient(self) -> dict[str, str]:
        """Each patient's part or fold."""
        return {item.patient_id: part for part, items in self.parts.items() for item in items}


def labels_on(item: SnapshotItem) -> list[str]:
    """One entry per object, per "yes" and per known number."""
    held = [label for label, verdict in item.labels.items() if verdict == "yes"]
    return held + [label for label, _ in item.boxes] + [label for label, _ in item.masks] + list(item.numbers)


class SnapshotPreview:
    """Reads what is ready for a task once, and divides it as often as asked.

    has_views: whether some study has several films, which may be views of one sample.
    further_shapes: by label, the shapes that are of an object which has one on an image before.
    """

    def __init__(self, project: Project, task: Task, rule: SampleRule = PLAIN) -> None:
        reader = ItemReader(project, task, rule)
        self._project = project
        self.rule = rule
        self.is_blind = bool(project.reader)  # asked from a reading of one's own
        self.task = task
        self.pairs: list[tuple[ImageRecord, SnapshotItem]] = list(reader.items())
        self.left_out = {reason: count for reason, count in reader.left_out.items() if count}
        self.left_out_of = {reason: sorted(path.name for path in paths) for reason, paths in reader.left_out_of.items()}
        # Where several have read, what is taken is nobody's own, and each of its shapes is an object.
        images = [record.image_id for record, _ in self.pairs] if reader.round_ids == [project.round_id] else []
        self.further_shapes = further_shapes(project, images)
        self.complete = complete_images(project)
        self.has_views = reader.has_views
        self.lacking = reader.lacking  # why the first image that lacks frames stays out, "" where none does
        self._earlier = earlier_images(project, task)

    def divide(
        self,
        *,
        split: tuple[float, float, float] | None = None,
        folds: int | None = None,
        split_file: SplitFile | None = None,
        seed: int = 1,
    ) -> Division:
        """The parts that a snapshot with these options would have. Raises as `make_snapshot` does."""
        items: Sequence[SnapshotItem] = [item for _, item in self.pairs]
        left_out = dict(self.left_out)
        count = folds or 0
        before: dict[str, int] = {}
        if split_file is not None:
            items, facts, missing = _by_file(self._project, self.pairs, split_file, self._earlier.tested)
            count = int(facts.get("folds", 0))
            if missing:
                left_out["not in the split file"] = missing
        elif folds is not None:
            items = _by_folds(list(items), self.task, folds, self._earlier.tested, seed)
        else:
            shares = split or DEFAULT_SPLIT
            items = _by_ratio(list(items), self.task, shares, self._earlier, seed)
            before = self._earlier.kept(((item.image_id, item.patient_id) for item in items), shares, seed)
        assure_shown(self.task, items)
        parts: dict[str, list[SnapshotItem]] = defaultdict(list)
        for item in items:
            parts[f"fold {item.fold}" if item.fold is not None else item.part].append(item)
        order = [f"fold {fold}" for fold in range(count)] + ["train", "val", "test"]
        return Division(
            parts={name: tuple(parts[name]) for name in order if name in parts},
            folds=count,
            pinned_patients=len({item.patient_id for item in items if item.pinned_test}),
            left_out=left_out,
            without=without_words(self.task, items),
            stayed=frozenset(i.patient_id for i in items if before.get(i.patient_id) == PARTS.index(i.part)),
        )
