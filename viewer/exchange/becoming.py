"""What an import makes of a file's columns, keys and folders, and of how many patients it is: the sentence that the
window's preview and the command line say alike."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from viewer.core.text.counting import counted
from viewer.exchange.importer import Becomes

MOST_NAMES = 8  # of one role in the sentence; a JSON document has them all


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientCounts:
    """Of the images that an import takes. patients: those whose id is known. without: images that have no id."""

    images: int = 0
    patients: int = 0
    without: int = 0

    @property
    def words(self) -> str:
        """ "40 images of 38 patients, 2 without a patient id"; "" where there is no image."""
        if not self.images:
            return ""
        said = counted(self.images, "image")
        if not self.patients:
            return f"{said}, none with a patient id" if self.without > 1 else f"{said} without a patient id"
        without = f", {self.without} without a patient id" if self.without else ""
        return f"{said} of {counted(self.patients, 'patient')}{without}"


def becoming_words(becomes: Becomes, patients: PatientCounts) -> str:
    """ "image: file; patient: patient_id; label: class · kept with the images as text: age · 40 images of 38 patients".

    A role that no column plays is not told.
    """
    roles = "; ".join(f"{role}: {_named(columns)}" for role, columns in becomes.roles.items() if columns)
    said = [
        roles,
        f"kept with the images as text: {_named(becomes.as_text)}" if becomes.as_text else "",
        f"not used: {_named(becomes.unused)}" if becomes.unused else "",
        patients.words,
    ]
    return " · ".join(filter(None, said))


def becoming_document(becomes: Becomes) -> dict[str, Any]:
    """The same as JSON can hold it, each column named."""
    return {
        "roles": {role: list(columns) for role, columns in becomes.roles.items() if columns},
        "kept_as_text": list(becomes.as_text),
        "not_used": list(becomes.unused),
    }


def roles_of(names: Mapping[str, Sequence[str]], there: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Of the columns that a format of ours has for each role, those that are there."""
    return {role: tuple(name for name in of if name in there) for role, of in names.items()}


def _named(names: Sequence[str]) -> str:
    more = len(names) - MOST_NAMES
    return ", ".join(names[:MOST_NAMES]) + (f" and {more} more" if more > 0 else "")
