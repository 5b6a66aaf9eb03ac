"""COCO: boxes, polygons and masks as JSON, and of our own export every kind of shape.

Points are continuous, (0, 0) the outer corner of the first pixel, as ours; a box is x, y, width, height. A run-length
mask counts column by column over the whole image, beginning with the pixels outside (0 of them when the first pixel is
inside). Image paths are relative to the JSON file, or lie where COCO, CVAT and Datumaro put them (`pictures`).
Roles for --map: image (default file_name), patient (patient_id), frame (frame_index), sop (sop_instance_uid).
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from viewer.core.boundary import at_boundary
from viewer.core.errors import AppError, BadFile, BadRequest
from viewer.exchange.coco_shapes import Refused, is_own, object_of, own_kind, shape_of, short, whole_number
from viewer.exchange.importer import (
    Declared,
    ImageName,
    ImportedShape,
    Importer,
    Item,
    Outcome,
    Record,
    Remark,
    guessed,
    left_out,
    note,
)
from viewer.exchange.options import Option, Options
from viewer.exchange.own_table import BOXES, LEFT_OUT, STATUS_COLUMN, content_name, unfinished

ROLES = {"image": "file_name", "patient": "patient_id", "frame": "frame_index", "sop": "sop_instance_uid"}
_TWICE = "\0twice"  # no key of a file
_OWN_KEYS = frozenset(
    (
        "id",
        "width",
        "height",
        "license",
        "date_captured",
        "coco_url",
        "flickr_url",
        "image_id",
        "source",
        STATUS_COLUMN,
        LEFT_OUT,
    )
)

# What of an annotation and its attributes is read, said elsewhere, or told by the shape itself.
_READ_KEYS = frozenset(
    ("id", "image_id", "category_id", "segmentation", "bbox", "area", "iscrowd", "keypoints", "num_keypoints",
     "attributes", "rotation", "author", "origin", "box_px", _TWICE)
)  # fmt: skip
_OURS = frozenset(("object_id", "kind", "points_px"))  # of an export of ours only
_NOTHING: tuple[Any, ...] = (None, "", 0, [], {})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Image:
    """One entry of the list of images."""

    name: ImageName
    size: tuple[int, int] | None


@dataclass(slots=True, kw_only=True)
class _Reading:
    """What one file has said so far. images, categories: by id; several under one id are a contradiction."""

    path: Path
    options: Options
    keys: dict[str, str]
    images: dict[str, list[_Image]] = field(default_factory=dict)
    categories: dict[str, list[str]] = field(default_factory=dict)
    lost_images: set[str] = field(default_factory=set)
    unfinished: str = ""
    is_ours: bool = False  # names come back as they were


def _key(value: Any) -> str:
    """An id as text, so that 1, 1.0 and "1" are one; "" for what can be no id."""
    if isinstance(value, bool) or value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip() if isinstance(value, (int, str)) else ""


def _load(path: Path) -> dict[str, Any]:
    with at_boundary(path, what="a COCO file"):
        content = path.read_bytes()
        document = json.loads(content.decode(json.detect_encoding(content)), object_pairs_hook=_record)
    if not isinstance(document, dict) or not isinstance(document.get("images"), list):
        raise BadFile(f"{path} is no COCO file: it has no list of images.")
    if document.get(_TWICE):
        raise BadFile(f"{path} has two lists of {document[_TWICE]}, and nothing tells which one holds; join them.")
    return document


def _record(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON record; one that says a key twice, with two values, carries the key's name under `_TWICE`."""
    found = dict(pairs)
    if len(found) < len(pairs):
        differing = [key for key, value in pairs if value != found[key]]
        if differing:
            found[_TWICE] = differing[0]
    return found


