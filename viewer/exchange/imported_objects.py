"""Which shapes of an import become one object: those that its file calls so, where the law of objects allows it."""

import secrets
from collections import defaultdict
from collections.abc import Mapping

from viewer.core.text.counting import counted
from viewer.exchange.importer import Outcome, Remark
from viewer.exchange.plan import Plan

SHAPES_OF_THEIR_OWN = "objects taken apart"  # the rule of the remark about objects that cannot be one here


def objects_of_plan(plan: Plan, case_of: Mapping[str, str]) -> dict[str, str]:
    """The object id of each name of an object in the file; none of those that have one shape or cannot be one here.

    case_of: the case of each image that comes or is there. All shapes of an object bear one label, on images of one
    case, with one mask, box or polygon on each at the most; what cannot be one is said in a remark, and its shapes come
    in one by one.
    """
    shapes: dict[str, list[tuple[str, str, str]]] = defaultdict(list)
    query = "SELECT object, image_id, label, facts FROM taken_shapes WHERE object <> '' ORDER BY seq"
    for name, image_id, label, facts in plan.store.sql.execute(query):
        if image_id in case_of:
            shapes[name].append((image_id, label, facts[2:].partition('"')[0]))
    several = {name: found for name, found in shapes.items() if len(found) > 1}
    taken = {name: secrets.token_hex(16) for name, found in several.items() if _may_be_one(found, case_of)}
    apart = len(several) - len(taken)
    if apart:
        sentence = (
            f"{counted(apart, 'object')} of {plan.path.name} came in as shapes of their own: the shapes of an object "
            "have one label and lie on images of one case, one of a kind on each."
        )
        plan.store.remark(Remark(outcome=Outcome.NOTE, sentence=sentence, rule=SHAPES_OF_THEIR_OWN, count=apart))
    return taken


def _may_be_one(shapes: list[tuple[str, str, str]], case_of: Mapping[str, str]) -> bool:
    labels = {label for _, label, _ in shapes}
    cases = {case_of[image_id] for image_id, _, _ in shapes}
    return len(labels) == len(cases) == 1 and len({(image_id, kind) for image_id, _, kind in shapes}) == len(shapes)
