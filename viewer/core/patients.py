"""Whether two images are of one patient: only where both say so."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientSigns:
    """What an image says of whose it is; "" where it says nothing.

    issuer: of the patient id (0010,0021). source: the folder or project in which ids without an issuer are valid.
    study_uid: a study is of one patient (PS3.3 A.1.2), also one whose patient has no id.
    """

    patient_id: str = ""
    issuer: str = ""
    source: str = ""
    name: str = ""
    birth_date: str = ""
    study_uid: str = ""


def same_patient(one: PatientSigns, other: PatientSigns) -> bool:
    """Whether both are known to be one patient. Two unknown patients are not the same patient.

    An id counts within its issuer. Without issuers it counts within one source; across two, a hospital's 1234 may be
    anybody, so name and birth date must be there and agree too.
    """
    if one.patient_id and other.patient_id:
        if one.patient_id != other.patient_id or one.issuer != other.issuer:
            return False
        if one.issuer or one.source == other.source:
            return True
        known = bool(one.name and one.birth_date)
        return known and (one.name, one.birth_date) == (other.name, other.birth_date)
    if one.patient_id or other.patient_id:
        return False
    return bool(one.study_uid) and one.study_uid == other.study_uid


def patient_groups(signs: Sequence[PatientSigns]) -> list[list[int]]:
    """The places of those that are one patient, together; each place once, in their order."""
    groups: list[list[int]] = []
    for place, one in enumerate(signs):
        group = next((group for group in groups if any(same_patient(one, signs[there]) for there in group)), None)
        if group is None:
            groups.append([place])
        else:
            group.append(place)
    return groups
