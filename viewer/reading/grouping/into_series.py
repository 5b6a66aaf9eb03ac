"""From files to series: by UIDs, then by size, orientation, spacing, echo, b-value and time point (DESIGN 2a)."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import NamedTuple

from viewer.reading.facts.instance_facts import InstanceFacts
from viewer.reading.grouping.parts import (
    B_VALUE,
    ECHO,
    ECHO_TIME,
    RANK,
    TIME_POINT,
    FileFacts,
    Kind,
    NameBuckets,
    OrderKey,
    Trait,
    by_file,
    by_orientation,
    by_size,
    by_spacing,
    by_stack,
    by_value,
    kind_of_phase,
    natural_key,
    number_of,
    order_key,
    place_of_part,
)
from viewer.reading.grouping.stack import SAME_PLACE_MM, along_normal

SAME_DIRECTION = 1e-3  # largest difference of a cosine within one orientation
SAME_SPACING = 1e-3  # largest relative difference within one pixel spacing

Value = Callable[[FileFacts], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """Files (or frames) that are shown as one series.

    split_key: what sets them apart within their series UID; traits: the same for people. reasons: the words for which
    the series UID was split. siblings_places: where the stacks lie that only differ in echo, b-value or time point.
    """

    files: tuple[FileFacts, ...]
    split_key: str
    traits: tuple[Trait, ...] = ()
    reasons: tuple[str, ...] = ()
    siblings_places: tuple[float, ...] = ()


def series_groups(files: Iterable[FileFacts]) -> list[list[FileFacts]]:
    """Files that share source, patient, study and series UID; by folder where a UID is empty."""
    groups: dict[tuple[str, ...], list[FileFacts]] = defaultdict(list)
    for file in files:
        facts = file.facts
        place = "" if facts.study_uid and facts.series_uid else str(file.path.parent)
        # A picture is a film of its own; a folder of them is not one series.
        single = "" if facts.kind == "dicom" else file.path.name
        groups[file.source, facts.patient_id, facts.study_uid, facts.series_uid, place, single].append(file)
    return list(groups.values())


class Part(NamedTuple):
    """Files on their way to a stack. keys: of the splits so far, for the series id; traits: the same for people."""

    keys: tuple[str, ...]
    traits: tuple[Trait, ...]
    files: list[FileFacts]
    reason: str = ""


Names = list[str] | list[str | None]


def split_group(group: Sequence[FileFacts]) -> list[Stack]:
    """The stacks of one series UID, each with one size, orientation, spacing, echo, b-value and time point, sorted.

    They come in the order of what sets them apart.
    """
    parts = [Part((), (), list(group))]
    reasons: list[str] = []
    parts = _split(parts, _frame_keys, by_file, "multi-frame", reasons)
    parts = [part._replace(files=[frame for file in part.files for frame in _frames_of(file)]) for part in parts]
    for reason, key_of, named in (
        ("mixed-size", _size_keys, by_size),
        ("mixed-orientation", _orientation_keys, by_orientation),
        ("mixed-spacing", _spacing_keys, by_spacing),
        ("several-stacks", _stack_keys, by_stack),
    ):
        parts = _split(parts, key_of, named, reason, reasons)
    stacks = []
    for part in parts:
        phases = _split_phases(part.files)
        places = tuple(sorted({round(p, 4) for phase in phases for p in _places(phase.files)}))
        found = tuple(dict.fromkeys((*reasons, *(phase.reason for phase in phases if phase.reason))))
        for phase in phases:
            stacks.append(
                Stack(
                    files=tuple(sorted_files(phase.files)),
                    split_key="|".join([*part.keys, "&".join(phase.keys)]),
                    traits=(*part.traits, *phase.traits),
                    reasons=found,
                    siblings_places=places if len(phases) > 1 else (),
                )
            )
    return stacks


def _split(
    parts: list[Part],
    key_of: Callable[[Sequence[FileFacts]], Names],
    named: NameBuckets,
    reason: str,
    reasons: list[str],
) -> list[Part]:
    after: list[Part] = []
    for part in parts:
        buckets: dict[str | None, list[FileFacts]] = defaultdict(list)
        for file, name in zip(part.files, key_of(part.files)):
            buckets[name].append(file)
        # Newer reasons have no name where nothing differs, so that ids of series stay what they were.
        keys = {id(files): (*part.keys, *([name] if name is not None else [])) for name, files in buckets.items()}
        if len(buckets) == 1:
            after += [part._replace(keys=keys[id(files)], files=files) for files in buckets.values()]
            continue
        if reason not in reasons:
            reasons.append(reason)
        for trait, files in named(list(buckets.values())):
            after.append(Part(keys[id(files)], (*part.traits, trait), files))
    return after


def _frames_of(file: FileFacts) -> list[FileFacts]:
    """A multi-frame file's frames as if each were a file, where they have places; else the file."""
    if not file.facts.places:
        return [file]
    return [replace(file, facts=file.facts.of_frame(n), frame_index=n) for n in range(file.facts.frames)]


