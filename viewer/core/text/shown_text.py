"""Text from outside as it may be shown: what cannot be seen is made visible, and what has no end is cut.

File headers, file names, label names and what models say of themselves are written by others. A control character
moves a terminal's cursor, a bidirectional override (Unicode Standard Annex 9) turns `gpj.exe` round, a character of no
width makes two names look like one. None of them is dropped in silence: each becomes U+FFFD.
"""

import re
import sys
import unicodedata

UNSEEN = "\N{REPLACEMENT CHARACTER}"
# Of the format characters (category Cf) these are part of how a language is written, and stay: joiners, the Arabic
# signs, the soft hyphen, and the marks of direction, which only ever move what stands beside them.
_WRITTEN = frozenset("\u00ad\u0600\u0601\u0602\u0603\u0604\u0605\u061c\u06dd\u070f\u08e2\u200c\u200d\u200e\u200f")
_SPACES = frozenset("\t\n\r\v\f\x1c\x1d\x1e\x1f\x85\u2028\u2029")
_NOT_PLAIN = re.compile("[^ -~]")  # what need not be looked at is not: most characters are plain ASCII
LINE_LIMIT = 400
LINES_LIMIT = 40
ELLIPSIS = "…"


def one_line(text: str, limit: int = LINE_LIMIT) -> str:
    """The text on one line of at most `limit` characters; a line break is a space."""
    if len(text) > limit:
        text = text[: limit - 1] + ELLIPSIS
    if text.isprintable():  # nearly always
        return text
    return _NOT_PLAIN.sub(lambda found: " " if found[0] in _SPACES else _seen(found[0]), text)


def some_lines(text: str, limit: int = LINE_LIMIT * 5, *, lines: int = LINES_LIMIT) -> str:
    """The text with its line breaks and tabs, at most `limit` characters in `lines` lines."""
    if len(text) > limit:
        text = text[: limit - 1] + ELLIPSIS
    if text.isprintable():
        return text
    text = re.sub("\r\n|[\r\v\f\x1c\x1d\x1e\x85\u2028\u2029]", "\n", text)
    if text.count("\n") >= lines:
        text = "\n".join(text.split("\n")[: lines - 1]) + f"\n{ELLIPSIS}"
    return _NOT_PLAIN.sub(lambda found: found[0] if found[0] in "\n\t" else _seen(found[0]), text)


def all_lines(text: str) -> str:
    """The whole text with its line breaks and tabs, however long: for the clipboard and a log that scrolls."""
    return some_lines(text, sys.maxsize, lines=sys.maxsize)


def for_terminal(text: str) -> str:
    r"""One line for a terminal: tabs stay, what else steers it is spelt out (`\x1b`, `\u202e`, `\n`)."""
    if text.isprintable():
        return text
    return "".join(c if c == "\t" or (_seen(c) == c and c not in _SPACES) else _spelt(c) for c in text)


def _seen(character: str) -> str:
    if character.isprintable() or character in _WRITTEN:
        return character
    return UNSEEN if unicodedata.category(character) in ("Cc", "Cf", "Cs") else character


def _spelt(character: str) -> str:
    if character in "\n\r":
        return "\\n" if character == "\n" else "\\r"
    code = ord(character)
    return f"\\x{code:02x}" if code <= 0xFF else f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
