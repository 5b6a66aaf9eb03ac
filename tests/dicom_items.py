"""Items of DICOM sequences, as the tests write them."""

from typing import Any

from pydicom.dataset import Dataset


def item(**attributes: Any) -> Dataset:
    """One item of a sequence: keyword=value."""
    made = Dataset()
    for keyword, value in attributes.items():
        setattr(made, keyword, value)
    return made
