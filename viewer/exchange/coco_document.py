"""A COCO file as a document: read, its ids as text, and what of its annotations nobody keeps."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Set
from pathlib import Path
from typing import Any

from viewer.core.boundary import at_boundary
from viewer.core.errors import BadFile
from viewer.exchange.coco_shapes import short
from viewer.exchange.importer import Becomes, Item, note
from viewer.exchange.own_table import ANSWERS_COLUMN, LEFT_OUT, READER_COLUMNS, STATUS_COLUMN

TWICE = "\0twice"  # no key of a file
# What of an annotation and its attributes is read, said elsewhere, or told by the shape itself.
READ_KEYS = frozenset(
    ("id", "image_id", "category_id", "segmentation", "bbox", "area", "iscrowd", "keypoints", "num_keypoints",
     "attributes", "rotation", "author", "origin", "box_px", TWICE)
)  # fmt: skip
# Of ours, in its attributes.
OF_ANNOTATIONS = ("author", "origin", "object_id", "kind", "points_px", ANSWERS_COLUMN, *READER_COLUMNS)
# What an image says that is no tag of it.
OWN_KEYS = frozenset(
    ("id", "width", "height", "license", "date_captured", "coco_url", "flickr_url", "image_id", "source",
     STATUS_COLUMN, LEFT_OUT, "")
)  # fmt: skip
_NOTHING: tuple[Any, ...] = (None, "", 0, [], {})
_DROPPED = ("license", "date_captured", "coco_url", "flickr_url")  # of an image: nothing here has a place for them
_ROLE_WORDS = {"sop": "image by its SOP Instance UID", "part": "part of a split"}


def said_of(entry: Mapping[str, Any], key: str) -> str:
    """What an annotation says under a key, of itself or among its attributes; "" where that is nothing."""
    facts = entry.get("attributes")
    found = facts.get(key) if isinstance(facts, Mapping) and key in facts else entry.get(key)
    return "" if found is None or isinstance(found, (dict, list)) else str(found).strip()


def id_text(value: Any) -> str:
    """An id as text, so that 1, 1.0 and "1" are one; "" for what can be no id."""
    if isinstance(value, bool) or value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip() if isinstance(value, (int, str)) else ""


def load_document(path: Path) -> dict[str, Any]:
    """The document of a file. Raises BadFile where it is no COCO file."""
    with at_boundary(path, what="a COCO file"):
        content = path.read_bytes()
        document = json.loads(content.decode(json.detect_encoding(content)), object_pairs_hook=_record)
    if not isinstance(document, dict) or not isinstance(document.get("images"), list):
        raise BadFile(f"{path} is no COCO file: it has no list of images.")
    if document.get(TWICE):
        raise BadFile(f"{path} has two lists of {document[TWICE]}, and nothing tells which one holds; join them.")
    return document


def _record(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON record; one that says a key twice, with two values, carries the key's name under `TWICE`."""
    found = dict(pairs)
    if len(found) < len(pairs):
        differing = [key for key, value in pairs if value != found[key]]
        if differing:
            found[TWICE] = differing[0]
    return found


def of_nobody(entries: Any) -> str:
    """Why no image of the file can be told to have nothing on it: what is said may be of any. "" where it is not."""
    if not isinstance(entries, list):
        return "the file has no list of annotations"
    ids = (id_text(entry.get("image_id")) if isinstance(entry, Mapping) else "" for entry in entries)
    return "" if all(ids) else "an annotation of the file names no image, and may be of any"


def keys_become(
    path: Path, document: Mapping[str, Any], keys: Mapping[str, str], labels: Iterable[str], *, is_ours: bool
) -> Iterator[Item]:
    """What the keys of images and annotations become, and a note of those of annotations that nobody keeps.

    keys: by role. labels: the names of the categories.
    """
    images = [entry for entry in document["images"] if isinstance(entry, Mapping)]
    said = {key: value for entry in images for key, value in entry.items() if value not in (None, "", [], {})}
    taken = OF_ANNOTATIONS if is_ours else (keys["reader"], keys["object"])
    counts = _not_kept(document.get("annotations"), READ_KEYS | set(taken))
    of_annotations = ("reader", "object")  # where a person named their keys
    roles = {role: key for role, key in keys.items() if key and (key in said or role in of_annotations)}
    further = [] if is_ours else [key for key in said if key not in {*keys.values(), *OWN_KEYS, TWICE}]
    as_text = tuple(key for key in further if not isinstance(said[key], (dict, list)))
    dropped = [key for key in _DROPPED if said.get(key)]
    yield Becomes(
        roles={
            **{_ROLE_WORDS.get(role, role): (key,) for role, key in roles.items()},
            "label of each category": tuple(dict.fromkeys(labels)),
        },
        as_text=as_text,
        unused=(*(key for key in further if key not in as_text), *dropped, *map(str, counts)),
    )
    if counts:
        named = [f"{short(key)} ({count})" for key, count in counts.most_common(10)]
        sentence = f"{path}: what annotations say as {', '.join(named)}{' and more' * (len(counts) > 10)} was not kept."
        yield note(sentence, rule="further keys of annotations", count=sum(counts.values()))


def _not_kept(entries: Any, read_keys: Set[str]) -> Counter[str]:
    """What annotations say besides their shape and label, each key with how often it says something."""
    counts: Counter[str] = Counter()
    for entry in entries if isinstance(entries, list) else ():
        if isinstance(entry, Mapping):
            counts.update(key for key, value in entry.items() if key not in read_keys and value not in _NOTHING)
            facts = entry.get("attributes")
            if isinstance(facts, Mapping):
                counts.update(key for key, value in facts.items() if key not in read_keys and value not in _NOTHING)
    return counts


def size_of(entry: Mapping[str, Any]) -> tuple[int, int] | None:
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
