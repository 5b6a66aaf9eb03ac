"""Codes of a terminology, as DICOM writes them (PS3.3 8.8): so that a label means the same to another program."""

from dataclasses import dataclass

from viewer.core.errors import BadRequest

MOST_SHORT = 16  # characters of a scheme's designator and of a code value: SH (PS3.5 6.2)
MOST_MEANING = 64  # characters of a meaning: LO


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """scheme: Coding Scheme Designator (0008,0102). value: Code Value (0008,0100). meaning: Code Meaning (0008,0104).

    Raises BadRequest for what the standard does not let stand there.
    """

    scheme: str
    value: str
    meaning: str

    def __post_init__(self) -> None:
        for what, word, most in (
            ("scheme", self.scheme, MOST_SHORT), ("value", self.value, MOST_SHORT),
            ("meaning", self.meaning, MOST_MEANING),
        ):  # fmt: skip
            if not word.strip() or len(word) > most or "\\" in word or not word.isprintable():
                raise BadRequest(
                    f"The {what} of a code has 1 to {most} characters and no backslash, unlike {word!r}; a code is "
                    "written SCHEME:VALUE:MEANING, such as SCT:27925004:Nodule."
                )

    @property
    def words(self) -> str:
        """As it is typed: "SCT:27925004:Nodule"."""
        return f"{self.scheme}:{self.value}:{self.meaning}"


def read_code(text: str) -> Code:
    """A code as it is typed; its meaning may hold colons. Raises BadRequest."""
    scheme, _, rest = text.partition(":")
    value, _, meaning = rest.partition(":")
    return Code(scheme=scheme.strip(), value=value.strip(), meaning=meaning.strip())
