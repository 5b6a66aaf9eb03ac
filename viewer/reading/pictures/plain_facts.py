"""What a picture's values mean as plain data and back, for the way from a child to its parent: never a pickle."""

from dataclasses import MISSING, fields, is_dataclass
from typing import Any

from viewer.core.geometry import Spacing
from viewer.core.pixels import PixelFacts, Window
from viewer.reading.pictures.raster import RasterInfo

# What may come out of plain data: values without arrays, which is all that a picture has.
KINDS: dict[str, type[Any]] = {"facts": PixelFacts, "window": Window, "spacing": Spacing, "info": RasterInfo}
NAMES = {kind: name for name, kind in KINDS.items()}


def plain_of(value: Any) -> Any:
    """Numbers, text, lists, and {"is": name, field: ...} without the fields that are as always. Raises KeyError."""
    if is_dataclass(value) and not isinstance(value, type):
        said = {row.name: getattr(value, row.name) for row in fields(value)}
        usual = {row.name: row.default for row in fields(value) if row.default is not MISSING}
        told = {name: plain_of(field) for name, field in said.items() if name not in usual or field != usual[name]}
        return {"is": NAMES[type(value)], **told}
    return [plain_of(part) for part in value] if isinstance(value, tuple) else value


def value_of(plain: Any) -> Any:
    """The value again. Raises KeyError, TypeError or ValueError for what is none."""
    if isinstance(plain, dict):
        return KINDS[plain["is"]](**{name: value_of(field) for name, field in plain.items() if name != "is"})
    return tuple(map(value_of, plain)) if isinstance(plain, list) else plain
