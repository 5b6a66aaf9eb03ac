"""Codes of a terminology as they are typed and kept (PS3.3 8.8; lengths of SH and LO in PS3.5 6.2)."""

import pytest

from viewer.core.codes import Code, read_code
from viewer.core.errors import BadRequest

NODULE = Code(scheme="SCT", value="27925004", meaning="Nodule")


def test_a_code_is_typed_as_scheme_value_and_meaning() -> None:
    assert read_code("SCT:27925004:Nodule") == NODULE
    assert read_code(" SCT : 27925004 : Nodule: solid ") == Code(
        scheme="SCT", value="27925004", meaning="Nodule: solid"
    )
    assert read_code(NODULE.words) == NODULE


@pytest.mark.parametrize(
    "text",
    [
        "", "SCT", "SCT:27925004", "SCT::Nodule", ":27925004:Nodule", "SCT:27925004:", "SCT:27925004:a\\b",
        "SCT:27925004:a\nb", f"{'S' * 17}:1:a", f"SCT:{'1' * 17}:a", f"SCT:1:{'a' * 65}",
    ],
)  # fmt: skip
def test_what_is_no_code_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(BadRequest, match="SCT:27925004:Nodule"):
        read_code(text)


def test_the_longest_code_there_may_be() -> None:
    assert read_code(f"{'S' * 16}:{'1' * 16}:{'a' * 64}").meaning == "a" * 64
