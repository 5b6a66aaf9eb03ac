"""What sets the parts of one series apart, in words and in an order that a reader expects."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from viewer.core.geometry import ImagePlane, plane_name
from viewer.reading.facts.instance_facts import InstanceFacts

NaturalKey = tuple[str | float, ...]
OrderKey = tuple[tuple[int, int], float, float, NaturalKey, int]
_DIGITS = re.compile(r"([0-9]+)")
LAST = float("inf")


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFacts:
    """One file of a scan, or one placed frame of a multi-frame file. source: where its patient id is valid."""

    path: Path
    source: str
    facts: InstanceFacts
    frame_index: int = 0


class Trait(NamedTuple):
    """What sets one part apart. by: the kind of value, such as "echo"; text: its own, such as "echo 2"."""

    by: str
    text: str


class Kind(NamedTuple):
    """A kind of value. words: the text of a part, the value for {}. reason: names the warning (`series_warnings`)."""

    by: str
    words: str
    reason: str


ECHO, ECHO_TIME = Kind("echo", "echo {}", "echo"), Kind("echo", "echo time {} ms", "echo")
B_VALUE = Kind("b-value", "b {} s/mm²", "b")
TIME_POINT = Kind("time", "time point {}", "time")
RANK = Kind("order", "set {} of {of} by order", "order")
# Whatever may tell apart images at one place, by the name that stands in `InstanceFacts.phase_names`.
PHASES: dict[str, Kind] = {
    "echo time": ECHO_TIME,
    "trigger time": Kind("trigger time", "trigger time {} ms", "time"),
    "acquisition": Kind("acquisition", "acquisition {}", "time"),
    "image type": Kind("image type", "{}", "type"),
    "time slice": Kind("time", "time slice {}", "time"),
    "direction": Kind("direction", "direction {n} of {of} ({})", "direction"),
    "inversion time": Kind("inversion time", "inversion time {} ms", "type"),
    "flip angle": Kind("flip angle", "flip angle {}°", "type"),
    "cardiac phase": Kind("cardiac phase", "cardiac phase {} %", "time"),
    "repetition time": Kind("repetition time", "repetition time {} ms", "type"),
    "kV": Kind("kV", "{} kV", "energy"),
    "kernel": Kind("kernel", "kernel {}", "type"),
    "slice thickness": Kind("slice thickness", "slice thickness {} mm", "type"),
    "coil": Kind("coil", "coil {}", "type"),
    "sequence": Kind("sequence", "sequence {}", "type"),
    "comment": Kind("comment", "{}", "type"),
    "origin": Kind("image type", "{}", "type"),
    "description": Kind("description", "{}", "type"),
    "respiratory phase": Kind("respiratory phase", "respiratory phase {} %", "time"),
    "acquired": Kind("time", "acquired at {}", "time"),
    "made": Kind("time", "content time {}", "time"),
    "trigger delay": Kind("trigger time", "trigger delay {} ms", "time"),
    "time offset": Kind("time", "after {} s", "time"),
    "energy window": Kind("energy window", "energy window {}", "energy"),
    "R-R interval": Kind("R-R interval", "R-R interval {}", "time"),
    "time slot": Kind("time", "time slot {}", "time"),
    "contrast": Kind("contrast", "contrast {}", "type"),
}
OTHER = Kind("attribute", "{name} {}", "type")

Bucket = list[FileFacts]
Named = list[tuple[Trait, Bucket]]


def natural_key(text: str) -> NaturalKey:
    """A key that puts 2 before 10: texts and numbers by turns."""
    # The end sorts after a digit and before any other character.
    parts: list[str | float] = list(_DIGITS.split(text + "\0"))
    parts[1::2] = map(float, parts[1::2])
    return tuple(parts)


def number_of(text: str) -> float | None:
    """The number that a text is, however it is written; None when it is none."""
    try:
        found = float(text.replace(",", "."))
    except ValueError:
        return None
    return found if abs(found) < LAST else None


def order_key(file: FileFacts) -> OrderKey:
    """By the place in a cut image, Instance Number, time of acquisition and name."""
    number, moment = number_of(file.facts.instance_number), number_of(file.facts.acquired.replace(":", ""))
    return (
        place_of_part(file),
        LAST if number is None else number,
        LAST if moment is None else moment,
        natural_key(str(file.path)),
        file.frame_index,
    )


def first_key(files: Sequence[FileFacts]) -> OrderKey:
    """Of the first of some images in their order."""
    return min(map(order_key, files))


def place_of_part(file: FileFacts) -> tuple[int, int]:
    """Where a file stands in an image that was cut into several."""
    part = file.facts.part
    return (part.offset, part.number) if part is not None else (0, 0)


def kind_of_phase(name: str) -> Kind:
    """The kind of a value that a frame or an image is told apart by."""
    return PHASES.get(name, Kind(OTHER.by, OTHER.words.replace("{name}", name), OTHER.reason))


def by_value(kind: Kind, buckets: Sequence[tuple[str, Bucket]]) -> list[tuple[str, Trait, Bucket]]:
    """(value, trait, files) in the order of the values: numbers by size, words by the first image that has them."""
    numbers = [number_of(value) for value, _ in buckets]
    if all(number is not None or not value for number, (value, _) in zip(numbers, buckets)):
        # What lacks the value comes first, as a series' first image often does.
        keyed = sorted(
            ((-LAST if number is None else number, place) for place, number in enumerate(numbers)), key=lambda k: k
        )
        ordered = [buckets[place] for _, place in keyed]
    else:
        ordered = sorted(buckets, key=lambda pair: first_key(pair[1]))
    return [
        (value, Trait(kind.by, _words(kind, value, place, len(ordered))), files)
        for place, (value, files) in enumerate(ordered, 1)
    ]


def _words(kind: Kind, value: str, place: int, count: int) -> str:
    if not value:
        return f"no {kind.by}"
    number = number_of(value)
    if "at {}" in kind.words or kind.words.startswith("content time"):
        return kind.words.replace("{}", _clock(value))
    said = value.replace("\\", " ") if number is None else f"{number:.10g}"
    return kind.words.replace("{n}", str(place)).replace("{of}", str(count)).replace("{}", said)


def _clock(value: str) -> str:
    """101112.5 as 10:11:12.5, with the date where the value has one; anything else as it is."""
    found = re.fullmatch(r"(\d{8})?(\d{2}):?(\d{2}):?(\d{2})(\.\d+)?", value)
    if found is None:
        return value
    date, hours, minutes, seconds, fraction = found.groups(default="")
    day = f"{date[:4]}-{date[4:6]}-{date[6:]} " if date else ""
    return f"{day}{hours}:{minutes}:{seconds}{fraction}"


def by_file(buckets: Sequence[Bucket]) -> Named:
    """Multi-frame files (or what was cut into several), and the single images beside them, in their order."""
    ordered = sorted(buckets, key=first_key)
    many = [files for files in ordered if not _are_singles(files)]
    named: Named = []
    for files in ordered:
        if _are_singles(files):
            named.append((Trait("file", "single images"), files))
            continue
        what = "multi-frame file" if any(file.facts.places for file in files) else "loop"
        named.append(
            (Trait("file", f"{what} {many.index(files) + 1} of {len(many)}" if len(many) > 1 else what), files)
        )
    return named


def _are_singles(files: Bucket) -> bool:
    return files[0].facts.frames == 1 and files[0].facts.part is None


def by_size(buckets: Sequence[Bucket]) -> Named:
    """The smallest first."""
    ordered = sorted(buckets, key=lambda files: (files[0].facts.rows, files[0].facts.cols))
    return [(Trait("size", f"{files[0].facts.rows} rows × {files[0].facts.cols} cols"), files) for files in ordered]


def by_spacing(buckets: Sequence[Bucket]) -> Named:
    """The finest first, what gives none last."""
    ordered = sorted(buckets, key=lambda files: (files[0].facts.spacing or (LAST, LAST))[:2])
    return [(Trait("pixel spacing", _spacing_words(files[0].facts)), files) for files in ordered]


def _spacing_words(facts: InstanceFacts) -> str:
    return "no pixel spacing" if facts.spacing is None else f"{facts.spacing[0]:.4g} × {facts.spacing[1]:.4g} mm"


def by_stack(buckets: Sequence[Bucket]) -> Named:
    """By Stack ID."""
    ordered = sorted(buckets, key=lambda files: natural_key(files[0].facts.stack))
    return [(Trait("stack", f"stack {files[0].facts.stack}".rstrip() or "no stack"), files) for files in ordered]


def by_orientation(buckets: Sequence[Bucket]) -> Named:
    """In the order of their first images; two of one name are told apart by their directions."""
    ordered = sorted(buckets, key=first_key)
    names = [_orientation_words(files[0].facts) for files in ordered]
    once = {plain for plain, _ in names if sum(other == plain for other, _ in names) == 1}
    return [
        (Trait("orientation", plain if plain in once else full), files) for (plain, full), files in zip(names, ordered)
    ]


def _orientation_words(facts: InstanceFacts) -> tuple[str, str]:
    """(such as "axial", the same with the directions of its rows and columns)."""
    if len(facts.orientation) != 6 or not facts.along_normal_mm:
        return "no position", "no position"
    (a, b, c, d, e, f) = facts.orientation
    plane = ImagePlane(position_mm=(0.0, 0.0, 0.0), row_cosines=(a, b, c), col_cosines=(d, e, f))
    name = plane_name(plane).lower()
    return name, f"{name} ({_vector(facts.orientation[:3])} / {_vector(facts.orientation[3:])})"


def _vector(parts: Sequence[float]) -> str:
    return ", ".join(f"{round(part, 2) + 0.0:.2f}" for part in parts)  # no -0.00


NameBuckets = Callable[[Sequence[Bucket]], Named]
