"""What an import format is: it reads a file or folder into records, one at a time, and settles nothing by itself.

A record is what the file says of one image at one place (a line, an entry). What cannot be known from the file is
a `Remark`: left out, ambiguous, contradictory, out of range, guessed. `plan` resolves the records against the project
and the disk, and nothing is written before a person has seen it.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from viewer.core.attributes import Attribute
from viewer.core.errors import BadRequest
from viewer.core.labels import Verdict
from viewer.core.shapes.kinds.polygon import Polygon
from viewer.core.shapes.outlined import MovePoint, TurnPixels
from viewer.core.shapes.shape import Shape
from viewer.core.values import TargetKind, Value
from viewer.exchange.options import Option, Options
from viewer.project.readings import SHARED_WORD, Round, RoundKind


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageName:
    """What a file calls an image: by a path, by its SOP Instance UID, by its content, or by several of these.

    path: as it is written (the plan finds the file, see `pictures`), or absolute. image_id: our own content name.
    frame_index: 0-based; None when the file does not say, which is enough only where the file has one frame.
    """

    path: str = ""
    sop_instance_uid: str = ""
    image_id: str = ""
    frame_index: int | None = None

    def __str__(self) -> str:
        said = self.path or self.sop_instance_uid or self.image_id
        return said if self.frame_index in (None, 0) else f"{said}, frame {self.frame_index}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadBy:
    """Whose reading something is of. name: of the reader, "" in that which all share. kind, number: as of a Round."""

    name: str
    kind: RoundKind = RoundKind.OWN
    number: int = 1

    @property
    def words(self) -> str:
        """What a sentence calls it: "Ada", "Ada, repeat 2", "shared"."""
        if not self.name:
            return SHARED_WORD
        return Round(round_id=self.name, reader=self.name, number=self.number, kind=self.kind).words


SHARED_READING = ReadBy(name="", kind=RoundKind.CONSENSUS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pieces:
    """One instance in several outlines: it becomes one mask, their union, once the image's size is known."""

    polygons: tuple[Polygon, ...]

    def mapped(self, move: MovePoint, turn: TurnPixels) -> "Pieces":
        """They on a picture that is turned or mirrored; see `Shape.mapped`."""
        return Pieces(polygons=tuple(one.mapped(move, turn) for one in self.polygons))

    def written_numbers(self) -> tuple[float, ...]:
        """The numbers of all of them."""
        return tuple(number for one in self.polygons for number in one.written_numbers())


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedShape:
    """One instance. label: a region label's name. shape: in the image's own points.

    from_extent: a box that was written as corner, width and height: the plan doubts a file whose boxes leave their
    images when they are read so and lie inside when they are read as two corners. object_name: what the file calls the
    object that it is of: shapes of one name, on several images, become one object; "" for an object of its own.
    answers: what is said of the object, by the question's name.
    """

    label: str
    shape: Shape | Pieces
    from_extent: bool = False
    object_name: str = ""
    answers: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class OnPlane:
    """A measurement on a plane through the series of an image, or with a label a shape. space: its frame of reference.
    plane: as `PlaneAnchor.numbers`. points_mm: in the patient. object_name, answers: as of an ImportedShape; answers as
    JSON."""

    kind: str
    space: str
    plane: Any
    points_mm: Any
    author: str = ""
    label: str = ""
    object_name: str = ""
    answers: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What the file says of one image at one place. Several records of one image are joined by the plan.

    where: how a person finds it in the file ("line 4", "annotation 17"). patient_id: None when the file has no place
    for it, "" when it has and says nothing there. size: (rows, cols) for which the shapes were drawn.
    verdicts: whole-image labels said outright; two records that differ are a contradiction.
    named: per group of labels (a column, a folder level) those that hold here; the others of the group were looked at.
    tags: every further column. source: where this image's patient id is valid; None for that of the whole import.
    unfinished: why the image was not looked at to the end, whatever is said of the whole import ("" where it may have
    been): words that follow "a.png stays open: ". reader: whose reading it is; None for the one that the import is done
    in. geometry: where the image lies, as our exports say it (`ImageGeometry.facts`): it must be what its file says.
    part: of a split that it is in ("train", "validation", "test", "fold 3"), as it is written; "" in none. answers:
    what is said of the image beside its labels, by the question; two records that differ are a contradiction. wider:
    the same of its series, its study and its patient. on_planes: what is measured on planes through its series.
    """

    image: ImageName
    where: str = ""
    patient_id: str | None = None
    size: tuple[int, int] | None = None
    verdicts: Mapping[str, Verdict] = field(default_factory=dict)
    named: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    shapes: tuple[ImportedShape, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)
    source: str | None = None
    unfinished: str = ""
    reader: ReadBy | None = None
    geometry: Mapping[str, Any] = field(default_factory=dict)
    part: str = ""
    answers: Mapping[str, Value] = field(default_factory=dict)
    wider: Mapping[TargetKind, Mapping[str, Value]] = field(default_factory=dict)
    on_planes: tuple[OnPlane, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """A label that the file lists, whether or not a record uses it; the catalogue gets new labels in this order.

    scope: "region" or "image". group: of an image label, the group whose other labels it stands beside.
    exclusive: an image has one label of the group; two are a contradiction.
    """

    scope: str
    name: str
    group: str = ""
    exclusive: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question that the file answers and declares. Where the project asks it already, the project's stands."""

    attribute: Attribute


