"""Another image of a patient that the model learnt from says so: by the project's key, in that project alone."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ml.inference.serve import _patient
from ml.seen import Seen, other_images_seen, patient_key


@pytest.fixture
def seen(tmp_path: Path) -> Seen:
    """A model that learnt from P1 of one source, and was chosen on P2."""
    key = patient_key(tmp_path, make=True)
    assert key is not None

    def digest(patient: str, source: str = "here") -> str:
        item: Any = SimpleNamespace(patient_id=f"{source}/{patient}", source=source)
        return key.digest(item)

    return Seen(
        trained_patients=frozenset({digest("P1")}), validated_patients=frozenset({digest("P2")}), key=key.name
    )  # fmt: skip


def test_other_images_of_a_patient_that_the_model_saw_are_known_by_the_key_of_the_project(
    seen: Seen, tmp_path: Path
) -> None:
    assert other_images_seen(seen, tmp_path, "P1", "here") == "patient trained on"
    assert other_images_seen(seen, tmp_path, "P2", "here") == "patient validated on"
    assert other_images_seen(seen, tmp_path, "P3", "here") == ""
    assert other_images_seen(seen, tmp_path, "P1", "elsewhere") == "", "an id is one's own in its source"
    assert other_images_seen(seen, tmp_path, "", "here") == "", "nobody is nobody's patient"
    assert other_images_seen(None, tmp_path, "P1", "here") == ""


def test_in_another_project_nobody_is_known_and_no_key_is_made(seen: Seen, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()

    assert other_images_seen(seen, other, "P1", "here") == "" and list(other.iterdir()) == []
    assert patient_key(other, make=True) is not None
    assert other_images_seen(seen, other, "P1", "here") == ""


def test_a_request_says_whose_image_it_is_or_nothing() -> None:
    assert _patient(None) is None
    assert _patient(["/p", "P1", "here"]) == (Path("/p"), "P1", "here")
    for wrong in (3, ["one"], ["a", "b", "c", "d"]):
        with pytest.raises((TypeError, ValueError)):
            _patient(wrong)
