"""Values from a file: the right ones come through, each wrong one is a sentence that names its place."""

import math

import pytest

from viewer.core.checked import MOST_ITEMS, Fields, is_number, is_text, parse_json, shown
from viewer.core.errors import BadModel, BadProject


def fields(advice: str = "", **document: object) -> Fields:
    return Fields(document, "card.json", error=BadModel, advice=advice)


def test_a_document_is_parsed_or_refused_by_name() -> None:
    assert parse_json('{"a": [1, null]}', "card.json") == {"a": [1, None]}
    with pytest.raises(BadProject, match=r"^card\.json is not JSON \(.*\); ask for a new copy\.$"):
        parse_json("{", "card.json", error=BadProject, advice="ask for a new copy")
    with pytest.raises(BadProject, match=r"^card\.json is nested too deep to be read\.$"):
        parse_json("[" * 100_000, "card.json", error=BadProject)


@pytest.mark.parametrize(("document", "found"), [([1, 2], "a list of 2"), (None, "null"), ("x", "'x'"), (3, "3")])
def test_what_is_no_object_is_refused(document: object, found: str) -> None:
    with pytest.raises(BadModel) as refused:
        Fields(document, "card.json", error=BadModel, advice="make it anew")
    assert str(refused.value) == f"card.json should be a JSON object, not {found}; make it anew."


def test_what_is_there_is_told_null_included() -> None:
    given = fields(a=None, b=1)

    assert given.names() == ("a", "b")
    assert given.has("a") and given.has("b") and not given.has("c")
    assert (given.plain_value("a"), given.plain_value("b"), given.plain_value("c")) == (None, 1, None)


def test_what_is_absent_is_the_default_or_refused_by_name() -> None:
    given = fields(advice="make it anew")

    assert given.text("name", "none") == "none"
    assert given.word("kind", ("a", "b"), "neither") == "neither"
    assert given.flag("on", True) is True and given.flag("on", False) is False
    assert given.integer("count", 0, 9, 4) == 4
    assert given.number("share", 0, 1, 0.5) == 0.5
    assert given.numbers("mean", 0, 1, (7, 8)) == (7, 8)
    assert given.texts("labels", ["a"]) == ("a",)
    assert given.inner("size", {"rows": 3}).integer("rows", 0, 9) == 3
    assert given.plain("extra", {}) == {}
    with pytest.raises(BadModel) as refused:
        given.text("name")
    assert str(refused.value) == "card.json lacks name; make it anew."


def test_a_right_value_comes_through() -> None:
    given = fields(
        name="Lung", kind="b", on=True, count=9, share=1, mean=[0, 0.25, 1], labels=["a", "b"], size={"rows": 1},
        extra={"x": 1},
    )  # fmt: skip

    assert given.text("name") == "Lung" and given.text("name", most=4) == "Lung"
    assert given.word("kind", ("a", "b")) == "b"
    assert given.flag("on") is True
    assert given.integer("count", 0, 9) == given.integer("count", 9, 20) == 9
    assert given.number("share", 0, 1) == given.number("share", 1, 2) == 1.0
    assert given.numbers("mean", 0, 1) == (0.0, 0.25, 1.0)
    assert given.texts("labels") == given.texts("labels", most=1) == ("a", "b")
    assert given.inner("size").where == "card.json: size"
    assert given.plain("extra") == given.plain_or_none("extra") == {"x": 1}


def test_null_and_what_is_absent_are_none_where_they_may_be() -> None:
    given = fields(count=None, share=None, extra=None, five=5, half=0.5)

    assert given.integer_or_none("count", 0, 9) is given.integer_or_none("gone", 0, 9) is None
    assert given.number_or_none("share") is given.number_or_none("gone") is None
    assert given.plain_or_none("extra") is given.plain_or_none("gone") is None
    assert given.integer_or_none("five", 0, 9) == 5
    assert given.number_or_none("half") == given.number_or_none("half", 0.5, 0.5) == 0.5