def read(path: Path, options: Options) -> Iterator[Item]:
    """The records of a COCO file. Raises BadFile when it is none."""
    document = _load(path)
    given = options.columns("map")
    several = [role for role, names in given.items() if len(names) > 1]
    if several:
        raise BadRequest(f"--map names several keys for {several[0]}; a COCO image has one.")
    keys = {role: given[role][0] if given.get(role) else key for role, key in ROLES.items()}
    reading = _Reading(path=path, options=options, keys=keys)
    reading.unfinished, reading.is_ours = _of_nobody(document.get("annotations")), is_own(document)
    yield from _categories(reading, document)
    for entry in document["images"]:
        yield from _image(reading, entry)
    yield from _ids_twice(reading)
    entries = document.get("annotations", [])
    if not isinstance(entries, list):
        yield left_out(None, f"{path}: its annotations are no list.", rule="no list of annotations")
        return
    for entry in entries:
        yield from _annotation(reading, entry)
    records = [entry for entry in entries if isinstance(entry, Mapping)]
    keypoints = sum(bool(entry.get("keypoints")) and not (reading.is_ours and own_kind(entry)) for entry in records)
    if keypoints:
        yield note(f"Key points of {keypoints} annotations are left out.", rule="key points", count=keypoints)
    yield from _not_kept(path, entries, _READ_KEYS | _OURS if reading.is_ours else _READ_KEYS)


def _of_nobody(entries: Any) -> str:
    """Why no image of the file can be told to have nothing on it: what is said may be of any. "" where it is not."""
    if not isinstance(entries, list):
        return "the file has no list of annotations"
    ids = (_key(entry.get("image_id")) if isinstance(entry, Mapping) else "" for entry in entries)
    return "" if all(ids) else "an annotation of the file names no image, and may be of any"


def _not_kept(path: Path, entries: list[Any], read_keys: Set[str]) -> Iterator[Item]:
    """What annotations say besides their shape and label, each key with how often it says something."""
    counts: Counter[str] = Counter()
    for entry in entries:
        if isinstance(entry, Mapping):
            counts.update(key for key, value in entry.items() if key not in read_keys and value not in _NOTHING)
            facts = entry.get("attributes")
            if isinstance(facts, Mapping):
                counts.update(key for key, value in facts.items() if key not in read_keys and value not in _NOTHING)
    if counts:
        named = [f"{short(key)} ({count})" for key, count in counts.most_common(10)]
        sentence = f"{path}: what annotations say as {', '.join(named)}{' and more' * (len(counts) > 10)} was not kept."
        yield note(sentence, rule="further keys of annotations", count=sum(counts.values()))


def _categories(reading: _Reading, document: Mapping[str, Any]) -> Iterator[Item]:
    entries = document.get("categories", [])
    for entry in entries if isinstance(entries, list) else [entries]:
        facts = entry if isinstance(entry, Mapping) else {}
        key, name = _key(facts.get("id")), facts.get("name")
        if not key or not isinstance(name, (str, int, float)) or not str(name).strip() or _TWICE in facts:
            sentence = f"{reading.path}: the category {short(entry)} has no id or no name, or two."
            yield left_out(None, sentence, rule="a category without id or name")
            continue
        names = reading.categories.setdefault(key, [])
        text = str(name) if reading.is_ours else str(name).strip()
        if text not in names:
            names.append(text)
    for key, names in reading.categories.items():
        if len(names) > 1:
            sentence = f"{reading.path}: the category id {key} is called {' and '.join(names)}."
            settled = _settled(reading, names)
            if settled is None:
                yield left_out(
                    None, f"{sentence} Its annotations are left out.", outcome=Outcome.CONTRADICTORY,
                    rule="one category id, two names", settle="--on-conflict first", of_record=False,
                )  # fmt: skip
            else:
                reading.categories[key] = [settled]
                yield guessed(f"{sentence} {settled} was taken.", rule="one category id, two names")
    ids: dict[str, list[str]] = {}
    for key, names in reading.categories.items():
        for name in names:
            ids.setdefault(name, []).append(key)
            yield Declared(scope="region", name=name)
    for name, keys in ids.items():
        if len(keys) > 1:
            sentence = f"{reading.path}: the categories {', '.join(keys)} are all called {name}; they become one label."
            yield guessed(sentence, rule="several category ids, one name")


def _settled(reading: _Reading, values: list[Any]) -> Any:
    choice = reading.options.one("on-conflict")
    return {"first": values[0], "last": values[-1]}.get(choice)


