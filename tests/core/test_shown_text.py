"""Text from outside on the screen and on a terminal: nothing unseen, no end beyond its limit, nothing dropped."""

import pytest

from viewer.core.text.shown_text import all_lines, for_terminal, one_line, some_lines

# Unicode categories: Cc escape, Cf right-to-left override and zero width space, Cs half of a surrogate pair.
UNSEEN = ["\x1b", "\x00", "\x7f", "\x9f", "\u202e", "\u200b", "\ufeff", "\U000e0001", "\ud800"]
# Part of how a language is written or of how a page is laid out: joiners, soft hyphen, no-break and em space, and
# what only private fonts know.
KEPT = ["\u200d", "\u00ad", "\u200f", "\u061c", "\u00a0", "\u2003", "\ue000"]


@pytest.mark.parametrize("unseen", UNSEEN)
def test_what_cannot_be_seen_is_made_visible(unseen: str) -> None:
    assert (
        one_line(f"a{unseen}b")
        == some_lines(f"a{unseen}b")
        == all_lines(f"a{unseen}b")
        == "a\N{REPLACEMENT CHARACTER}b"
    )


@pytest.mark.parametrize("kept", KEPT)
def test_what_belongs_to_a_language_stays(kept: str) -> None:
    assert one_line(f"a{kept}b") == some_lines(f"a{kept}b") == for_terminal(f"a{kept}b") == f"a{kept}b"


@pytest.mark.parametrize("space", list("\t\n\r\v\f\x1c\x1d\x1e\x1f\x85\u2028\u2029"))
def test_a_line_break_or_tab_is_a_space_on_one_line(space: str) -> None:
    assert one_line(f"a{space}b") == "a b"


@pytest.mark.parametrize("break_", ["\n", "\r\n", "\r", "\v", "\f", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029"])
def test_every_line_break_of_unicode_is_one(break_: str) -> None:
    assert some_lines(f"a{break_}b\tc") == "a\nb\tc"


@pytest.mark.parametrize("end", ["x", "\n"])
def test_a_line_has_at_most_its_limit(end: str) -> None:
    last = end if end == "x" else " "
    assert one_line("x" * 399 + end) == "x" * 399 + last
    assert one_line("x" * 400 + end) == "x" * 399 + "…"
    assert one_line("abcd", 4) == "abcd" and one_line("abcde", 4) == "abc…"


def test_several_lines_have_at_most_2000_characters() -> None:
    assert some_lines("x" * 2000) == "x" * 2000
    assert some_lines("x" * 2001) == "x" * 1999 + "…"


def test_lines_past_the_last_that_may_be_are_one_ellipsis() -> None:
    assert some_lines("\n".join("abc"), lines=3) == "a\nb\nc"
    assert some_lines("\n".join("abcd"), lines=3) == "a\nb\n…"
    assert some_lines("\n".join(["x"] * 40)).count("\n") == 39 and "…" not in some_lines("\n".join(["x"] * 40))
    for count in (41, 100, 900):
        assert some_lines("\n".join(["x"] * count)) == "x\n" * 39 + "…"


def test_for_the_clipboard_nothing_is_cut() -> None:
    text = "\n".join(["x" * 1000] * 100)
    assert all_lines(text) == text


@pytest.mark.parametrize(
    ("text", "spelt"),
    [
        ("plain Müller", "plain Müller"),
        ("a\tb", "a\tb"),
        ("a\nb\rc", r"a\nb\rc"),
        ("\x1b[2J", r"\x1b[2J"),
        ("\x00\x7f\x85\x9f", r"\x00\x7f\x85\x9f"),
        ("\u202egpj.exe", r"\u202egpj.exe"),
        ("a\u2028b\ufeff\ufffb", r"a\u2028b\ufeff\ufffb"),
        ("\U000e0001\U000110bd", r"\U000e0001\U000110bd"),
        ("\ud800", r"\ud800"),
        ("\x1f\x0b", r"\x1f\x0b"),
    ],
)
def test_what_would_steer_a_terminal_is_spelt_out(text: str, spelt: str) -> None:
    assert for_terminal(text) == spelt
