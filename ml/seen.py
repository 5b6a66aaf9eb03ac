"""What a model has seen: the images and patients of its training and validation parts, and of every run it began with.

`seen.json` lies in the run's folder, written before the first step, and is copied beside the registered model. Images
stand there by content (SHA-256 of the stored pixels, and of the picture whatever way it is stored), so that another
path, name or project hides none. Patients stand there by a digest under a key that stays in the project: a model that
leaves it takes no name along, and none can be tried against it. No torch here.
"""

import hashlib
import hmac
import logging
import os
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ml.card import write_json
from ml.data.targets import Item
from ml.starts import TOO_GOOD
from viewer.core.errors import BadModel
from viewer.core.text.counting import counted
from viewer.reading.sources.documents import read_json
from viewer.reading.sources.private_files import opener

log = logging.getLogger(__name__)

SEEN_FILE = "seen.json"
KEY_FILE = "patients.key"
MOST_BYTES = 1 << 28
MOST_STARTS = 1000
_DIGITS = 32
_HEX = frozenset("0123456789abcdef")

TRAINED, VALIDATED = "trained on", "validated on"
# What is said where a run or model has no list: it is from before they were kept, or its weights came from elsewhere.
NOT_KNOWN = "not known"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """trained, validated: digests of images. trained_patients, validated_patients: keyed digests.

    key: which project's key they are under, "" without patients. starts: the runs before it, whose images are among
    these. unknown: the starts of which it is not known what they have seen.
    """

    trained: frozenset[str] = frozenset()
    validated: frozenset[str] = frozenset()
    trained_patients: frozenset[str] = frozenset()
    validated_patients: frozenset[str] = frozenset()
    key: str = ""
    starts: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()

    def image(self, digests: Iterable[str]) -> str:
        """`TRAINED`, `VALIDATED` or "" for an image of these digests."""
        known = frozenset(digests)
        return TRAINED if known & self.trained else VALIDATED if known & self.validated else ""

    def patient(self, digest: str) -> str:
        """The same for a patient."""
        return TRAINED if digest in self.trained_patients else VALIDATED if digest in self.validated_patients else ""

    def after(self, parent: "Seen | None", name: str) -> "Seen":
        """With what its start had seen. parent: None where that is not known. name: the start's, for people."""
        if parent is None:
            return replace(self, unknown=(*self.unknown, name))
        same_key = not parent.key or not self.key or parent.key == self.key
        trained = self.trained | parent.trained
        people = self.trained_patients | parent.trained_patients if same_key else self.trained_patients
        return Seen(
            trained=trained,
            validated=(self.validated | parent.validated) - trained,
            trained_patients=people,
            validated_patients=(
                (self.validated_patients | parent.validated_patients) - people if same_key else self.validated_patients
            ),
            key=self.key or parent.key,
            starts=(*self.starts, name, *parent.starts)[:MOST_STARTS],
            unknown=(*self.unknown, *parent.unknown, *(() if same_key else (f"the patients of {name}",)))[:MOST_STARTS],
        )

    def to_json(self) -> dict[str, Any]:
        """`read_seen` reads it back."""
        return {
            "format": 1,
            "key": self.key,
            "starts": list(self.starts),
            "unknown": list(self.unknown),
            **{name: sorted(getattr(self, name)) for name in _SETS},
        }


_SETS = ("trained", "validated", "trained_patients", "validated_patients")


def image_digests(content: str, pixels: str) -> tuple[str, ...]:
    """What an image is known by. content: `content_sha256`; "" for a picture of one value, which is nobody's own.

    pixels: `pixel_sha256`, "" where it is not known.
    """
    return tuple(digest[:_DIGITS] for digest in (content, pixels) if digest) if content else ()


def stored_digests(items: Sequence[Item]) -> list[tuple[str, ...]]:
    """What images are known by before anything is read of them: by the pixels as they are stored, alone."""
    return [tuple(one.pixel_sha256[:_DIGITS] for one in (item, *item.frames) if one.pixel_sha256) for item in items]


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientKey:
    """The key of a project. name: 8 hex digits that tell keys apart and give nothing away."""

    secret: bytes

    @property
    def name(self) -> str:
        return hashlib.sha256(b"name of the key" + self.secret).hexdigest()[:8]

    def digest(self, item: Item) -> str:
        """Of the patient of a snapshot's item; "" without one. The source is part of it: an id is one's own there."""
        patient = item.patient_id
        if item.source:
            patient = patient.removeprefix(f"{item.source}/")
        return self.digest_of(patient, item.source)

    def digest_of(self, patient_id: str, source: str) -> str:
        """Of the patient of an image as a project has them; "" without an id."""
        if not patient_id:
            return ""
        text = f"{source}\n{patient_id}".encode()
        return hmac.new(self.secret, text, hashlib.sha256).hexdigest()[:_DIGITS]


def patient_key(project_folder: Path, *, make: bool) -> PatientKey | None:
    """The project's key; made where it is not there and `make`. None where there is none."""
    path = project_folder / KEY_FILE
    try:
        secret = path.read_bytes()[:64]
    except FileNotFoundError:
        if not make:
            return None
        secret = secrets.token_hex(32).encode()
        try:
            with open(path, "xb", opener=opener) as file:
                file.write(secret)
                file.flush()
                os.fsync(file.fileno())
        except FileExistsError:  # another run was quicker
            secret = path.read_bytes()[:64]
        except OSError:
            log.warning("no key for patients can be kept; images alone will be known again", exc_info=True)
            return None
    except OSError:
        return None
    return PatientKey(secret=secret) if len(secret) == 64 else None