def _image(reading: _Reading, entry: Any) -> Iterator[Item]:
    if not isinstance(entry, Mapping) or _TWICE in entry:
        why = f"says {entry[_TWICE]} twice" if isinstance(entry, Mapping) else "is no record"
        sentence = f"{reading.path}: the image entry {short(entry)} {why}."
        yield left_out(None, sentence, rule="an image entry that is none")
        return
    key = _key(entry.get("id"))
    written = entry.get(reading.keys["image"])
    sop = entry.get(reading.keys["sop"])
    name = ImageName(
        path=written if isinstance(written, str) else "",
        sop_instance_uid=sop if isinstance(sop, str) else "",
        image_id=content_name(entry.get("image_id")),
    )
    if not (name.path.strip() or name.sop_instance_uid):
        reading.lost_images.add(key)
        sentence = f"{reading.path}: the image {short(entry.get('id'))} has no {reading.keys['image']}."
        yield left_out(None, sentence, rule="an image without a name")
        return
    frame, known = whole_number(entry.get(reading.keys["frame"]))
    if not known:
        reading.lost_images.add(key)
        sentence = f"{reading.path}: {name.path} has the frame {short(entry.get(reading.keys['frame']))}, no number."
        yield left_out(name, sentence, rule="no such frame", outcome=Outcome.OUT_OF_RANGE)
        return
    name = ImageName(path=name.path, sop_instance_uid=name.sop_instance_uid, image_id=name.image_id, frame_index=frame)
    size = _size(entry)
    if key:
        reading.images.setdefault(key, []).append(_Image(name=name, size=size))
    else:
        sentence = f"{reading.path}: {name} has no id, so nobody can tell its annotations."
        yield left_out(name, sentence, rule="an image without an id")
    lost = entry.get(LEFT_OUT)
    if name.image_id and isinstance(lost, str) and lost:
        sentence = f"{reading.path}: the export left out {short(lost)} of {name}, so its case stays open."
        yield left_out(name, sentence, rule="what the export left out", of_record=False)
    source = entry.get("source")
    yield Record(
        image=name,
        where=f"image {key}",
        patient_id=_patient(reading, entry, name),
        tags=_tags(reading, entry, own=bool(name.image_id)),
        source=source if name.image_id and isinstance(source, str) else None,
        unfinished=reading.unfinished or (unfinished(entry.get(STATUS_COLUMN)) if name.image_id else ""),
    )


def _size(entry: Mapping[str, Any]) -> tuple[int, int] | None:
    """(rows, cols), None where the file does not say: null, 0 and absent are what tools write then."""
    found = []
    for name in ("height", "width"):
        try:
            number = float(entry.get(name) or 0)
        except (TypeError, ValueError):
            return None
        if not (number.is_integer() and 0 < number < 2**31):
            return None
        found.append(int(number))
    return found[0], found[1]


def _patient(reading: _Reading, entry: Mapping[str, Any], name: ImageName) -> str | None:
    said = entry.get(reading.keys["patient"])
    if said is None or isinstance(said, (dict, list)):
        return None
    if name.image_id:  # our own export: as it was, and "" for an image without a patient
        return str(said) or None
    return str(said).strip() or None  # merged cells are of tables: here "" and null both say nothing


def _tags(reading: _Reading, entry: Mapping[str, Any], *, own: bool) -> dict[str, str]:
    if own:
        tags = entry.get("tags")
        return {str(key): str(value) for key, value in tags.items()} if isinstance(tags, Mapping) else {}
    used = {*reading.keys.values(), *_OWN_KEYS}
    return {
        str(key): str(value)
        for key, value in entry.items()
        if key not in used and value is not None and not isinstance(value, (dict, list))
    }