@dataclass(frozen=True, slots=True, kw_only=True)
class Becomes:
    """What the columns of a file (of COCO the keys, else the folders) become, each named as the file names it.

    roles: by what they say ("image", "patient", "label"), in the order in which they are told. as_text: those that are
    kept with their images as text and play no other role. unused: those of which nothing is kept.
    """

    roles: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    as_text: tuple[str, ...] = ()
    unused: tuple[str, ...] = ()


class Outcome(StrEnum):
    """What became of something that is not plainly taken."""

    LEFT_OUT = "left out"  # cannot be read, or has no place here
    AMBIGUOUS = "ambiguous"  # means several things; left out unless an option settles it
    CONTRADICTORY = "contradictory"  # the file says two things; left out unless an option settles it
    OUT_OF_RANGE = "out of range"  # not on the image, not finite, no such frame
    GUESSED = "guessed"  # taken, by a rule that the sentence gives
    NOTE = "note"  # taken or of no consequence, and worth knowing

    @property
    def is_left_out(self) -> bool:
        """Whether what it is said of does not come in."""
        return self not in (Outcome.GUESSED, Outcome.NOTE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """Something a person must know of the import.

    sentence: names the file, the place and the reason. rule: one short clause by which alike remarks are counted
    together. settle: the option that would settle it, as it is typed ("--boxes corners"). image: the image it is about;
    with an outcome that is left out, its case is not completed by the import. also: further images that stay open then.
    of_series: every image of that image's series stays open, since something on a plane through it does not come.
    count: how many things it is about. of_record: it stands for a record that does not come, and counts as read.
    """

    outcome: Outcome
    sentence: str
    rule: str
    settle: str = ""
    image: ImageName | None = None
    count: int = 1
    of_record: bool = False
    also: tuple[ImageName, ...] = ()
    of_series: bool = False


Item = Record | Declared | Asked | Becomes | Remark


@dataclass(frozen=True, slots=True, kw_only=True)
class Importer:
    """A row's object.

    options: what --help and the window's dialog show for it, besides those of every import (`plan.OPTIONS`).
    read: (file or folder, options) to the items, in the file's order. It raises BadFile where nothing can be read at
    all, BadRequest where an option does not fit the file; one bad record is a Remark, and the rest goes on.
    suffixes: the ends of file names by which the dialog knows it; none when a folder is read.
    """

    title: str
    read: Callable[[Path, Options], Iterator[Item]]
    options: tuple[Option, ...] = ()
    suffixes: tuple[str, ...] = ()

    @property
    def reads_folder(self) -> bool:
        """Whether it is given a folder."""
        return not self.suffixes


def left_out(
    image: ImageName | None,
    sentence: str,
    *,
    rule: str,
    outcome: Outcome = Outcome.LEFT_OUT,
    settle: str = "",
    count: int = 1,
    of_record: bool = True,
    also: tuple[ImageName, ...] = (),
    of_series: bool = False,
) -> Remark:
    """Something of the file does not come in; the image it belongs to stays open."""
    if not outcome.is_left_out:
        raise BadRequest(f"What is {outcome} is not left out.")
    return Remark(
        outcome=outcome, sentence=sentence, rule=rule, settle=settle, image=image, count=count, of_record=of_record,
        also=also, of_series=of_series,
    )  # fmt: skip


def guessed(sentence: str, *, rule: str, settle: str = "", count: int = 1, image: ImageName | None = None) -> Remark:
    """Something is taken by a rule that the file does not confirm."""
    return Remark(outcome=Outcome.GUESSED, sentence=sentence, rule=rule, settle=settle, count=count, image=image)


def note(sentence: str, *, rule: str, count: int = 1) -> Remark:
    """Something worth knowing that changes nothing."""
    return Remark(outcome=Outcome.NOTE, sentence=sentence, rule=rule, count=count)
