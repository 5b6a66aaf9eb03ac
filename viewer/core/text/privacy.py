"""Which free texts say who the patient is: technicians and anonymisers write ids into descriptions."""

import re
from collections.abc import Iterable
from pathlib import Path

_APART = re.compile(r"[\W_]+")
LEAST_LETTERS = 3  # shorter ones stand in every other word, and count only as words of their own


def names_patient(text: str, *, patient_id: str, patient_name: str) -> bool:
    """Whether a text holds the patient's id or a part of the name, in any case and however its parts are joined."""
    low = text.casefold()
    words, joined = set(_APART.split(low)), _APART.sub("", low)
    for known in (patient_id, *re.split(r"[\^=,\s]+", patient_name)):
        secret = _APART.sub("", known.casefold())
        if len(secret) >= LEAST_LETTERS:
            if secret in joined:
                return True
        elif (len(secret) > 1 or secret.isdigit()) and secret in words:
            return True
    return False


def description_shown(text: str, *, patient_id: str, patient_name: str, names_hidden: bool) -> str:
    """A study's or series' description, "" where names are hidden and it holds one."""
    text = text.strip()
    return "" if names_hidden and names_patient(text, patient_id=patient_id, patient_name=patient_name) else text


def without_files(text: str, paths: Iterable[Path], instead: str = "a file") -> str:
    """A sentence without the names and places of these files, which often say who the patient is."""
    for path in sorted(set(paths), key=lambda one: len(one.name), reverse=True):  # "10.png" holds "0.png"
        text = text.replace(str(path), instead)
        if path.name in text and not path.name.isalpha():  # a file called "image" is no name
            text = re.sub(rf"(?<![\w.-]){re.escape(path.name)}(?!\w)", lambda _: instead, text)
    return text[:1].upper() + text[1:] if text.startswith(instead) else text