def _frame_keys(files: Sequence[FileFacts]) -> list[str]:
    # Each multi-frame file is a stack of its own, in the order of its frames; so are the parts of one that was cut.
    met: Counter[tuple[str, tuple[int, int]]] = Counter()
    keys = {}
    for number, file in sorted(enumerate(files), key=lambda pair: str(pair[1].path)):
        part = file.facts.part
        if file.facts.frames == 1 and part is None:
            keys[number] = ""
            continue
        name = part.uid if part is not None else file.facts.sop_instance_uid or file.path.name
        same = name, place_of_part(file)
        met[same] += 1
        keys[number] = f"frames={name}" + (f"#{met[same]}" if met[same] > 1 else "")
    return [keys[number] for number in range(len(files))]


def _size_keys(files: Sequence[FileFacts]) -> list[str]:
    return [f"{file.facts.rows}x{file.facts.cols}" for file in files]


def _orientation_keys(files: Sequence[FileFacts]) -> list[str]:
    """Orientations that agree within SAME_DIRECTION share the key of the first one met in sorted order."""
    known: list[tuple[float, ...]] = []
    for orientation in sorted({file.facts.orientation for file in files if _has_place(file.facts)}):
        if not any(_same_direction(orientation, other) for other in known):
            known.append(orientation)
    keys: list[str] = []
    names: dict[tuple[float, ...], str] = {}  # the files of a series have one orientation or a few
    for file in files:
        own = file.facts.orientation
        if not own or not _has_place(file.facts):
            keys.append("no place" if not own else "at " + ",".join(f"{c:.3f}" for c in own))
            continue
        if own not in names:
            base = next(other for other in known if _same_direction(own, other))
            names[own] = ",".join(f"{c + 0.0:.3f}" for c in base)
        keys.append(names[own])
    return keys


def _spacing_keys(files: Sequence[FileFacts]) -> list[str | None]:
    """Spacings that agree within SAME_SPACING are one. A file that gives none stays where there is only one."""
    known: list[tuple[float, float]] = []
    for pair in sorted({file.facts.spacing[:2] for file in files if file.facts.spacing}):
        if not any(_same_spacing(pair, other) for other in known):
            known.append(pair)
    if len(known) < 2:
        return [None] * len(files)
    keys: list[str | None] = []
    for file in files:
        own = file.facts.spacing
        base = next((other for other in known if own and _same_spacing(own[:2], other)), None)
        keys.append("no spacing" if base is None else f"{base[0]:.4g}x{base[1]:.4g} mm")
    return keys


def _same_spacing(a: tuple[float, float], b: tuple[float, float]) -> bool:
    return all(abs(x - y) <= SAME_SPACING * min(x, y) for x, y in zip(a, b))


def _stack_keys(files: Sequence[FileFacts]) -> list[str | None]:
    """Frames by their Stack ID; left together where the ids tell no stacks but single frames."""
    counts = Counter(file.facts.stack for file in files)
    if len(counts) < 2 or max(counts.values()) == 1:
        return [None] * len(files)
    return [f"stack={file.facts.stack}" for file in files]


def _has_place(facts: InstanceFacts) -> bool:
    return bool(facts.along_normal_mm)


def _same_direction(a: tuple[float, ...], b: tuple[float, ...]) -> bool:
    return len(a) == len(b) and all(abs(x - y) <= SAME_DIRECTION for x, y in zip(a, b))


def _places(files: Iterable[FileFacts]) -> list[float]:
    return [place for file in files if (place := along_normal(file.facts)) is not None]


def _split_phases(files: list[FileFacts]) -> list[Part]:
    """Echoes, b-values and time points of one stack, in their order.

    The file's own numbers count first. Images that share a place are told apart by the first value that gives every
    place one image, or by one that is there with each of its values at every place; else, when every place has equally
    many, by their order in Instance Number.
    """
    for name, kind, value_of in OWN_VALUES:
        parts = _by_value(files, name, _own_kind(kind, files), value_of)
        # Images of as many time points as there are images are one film, not as many series.
        if len(parts) > 1 and not (name == "time" and len(parts) == len(files)):
            return [inner for part in parts for inner in _within(part, always=name == "echo")]
    if not _has_duplicates(files) or is_cine(files):
        return [Part((), (), files)]
    names = files[0].facts.phase_names
    for whole in (_are_phases, _are_crossed):
        for number in range(len(files[0].facts.phase)):
            kind = kind_of_phase(names[number] if number < len(names) else "")
            parts = _by_value(files, "echo" if number == 0 else "time", kind, _phase_value(number))
            if len(parts) > 1 and whole([part.files for part in parts]):
                return [inner for part in parts for inner in _within(part, always=False)]
    return _by_rank(files)


def _within(part: Part, *, always: bool) -> list[Part]:
    """The phases within one phase. always: its key gets the mark of an inner one even where there is none."""
    return [
        Part(
            (*part.keys, *(inner.keys or (("",) if always else ()))), (*part.traits, *inner.traits), inner.files,
            part.reason,
        )
        for inner in _split_phases(part.files)
    ]  # fmt: skip


