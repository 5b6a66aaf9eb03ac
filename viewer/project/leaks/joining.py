"""Making one patient of those whom an audit found to be one: as a plan that is told, then as one edit."""

from collections import defaultdict
from dataclasses import dataclass

from viewer.core.edits import Edit, PatientChange
from viewer.core.text.counting import counted
from viewer.project.leaks.document import Audit
from viewer.project.project import Project
from viewer.project.records import ImageRecord
from viewer.project.snapshots.items import nameless_patients

Key = tuple[str, str]  # (source, patient id), or ("", the group of an image without one)


@dataclass(frozen=True, slots=True, kw_only=True)
class JoiningPlan:
    """joined: how many patients come of several. apart: how many groups stay apart, since their images are of several
    sources, in each of which an id is its own. edit: None where it changes nothing."""

    joined: int
    images: int
    apart: int
    edit: Edit | None

    @property
    def words(self) -> str:
        """What becomes of it, within a sentence."""
        return f"{counted(self.joined, 'patient')} of several ({counted(self.images, 'image')} with another id)"

    @property
    def sentence(self) -> str:
        """What was done."""
        said = (
            "No patients are joined."
            if self.edit is None
            else f"Made {self.words}. Make a new snapshot: this one stays as it is."
        )
        if self.apart:
            said += (
                f" {counted(self.apart, 'group')} of images from several sources stayed as they are, since an id holds "
                "in its source only: keep one of them out of the snapshot by --split-file."
            )
        return said


def plan_joining(project: Project, audit: Audit) -> JoiningPlan:
    """One patient of each group that shares pictures, or a name and a birth date: by the first of their ids."""
    records = project.images.all()
    nobody = nameless_patients(records)
    keys = {one.image_id: ("", nobody[one.image_id]) if one.image_id in nobody else (one.source, one.patient_id)
            for one in records}  # fmt: skip
    of_key: dict[Key, list[ImageRecord]] = defaultdict(list)
    for record in records:
        of_key[keys[record.image_id]].append(record)
    changes: list[PatientChange] = []
    joined = apart = 0
    for group in _groups(
        [[keys[side.image_id] for side in leak.sides if side.image_id in keys] for leak in audit.found]
    ):
        images = [record for key in group for record in of_key[key]]
        if len({record.source for record in images}) > 1:
            apart += 1
            continue
        ids = sorted({record.patient_id for record in images} - {""})
        name = ids[0] if ids else f"joined {min(record.image_id for record in images)[:8]}"
        fresh = [record for record in images if record.patient_id != name]
        joined += bool(fresh)
        changes += [PatientChange(image_id=one.image_id, before=one.patient_id, after=name) for one in fresh]
    edit = Edit(text="join patients that the leak audit found", changes=tuple(changes)) if changes else None
    return JoiningPlan(joined=joined, images=len(changes), apart=apart, edit=edit)


def _groups(links: list[list[Key]]) -> list[list[Key]]:
    """What is linked, directly or through others, where there is more than one."""
    group_of: dict[Key, set[Key]] = {}
    for link in links:
        together = set(link).union(*(group_of.get(key, ()) for key in link))
        for key in together:
            group_of[key] = together
    several = {id(group): group for group in group_of.values() if len(group) > 1}
    return sorted(sorted(group) for group in several.values())
