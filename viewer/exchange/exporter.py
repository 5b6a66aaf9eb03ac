"""What an export format is: it writes a `Dataset`, and says before the write what it cannot hold."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from viewer.core.attributes import Attribute
from viewer.core.labels import Label
from viewer.core.text.counting import counted_are
from viewer.exchange.exported_geometry import series_indices
from viewer.exchange.exported_images import ExportedImage, ExportedImages
from viewer.exchange.options import Option, Options, chosen
from viewer.project.combining import READER
from viewer.project.in_batches import images_inside
from viewer.project.lists.beyond import BeyondImages, any_answered
from viewer.project.lists.taken_readings import EACH, RULE_NAMES, ReadingsSaid, ReadingsTaken, readings_taken
from viewer.project.project import Project
from viewer.project.records import ImageRecord
from viewer.project.register import KEPT_KEYWORDS

NEWEST = "newest"
SPLIT, ONLY_COMPLETE, GEOMETRY, READINGS = "split", "only-complete", "geometry", "readings"

# The options of every export, besides those of its format.
OPTIONS: tuple[Option, ...] = (
    Option(
        name=SPLIT,
        title="Parts of the snapshot",
        help="say of each image in which part of this snapshot it is (train, validation, test; fold 0, ...): the first "
        f"digits of its id, or {NEWEST}; an image that it does not hold is in none",
        metavar="SNAPSHOT",
        hint=f"{NEWEST}, or an id",
        note="Parts of the snapshot: of each image, whether it is there to train, to validate or to test; empty says "
        "none.",
    ),
    Option(
        name=ONLY_COMPLETE,
        title="Only complete cases",
        help="leave out cases that are not complete or approved",
        flag=True,
        note="Only complete cases: those that are open or in work are left out.",
    ),
    Option(
        name=READINGS,
        title="Of several readings",
        help="what is taken where several have read: agreed (what they say alike), majority, union, shared (the "
        f"reading of all) or {READER}NAME, of complete cases; {EACH} writes every reading with the name of its reader. "
        "Without it what a reader's own reading says where that is open, else agreed where others have read beside the "
        "shared reading: what readers differ in is unknown",
        metavar="RULE",
        hint=RULE_NAMES,
        note="Of several readings: what is taken of an image that several readers have read.",
    ),
    Option(
        name=GEOMETRY,
        title="Geometry",
        help="say of each image where it lies in the patient (position, directions, frame of reference), how far its "
        "pixels are apart and by which attribute, and its place in its series, where its file says so; reads the "
        "header of every file",
        flag=True,
        note="Geometry: where each image lies in the patient and how far its pixels are apart, as its file says.",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """A project's images in the order of entering, and its label catalogue.

    images: read from the project, which stays open meanwhile, at each loop over them. parts: those that the snapshot
    asked for has, empty ones too. options: what was chosen for this export. taken: whose work it is. asked: what the
    catalogue asks beside its labels. has_answers: whether any question of an image or an
    object is answered; has_wider, has_planes: whether anything is said of a series, a study or a patient, or is
    measured or drawn on a plane.
    """

    name: str
    images: ExportedImages
    labels: tuple[Label, ...]
    options: Options
    taken: ReadingsTaken
    parts: tuple[str, ...] = ()
    asked: tuple[Attribute, ...] = ()
    has_answers: bool = False
    has_wider: bool = False
    has_planes: bool = False

    @property
    def names_readers(self) -> bool:
        """Whether each reading is written with its reader."""
        return self.taken.rule == EACH

    @property
    def rule(self) -> str:
        """The rule that the file names: what was taken of several readings; "" where one is written as it stands."""
        return "" if self.names_readers else self.taken.rule

    def on_planes(self) -> tuple[int, int]:
        """(shapes, measurements) on planes that are written with its images, where a format holds them."""
        if not self.has_planes:
            return 0, 0
        shapes = lines = 0
        for image in self.images:
            shapes += sum(len(one.beyond.drawn) for one in image.readings)
            lines += sum(len(one.beyond.measured) for one in image.readings)
        return shapes, lines

    @property
    def has_geometry(self) -> bool:
        """Whether its images say where they lie."""
        return self.options.holds(GEOMETRY)

    def of_part(self, part: str) -> "Dataset":
        """Its images of one part alone; of "" those that are in none."""
        return replace(self, images=self.images.of_part(part))


@dataclass(frozen=True, slots=True, kw_only=True)
class Exporter:
    """A row's object. suffix: "" when a folder is written.

    write: goes through the images and keeps none; it returns the files (or the folder) that it has written.
    losses: sentences on what the format cannot hold. options: what --help and the window's dialog show for it, besides
    those of every export (`OPTIONS`). keeps_planes: it holds what lies on planes through volumes.
    """

    title: str
    suffix: str
    write: Callable[[Path, Dataset], tuple[Path, ...]]
    losses: Callable[[Dataset], list[str]]
    options: tuple[Option, ...] = ()
    keeps_planes: bool = False


def options_of(exporter: Exporter) -> tuple[Option, ...]:
    """Every option of an export with this format."""
    return (*exporter.options, *OPTIONS)


def own_tags(record: ImageRecord) -> dict[str, str]:
    """What a table once said of an image. What a DICOM header says the next import reads there."""
    if not record.sop_instance_uid:
        return record.tags
    return {key: value for key, value in record.tags.items() if key not in KEPT_KEYWORDS}


class AlwaysLost:
    """Counts, image by image, what no import takes back, whatever the format."""

    def __init__(self, dataset: Dataset, *, keeps_answers: bool = False, keeps_planes: bool = False) -> None:
        """keeps_answers: the format has a place for what is said beside labels; keeps_planes: for what lies on planes
        through volumes."""
        self._keeps_answers = keeps_answers
        self._keeps_planes = keeps_planes
        self._measured: Counter[str] = Counter()
        self._drawn: Counter[str] = Counter()
        self._answers = 0
        self._labels = dataset.labels
        self._readings = ReadingsSaid(dataset.taken)
        self._carried: set[tuple[str, str]] = set()
        self._twice = 0

    def see(self, image: ExportedImage) -> None:
        """Count one image's."""
        self._readings.see(image.readings)
        self._answers += 0 if self._keeps_answers else sum(one.answered for one in image.readings)
        film = image.record.path.name
        for one in image.readings:
            if self._keeps_planes:
                self._carried |= {("region", shape.label) for shape in one.beyond.drawn}
            else:
                self._measured[film] += len(one.beyond.measured)
                self._drawn[film] += len(one.beyond.drawn)
        for reading in image.readings:
            self._carried |= {("region", one.label) for one in reading.annotations}
            self._carried |= {("image", label) for label in reading.verdicts}
            different = {(one.label, one.shape.kind, one.shape.key) for one in reading.annotations}
            self._twice += len(reading.annotations) - len(different)

    def sentences(self) -> list[str]:
        """What there was of it."""
        idle = [label.name for label in self._labels if (label.scope, label.name) not in self._carried]
        names = ", ".join(idle[:3])
        coded = [label.name for label in self._labels if label.code is not None]
        measured = counted_are(self._measured.total(), "measurement on a plane", "measurements on planes")
        drawn = counted_are(self._drawn.total(), "shape on a plane", "shapes on planes")
        sentences = {
            f"{measured} left out (the csv format holds them): {_films(self._measured)}.": self._measured.total(),
            f"{drawn} left out (the csv format holds them): {_films(self._drawn)}; a slice there without a shape does "
            "not say that nothing is there.": self._drawn.total(),
            f"{counted_are(self._answers, 'answer')} left out (the csv and coco formats hold them).": self._answers,
            f"{counted_are(len(idle), 'label')} on no image, not brought back by an import ({names}).": len(idle),
            f"The code of {', '.join(coded)} is not written; give it anew after an import.": len(coded),
            f"{counted_are(self._twice, 'shape')} there twice under one label; an import takes each once.": self._twice,
        }
        return [*self._readings.sentences(), *(sentence for sentence, count in sentences.items() if count)]