def _own_kind(kind: Kind, files: list[FileFacts]) -> Kind:
    return ECHO_TIME if kind is ECHO and files[0].facts.echo_is_time else kind


OWN_VALUES: tuple[tuple[str, Kind, Value], ...] = (
    ("echo", ECHO, lambda file: file.facts.echo),
    ("b", B_VALUE, lambda file: file.facts.b_value),
    ("time", TIME_POINT, lambda file: file.facts.time_point),
)


def is_cine(files: Sequence[FileFacts]) -> bool:
    """Whether these are several time points of one place: a film, not as many series of one image."""
    places = _places(files)
    if len(places) != len(files) or max(places) - min(places) > SAME_PLACE_MM:
        return False
    return len({file.facts.time_point for file in files}) == len(files) > 1


def _phase_value(number: int) -> Callable[[FileFacts], str]:
    return lambda file: file.facts.phase[number]


def _by_value(files: list[FileFacts], name: str, kind: Kind, value_of: Value) -> list[Part]:
    """Parts of one value each, in its order; numbers that are only written differently are one value."""
    buckets: dict[str | float, list[FileFacts]] = defaultdict(list)
    spelled: dict[str | float, list[str]] = defaultdict(list)
    for file in files:
        value = value_of(file)
        number = number_of(value)
        buckets[value if number is None else number].append(file)
        spelled[value if number is None else number].append(value)
    if len(buckets) == 1:
        return [Part((), (), files)]
    listed = [(min(spelled[value], key=lambda text: (len(text), text)), part) for value, part in buckets.items()]
    return [Part((f"{name}={value}",), (trait,), part, kind.reason) for value, trait, part in by_value(kind, listed)]


def _has_duplicates(files: list[FileFacts]) -> bool:
    places = sorted(_places(files))
    return any(after - before <= SAME_PLACE_MM for before, after in pairwise(places))


def _are_phases(parts: list[list[FileFacts]]) -> bool:
    """Whether each part has every place once, and at least one part has several places."""
    if any(_has_duplicates(part) for part in parts):
        return False
    most = max(len(part) for part in parts)
    return most > 1 and sum(len(part) for part in parts) > most * (len(parts) - 1)


def _are_crossed(parts: list[list[FileFacts]]) -> bool:
    """Whether each part has the same places, more than one: what is left within a part is told apart by another."""
    places = {frozenset(round(place, 3) for place in _places(part)) for part in parts}
    return len(places) == 1 and len(places.pop()) > 1


def _by_rank(files: list[FileFacts]) -> list[Part]:
    buckets: dict[float, list[FileFacts]] = defaultdict(list)
    for file in sorted(files, key=_rank_key):
        place = along_normal(file.facts)
        match = next((p for p in buckets if place is not None and abs(p - place) <= SAME_PLACE_MM), place)
        buckets[match if match is not None else 0.0].append(file)
    counts = {len(bucket) for bucket in buckets.values()}
    uids = [(file.facts.sop_instance_uid, file.frame_index) for file in files]
    if len(counts) != 1 or len(buckets) < 2 or counts == {1} or len(set(uids)) != len(uids):
        return [Part((), (), files)]
    sets = [(str(n + 1), [bucket[n] for bucket in buckets.values()]) for n in range(counts.pop())]
    return [Part((f"time={number}",), (trait,), part, RANK.reason) for number, trait, part in by_value(RANK, sets)]


def _rank_key(file: FileFacts) -> tuple[float, OrderKey]:
    """Frames by when they were acquired (the last of `phase`), images by Instance Number."""
    facts = file.facts
    moment = number_of(next((text for text in facts.phase[:-3:-1] if text), "")) if facts.echo_is_time else None
    return float("inf") if moment is None else moment, order_key(file)


def sorted_files(files: Iterable[FileFacts]) -> list[FileFacts]:
    """By position along the normal, then by time; without positions by Instance Number, then by name.

    Parts of one image come in their order.
    """
    listed = list(files)
    if all(_has_place(file.facts) and file.facts.frames == 1 for file in listed):
        return sorted(
            listed,
            key=lambda file: (
                round(file.facts.along_normal_mm[0], 4),
                natural_key(file.facts.time_point),
                *order_key(file),
            ),
        )
    return sorted(listed, key=order_key)


def series_id(stack: Stack) -> str:
    """16 hex digits over study UID, series UID and split key, and the folder when a UID is empty."""
    first = stack.files[0]
    parts = [first.facts.study_uid, first.facts.series_uid, stack.split_key]
    if not (first.facts.study_uid and first.facts.series_uid):
        parts.append(str(first.path.parent.resolve()))
        if first.facts.kind != "dicom":
            parts.append(first.path.name)
    return hashlib.sha256("\n".join(parts).encode("utf-8", "surrogateescape")).hexdigest()[:16]
