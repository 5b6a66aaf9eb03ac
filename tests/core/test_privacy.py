"""Descriptions that say who the patient is."""

import pytest

from viewer.core.text.privacy import description_shown, names_patient


@pytest.mark.parametrize(
    ("text", "patient_id", "patient_name"),
    [
        ("IBSI_1_STS_003_MR_T1", "STS_003", ""),
        ("ibsi sts-003 t1", "STS_003", ""),
        ("CT Chest of Mrs. MUELLER", "1", "Mueller^Anna"),
        ("follow-up anna", "1", "Mueller^Anna"),
        ("Thorax 0042", "0042", ""),
        ("Patient 7 CT", "7", ""),
        ("CT Li", "", "Li^X"),
    ],
)
def test_an_id_or_a_part_of_the_name_is_found_in_a_description(text: str, patient_id: str, patient_name: str) -> None:
    assert names_patient(text, patient_id=patient_id, patient_name=patient_name)


@pytest.mark.parametrize(
    ("text", "patient_id", "patient_name"),
    [
        ("CT Chest", "STS_003", "Mueller^Anna"),
        ("MR T1", "1", ""),
        ("Liver", "", "Li^X"),
        ("CT Chest", "", ""),
        ("", "STS_003", "Mueller^Anna"),
    ],
)
def test_other_descriptions_stay(text: str, patient_id: str, patient_name: str) -> None:
    assert not names_patient(text, patient_id=patient_id, patient_name=patient_name)


def test_a_description_is_left_out_only_while_names_are_hidden() -> None:
    who = {"patient_id": "STS_003", "patient_name": ""}
    assert description_shown(" STS_003_CT ", **who, names_hidden=False) == "STS_003_CT"
    assert description_shown("STS_003_CT", **who, names_hidden=True) == ""


def test_a_name_of_three_letters_is_found_inside_a_word_and_one_of_two_only_as_a_word() -> None:
    def named(text: str, name: str) -> bool:
        return names_patient(text, patient_id="", patient_name=name)

    assert named("thoraxann2", "Ann") and named("CT_ann", "Ann")
    assert not named("thoraxbo", "Bo") and named("thorax bo", "Bo")
    assert not named("series b", "B"), "a single letter is everywhere"
    assert named("series 7", "7") and not named("series 77", "7"), "a single digit may be an id"
