"""The catalogue's rows: a name, a scope, a colour and a key."""

import pytest

from viewer.core.errors import BadRequest
from viewer.core.labels import DIGIT_KEYS, LABEL_COLORS, Label, free_tint, keys_that_say
from viewer.core.presets import WindowPreset


def label(position: int) -> Label:
    return Label(name="Nodule", scope="region", position=position)


def test_twelve_labels_have_keys_from_one_to_equals_and_colours_of_their_own() -> None:
    assert "".join(label(n).key for n in range(12)) == "1234567890-="
    assert len({label(n).color for n in range(12)}) == 12 == len(LABEL_COLORS) == len(DIGIT_KEYS)
    assert label(0).color == "#80C4FF" and label(11).color == "#AA88E6"


def test_a_label_says_what_is_pressed_for_it_and_past_the_twelfth_that_it_is_clicked() -> None:
    image = [Label(name=f"L{n}", scope="image", position=n) for n in (0, 9, 12)]

    assert [one.shortcut for one in image] == ["Shift+1", "Shift+0", ""] and label(0).shortcut == "1"
    assert keys_that_say(image) == "Shift+1 for “L0”, Shift+0 for “L9”, click “L12”"


def test_a_thirteenth_label_has_the_first_colour_and_no_key() -> None:
    assert (label(12).color, label(12).key) == (label(0).color, "")
    assert (label(25).color, label(25).key) == (label(1).color, "")


def made(scopes: str, catalogue: list[Label] | None = None) -> list[tuple[str, str]]:
    """(scope, colour) of labels that come one after the other. scopes: r for a region, i for an image."""
    labels = list(catalogue or [])
    for scope in ({"r": "region", "i": "image"}[one] for one in scopes):
        position = sum(one.scope == scope for one in labels)
        tint = free_tint(position, scope, labels)
        labels.append(Label(name=f"{scope}{position}", scope=scope, position=position, tint=tint))
    return [(one.scope[0], one.color) for one in labels]


def test_region_and_whole_image_labels_share_no_colour_while_one_is_free() -> None:
    sky, orange, lime, plum = LABEL_COLORS[:4]

    assert made("rrii") == [("r", sky), ("r", orange), ("i", lime), ("i", plum)]
    assert made("iirr") == [("i", sky), ("i", orange), ("r", lime), ("r", plum)]
    assert made("riri") == [("r", sky), ("i", orange), ("r", lime), ("i", plum)]
    assert len({color for _, color in made("r" * 7 + "i" * 5)}) == 12


def test_past_twelve_no_two_of_a_kind_share_a_colour_and_the_thirteenth_of_a_kind_has_that_of_its_place() -> None:
    found = made("r" * 12 + "i" * 12)

    for kind in "ri":
        assert len({color for scope, color in found if scope == kind}) == 12
    assert made("r" * 13)[12] == ("r", LABEL_COLORS[0])


def test_a_new_label_goes_round_a_colour_that_a_person_chose() -> None:
    chosen = Label(name="Nodule", scope="region", position=0, tint=1)

    assert made("r", [chosen]) == [("r", LABEL_COLORS[1]), ("r", LABEL_COLORS[2])]
    assert made("i", [chosen]) == [("r", LABEL_COLORS[1]), ("i", LABEL_COLORS[0])]


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
