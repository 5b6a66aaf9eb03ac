"""Side and view of a film, such as "L CC": from the attributes that say so, and nothing where none does."""

from collections.abc import Sequence

from viewer.core.text.shown_text import one_line
from viewer.reading.dicom.functional_groups import FrameHeader
from viewer.reading.dicom.header import Header

# PS3.3 C.7.3.1.1.1, C.7.6.1.1.1, C.8.12.4.1.4 and C.7.6.16.2.8: of the image, of its frame's anatomy, of the series.
IMAGE_LATERALITY, FRAME_ANATOMY, FRAME_LATERALITY, LATERALITY = 0x00200062, 0x00209071, 0x00209072, 0x00200060
# C.8.11.1.1.2 and C.8.11.4.1.1: as a word, or as a code of CID 4010 or 4014 with what modifies it.
VIEW_POSITION, VIEW_CODE, VIEW_MODIFIER = 0x00185101, 0x00540220, 0x00540222
CODE_VALUE, CODE_MEANING = 0x00080100, 0x00080104
SIDES = {"L": "L", "R": "R", "B": "L+R"}  # U: of an organ that is no pair
MOST_LETTERS = 40

# By SNOMED CT code and by the SNOMED RT one that older files carry (PS3.16 CID 4010, 4014).
VIEWS = {
    "CC": ("399162004", "R-10242"),
    "MLO": ("399368009", "R-10226"),
    "ML": ("399260004", "R-10224"),
    "LM": ("399352003", "R-10228"),
    "LMO": ("399099002", "R-10230"),
    "FB": ("399196006", "R-10244"),
    "SIO": ("399188001", "R-102D0"),
    "ISO": ("441555000", "R-40AAA"),
    "XCCL": ("399192008", "R-1024A"),
    "XCCM": ("399101009", "R-1024B"),
    "AP": ("399348003", "R-10206"),
    "PA": ("272479007", "R-40888"),
    "LL": ("399173006", "R-10236"),
    "RL": ("399198007", "R-10232"),
    "LPO": ("399006002", "R-10212"),
    "RPO": ("399038007", "R-10210"),
    "LAO": ("399135007", "R-10220"),
    "RAO": ("399356000", "R-40985"),
}
_BY_CODE = {code: view for view, both in VIEWS.items() for code in both}


def film_words(frame: FrameHeader) -> str:
    """Side, view and what modifies it, "" where the header says nothing of them."""
    return film_said(film_side(frame), film_view(frame.header))


def film_said(side: str, view: Sequence[str]) -> str:
    """The words of a side, and of a view with what modifies it."""
    seen, *more = view
    return " · ".join(part for part in (" ".join(filter(None, (side, seen))), *more) if part)


def film_side(frame: FrameHeader) -> str:
    """L, R or L+R, "" where the header says no side."""
    header = frame.header
    anatomy = frame.macro(FRAME_ANATOMY)
    said = (
        anatomy.text(FRAME_LATERALITY) if anatomy is not None else "",
        header.text(IMAGE_LATERALITY),
        header.text(LATERALITY),
    )
    return SIDES.get(next((one for one in said if one), "").upper(), "")


def film_view(header: Header) -> list[str]:
    """The view, "" where the header says none, then what modifies it. The code comes first: it is from a list, the word
    is free."""
    code = header.first_item(VIEW_CODE)
    if code is None:
        return [_short(header.text(VIEW_POSITION))]
    view = _BY_CODE.get(code.text(CODE_VALUE), "") or _short(header.text(VIEW_POSITION)) or _meaning(code)
    return [view, *(_meaning(one) for one in code.items(VIEW_MODIFIER))]


def _meaning(code: Header) -> str:
    return _short(code.text(CODE_MEANING))


def _short(text: str) -> str:
    return one_line(text, MOST_LETTERS)
