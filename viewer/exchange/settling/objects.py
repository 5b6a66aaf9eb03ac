"""Which shapes of an import become one object: those that its file calls so, where the law of objects allows it."""

import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from viewer.exchange.importer import Outcome, Remark
from viewer.exchange.plan import Plan
from viewer.project.edit_builders import new_ids
from viewer.project.store.stored_values import plane_in

# The rules of the remarks about objects that cannot be one here.
SHAPES_OF_THEIR_OWN = "objects taken apart"
UNLAWFUL_OBJECTS = "objects that contradict themselves"

ObjectName = tuple[int, str]  # a reader of the plan, and what the file calls the object in their reading


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shape:
    """One shape of an object. image_id: of one on a plane, the plane's id, and `cut` the images of its series. cases:
    in which it may lie. kind: the word that its stored form begins with."""

    image_id: str
    label: str
    kind: str
    cases: frozenset[str]
    cut: tuple[str, ...] = ()


def objects_of_plan(
    plan: Plan, case_of: Mapping[str, str], of_series: Mapping[str, Sequence[str]]
) -> dict[ObjectName, str]:
    """The object id of each object that the file names; none of those that have one shape or cannot be one here.

    case_of: the case of each image that comes or is there; of_series: the images of each series. All shapes of an
    object bear one label, on images of one case, or on planes through its series, with one mask, box or polygon on each
    at most.
    What cannot be one is refused by name, and its shapes come in one by one: the file contradicts itself, so its images
    stay open; or they are of several cases here, which is said.
    """
    shapes: dict[ObjectName, list[_Shape]] = defaultdict(list)
    query = "SELECT reader, object, image_id, label, facts FROM taken_shapes WHERE object <> '' ORDER BY seq"
    for reader, name, image_id, label, facts in plan.store.sql.execute(query):
        if image_id in case_of:
            kind = facts[2:].partition('"')[0]
            cases = frozenset([case_of[image_id]])
            shapes[reader, name].append(_Shape(image_id=image_id, label=label, kind=kind, cases=cases))
    for reader, text in plan.store.sql.execute("SELECT reader, facts FROM taken_beyond WHERE what = 'shape'"):
        facts = json.loads(text)
        plane = plane_in(facts)
        if plane is not None and facts["object_name"]:
            cut = tuple(of_series.get(plane.series_id, ()))
            cases = frozenset(case_of[image_id] for image_id in cut)
            member = _Shape(image_id=plane.anchor_id, label=facts["label"], kind=facts["kind"], cases=cases, cut=cut)
            shapes[reader, facts["object_name"]].append(member)
    paths = dict(plan.store.sql.execute("SELECT image_id, path FROM images JOIN names ON names.id = images.name"))
    ids = iter(new_ids(len(shapes)))
    taken: dict[ObjectName, str] = {}
    for key, several in shapes.items():
        if len(several) < 2:
            continue
        wrong = _contradiction(several, paths)
        apart = not frozenset.intersection(*(one.cases for one in several))
        if not wrong and not apart:
            taken[key] = next(ids)
            continue
        why = wrong or f"its images are of several cases here ({_files(several, paths)})"
        sentence = f"The object {key[1]} of {plan.path.name} came in as shapes of their own: {why}."
        plan.store.remark(
            Remark(
                outcome=Outcome.CONTRADICTORY if wrong else Outcome.NOTE, sentence=sentence,
                rule=UNLAWFUL_OBJECTS if wrong else SHAPES_OF_THEIR_OWN,
            )
        )  # fmt: skip
        if wrong:
            on = dict.fromkeys(image_id for one in several for image_id in (one.cut or (one.image_id,)))
            rows = [(image_id, key[0]) for image_id in on if image_id in case_of]
            plan.store.sql.executemany("INSERT OR IGNORE INTO open (image_id, reader) VALUES (?, ?)", rows)
    return taken


def _contradiction(shapes: Sequence[_Shape], paths: Mapping[str, str]) -> str:
    labels = sorted({one.label for one in shapes})
    if len(labels) > 1:
        return f"it has the labels {' and '.join(labels)} ({_files(shapes, paths)}), and an object has one"
    counts = Counter((one.image_id, one.kind) for one in shapes)
    (image_id, kind), count = counts.most_common(1)[0]
    if count > 1:
        return f"it has {count} shapes of one kind ({kind}) on {_name(paths, image_id)}, and an object has one"
    return ""


def _files(shapes: Sequence[_Shape], paths: Mapping[str, str]) -> str:
    names = list(dict.fromkeys(_name(paths, one.image_id) for one in shapes))
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def _name(paths: Mapping[str, str], image_id: str) -> str:
    return Path(paths[image_id]).name if paths.get(image_id) else "a plane"
