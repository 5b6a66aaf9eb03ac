"""Character sets of a header (PS3.5 6.1, PS3.3 C.12.1.1.2)."""

import re

# Defined with code extensions only ("ISO 2022 IR 149"), but Orthanc and others name them alone and write no escape.
NAMED_ALONE = {"ISO_IR 58": "gb2312", "ISO_IR 149": "euc_kr"}
# Single-valued sets, read without pydicom, which takes a quarter of a second to import.
PLAIN_SETS = {
    "": "latin-1",
    "ISO_IR 6": "latin-1",
    "ISO 2022 IR 6": "latin-1",
    "ISO_IR 100": "latin-1",
    "ISO_IR 101": "iso8859-2",
    "ISO_IR 109": "iso8859-3",
    "ISO_IR 110": "iso8859-4",
    "ISO_IR 144": "iso8859-5",
    "ISO_IR 127": "iso8859-6",
    "ISO_IR 126": "iso8859-7",
    "ISO_IR 138": "iso8859-8",
    "ISO_IR 148": "iso8859-9",
    "ISO_IR 203": "iso8859-15",
    "ISO_IR 13": "shift_jis",
    "ISO_IR 166": "iso8859-11",
    "ISO_IR 192": "utf-8",
    "GB18030": "gb18030",
    "GBK": "gbk",
    **NAMED_ALONE,
}
# Multi-byte sets whose text is known without an escape sequence, too: all its other bytes are above 7F.
WITHOUT_ESCAPES = {"58": "gb2312", "149": "euc_kr"}
SET_NAME = re.compile(r"ISO[ _-]?(2022)?[ _-]?IR[ _-]?(\d{1,3})", re.IGNORECASE)
SPELLINGS = {"UTF-8": "ISO_IR 192", "UTF8": "ISO_IR 192", "ASCII": "ISO_IR 6", "LATIN1": "ISO_IR 100"}


def decode_text(value: bytes, charset: tuple[str, ...]) -> str:
    """The text of a value, whatever the set; what cannot be decoded becomes a replacement character."""
    if value.isascii() and b"\x1b" not in value:
        return value.decode("ascii")
    names = tuple(_set_name(name, extended=len(charset) > 1) for name in charset)
    first = names[0] if names else ""
    if b"\x1b" not in value:
        if len(names) <= 1 and first in PLAIN_SETS:
            return value.decode(PLAIN_SETS[first], "replace")
        if len(names) > 1 and first in ("", "ISO 2022 IR 6"):
            return _without_escapes(value, names[1:])
    return _with_extensions(value, names)


def _set_name(name: str, *, extended: bool) -> str:
    """The defined term for a set (PS3.3 C.12.1.1.2), however it is spelled. extended: it stands among several."""
    found = SET_NAME.fullmatch(name.strip())
    if found is None:
        return SPELLINGS.get(name.strip().upper(), name)
    number = found[2].lstrip("0")
    if number == "192" or not (extended or found[1]):
        return f"ISO_IR {number}"
    return f"ISO 2022 IR {number}"


def _without_escapes(value: bytes, extensions: tuple[str, ...]) -> str:
    """Text of ASCII with extensions that no escape sequence turns on, though its bytes are none of ASCII.

    Where the one extension is a multi-byte set that the bytes fit, they are of it; else nothing says what they are.
    """
    codecs = [codec for name in extensions if (codec := WITHOUT_ESCAPES.get(name.rpartition(" ")[2]))]
    if len(codecs) == 1:
        try:
            return value.decode(codecs[0])
        except UnicodeDecodeError:
            pass
    return _unknown(value)


def _with_extensions(value: bytes, charset: tuple[str, ...]) -> str:
    """Text with ISO 2022 escapes or an odd set's name, by pydicom."""
    import warnings

    from pydicom.charset import convert_encodings, decode_bytes

    with warnings.catch_warnings(record=True) as doubts:
        warnings.simplefilter("always")
        try:
            encodings = convert_encodings(list(charset) or [""])
            # A person name has its own delimiters: ^ and = end the effect of an escape sequence (PS3.5 6.1.2.5.3).
            text = decode_bytes(value, encodings, {0x5C, 0x5E, 0x3D, 0x0A, 0x0D, 0x09, 0x0C})
        except (LookupError, UnicodeError, ValueError):
            return _unknown(value)
    # pydicom warns and goes on as if it were Latin 1, or leaves the escape sequence in: letters that look like a name.
    is_guess = any(str(doubt.message).startswith(("Unknown encoding", "Found unknown escape")) for doubt in doubts)
    return _unknown(value) if is_guess else without_designator(text)


def without_designator(text: str) -> str:
    """Text without the escape sequence of Chinese (ISO 2022 IR 58), which pydicom 3.0 leaves in it."""
    return text.replace("\x1b$)A", "")


def _unknown(value: bytes) -> str:
    """Text of a set nobody knows: ASCII as it is, a replacement character for each other byte."""
    return value.decode("ascii", "replace").replace("\x1b", "\N{REPLACEMENT CHARACTER}")


def person_name(value: str) -> str:
    """The alphabetic part of a PN as it stands, else the first part that is there (PS3.5 6.2.1)."""
    parts = value.split("=")
    return next((part.strip() for part in parts if part.strip(" ^")), "").rstrip("^")
