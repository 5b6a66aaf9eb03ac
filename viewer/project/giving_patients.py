"""Giving films their patient ids by a rule on their names: first what it would do, then one edit."""

import json
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass

from viewer import children
from viewer.core.edits import Edit, PatientChange
from viewer.core.errors import BadRequest
from viewer.core.text.counting import counted
from viewer.core.text.name_rule import checked_patients, name_of, name_pattern
from viewer.project.project import Project
from viewer.project.records import ImageRecord

EXPRESSION_LIMIT_S = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """One film. patient: "" where the rule does not fit its name. kept: it has this id, which stays."""

    image_id: str
    name: str
    patient: str
    kept: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientPlan:
    """What a rule would do. films: every image, in the order of entering. edit: None where it changes nothing.

    replaced: how many patient ids are replaced; of_header: those of them that a DICOM header gave.
    """

    films: tuple[Given, ...]
    replaced: int
    of_header: int
    edit: Edit | None

    @property
    def sentence(self) -> str:
        """What a person is told before it is done."""
        given = [film for film in self.films if film.patient and not film.kept]
        without = sum(not film.patient and not film.kept for film in self.films)
        kept = sum(bool(film.kept) for film in self.films)
        patients = len({film.patient for film in given})
        words = [f"{counted(len(given), 'image')} of {counted(patients, 'patient')}"]
        words += [f"{without} whose name the rule does not fit stay without"] if without else []
        words += [f"{kept} keep the patient id that they have"] if kept else []
        sentence = "; ".join(words) + "."
        if self.of_header:
            sentence += f" {counted(self.of_header, 'patient id')} of DICOM headers would be replaced."
        if len(given) > 2 and patients == 1:
            sentence += " All of them would be one patient: is that so?"
        elif len(given) > 2 and patients == len(given):
            sentence += " Each would be a patient of its own, as without a patient id."
        return sentence


def plan_patients(
    project: Project, *, pattern: str = "", expression: str = "", replace_given: bool = False
) -> PatientPlan:
    """What a rule gives. Exactly one of pattern (`name_pattern`) and expression (a regular expression) is named.

    replace_given: also images that have a patient id. Raises BadRequest for a rule that says nothing, or nonsense.
    """
    records = project.images.all()
    if not records:
        raise BadRequest(f"{project.name} has no images yet.")
    if expression:
        names = [name_of(record.path, expression.count("/")) for record in records]
        found = _by_expression(expression, names)
    else:
        rule = name_pattern(pattern)
        names = [name_of(record.path, rule.folders) for record in records]
        found = [rule.patient(name) for name in names]
    if not any(found):
        raise BadRequest(f"The rule {expression or pattern} fits none of the names, such as {names[0]}.")
    checked_patients(names, found)
    return _planned(records, names, found, pattern or expression, replace_given=replace_given)


def _planned(
    records: Sequence[ImageRecord], names: Sequence[str], found: Sequence[str], rule: str, *, replace_given: bool
) -> PatientPlan:
    films: list[Given] = []
    changes: list[PatientChange] = []
    replaced = of_header = 0
    for record, name, patient in zip(records, names, found, strict=True):
        stays = bool(record.patient_id) and (not replace_given or not patient)
        kept = record.patient_id if stays else ""
        films.append(Given(image_id=record.image_id, name=name, patient=patient, kept=kept))
        if stays or not patient or patient == record.patient_id:
            continue
        replaced += bool(record.patient_id)
        of_header += bool(record.patient_id and record.sop_instance_uid)
        changes.append(PatientChange(image_id=record.image_id, before=record.patient_id, after=patient))
    edit = Edit(text=f"give patients by {rule}", changes=tuple(changes)) if changes else None
    return PatientPlan(films=tuple(films), replaced=replaced, of_header=of_header, edit=edit)


def _by_expression(expression: str, names: Sequence[str]) -> list[str]:
    asked = json.dumps({"expression": expression, "names": list(names)}, allow_nan=False)
    try:
        done = children.run(
            "viewer.project.rule_child", input=asked.encode(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            timeout=EXPRESSION_LIMIT_S,
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise BadRequest(
            f"The expression {expression} was still at work after {EXPRESSION_LIMIT_S:.0f} s, so it was stopped; "
            "write it without repetitions inside of repetitions."
        ) from error
    try:
        said = json.loads(done.stdout)
    except ValueError as error:
        raise BadRequest(f"The expression {expression} could not be tried; write a simpler one.") from error
    if "error" in said:
        raise BadRequest(f"The expression {expression} cannot be used: {said['error'][0]}.")
    return [str(patient) for patient in said["patients"]]
