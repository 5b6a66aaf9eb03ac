"""Words for DICOM objects that are no images, so that a person reads what a file is."""

from functools import lru_cache

DIRECTORY_CLASS = "1.2.840.10008.1.3.10"

_STORAGE = "1.2.840.10008.5.1.4.1.1."

# The longest matching beginning counts.
KINDS = {
    _STORAGE + "11.": "a presentation state",
    _STORAGE + "88.": "a structured report",
    _STORAGE + "88.59": "a key object selection",
    _STORAGE + "104.1": "a PDF document",
    _STORAGE + "104.2": "a CDA document",
    _STORAGE + "104.": "an encapsulated document",
    _STORAGE + "9.": "a waveform (ECG, sound)",
    _STORAGE + "481.3": "an RT structure set (contours)",
    _STORAGE + "481.5": "an RT plan",
    _STORAGE + "481.8": "an RT ion plan",
    _STORAGE + "481.4": "an RT beams treatment record",
    _STORAGE + "481.": "a radiotherapy object",
    _STORAGE + "66": "raw data",
    _STORAGE + "66.1": "a spatial registration",
    _STORAGE + "66.2": "a spatial fiducials object",
    _STORAGE + "66.3": "a deformable registration",
    _STORAGE + "66.5": "a surface segmentation",
    _STORAGE + "67": "a real world value mapping",
    _STORAGE + "68.": "a surface scan",
    _STORAGE + "91.1": "microscopy annotations",
    "1.2.840.10008.5.1.4.39.": "a colour palette",
    "1.2.840.10008.5.1.4.38.": "a hanging protocol",
    "1.2.840.10008.5.1.4.45.": "an implant template",
}
BY_MODALITY = {
    "SR": "a structured report",
    "PR": "a presentation state",
    "KO": "a key object selection",
    "RTSTRUCT": "an RT structure set (contours)",
    "RTPLAN": "an RT plan",
    "RTRECORD": "an RT treatment record",
    "REG": "a spatial registration",
    "DOC": "an encapsulated document",
    "ECG": "a waveform (ECG)",
    "HD": "a waveform (haemodynamic)",
    "AU": "sound",
    "RWV": "a real world value mapping",
    "PLAN": "a plan",
}


def is_presentation_class(sop_class: str) -> bool:
    """Whether a SOP class is one of the softcopy presentation states."""
    return sop_class.startswith(_STORAGE + "11.")


@lru_cache(maxsize=256)  # asked of every file of a scan
def object_kind(sop_class: str, modality: str) -> str:
    """What an object is in words, "" when it may be an image."""
    matches = [begin for begin in KINDS if sop_class == begin or sop_class.startswith(begin.rstrip(".") + ".")]
    if matches:
        return KINDS[max(matches, key=len)]
    return BY_MODALITY.get(modality, "")
