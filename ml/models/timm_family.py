"""Every image classifier of timm (Wightman et al., Apache-2.0), by its name there; its facts come from the library.

`timm:NAME`, or `timm:NAME.TAG` as published weights are called, whose input has its own size, mean and spread.
"""

import re
from difflib import get_close_matches
from functools import cache, partial
from typing import TYPE_CHECKING

from ml.catalogue import FamilyRow, ModelSpec, PreprocessSpec
from ml.library_facts import ask, library_version
from viewer.core.checked import Fields
from viewer.core.errors import BadRequest, UnknownName

if TYPE_CHECKING:
    from torch.nn import Module

LIBRARY = "timm"
FACTS = "ml.nets.timm_facts"
CODE_LICENCE = "Apache-2.0"
NEAR = 5
# What a name may be made of: it becomes a word of a child's command line and the name of a file.
NAME = re.compile(r"[A-Za-z0-9_]+(\.[A-Za-z0-9_]+)*")


def build(classes: int, channels: int, *, name: str) -> "Module":
    """An untrained network. channels: any number; the first layer is made for it."""
    import timm

    network: Module = timm.create_model(name, pretrained=False, num_classes=classes, in_chans=channels)
    return network


class TimmFamily:
    """See `ml.catalogue.Family`."""

    name = LIBRARY
    kind = "classification"

    @property
    def library(self) -> str:
        """The library and the version that is installed. Raises MissingExtra."""
        return f"{LIBRARY} {library_version(LIBRARY)}"

    def rows(self) -> list[FamilyRow]:
        """Every name, without building any of them. The first call of a version takes some seconds."""
        return list(_rows(_asked("names")))

    def spec(self, name: str) -> ModelSpec:
        """The spec of one. Raises UnknownName with near names, BadRequest with the reason for one that does not fit."""
        known = {row.name.partition(":")[2] for row in self.rows()}
        if name not in known or not NAME.fullmatch(name):
            near = get_close_matches(name, known, NEAR) or sorted(one for one in known if name and name in one)[:NEAR]
            said = f"near names are {', '.join(near)}" if near else "no name is near it"
            raise UnknownName(f"{self.library} has no model {name!r}; {said}.")
        found = _asked(name)
        refused = found.text("refused", most=1000)
        if refused:
            raise BadRequest(f"{LIBRARY}:{name} cannot be used here: {refused}. Choose another model.")
        input_px = found.integer("input_px", 8, 8192)
        return ModelSpec(
            name=f"{LIBRARY}:{name}",
            title=f"{LIBRARY} {name}",
            kind=self.kind,
            input_px=input_px,
            parameters=found.integer("parameters", 1, 10**12),
            build=partial(build, name=name),
            cam_layer=found.text("cam_layer", most=300),
            preprocess=PreprocessSpec(
                size_px=input_px,
                channels=3,
                mean=found.numbers("mean", -1000, 1000),
                std=found.numbers("std", 1e-6, 1000),
            ),
            licence=_licence(found.text("licence", most=200)),
            multiple_px=found.integer("multiple_px", 1, 8192),
            least_px=found.integer("least_px", 1, 8192),
            fixed_px=found.flag("fixed_px"),
            library=self.library,
        )


@cache
def _rows(answer: Fields) -> tuple[FamilyRow, ...]:
    listed = answer.plain_value("rows")
    rows = [Fields(row, "A row of timm") for row in listed] if isinstance(listed, list) else []
    return tuple(
        FamilyRow(
            name=f"{LIBRARY}:{row.text('name', most=200)}",
            kind=TimmFamily.kind,
            input_px=row.integer("input_px", 1, 100_000),
            licence=_licence(row.text("licence", most=200)),
        )
        for row in rows
    )


def _asked(question: str) -> Fields:
    return ask(LIBRARY, library_version(LIBRARY), FACTS, question)


def _licence(weights: str) -> str:
    """The code's; that of the published weights where it is another."""
    if not weights or weights.casefold() == CODE_LICENCE.casefold():
        return CODE_LICENCE
    return f"{CODE_LICENCE}, published weights {weights}"


FAMILY = TimmFamily()
