"""What a learning curve is asked to be, and which patients each of its points learns from. Loads no torch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Any

from ml.events import CONFIG_FILE
from ml.learning_curve.folder import CURVE_FOLDER
from viewer.core.checked import Fields
from viewer.core.errors import BadRequest, NotFound
from viewer.project.snapshots.drawing import drawn_order
from viewer.reading.sources.documents import read_json

FEWEST_SIZES, FEWEST_TRAININGS = 4, 5  # of fewer nothing is said of more labels
SHARES = (10, 20, 40, 70, 100)
REPEATS = 3
MOST_SHARES, MOST_REPEATS, MOST_SEED = 20, 50, 2**31 - 1
AGAIN = "ask for the learning curve anew"


@dataclass(frozen=True, slots=True, kw_only=True)
class CurveWish:
    """shares: parts of the training patients in percent, rising. repeats: trainings of each, with other patients and
    another seed. seed: that the draws and the trainings depend on."""

    shares: tuple[int, ...] = SHARES
    repeats: int = REPEATS
    seed: int = 1

    def __post_init__(self) -> None:
        if not 2 <= len(self.shares) <= MOST_SHARES or list(self.shares) != sorted(set(self.shares)):
            raise BadRequest(f"A learning curve has from 2 to {MOST_SHARES} different parts, such as 10,20,40,70,100.")
        if not all(1 <= share <= 100 for share in self.shares):
            raise BadRequest("The parts of a learning curve are from 1 to 100 percent of the training patients.")
        if not 1 <= self.repeats <= MOST_REPEATS:
            raise BadRequest(f"A learning curve has from 1 to {MOST_REPEATS} repeats, not {self.repeats}.")
        if not 0 <= self.seed <= MOST_SEED:
            raise BadRequest(f"The seed of a learning curve lies between 0 and {MOST_SEED:,}, not {self.seed}.")

    @property
    def trainings(self) -> tuple[tuple[int, int], ...]:
        """(share, repeat from 1) of each, those of the first repeat first: what is there early is a whole curve."""
        return tuple((share, repeat) for repeat in range(1, self.repeats + 1) for share in self.shares)

    def to_json(self) -> dict[str, Any]:
        """For config.json; `read_wish` reads it back."""
        return {"shares": list(self.shares), "repeats": self.repeats, "seed": self.seed}


def shares_typed(text: str) -> tuple[int, ...]:
    """ "10, 20, 40 %" as numbers. Raises BadRequest."""
    words = text.replace("%", " ").replace(",", " ").replace(";", " ").split()
    if not words or not all(word.isascii() and word.isdigit() and len(word) < 4 for word in words):
        raise BadRequest(f"The parts are whole numbers of percent, such as 10,20,40,70,100, not {text.strip()!r}.")
    return tuple(sorted({int(word) for word in words}))


def curve_command(project: Path, run: Path, wish: CurveWish) -> list[str]:
    """The command line that makes the same curve."""
    words = ["negatoscope", "learning-curve", str(project), run.name, "--parts", ",".join(map(str, wish.shares))]
    return [*words, "--repeats", str(wish.repeats), "--seed", str(wish.seed)]


def read_wish(folder: Path) -> CurveWish:
    """What the config.json of a learning curve asks for. Raises BadRequest, NotFound."""
    path = folder / CONFIG_FILE
    try:
        document = read_json(path, error=BadRequest)
    except FileNotFoundError as error:
        raise NotFound(f"{path} is not there; {AGAIN}.") from error
    return wish_of(Fields(document, str(path), error=BadRequest, advice=AGAIN).inner(CURVE_FOLDER))


def wish_of(asked: Fields) -> CurveWish:
    """A wish as a file has it. Raises as `asked` does, and BadRequest."""
    shares = asked.plain_value("shares")
    if not isinstance(shares, list) or not all(isinstance(one, int) and not isinstance(one, bool) for one in shares):
        raise asked.refuse("shares", "whole numbers of percent")
    return CurveWish(
        shares=tuple(shares[: MOST_SHARES + 1]), repeats=asked.integer("repeats", 1, MOST_REPEATS),
        seed=asked.integer("seed", 0, MOST_SEED),
    )  # fmt: skip


def part_of_patients(
    strata: Mapping[str, Sequence[tuple[str, ...]]], share: int, *, seed: int, repeat: int
) -> frozenset[str]:  # fmt: skip
    """Which patients a training learns from: each larger part of a repeat holds the smaller ones.

    strata: of each patient what its images show: each part holds what is frequent and what is rare in about the same
    proportion. share: in percent; at least one patient.
    """
    return frozenset(drawn_order(strata, (seed, repeat))[: max(1, ceil(len(strata) * share / 100))])
