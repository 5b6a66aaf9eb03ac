"""A leak audit as it is kept beside its snapshot, and as it is told.

`snapshots/ID/leaks.json` is no part of what the snapshot's id is made of: a snapshot from before audits gets one by
`negatoscope leaks`. It names files and patient ids, and never a patient.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from viewer.core.checked import Fields
from viewer.core.errors import BadProject
from viewer.core.text.counting import counted
from viewer.core.text.titles import short_id
from viewer.project.disk.replacing import replace_file
from viewer.reading.sources.documents import read_json

LEAKS_NAME = "leaks.json"
MOST_BYTES = 1 << 28
MOST_FOUND = 100_000
_ADVICE = "make it anew by `negatoscope leaks`"

# What may stand on two sides: (one of them, several, what a row says of it).
KINDS: Mapping[str, tuple[str, str, str]] = {
    "patient": ("patient", "patients", "one patient"),
    "study": ("study", "studies", "one study"),
    "series": ("series", "series", "one series"),
    "sop": ("SOP instance", "SOP instances", "one SOP instance"),
    "pixels": ("picture with the same pixels", "pictures with the same pixels", "the same pixels"),
    "near": ("near duplicate", "near duplicates", "nearly the same picture"),
    "person": ("person under two ids", "persons under two ids", "the same name and birth date"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """What of a finding is in one part. file, image_id: of its first image. images: how many it has there."""

    part: str
    patient: str
    file: str
    image_id: str
    images: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Leak:
    """One finding. kind: of `KINDS`. score: of near duplicates their detail correlation, else 1. turned: what the
    second picture is of the first, "" for upright."""

    kind: str
    sides: tuple[Side, ...]
    score: float = 1.0
    turned: str = ""

    @property
    def crosses(self) -> bool:
        """Whether it stands in more than one part."""
        return len({side.part for side in self.sides}) > 1

    @property
    def patients(self) -> tuple[str, ...]:
        """Whose it is, each once."""
        return tuple(dict.fromkeys(side.patient for side in self.sides))

    @property
    def words(self) -> str:
        """ "near duplicate (mirrored): film1.png in train, film9.jpg in test"."""
        name = KINDS[self.kind][2]
        about = f"{name}, {self.turned}" if self.turned else name
        shown = " and ".join(
            f"{side.patient if self.kind == 'person' else side.file}"
            f"{f' ({side.images} images)' if side.images > 1 else ''} in {side.part}"
            for side in self.sides
        )
        return f"{about}: {shown}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """What an audit found. images: of the snapshot; unread: (file, reason) of those that could not be looked at.

    named: how many patients have a name and a birth date to be compared; placeholders: how many names more patients
    share than one person has ids, which were taken for none.
    """

    snapshot_id: str
    made: str
    images: int
    found: tuple[Leak, ...] = ()
    unread: tuple[tuple[str, str], ...] = ()
    named: int = 0
    placeholders: int = 0

    @property
    def crossing(self) -> tuple[Leak, ...]:
        """What stands on both sides of the division."""
        return tuple(leak for leak in self.found if leak.crosses)

    @property
    def counts(self) -> dict[str, tuple[int, int]]:
        """By kind: (found, of them in more than one part)."""
        found = {kind: [leak for leak in self.found if leak.kind == kind] for kind in KINDS}
        return {kind: (len(leaks), sum(leak.crosses for leak in leaks)) for kind, leaks in found.items()}

    @property
    def sentences(self) -> tuple[str, ...]:
        """What a person is told of it: what crosses, what lies within a part, what could not be looked at."""
        crossing = {kind: crosses for kind, (_, crosses) in self.counts.items() if crosses}
        within = {kind: all_ - crosses for kind, (all_, crosses) in self.counts.items() if all_ > crosses}
        said = [
            f"Leak audit: {_listed(crossing)} in more than one part, so figures may be too good."
            if crossing
            else f"Leak audit of {counted(self.images, 'image')}: nothing found in more than one part."
        ]
        if within:
            said.append(f"Within one part: {_listed(within)}.")
        if self.unread:
            said.append(
                f"{counted(len(self.unread), 'image')} could not be looked at (the first is {self.unread[0][0]}), and "
                "may be anything."
            )
        if self.placeholders:
            said.append(
                f"{counted(self.placeholders, 'name')} stood with too many patients to be a person's: taken for none."
            )
        return tuple(said)

    @property
    def doubts(self) -> bool:
        """Whether there is something to be done or known before the figures are believed."""
        return bool(self.crossing or self.unread)

    def to_json(self) -> dict[str, Any]:
        """`read_audit` reads it back."""
        return {
            "format": 1,
            "snapshot": self.snapshot_id,
            "made": self.made,
            "images": self.images,
            "sentences": list(self.sentences),
            "counts": {kind: {"found": found, "crossing": crosses} for kind, (found, crosses) in self.counts.items()},
            "found": [
                {
                    "kind": leak.kind,
                    "score": leak.score,
                    "turned": leak.turned,
                    "crosses": leak.crosses,
                    "sides": [
                        {
                            "part": side.part,
                            "patient": side.patient,
                            "file": side.file,
                            "image_id": side.image_id,
                            "images": side.images,
                        }
                        for side in leak.sides
                    ],
                }
                for leak in self.found
            ],
            "unread": [{"file": file, "reason": reason} for file, reason in self.unread],
            "named": self.named,
            "placeholders": self.placeholders,
        }


def _listed(counts: Mapping[str, int]) -> str:
    """ "2 near duplicates and 1 person under two ids"."""
    words = [counted(count, *KINDS[kind][:2]) for kind, count in counts.items()]
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))


def not_audited(snapshot_id: str) -> str:
    """What is said of a snapshot without an audit."""
    return (
        f"The snapshot {short_id(snapshot_id)} was not audited for leaks; `negatoscope leaks DIR "
        f"{short_id(snapshot_id)}` does it."
    )


def write_audit(folder: Path, audit: Audit) -> None:
    """Keep an audit beside its snapshot, whole or not. Raises NotWritable."""
    text = json.dumps(audit.to_json(), indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    replace_file(folder / LEAKS_NAME, text.encode())


def read_audit(folder: Path) -> Audit | None:
    """The audit of a snapshot's folder; None where it was not audited. Raises BadProject."""
    path = folder / LEAKS_NAME
    try:
        document = read_json(path, most=MOST_BYTES, error=BadProject, advice=_ADVICE)
    except FileNotFoundError:
        return None
    values = Fields(document, str(path), error=BadProject, advice=_ADVICE)
    return Audit(
        snapshot_id=values.text("snapshot", most=200), made=values.text("made", "", most=100),
        images=values.integer("images", 0, 10**9), named=values.integer("named", 0, 10**9, 0),
        placeholders=values.integer("placeholders", 0, 10**9, 0),
        found=tuple(_leak(one) for one in _inners(values, "found")),
        unread=tuple(
            (one.text("file", most=4096), one.text("reason", "", most=5000)) for one in _inners(values, "unread")
        ),
    )  # fmt: skip


def _leak(values: Fields) -> Leak:
    return Leak(
        kind=values.word("kind", tuple(KINDS)), score=values.number("score", -1, 1, 1.0),
        turned=values.text("turned", "", most=100), sides=tuple(_side(one) for one in _inners(values, "sides")),
    )  # fmt: skip


def _side(values: Fields) -> Side:
    names = {name: values.text(name, "", most=4096) for name in ("part", "patient", "file", "image_id")}
    return Side(**names, images=values.integer("images", 0, 10**9, 1))


def _inners(values: Fields, name: str) -> list[Fields]:
    rows = values.plain_value(name)
    if not isinstance(rows, list) or len(rows) > MOST_FOUND:
        raise values.refuse(name, "a list")
    return [Fields(row, f"{values.where}: {name}", error=BadProject, advice=_ADVICE) for row in rows]