@pytest.mark.parametrize(
    ("ask", "wrong", "wanted"),
    [
        (lambda f: f.text("v"), [3, None, "a\0b", "\ud800"], "a text of at most 100000 characters"),
        (lambda f: f.text("v", most=2), ["abc"], "a text of at most 2 characters"),
        (lambda f: f.word("v", ("a", "b")), ["c", 1, None, ["a"]], "one of a, b"),
        (lambda f: f.flag("v"), [0, 1, None, "true"], "true or false"),
        (lambda f: f.integer("v", 2, 5), [1, 6, 3.0, True, "3", None], "a whole number from 2 to 5"),
        (lambda f: f.integer_or_none("v", 2, 5), [1, 6, 3.5, False], "a whole number from 2 to 5"),
        (lambda f: f.number("v", 0, 1), [-0.1, 1.1, math.nan, True, "1", None, 10**400], "a number from 0 to 1"),
        (lambda f: f.number_or_none("v", 0, 1), [-0.1, 1.1, math.inf, True, "1"], "a number or null"),
        (lambda f: f.numbers("v", 0, 1), [[0, 2], [-1, 0], 0.5, ["0"], [True]], "a list of numbers from 0 to 1"),
        (lambda f: f.texts("v", most=2), [["abc"], "ab", [1]], "a list of texts of at most 2 characters"),
        (lambda f: f.plain("v"), [[1], None, "x"], "an object"),
        (lambda f: f.plain_or_none("v"), [[1], "x"], "an object"),
    ],
)
def test_a_wrong_value_is_refused_with_what_it_should_be(ask: object, wrong: list[object], wanted: str) -> None:
    for value in wrong:
        with pytest.raises(BadModel) as refused:
            ask(fields(advice="make it anew", v=value))  # type: ignore[operator]
        assert str(refused.value) == f"card.json: v should be {wanted}, not {shown(value)}; make it anew."


def test_a_list_beyond_all_bounds_is_refused() -> None:
    assert len(fields(v=[0] * MOST_ITEMS).numbers("v", 0, 1)) == MOST_ITEMS == 100_000
    with pytest.raises(BadModel, match="not a list of 100001"):
        fields(v=[0] * (MOST_ITEMS + 1)).numbers("v", 0, 1)
    with pytest.raises(BadModel, match="should be an object, not an object"):
        fields(v={str(n): 0 for n in range(MOST_ITEMS + 1)}).plain("v")


def test_an_object_inside_is_checked_with_its_whole_way() -> None:
    inner = fields(advice="make it anew", size={"rows": "x"}).inner("size")

    with pytest.raises(BadModel) as refused:
        inner.integer("rows", 0, 9)
    assert str(refused.value) == "card.json: size: rows should be a whole number from 0 to 9, not 'x'; make it anew."


def test_numbers_are_finite_and_no_flags() -> None:
    assert is_number(0) and is_number(-2.5) and is_number(10**300)
    assert not any(map(is_number, (True, False, "1", None, math.nan, math.inf, 10**400)))


def test_texts_can_be_shown_and_stored() -> None:
    assert is_text("") and is_text("Müller 肺 🫁") and is_text("abc", most=3)
    assert not any(is_text(value, most=3) for value in ("abcd", "a\0", None, 3, b"ab"))
    assert not is_text("\ud800") and not is_text("\udfff") and is_text("\ud7ff\ue000")


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "null"),
        ({"a": 1}, "an object"),
        ([1, 2, 3], "a list of 3"),
        (True, "True"),
        (-(10**20), "a number beyond all bounds"),
        (10**20 - 1, "99999999999999999999"),
        ("Müller\n", r"'M\xfcller\n'"),
        ("x" * 58, f"'{'x' * 58}'"),
        ("x" * 59, f"'{'x' * 56}..."),
    ],
)
def test_a_wrong_value_is_told_short_and_on_one_line(value: object, words: str) -> None:
    assert shown(value) == words
