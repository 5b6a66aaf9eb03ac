"""The parts of a split that an import names: kept beside the project for its snapshots, or said why not."""

from collections import defaultdict
from collections.abc import Sequence

from viewer.core.text.counting import counted
from viewer.exchange.importer import Outcome, Remark
from viewer.exchange.plan import Plan
from viewer.project.project import Project
from viewer.project.records import ImageRecord
from viewer.project.snapshots.imported_split import keep_parts, settled_part
from viewer.project.snapshots.parts import PART_WORDS

NO_PART = "parts of a split that are none"  # the rules of the remarks
KEPT_PARTS = "parts of a split that were kept"
TWO_PARTS = "two parts of a split"
_NAMED = 3


def keep_parts_of(project: Project, plan: Plan, records: Sequence[ImageRecord]) -> bool:
    """Keep the part of each image that comes or is there. Raises NotWritable, BadProject; nothing is changed then.

    Returns whether there was one; then `number_parts` says of which step of the journal they are.

    An image in two parts keeps none, and a patient in two is said: a snapshot divides no patient.
    """
    said = _said(plan)
    if not said:
        return False
    of = {record.image_id: record for record in records if record.image_id in said}
    parts: dict[str, str] = {}
    odd: dict[str, None] = {}
    for image_id, record in of.items():
        words = said[image_id]
        settled = {settled_part(word) for word in words}
        odd |= dict.fromkeys(word for word in words if not settled_part(word))
        if len(settled) > 1:
            sentence = f"{record.path} is in the parts {' and '.join(words)}; none of them was kept."
            plan.store.remark(Remark(outcome=Outcome.NOTE, sentence=sentence, rule=TWO_PARTS))
        elif settled != {""}:
            parts[image_id] = settled.pop()
    if odd:
        names = ", ".join(list(odd)[:_NAMED]) + ", ..." * (len(odd) > _NAMED)
        sentence = f"{plan.path}: {names} is no part of a split (train, validation, test, fold 3); it was not kept."
        plan.store.remark(Remark(outcome=Outcome.NOTE, sentence=sentence, rule=NO_PART, count=len(odd)))
    if not parts:
        return False
    _say_patients(plan, of, parts)
    kept = keep_parts(project.folder, parts, {image_id: record.path for image_id, record in of.items()})
    counts = ", ".join(f"{count} in {PART_WORDS.get(name, name)}" for name, count in kept.counts.items())
    column = " --fold-column fold" if any(name.startswith("fold ") for name in parts.values()) else ""
    sentence = (
        f"The split that {plan.path.name} names was kept ({counts}): its test images stay test images in every "
        f"snapshot, and `negatoscope snapshot --split-file {kept.path}{column}` divides as it says."
    )
    if kept.otherwise:
        sentence += f" {counted(kept.otherwise, 'image keeps', 'images keep')} the part of an earlier import."
    plan.store.remark(Remark(outcome=Outcome.NOTE, sentence=sentence, rule=KEPT_PARTS, count=len(parts)))
    return True


def _said(plan: Plan) -> dict[str, list[str]]:
    """What is said of each image, in the order of coming."""
    query = (
        "SELECT image_id, part FROM parts JOIN images ON images.name = parts.name "
        "WHERE image_id NOT IN (SELECT image_id FROM held_back) ORDER BY parts.seq"
    )
    found: dict[str, list[str]] = {}
    for image_id, part in plan.store.sql.execute(query):
        found.setdefault(image_id, []).append(part)
    return found


def _say_patients(plan: Plan, of: dict[str, ImageRecord], parts: dict[str, str]) -> None:
    by_patient: dict[str, set[str]] = defaultdict(set)
    for image_id, part in parts.items():
        if patient := of[image_id].patient_id:
            by_patient[f"{of[image_id].source}/{patient}"].add(part)
    torn = [patient for patient, several in by_patient.items() if len(several) > 1]
    if torn:
        first = f"{torn[0].partition('/')[2]} in {' and '.join(sorted(by_patient[torn[0]]))}"
        sentence = (
            f"{counted(len(torn), 'patient is', 'patients are')} in two parts of the split of {plan.path.name}, "
            f"{first}; a snapshot by it refuses that."
        )
        plan.store.remark(Remark(outcome=Outcome.NOTE, sentence=sentence, rule=TWO_PARTS, count=len(torn)))