def _ids_twice(reading: _Reading) -> Iterator[Item]:
    """Two pictures under one id: whose the annotations are, nobody can tell."""
    for key, images in reading.images.items():
        different = list(dict.fromkeys(images))
        reading.images[key] = different
        if len(different) < 2:
            continue
        names = " and ".join(str(image.name) for image in different)
        sentence = f"{reading.path}: the image id {key} stands for {names}"
        settled = _settled(reading, different)
        if settled is None:
            yield left_out(
                different[0].name, f"{sentence}; annotations of that id are left out.", outcome=Outcome.AMBIGUOUS,
                rule="one image id, two pictures", settle="--on-conflict first", of_record=False,
                also=tuple(image.name for image in different[1:]),
            )  # fmt: skip
        else:
            reading.images[key] = [settled]
            others = [image.name for image in different if image is not settled]
            stay = f"{others[0]} stays" if len(others) == 1 else f"{' and '.join(map(str, others))} stay"
            said = f"{sentence}; its annotations went to {settled.name}, so {stay} open."
            yield left_out(
                others[0], said, rule="one image id, two pictures", outcome=Outcome.AMBIGUOUS, of_record=False,
                also=tuple(others[1:]),
            )  # fmt: skip


def _annotation(reading: _Reading, entry: Any) -> Iterator[Item]:
    if not isinstance(entry, Mapping):
        yield left_out(
            None, f"{reading.path}: the annotation {short(entry)} is no record.", rule="an annotation that is none"
        )
        return
    where = f"annotation {short(entry.get('id'))}"
    key = _key(entry.get("image_id"))
    images = reading.images.get(key, [])
    if len(images) != 1:
        yield _without_image(reading, entry, where, key, images)
        return
    image = images[0]
    what = f"{reading.path}: {where} of {image.name}"
    remarks: list[Remark] = []
    try:
        if _TWICE in entry:
            raise Refused(f"it says {entry[_TWICE]} twice", "a key that stands twice", Outcome.CONTRADICTORY)
        with at_boundary(what, error=BadRequest, advice="it was left out"):
            label = _label(reading, entry)
            shape, from_extent = shape_of(reading.options, entry, what, remarks, is_ours=reading.is_ours)
    except Refused as error:
        yield left_out(
            image.name, f"{what} was left out: {error}.", rule=error.rule, outcome=error.outcome, settle=error.settle
        )
        return
    except AppError as error:
        text = str(error)
        sentence = text if text.startswith(what) else f"{what} was left out: {text}"
        yield left_out(image.name, sentence, rule="an annotation that cannot be read")
        return
    yield from remarks
    named = object_of(entry) if reading.is_ours else ""
    imported = ImportedShape(label=label, shape=shape, from_extent=from_extent, object_name=named)
    yield Record(image=image.name, where=where, size=image.size, shapes=(imported,))


def _without_image(reading: _Reading, entry: Mapping[str, Any], where: str, key: str, images: list[_Image]) -> Remark:
    if images:
        sentence = f"{reading.path}: {where} was left out: {len(images)} pictures have its image id {key}."
        return left_out(
            images[0].name, sentence, rule="an annotation of one id for two pictures", outcome=Outcome.AMBIGUOUS,
            settle="--on-conflict first",
        )  # fmt: skip
    why = "was left out itself" if key and key in reading.lost_images else "is not listed"
    sentence = f"{reading.path}: {where} was left out: its image {short(entry.get('image_id'))} {why}."
    return left_out(None, sentence, rule="an annotation without its image")


def _label(reading: _Reading, entry: Mapping[str, Any]) -> str:
    names = reading.categories.get(_key(entry.get("category_id")), [])
    if not names:
        said = short(entry.get("category_id"))
        raise Refused(f"its category {said} is not listed", "an annotation of an unknown category")
    if len(names) > 1:
        raise Refused(
            f"its category may be {' or '.join(names)}", "one category id, two names",
            Outcome.AMBIGUOUS, "--on-conflict first",
        )  # fmt: skip
    return names[0]


IMPORTER = Importer(
    title="COCO",
    read=read,
    suffixes=(".json",),
    options=(
        Option(
            name="map",
            leads=True,
            title="Columns",
            help="which key of an image plays which role, e.g. image=path,patient=subject",
            roles=tuple(ROLES),
            several=True,
            metavar="ROLE=COLUMN,...",
        ),
        BOXES,
        Option(
            name="crowd",
            title="Crowd regions",
            help="take a crowd region (iscrowd) as one ordinary object; without it, it is left out by name",
            choices=("objects",),
        ),
    ),
)