def _films(counts: Counter[str]) -> str:
    """The first films of which there is any."""
    return ", ".join([film for film, count in counts.items() if count][:3])


def dataset_of(
    project: Project,
    exporter: Exporter | None = None,
    given: Mapping[str, Sequence[str]] | None = None,
    *,
    as_opened: bool = False,
) -> Dataset:
    """What of a project a format may hold. given: the options, as they were typed. Keep the project open meanwhile.

    as_opened: a person named the reading that is open, and no other counts.

    Raises BadRequest for an option that the format does not have; NotFound, UnknownName, Ambiguous or BadProject for a
    snapshot or a rule that is not there.
    """
    options = chosen(OPTIONS if exporter is None else options_of(exporter), given or {})
    taken = readings_taken(project, options.one(READINGS).strip(), as_opened=as_opened)
    only_complete = options.holds(ONLY_COMPLETE)
    wanted = images_inside(project, taken.complete() if only_complete else None)
    names: tuple[str, ...] = ()
    part_of: Mapping[str, str] = {}
    if snapshot := options.one(SPLIT).strip():
        from viewer.project.snapshots.parts import image_parts

        names, part_of = image_parts(project, "" if snapshot == NEWEST else snapshot)
    # Of the whole series, whichever of its images are written.
    indices = series_indices(images_inside(project)) if options.holds(GEOMETRY) else None
    beyond = BeyondImages(project, taken.round_ids)
    return Dataset(
        name=project.name,
        images=ExportedImages(
            project, list(wanted), taken=taken, part_of=part_of, series_index_of=indices, only_complete=only_complete
        ),
        labels=tuple(project.labels),
        options=options,
        taken=taken,
        parts=names,
        asked=tuple(project.attributes),
        has_answers=any_answered(project, taken.round_ids),
        has_wider=beyond.has_answers,
        has_planes=beyond.has_planes,
    )
