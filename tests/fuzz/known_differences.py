"""Answers of ours that nothing here can check, each class with its reason: a short list, never a tolerance.

Where the standard settles a difference, `reference.MENDS` proves it instead and the class is not listed here.
"""

from typing import Any

BASE = "1.2.840.10008.1.2.4."
NO_DECODER = {BASE + end for end in ("52", "53", "54", "55", "56", "110", "111", "112")}


def reason_for(found: dict[str, Any], steps: list[str]) -> str:
    """The reason of the class an answer belongs to, "" for a fault.

    found: `reference.compare`'s answer. steps: what was done to the base file.
    """
    if found["verdict"] == "mended":
        return str(found["why"])
    syntax, why = found.get("syntax", ""), found["why"]
    if found["verdict"] == "refused" and syntax in NO_DECODER and "is not supported" in why:
        return "pydicom 3.0 has no decoder for JPEG XL and the retired JPEG processes"
    if found["verdict"] == "refused" and syntax == BASE + "51" and "does not support 'JPEG Extended'" in why:
        return "12-bit JPEG Extended whose scan says Se = 0: only libjpeg-turbo reads it (the corpus' README)"
    if syntax in (BASE + "57", BASE + "70") and any(step.startswith("bytes [") for step in steps):
        return (
            "spoilt Huffman codes of lossless JPEG, which has no checksum: no decoder notices, each goes on otherwise"
        )
    return ""
