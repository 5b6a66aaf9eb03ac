"""A model answers for images like those it has seen; what does not fit is named."""

from dataclasses import replace

import numpy as np
import pytest

from ml.card import Domain
from ml.inference.domain import PHANTOM_MANUFACTURER, ImageFacts, check_domain, mismatches
from viewer.core.errors import OutsideDomain
from viewer.core.geometry import Spacing
from viewer.core.pixels import FrameIdentity, PixelFacts

CHEST = Domain(
    modality=("CR",), photometric=("MONOCHROME2",), body_part=("CHEST",), spacing_mm=(0.14, 0.2), source="a hospital"
)
FILM = ImageFacts(
    modality="CR", photometric="MONOCHROME2", body_part="CHEST", spacing_mm=(0.168, 0.168), manufacturer="Maker"
)


def test_an_image_like_the_training_images_fits() -> None:
    assert mismatches(CHEST, FILM) == []
    assert check_domain(CHEST, FILM, model="M", run_anyway=False) == ""


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"modality": "CT"}, "has the modality CT, not CR or DX"),
        ({"modality": ""}, "names no modality, where the model expects CR or DX"),
        ({"photometric": "RGB"}, "photometric interpretation RGB, not MONOCHROME2"),
        ({"photometric": "MONOCHROME1"}, "photometric interpretation MONOCHROME1, not MONOCHROME2"),
        ({"body_part": "HAND"}, "shows the body part HAND, not CHEST"),
        ({"spacing_mm": (0.7, 0.7)}, "pixel spacing of 0.7 x 0.7 mm, not 0.14 to 0.2 mm"),
        ({"spacing_mm": (0.15, 0.05)}, "pixel spacing of 0.15 x 0.05 mm"),
    ],
)
def test_each_mismatch_is_named(changed: dict[str, object], words: str) -> None:
    with pytest.raises(OutsideDomain, match=words):
        check_domain(CHEST, replace(FILM, **changed), model="M", run_anyway=False)


@pytest.mark.parametrize(
    "changed",
    [{"modality": "DX"}, {"body_part": ""}, {"body_part": "chest "}, {"spacing_mm": None}, {"spacing_mm": (0.2, 0.2)}],
)
def test_what_a_file_does_not_say_or_says_in_other_words_is_no_mismatch(changed: dict[str, object]) -> None:
    assert mismatches(CHEST, replace(FILM, **changed)) == []


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"modality": ("",)}, "has the modality CT, where the model's own images name none"),
        ({"modality": ("", "DX")}, "has the modality CT, not CR or DX or none"),
        ({"photometric": ("",)}, "has the photometric interpretation MONOCHROME2, where the model's own images name"),
    ],
)
def test_a_model_of_images_that_name_nothing_says_so_in_words(changed: dict[str, object], words: str) -> None:
    (said,) = mismatches(replace(Domain(), **changed), replace(FILM, modality="CT"))  # type: ignore[arg-type]

    assert said.startswith(words)


def test_several_mismatches_are_all_named() -> None:
    with pytest.raises(OutsideDomain, match=r"modality MR.* and .*body part HEAD"):
        check_domain(CHEST, replace(FILM, modality="MR", body_part="HEAD"), model="M", run_anyway=False)


def test_run_anyway_gives_the_mismatch_to_stamp() -> None:
    words = check_domain(CHEST, replace(FILM, modality="CT"), model="M", run_anyway=True)

    assert words == "the image has the modality CT, not CR or DX"


def test_a_phantom_model_takes_the_phantom_only() -> None:
    domain = Domain(modality=("CR",), phantom=True)

    assert mismatches(domain, replace(FILM, manufacturer=PHANTOM_MANUFACTURER)) == []
    with pytest.raises(OutsideDomain, match="no image of the generated phantom"):
        check_domain(domain, FILM, model="M", run_anyway=False)


def test_a_card_that_says_nothing_refuses_nothing() -> None:
    assert mismatches(Domain(), FILM) == []
    assert mismatches(Domain(modality=("",)), replace(FILM, modality="")) == []


def test_the_facts_of_an_image_come_from_its_header() -> None:
    facts = PixelFacts(rows=2, cols=2, photometric="MONOCHROME1", spacing=Spacing(row_mm=0.2, col_mm=0.1, source="x"))
    identity = FrameIdentity(modality="DX", body_part="CHEST", extra={"manufacturer": "Maker"})

    grey = ImageFacts(
        modality="DX", photometric="MONOCHROME1", body_part="CHEST", spacing_mm=(0.2, 0.1), manufacturer="Maker"
    )

    assert ImageFacts.of(facts, identity, np.zeros((2, 2))) == grey
    assert ImageFacts.of(facts, identity, np.full((2, 2, 3), 7)) == grey  # three equal channels are no colour
    assert ImageFacts.of(facts, identity, np.array([[[1, 2, 3]]])) == replace(grey, colour=True)
