"""Which free texts say who the patient is: technicians and anonymisers write ids into descriptions."""

import re

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
