"""What is known of the people whose word is the reference: how many, of what, and whether the images were there before.

A snapshot's card has the counts (`viewer.project.snapshots.how_said`); one from before has none.
"""

from collections.abc import Mapping
from typing import Any

from ml.evaluation.checklists.item import Known
from ml.evaluation.checklists.of_data import MOST_NAMED, dates, program, study_dates
from viewer.core.task_kinds.kind import task_kind
from viewer.core.text.counting import counted
from viewer.project.snapshots.how_said import HOW_SAID


def tool(known: Known) -> str:
    """With what was annotated, by how many, and what a model had to do with it."""
    told = (
        f"Test cases were annotated like all others, in {program()} or in what was imported into it, before the "
        "snapshot was frozen."
    )
    said = how_said(known)
    if not said:
        return told
    imported = int(said["images_imported"])
    here = f"by {_people_here(said)} in {program()}, before the snapshot was frozen; asked was {_asked(known)}"
    told = f"Test cases were annotated like all others, {here}."
    if imported:
        told = f"Of {counted(imported, 'image')} an imported file said something; the rest was annotated {here}."
    if shapes := int(said["shapes"]):
        told += (
            f" Of {counted(shapes, 'drawn shape')} {said['accepted']} were a model's proposal taken as it was, and "
            f"{said['corrected']} one that was corrected."
        )
    return f"{told} AI was shown of the cases of {counted(int(said['images_after_ai']), 'image')}."


def _asked(known: Known) -> str:
    labels = ", ".join(str(label) for label in known.document["labels"][:MOST_NAMED])
    return task_kind(str(known.document["kind"])).asked.replace("{labels}", labels)


def _people_here(said: Mapping[str, Any]) -> str:
    return counted(int(said["people"]), "person", "people")


def how_said(known: Known) -> Mapping[str, Any]:
    """The counts of the snapshot's card (`viewer.project.snapshots.how_said`); {} of one from before."""
    found: Mapping[str, Any] = known.snapshot_card.get(HOW_SAID) or {}
    return found


def was_said_here(known: Known) -> bool:
    """Whether nothing of what was learnt and judged came from a file: the program has seen all of it being said."""
    said = how_said(known)
    return bool(said) and not said["images_imported"]


def readers(known: Known) -> str:
    """How many people; of which training they are nobody has told the program."""
    said = how_said(known)
    return f"What was said in the project itself was said by {_people_here(said)}." if said and said["people"] else ""


def variability(known: Known) -> str:
    """Whether anybody's answers were held against another's."""
    said = how_said(known)
    if not said:
        return ""
    again = int(said["images_read_again"])
    if again:
        return f"{counted(again, 'image')} of the snapshot stand in several readings, which were taken together."
    return (
        "Not measured: in the project every case was read once, so that nothing is known of how readers differ from "
        "each other or from themselves. No difference had to be settled."
    )


def is_variability_known(known: Known) -> bool:
    """Whether it is certain that there was one reading of each case."""
    return was_said_here(known) and not how_said(known)["images_read_again"]


def design(known: Known) -> str:
    """Whether the images were there before the project was, by the dates of their headers."""
    begun = str(how_said(known).get("project_created", ""))[:10]
    told = dates(known)
    if not begun or not told:
        return ""
    after = sum(date > begun.replace("-", "") for date in study_dates(known))
    if after:
        was = "was" if after == 1 else "were"
        return f"{told} The project was begun on {begun}; {counted(after, 'image')} {was} made after that."
    return f"Retrospective: the images were there before the project was begun, on {begun}. {told}"


def is_design_known(known: Known) -> bool:
    """Whether every image has a date, and none was made after the project was begun."""
    return design(known).startswith("Retrospective") and len(study_dates(known)) == len(known.cases)
