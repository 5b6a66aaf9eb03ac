"""Events reach those who listen, rows lead to what they name, and numbers have their noun."""

import json

import pytest

from viewer.core.errors import UnknownName
from viewer.core.events import Event
from viewer.core.registry import load, load_module
from viewer.core.text.counting import counted

TABLE = {"write": "json:dumps", "read": "json:loads"}


def test_every_listener_hears_in_the_order_in_which_they_connected() -> None:
    event, heard = Event[int](), []
    event.connect(lambda value: heard.append(("first", value)))
    event.connect(lambda value: heard.append(("second", value)))

    event.emit(3)
    event.emit(4)

    assert heard == [("first", 3), ("second", 3), ("first", 4), ("second", 4)]


def test_who_has_disconnected_hears_no_more_also_from_within() -> None:
    event, heard = Event[int](), []

    def once(value: int) -> None:
        heard.append(value)
        event.disconnect(once)

    event.connect(once)
    event.connect(lambda value: heard.append(10 * value))
    event.emit(1)
    event.emit(2)

    assert heard == [1, 10, 20]


def test_a_row_leads_to_what_it_names() -> None:
    assert load(TABLE, "write") is json.dumps
    assert load_module({"json": "json"}, "json") is json


@pytest.mark.parametrize("name", ["json:dumps", "os:system", ""])
def test_a_name_that_is_no_row_imports_nothing_and_is_refused_with_those_there_are(name: str) -> None:
    for ask in (load, load_module):
        with pytest.raises(UnknownName) as refused:
            ask(TABLE, name)
        assert str(refused.value) == f"There is no {name!r}; choose one of write, read."


def test_a_number_has_its_noun() -> None:
    assert [counted(n, "image") for n in (0, 1, 2)] == ["0 images", "1 image", "2 images"]
    assert [counted(n, "study", "studies") for n in (0, 1, 2)] == ["0 studies", "1 study", "2 studies"]
