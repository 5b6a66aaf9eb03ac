"""The stored form of what is asked and said: in the journal as {"number": 4.5, "unit": "mm"}, in tables as columns; and
that of notes on objects, of their links, and of planes."""

import math
from typing import Any

from viewer.core.attributes import Attribute, AttributeKind
from viewer.core.codes import Code
from viewer.core.labels import Verdict
from viewer.core.shapes.anchors import PlaneAnchor, plane_of
from viewer.core.shapes.objects import ObjectLink, ObjectNote, ObjectState
from viewer.core.values import Choice, Quantity, Value, Words
from viewer.project.store.stored_rows import as_stored

Facts = dict[str, Any]


def value_out(value: Value | None) -> Facts | None:
    """As JSON keeps it; None is nothing said."""
    match value:
        case None:
            return None
        case Verdict():
            return {"verdict": value.value}
        case Choice():
            return {"choice": value.word}
        case Quantity():
            return {"number": value.number, "unit": value.unit}
        case Words():
            return {"text": value.text}


def value_in(facts: Facts | None) -> Value | None:
    """The value of `value_out`. Raises ValueError, KeyError, TypeError for what is none."""
    if facts is None:
        return None
    if "verdict" in facts:
        return Verdict(facts["verdict"])
    if "choice" in facts:
        return Choice(word=_word(facts["choice"]))
    if "number" in facts:
        return Quantity(number=_number(facts["number"]), unit=_word(facts["unit"]))
    return Words(text=_word(facts["text"]))


def note_out(note: ObjectNote) -> Facts:
    """What is said of an object, as JSON keeps it."""
    return {"state": note.state.value, "comment": note.comment}


def note_in(facts: Facts) -> ObjectNote:
    """The note of `note_out`. Raises ValueError, KeyError, TypeError for what is none."""
    return ObjectNote(state=ObjectState(facts["state"]), comment=_word(facts["comment"]))


def link_out(link: ObjectLink | None) -> Facts | None:
    """A link of two objects, as JSON keeps it."""
    if link is None:
        return None
    return {"first_id": link.first_id, "second_id": link.second_id, "author": link.author, "time": link.time}


def link_in(facts: Facts | None) -> ObjectLink | None:
    """The link of `link_out`. Raises ValueError, KeyError, TypeError for what is none."""
    return None if facts is None else ObjectLink(**{name: _word(word) for name, word in facts.items()})


def value_columns(value: Value) -> Facts:
    """Its columns in a row of `answers`."""
    empty: Facts = {"verdict": "", "words": "", "number": None, "unit": ""}
    match value:
        case Verdict():
            return {**empty, "kind": "verdict", "verdict": value.value}
        case Choice():
            return {**empty, "kind": "choice", "words": value.word}
        case Quantity():
            return {**empty, "kind": "number", "number": value.number, "unit": value.unit}
        case Words():
            return {**empty, "kind": "text", "words": value.text}


def value_of(row: Any) -> Value:
    """What a row of `answers` says. Raises BadProject, naming it, for what cannot be said."""
    with as_stored(f"What is said of {row.label} ({row.target} {row.target_id})"):
        match row.kind:
            case "verdict":
                return Verdict(row.verdict)
            case "choice":
                return Choice(word=row.words)
            case "number":
                return Quantity(number=_number(row.number), unit=row.unit)
            case "text":
                return Words(text=row.words)
        raise ValueError(f"{row.kind} is no kind of answer")


def _word(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("a word that is none")
    return value


def _number(value: Any) -> float:
    if type(value) not in (int, float) or not math.isfinite(value):
        raise ValueError("a number that is none")
    return float(value)


def attribute_out(attribute: Attribute | None) -> Facts | None:
    """An attribute as JSON keeps it; None is none."""
    if attribute is None:
        return None
    code = attribute.code
    facts: Facts = {name: getattr(attribute, name) for name in ("scope", "label", "name", "position")}
    facts |= {"kind": attribute.kind.value, "choices": list(attribute.choices), "unit": attribute.unit}
    return facts if code is None else {**facts, "code": [code.scheme, code.value, code.meaning]}


def attribute_in(facts: Facts | None) -> Attribute | None:
    """The attribute of `attribute_out`. Raises ValueError, KeyError, TypeError for what is none."""
    if facts is None:
        return None
    code = None
    if "code" in facts:
        scheme, value, meaning = map(_word, facts["code"])
        code = Code(scheme=scheme, value=value, meaning=meaning)
    if type(facts["position"]) is not int:
        raise ValueError("an attribute without a place")
    return Attribute(
        **{name: _word(facts[name]) for name in ("scope", "label", "name", "unit")}, position=facts["position"],
        kind=AttributeKind(facts["kind"]), choices=tuple(map(_word, facts["choices"])), code=code,
    )  # fmt: skip


def plane_out(plane: PlaneAnchor | None) -> Facts:
    """What a thing on a plane says of it, beside what it says itself; nothing of one on an image."""
    if plane is None:
        return {}
    uids = {"frame_of_reference_uid": plane.frame_of_reference_uid, "series_id": plane.series_id}
    return {"plane": {**uids, "at": plane.numbers()}}


def plane_in(facts: Facts) -> PlaneAnchor | None:
    """The plane of `plane_out`. Raises ValueError, KeyError, TypeError, BadRequest for what is none."""
    said = facts.get("plane")
    if said is None:
        return None
    return plane_of(_word(said["frame_of_reference_uid"]), _word(said["series_id"]), said["at"])
