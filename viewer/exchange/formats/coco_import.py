"""COCO: boxes, polygons and masks as JSON, and of our own export every kind of shape.

Points are continuous, (0, 0) the outer corner of the first pixel, as ours; a box is x, y, width, height. A run-length
mask counts column by column over the whole image, beginning with the pixels outside (0 of them when the first pixel is
inside). Image paths are relative to the JSON file, or lie where COCO, CVAT and Datumaro put them (`pictures`).
Roles for --map: image (default file_name), patient (patient_id), frame (frame_index), sop (sop_instance_uid), part (of
a split); of an annotation or its attributes reader (whose it is) and object (shapes of one name are one object). Ours
say these three themselves.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from viewer.core.boundary import at_boundary
from viewer.core.errors import AppError, BadRequest
from viewer.core.values import TargetKind, Value
from viewer.exchange.coco_document import (
    OWN_KEYS,
    TWICE,
    id_text,
    keys_become,
    load_document,
    of_nobody,
    said_of,
    size_of,
)
from viewer.exchange.coco_shapes import Refused, is_own, object_of, own_kind, shape_of, short, whole_number
from viewer.exchange.exported_geometry import facts_of_document
from viewer.exchange.importer import (
    Declared,
    ImageName,
    ImportedShape,
    Importer,
    Item,
    Outcome,
    ReadBy,
    Record,
    Remark,
    guessed,
    left_out,
    note,
)
from viewer.exchange.options import Option, Options
from viewer.exchange.own_table import (
    BOXES,
    EXPORTER_NAME,
    LEFT_OUT,
    NO_READER,
    QUESTIONS_KEY,
    READINGS_KEY,
    SPLIT_COLUMN,
    STATUS_COLUMN,
    UNNAMED,
    content_name,
    named_reader,
    own_answers,
    own_wider,
    questions_in_file,
    reader_of,
    unfinished,
)

ROLES = {
    "image": "file_name", "patient": "patient_id", "frame": "frame_index", "sop": "sop_instance_uid",
    "part": "", "reader": "", "object": "",
}  # fmt: skip
_ONLY_IN_ANNOTATIONS = "only annotations say who looked at it"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Image:
    """One entry of the list of images."""

    name: ImageName
    size: tuple[int, int] | None


# Whose reading, why it is not finished, what it says of the image, and of its series, study and patient.
_LookedAt = tuple[ReadBy | None, str, Mapping[str, Value], Mapping[TargetKind, Mapping[str, Value]]]


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


def read(path: Path, options: Options) -> Iterator[Item]:
    """The records of a COCO file. Raises BadFile when it is none."""
    document = load_document(path)
    given = options.columns("map")
    several = [role for role, names in given.items() if len(names) > 1]
    if several:
        raise BadRequest(f"--map names several keys for {several[0]}; a COCO image has one.")
    keys = {role: given[role][0] if given.get(role) else key for role, key in ROLES.items()}
    reading = _Reading(path=path, options=options, keys=keys)
    reading.unfinished, reading.is_ours = of_nobody(document.get("annotations")), is_own(document)
    yield from _categories(reading, document)
    yield from questions_in_file(document.get(QUESTIONS_KEY)) if reading.is_ours else ()
    for entry in document["images"]:
        yield from _image(reading, entry)
    yield from _ids_twice(reading)
    labels = [name for names in reading.categories.values() for name in names]
    yield from keys_become(path, document, keys, labels, is_ours=reading.is_ours)
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


def _categories(reading: _Reading, document: Mapping[str, Any]) -> Iterator[Item]:
    entries = document.get("categories", [])
    for entry in entries if isinstance(entries, list) else [entries]:
        facts = entry if isinstance(entry, Mapping) else {}
        key, name = id_text(facts.get("id")), facts.get("name")
        if not key or not isinstance(name, (str, int, float)) or not str(name).strip() or TWICE in facts:
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
    return {"first": values[0], "last": values[-1]}.get(reading.options.one("on-conflict"))


def _image(reading: _Reading, entry: Any) -> Iterator[Item]:
    if not isinstance(entry, Mapping) or TWICE in entry:
        why = f"says {entry[TWICE]} twice" if isinstance(entry, Mapping) else "is no record"
        sentence = f"{reading.path}: the image entry {short(entry)} {why}."
        yield left_out(None, sentence, rule="an image entry that is none")
        return
    key = id_text(entry.get("id"))
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
    size = size_of(entry)
    if key:
        reading.images.setdefault(key, []).append(_Image(name=name, size=size))
    else:
        sentence = f"{reading.path}: {name} has no id, so nobody can tell its annotations."
        yield left_out(name, sentence, rule="an image without an id")
    lost = entry.get(LEFT_OUT)
    if name.image_id and isinstance(lost, str) and lost:
        sentence = f"{reading.path}: the export left out {short(lost)} of {name}, so its case stays open."
        yield left_out(name, sentence, rule="what the export left out", of_record=False)
    source, where = entry.get("source"), f"image {key}"
    try:
        (reader, why, said, wider), *others = _looked_at(reading, entry, name)
    except BadRequest as error:
        sentence = f"{reading.path}: {where}, {name}: {error}; it was left out."
        yield left_out(name, sentence, rule="a reading that is none")
        return
    yield Record(
        image=name,
        where=where,
        patient_id=_patient(reading, entry, name),
        tags=_tags(reading, entry, own=bool(name.image_id)),
        source=source if name.image_id and isinstance(source, str) else None,
        reader=reader,
        unfinished=why,
        geometry=facts_of_document(entry.get(EXPORTER_NAME)) if reading.is_ours else {},
        part=_part(reading, entry),
        answers=said,
        wider=wider,
    )
    for by, why, said, wider in others:
        yield Record(image=name, where=where, reader=by, unfinished=why, answers=said, wider=wider)


def _looked_at(reading: _Reading, entry: Mapping[str, Any], name: ImageName) -> list[_LookedAt]:
    """Each reading in which an image was looked at. Raises BadRequest."""
    each = entry.get(READINGS_KEY) if reading.is_ours else None
    if isinstance(each, list) and each and all(isinstance(one, Mapping) for one in each):
        whys = (reading.unfinished or unfinished(one.get(STATUS_COLUMN)) for one in each)
        return [(reader_of(one), why, own_answers(one), own_wider(one)) for one, why in zip(each, whys, strict=True)]
    why = unfinished(entry.get(STATUS_COLUMN)) if name.image_id else ""
    if reading.keys["reader"]:
        why = why or _ONLY_IN_ANNOTATIONS
    own = entry if reading.is_ours else {}
    return [(None, reading.unfinished or why, own_answers(own), own_wider(own))]


def _part(reading: _Reading, entry: Mapping[str, Any]) -> str:
    key = reading.keys["part"] or (SPLIT_COLUMN if reading.is_ours else "")
    said = entry.get(key) if key else None
    return str(said).strip() if isinstance(said, str | int) else ""


def _reader(reading: _Reading, entry: Mapping[str, Any]) -> ReadBy | None:
    """Whose an annotation is; None where the file names no readers. Raises Refused, BadRequest."""
    if reading.is_ours:
        facts = entry.get("attributes")
        return reader_of(facts) if isinstance(facts, Mapping) else None
    if not reading.keys["reader"]:
        return None
    reader = named_reader(said_of(entry, reading.keys["reader"]), reading.options)
    if reader is None:
        raise Refused(NO_READER, NO_READER, Outcome.AMBIGUOUS, f"--{UNNAMED.name} shared")
    return reader


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
    used = {*reading.keys.values(), *OWN_KEYS}
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
    key = id_text(entry.get("image_id"))
    images = reading.images.get(key, [])
    if len(images) != 1:
        yield _without_image(reading, entry, where, key, images)
        return
    image = images[0]
    what = f"{reading.path}: {where} of {image.name}"
    remarks: list[Remark] = []
    try:
        if TWICE in entry:
            raise Refused(f"it says {entry[TWICE]} twice", "a key that stands twice", Outcome.CONTRADICTORY)
        with at_boundary(what, error=BadRequest, advice="it was left out"):
            label, reader = _label(reading, entry), _reader(reading, entry)
            shape, from_extent = shape_of(reading.options, entry, what, remarks, is_ours=reading.is_ours)
            said = own_answers(entry.get("attributes")) if reading.is_ours else {}
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
    named = object_of(entry) if reading.is_ours else said_of(entry, of) if (of := reading.keys["object"]) else ""
    imported = ImportedShape(label=label, shape=shape, from_extent=from_extent, object_name=named, answers=said)
    yield Record(image=image.name, where=where, size=image.size, shapes=(imported,), reader=reader)


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
    names = reading.categories.get(id_text(entry.get("category_id")), [])
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
        UNNAMED,
        Option(
            name="crowd",
            title="Crowd regions",
            help="take a crowd region (iscrowd) as one ordinary object; without it, it is left out by name",
            choices=("objects",),
            unsaid="left out",
        ),
    ),
)