def other_images_seen(seen: Seen | None, project_folder: Path, patient_id: str, source: str) -> str:
    """`PATIENT_TRAINED`, `PATIENT_VALIDATED` or "": whether the model has seen images of a project's patient."""
    if seen is None or not seen.key or not patient_id:
        return ""
    key = patient_key(project_folder, make=False)
    if key is None or key.name != seen.key:
        return ""
    found = seen.patient(key.digest_of(patient_id, source))
    return f"patient {found}" if found else ""


def write_seen(folder: Path, seen: Seen) -> None:
    """Write the list of a run or model, whole or not. Raises OSError."""
    write_json(folder / SEEN_FILE, seen.to_json())


def read_seen(place: Path) -> Seen | None:
    """What the run or model has seen; None where that is not known. place: its folder, or a file of weights in it.

    Raises BadModel where the list is damaged: a model must not look unseen because its list cannot be read.
    """
    folders = (place,) if place.is_dir() else (place.parent, place.parent.parent)
    path = next((folder / SEEN_FILE for folder in folders if (folder / SEEN_FILE).is_file()), None)
    if path is None:
        return None
    document = read_json(path, most=MOST_BYTES, error=BadModel)
    try:
        sets = {name: frozenset(_digests(document[name])) for name in _SETS}
        key, starts, unknown = document["key"], _names(document["starts"]), _names(document["unknown"])
        if document["format"] != 1 or not isinstance(key, str) or len(key) > _DIGITS:
            raise ValueError
    except (KeyError, TypeError, ValueError) as error:
        raise BadModel(
            f"{path} cannot be read, so it is not known which images the model has seen; take it from a copy."
        ) from error
    return Seen(**sets, key=key, starts=starts, unknown=unknown)


def _digests(values: object) -> list[str]:
    if not isinstance(values, list):
        raise TypeError
    if not all(isinstance(value, str) and len(value) == _DIGITS and set(value) <= _HEX for value in values):
        raise ValueError
    return values


def _names(values: object) -> tuple[str, ...]:
    if not isinstance(values, list) or len(values) > 2 * MOST_STARTS:
        raise TypeError
    return tuple(str(value)[:300] for value in values)


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlap:
    """What of some images a model has seen. images, patients: per image `TRAINED`, `VALIDATED` or "", in their order.

    people: how many patients are among those seen. known: whether there is a list. unknown: as in `Seen`.
    """

    images: tuple[str, ...] = ()
    patients: tuple[str, ...] = ()
    people: int = 0
    known: bool = True
    unknown: tuple[str, ...] = ()

    @property
    def marks(self) -> tuple[str, ...]:
        """Per image what is to be said of it: of itself, else of its patient, else ""."""
        return tuple(
            image or (f"patient {patient}" if patient else "")
            for image, patient in zip(self.images, self.patients, strict=True)
        )

    def words(self, what: str, who: str = "this model") -> str:
        """How many of the images were seen, as the beginning of a sentence; "" for none. what: which part they are."""
        parts = []
        for word in (TRAINED, VALIDATED):
            count = self.images.count(word)
            if count:
                parts.append(f"{who} was {word} {count}")
            pairs = zip(self.images, self.patients, strict=True)
            others = sum(not image and patient == word for image, patient in pairs)
            if others:
                parts.append(f"{who} was {word} other images of the patients of {others}")
        if not parts:
            return ""
        people = f" ({counted(self.people, 'patient')} in all)" if self.people else ""
        return f"Of the {counted(len(self.images), 'image')} of {what}, {' and '.join(parts)}{people}"


def overlap(
    seen: Seen | None, items: Sequence[Item], digests: Sequence[tuple[str, ...]], key: PatientKey | None
) -> Overlap:
    """What of these images a model has seen. digests: of each, by `image_digests`."""
    if seen is None:
        return Overlap(images=("",) * len(items), patients=("",) * len(items), known=False)
    images = tuple(seen.image(known) for known in digests)
    people = [key.digest(item) if key is not None and key.name == seen.key else "" for item in items]
    patients = tuple(seen.patient(person) if person else "" for person in people)
    found = {
        item.patient_id for item, image, patient in zip(items, images, patients, strict=True) if image or patient
    } - {""}
    return Overlap(images=images, patients=patients, people=len(found), unknown=seen.unknown)


def start_doubts(project_folder: Path, init: str, parts: Mapping[str, Sequence[Item]]) -> tuple[str, ...]:
    """What to say before a training starts from `init`: which images of its parts the start has seen.

    parts: the images of "val" and "test". Only images that are stored alike are known here; a run that began knows
    them however they are stored. Raises AppError where there is no such start.
    """
    if init == "scratch":
        return ()
    from ml.inference.resolve import PICKLES, resolve_model

    path = Path(init).expanduser()
    place = path if path.suffix.lower() in PICKLES else resolve_model(project_folder, init)
    seen = read_seen(place)
    if seen is None:
        return (f"What {init} has seen is {NOT_KNOWN}; the test part may be among it.",)
    found = [f"What {name} has seen is {NOT_KNOWN}; the test part may be among it." for name in seen.unknown]
    key = patient_key(project_folder, make=False)
    # An epoch is chosen on validation images again and again; only those that were trained on are no validation at all.
    learned = replace(seen, validated=frozenset(), validated_patients=frozenset())
    for part, words, known in (("test", "the test part", seen), ("val", "the validation part", learned)):
        items = parts.get(part, ())
        told = overlap(known, items, stored_digests(items), key).words(words, who="the start")
        if told:
            found.append(f"{told}: {TOO_GOOD}.")
    return tuple(found)
