"""What an import format is: it reads files into an `ImportBatch`; `importing` puts that into a project."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from viewer.core.errors import BadRequest
from viewer.core.labels import Verdict
from viewer.core.shapes import Shape

# Columns map: role ("image", "patient", "label", ...) to the column names given for it.
ColumnMap = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedShape:
    """One instance. label: a region label's name. shape: in the image's own points."""

    label: str
    shape: Shape


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedImage:
    """What a file says of one image.

    path: absolute. patient_id: None when the file does not say. size: (rows, cols) for which the shapes were drawn,
    None when the file does not say. verdicts: whole-image labels that it says outright.
    named: per group of labels (see ImportBatch) those that hold; the others of that group were looked at and not
    named. tags: every further column.
    """

    path: Path
    frame_index: int = 0
    patient_id: str | None = None
    size: tuple[int, int] | None = None
    verdicts: dict[str, Verdict] = field(default_factory=dict)
    named: dict[str, tuple[str, ...]] = field(default_factory=dict)
    shapes: tuple[ImportedShape, ...] = ()
    tags: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportBatch:
    """Everything one import read.

    groups: name of a group (a column) to all whole-image labels that occur in it. region_labels: in their order.
    problems: (file, sentence). notes: what the format could not say, or was read in a way worth knowing.
    """

    images: tuple[ImportedImage, ...]
    groups: dict[str, tuple[str, ...]] = field(default_factory=dict)
    region_labels: tuple[str, ...] = ()
    problems: tuple[tuple[Path, str], ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Importer:
    """A row's object. roles: the names that --map may use. read: (path, column map) to a batch; raises BadFile."""

    title: str
    roles: tuple[str, ...]
    read: Callable[[Path, ColumnMap], ImportBatch]


def parse_map(text: str, roles: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """`image=path,patient=group_id,label=label,label=sublabel` as a map of role to columns.

    A role may be given several times; `label=` with nothing after it means "no such column". Raises BadRequest.
    """
    found: dict[str, tuple[str, ...]] = {}
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        role, equals, column = (piece.strip() for piece in part.partition("="))
        if not equals or role not in roles:
            names = ", ".join(roles) if roles else "none"
            raise BadRequest(f"--map does not understand {part!r}; this format knows {names} (as role=column).")
        found[role] = (*found.get(role, ()), *([column] if column else []))
    return found
