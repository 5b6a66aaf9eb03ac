"""Does an image fit what a model was trained on (the card's `Domain`)?

What a file does not say is no mismatch, with two exceptions: a modality must be said when the training images' was,
and only the generated phantom says that it is the phantom.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from ml.card import Domain
from viewer.core.errors import OutsideDomain
from viewer.core.picture_values import is_colour
from viewer.core.pixels import FrameIdentity, PixelFacts

PHANTOM_MANUFACTURER = "Negatoscope phantom"
# Computed and direct digital radiography differ in the detector, not in what they show.
_SAME_MODALITY = {"CR": "CR or DX", "DX": "CR or DX"}
# What a picture looks like, in a card's `photometric`, where it does not matter how it is stored.
GREY, COLOUR = "grey", "colour"
# Millimetres are rounded in many headers.
_SLACK = 1.02


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageFacts:
    """What a card is held against. spacing_mm: (row, col), None when unknown. colour: whether a pixel has one."""

    modality: str
    photometric: str
    body_part: str
    spacing_mm: tuple[float, float] | None
    manufacturer: str
    colour: bool = False

    @classmethod
    def of(cls, facts: PixelFacts, identity: FrameIdentity, stored: NDArray[Any]) -> "ImageFacts":
        """From what reading a frame gives. stored: (row, col) or (row, col, 3)."""
        spacing = facts.spacing
        return cls(
            modality=identity.modality,
            photometric=facts.photometric,
            body_part=identity.body_part,
            spacing_mm=None if spacing is None else (spacing.row_mm, spacing.col_mm),
            manufacturer=identity.extra.get("manufacturer", ""),
            colour=is_colour(stored, facts),
        )


def mismatches(domain: Domain, image: ImageFacts) -> list[str]:
    """What does not fit, in words that can follow "it"; empty when all fits."""
    found = []
    if domain.phantom and image.manufacturer.strip() != PHANTOM_MANUFACTURER:
        found.append("is no image of the generated phantom, the only thing the model has seen")
    modalities = {_modality(value) for value in domain.modality}
    if modalities and _modality(image.modality) not in modalities:
        found.append(_otherwise("has the", "modality", image.modality, modalities))
    if domain.photometric and set(domain.photometric) <= {GREY, COLOUR}:
        # Models that see the picture and not its storage (`PreprocessSpec.levels`).
        if _look(colour=image.colour) not in domain.photometric:
            found.append("is in colour, not grey" if image.colour else "is grey, not in colour")
    elif domain.photometric and image.photometric not in domain.photometric:
        found.append(_otherwise("has the", "photometric interpretation", image.photometric, domain.photometric))
    parts = {_plain(value) for value in domain.body_part}
    if parts and "" not in parts and image.body_part and _plain(image.body_part) not in parts:
        found.append(_otherwise("shows the", "body part", image.body_part, parts))
    if domain.spacing_mm is not None and image.spacing_mm is not None:
        low, high = domain.spacing_mm
        if min(image.spacing_mm) < low / _SLACK or max(image.spacing_mm) > high * _SLACK:
            spacing = " x ".join(f"{value:.3g}" for value in image.spacing_mm)
            found.append(f"has a pixel spacing of {spacing} mm, not {_range(low, high)} mm")
    return found


def check_domain(domain: Domain, image: ImageFacts, *, model: str, run_anyway: bool) -> str:
    """ "" when the image fits; the mismatch in words when it does not and `run_anyway`.

    Raises OutsideDomain, which names the mismatch, when it does not fit and nobody said "Run anyway".
    """
    found = mismatches(domain, image)
    if not found:
        return ""
    words = ", and it ".join(found)
    if run_anyway:
        return f"the image {words}"
    raise OutsideDomain(f"{model} does not fit this image: it {words}. Choose another model, or run it anyway.")


def looks(facts: Iterable[bool]) -> tuple[str, ...]:
    """What a card says of training images of which each has a colour or not."""
    return tuple(sorted({_look(colour=colour) for colour in facts}))


def _look(*, colour: bool) -> str:
    return COLOUR if colour else GREY


def _plain(value: str) -> str:
    return value.strip().upper()


def _modality(value: str) -> str:
    return _SAME_MODALITY.get(_plain(value), _plain(value))


def _otherwise(verb: str, attribute: str, named: str, expected: Iterable[str]) -> str:
    """ "has the modality CT, not CR or DX"; of a file or of training images that name none in words that say so."""
    wanted = sorted(value.strip() for value in expected)
    listed = " or ".join(value for value in wanted if value)
    if not named.strip():
        return f"names no {attribute}, where the model expects {listed}"
    if not listed:
        return f"{verb} {attribute} {named.strip()}, where the model's own images name none"
    return f"{verb} {attribute} {named.strip()}, not {listed}{'' if all(wanted) else ' or none'}"


def _range(low: float, high: float) -> str:
    return f"{low:.3g}" if f"{low:.3g}" == f"{high:.3g}" else f"{low:.3g} to {high:.3g}"
