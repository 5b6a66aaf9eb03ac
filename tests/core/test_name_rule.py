"""Whose a film is, by a rule on its name. Expected: read by hand."""

from pathlib import PurePosixPath

import pytest

from viewer.core.errors import BadRequest
from viewer.core.text.name_rule import MOST_LETTERS, checked_patients, name_of, name_pattern


@pytest.mark.parametrize(
    ("pattern", "name", "patient"),
    [
        ("{patient}_{view}", "P1_lat", "P1"),
        ("{patient}_{view}", "P1_lat_2", "P1"),  # a field ends where the next literal first occurs
        ("{view}_{patient}", "lat_P1_2", "P1_2"),  # the last one takes the rest
        ("{patient}_{view}", "_lat", ""),
        ("{patient}_{view}", "P1", ""),
        ("{patient}_{view}", "P1_", "P1"),
        ("{patient}", " P 1 ", "P 1"),
        ("film-{patient}_{view}", "film-P1_ap", "P1"),
        ("film-{patient}_{view}", "xfilm-P1_ap", ""),
        ("film-{patient}_{view}", "P1_ap", ""),
        ("{patient}.old", "P1.old", "P1"),
        ("{patient}.old", "P1.new", ""),
        ("{patient}.old", "P1.old.old", "P1.old"),
        ("a{patient}a", "a", ""),  # the two letters are not one
        ("a{patient}a", "aa", ""),
        ("a{patient}a", "aba", "b"),
        ("{site}-{patient}-{view}.{number}", "X-P-7-ap.3", "P"),
        ("{patient}/{view}", "P1/lat", "P1"),
        ("{study}/{patient}/{view}", "s/P1/lat", "P1"),
    ],
)
def test_a_pattern_takes_the_patient_out_of_a_name(pattern: str, name: str, patient: str) -> None:
    assert name_pattern(pattern).patient(name) == patient


@pytest.mark.parametrize(("pattern", "folders"), [("{patient}_{view}", 0), ("{a}/{patient}", 1), ("x/{patient}/y/", 3)])
def test_a_pattern_names_a_folder_for_each_slash(pattern: str, folders: int) -> None:
    assert name_pattern(pattern).folders == folders


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("", "Write how"),
        (" \t", "Write how"),
        ("{patient}_{view", "not closed"),
        ("patient}_{view}", "not closed"),
        ("{patient}_}{view}", "not closed"),
        ("{view}", "once"),
        ("abc", "once"),
        ("{patient}_{patient}", "once"),
        ("{patient}{view}", "touch"),
        ("{view}_{patient}{side}_{x}", "touch"),
        ("{view}_{x}_{patient}{side}", "touch"),
    ],
)
def test_a_pattern_that_tells_no_patient_is_refused_in_words(pattern: str, words: str) -> None:
    with pytest.raises(BadRequest, match=words):
        name_pattern(pattern)


@pytest.mark.parametrize(
    ("path", "folders", "name"),
    [
        ("a/b/P1_lat.png", 0, "P1_lat"),
        ("a/b/P1_lat.png", 1, "b/P1_lat"),
        ("a/b/P1_lat.png", 2, "a/b/P1_lat"),
        ("a/b/P1_lat.png", 9, "a/b/P1_lat"),
        ("b/P1.2.png", 0, "P1.2"),
        ("b/P1.nii.gz", 0, "P1"),
        ("b/P1", 1, "b/P1"),
    ],
)
def test_a_name_is_without_its_ending_and_with_the_folders_asked_for(path: str, folders: int, name: str) -> None:
    assert name_of(PurePosixPath(path), folders) == name


def test_a_patient_id_of_64_letters_is_one_and_of_65_is_none() -> None:
    checked_patients(["n", "m"], ["P" * MOST_LETTERS, ""])
    with pytest.raises(BadRequest, match=r"^n2 would be of the patient P{24}…, longer than 64 letters\.$"):
        checked_patients(["n1", "n2"], ["P", "P" * 65])


@pytest.mark.parametrize("letter", ["\x00", "\x1f", "\n", "\x7f"])
def test_a_control_character_is_in_no_patient_id(letter: str) -> None:
    with pytest.raises(BadRequest, match="control character"):
        checked_patients(["n"], [f"P{letter}1"])


@pytest.mark.parametrize("letter", [" ", "~", "é", "^", "\x80"])
def test_any_other_letter_may_be_in_one(letter: str) -> None:
    checked_patients(["n"], [f"P{letter}1"])
