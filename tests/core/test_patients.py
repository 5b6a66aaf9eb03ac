"""Whose an image is: by id and issuer, and two unknown patients are not one."""

import pytest

from viewer.core.patients import PatientSigns, patient_groups, same_patient


def signs(patient_id: str = "", **more: str) -> PatientSigns:
    return PatientSigns(patient_id=patient_id, **more)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (signs("1", source="a"), signs("1", source="a"), True),
        (signs("1", source="a"), signs("01", source="a"), False),  # an id is text
        (signs("1", source="a"), signs("2", source="a"), False),
        (signs("1", issuer="X", source="a"), signs("1", issuer="Y", source="a"), False),
        (signs("1", issuer="X", source="a"), signs("1", issuer="X", source="b"), True),
        (signs("1", issuer="X", source="a"), signs("1", source="a"), False),
        (signs("1", source="a"), signs("1", source="b"), False),
        (
            signs("1", source="a", name="Doe^J", birth_date="19500101"),
            signs("1", source="b", name="Doe^J", birth_date="19500101"),
            True,
        ),
        (signs("1", source="a", name="Doe^J"), signs("1", source="b", name="Doe^J"), False),
        (signs(source="a"), signs(source="a"), False),  # unknown and unknown
        (signs(name="Doe^J", source="a"), signs(name="Doe^J", source="a"), False),
        (signs(study_uid="1.2", source="a"), signs(study_uid="1.2", source="a"), True),
        (signs(study_uid="1.2"), signs(study_uid="1.3"), False),
        (signs("1", study_uid="1.2"), signs("", study_uid="1.2"), False),
        (signs("1", study_uid="1.2", source="a"), signs("2", study_uid="1.2", source="a"), False),
    ],
)
def test_two_images_are_of_one_patient_only_where_both_say_so(
    one: PatientSigns, other: PatientSigns, *, same: bool
) -> None:
    assert same_patient(one, other) is same
    assert same_patient(other, one) is same


def test_those_of_one_patient_stand_together_in_their_order() -> None:
    every = [signs("1", source="a"), signs(source="a"), signs("2", source="a"), signs("1", source="a"), signs()]

    assert patient_groups(every) == [[0, 3], [1], [2], [4]]
