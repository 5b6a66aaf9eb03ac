"""The catalogue's rows: a name, a scope, a colour and a key."""

import pytest

from viewer.core.errors import BadRequest
from viewer.core.labels import DIGIT_KEYS, LABEL_COLORS, Label
from viewer.core.presets import WindowPreset


def label(position: int) -> Label:
    return Label(name="Nodule", scope="region", position=position)


def test_twelve_labels_have_keys_from_one_to_equals_and_colours_of_their_own() -> None:
    assert "".join(label(n).key for n in range(12)) == "1234567890-="
    assert len({label(n).color for n in range(12)}) == 12 == len(LABEL_COLORS) == len(DIGIT_KEYS)
    assert label(0).color == "#80C4FF" and label(11).color == "#AA88E6"


def test_a_thirteenth_label_has_the_first_colour_and_no_key() -> None:
    assert (label(12).color, label(12).key) == (label(0).color, "")
    assert (label(25).color, label(25).key) == (label(1).color, "")


@pytest.mark.parametrize("name", ["", " ", "\t\n"])
def test_a_label_without_a_name_is_refused(name: str) -> None:
    with pytest.raises(BadRequest, match=r"^A label needs a name\.$"):
        Label(name=name, scope="region", position=0)


def test_a_label_is_of_a_region_or_of_an_image() -> None:
    assert Label(name="Normal", scope="image", position=0).scope == "image"
    with pytest.raises(BadRequest, match=r"^A label's scope is region or image, not pixel\.$"):
        Label(name="Normal", scope="pixel", position=0)


def test_a_window_preset_without_numbers_has_width_0_and_none_is_below() -> None:
    assert WindowPreset(name="File", key="1").width == 0
    assert WindowPreset(name="Narrow", key="2", center=40, width=0.5).width == 0.5
    with pytest.raises(BadRequest, match="Broken"):
        WindowPreset(name="Broken", key="3", center=40, width=-1)
