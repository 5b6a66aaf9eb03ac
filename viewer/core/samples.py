"""What a sample is made of: one image, or several frames that a model sees together as its channels."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from viewer.core.checked import Fields
from viewer.core.errors import BadRequest

MOST_CONTEXT = 16
MOST_SERIES = 8
MOST_VIEWS = 8
MOST_FRAMES = 64  # the channels that a network's input may have


class FrameRole(StrEnum):
    """What a frame is beside the image of the case: a slice of its series, or of another series at the same place, or
    another view of its study."""

    SLICE = "slice"
    CHANNEL = "channel"
    VIEW = "view"


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleRule:
    """Which frames make a sample.

    context: so many neighbours on either side, in the order along the normal. series: words that each name one more
    series of the study (`samples.finding.named`), whose slices at the same places are further channels. views: words
    that each name another film of the study by its side and view (`samples.film_views`), in the order of the channels.
    """

    context: int = 0
    series: tuple[str, ...] = ()
    views: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not 0 <= self.context <= MOST_CONTEXT:
            raise BadRequest(f"A sample has 0 to {MOST_CONTEXT} neighbours on either side, not {self.context}.")
        if len({words.casefold() for words in self.series}) < len(self.series) or not all(map(str.strip, self.series)):
            raise BadRequest("Each further series of a sample is named once, in words.")
        if len({_plain(words) for words in self.views}) < len(self.views) or not all(map(_plain, self.views)):
            raise BadRequest("Each further view of a sample is named once, in words.")
        if self.views and (self.context or self.series):
            raise BadRequest("A sample has other views of its study, or neighbours and other series, but not both.")
        if len(self.views) > MOST_VIEWS:
            raise BadRequest(f"A sample has at most {MOST_VIEWS} further views, not {len(self.views)}.")
        if len(self.series) > MOST_SERIES or self.count > MOST_FRAMES:
            raise BadRequest(
                f"A sample has at most {MOST_FRAMES} frames and {MOST_SERIES} further series; this one would have "
                f"{self.count} frames of {len(self.series)} further series."
            )

    @property
    def is_plain(self) -> bool:
        """Whether a sample is its image and nothing else."""
        return self.count == 1

    @property
    def slices(self) -> int:
        """How many frames it has of each series."""
        return 2 * self.context + 1

    @property
    def count(self) -> int:
        """How many frames it has."""
        return self.slices * (1 + len(self.series)) + len(self.views)

    @property
    def own(self) -> int:
        """The place of the image itself among its frames."""
        return self.context

    def places(self) -> Iterator[tuple[str, int]]:
        """(the words of a series or view, "" for the image's own; slices from the image) of each frame, in order."""
        for words in ("", *self.series):
            for offset in range(-self.context, self.context + 1):
                yield words, offset
        for words in self.views:
            yield words, 0

    def words(self, own: Sequence[str] = ()) -> str:
        """What it is, such as "3 neighbouring slices of CT and PET: 6 channels". own: modalities of its images."""
        first = " or ".join(filter(None, own))
        if self.is_plain:
            return "one image"
        if self.views:
            film, views = (f"a film ({first})" if first else "a film"), "view" if len(self.views) == 1 else "views"
            return f"{film} with the {views} {_listed(self.views)} of its study: {self.count} channels"
        of = _listed([first or "the image's own series", *self.series])
        slices = f"{self.slices} neighbouring slices of {of}" if self.context else f"the slices at one place of {of}"
        return f"{slices}: {self.count} channels"

    def to_json(self) -> dict[str, Any]:
        """A plain dict; `read_rule` reads it back."""
        views = {"views": list(self.views)} if self.views else {}  # a snapshot without them keeps its id
        return {"context": self.context, "series": list(self.series), **views}


def _plain(words: str) -> str:
    return " ".join(words.casefold().split())


def _listed(words: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]]))


PLAIN = SampleRule()


def read_rule(values: Fields, name: str) -> SampleRule:
    """The rule that stands as `name` in a document; the plain one where none does. Raises what `values` raises."""
    if not values.has(name):
        return PLAIN
    found = values.inner(name)
    context, series = found.integer("context", 0, MOST_CONTEXT), found.texts("series", ())
    views = found.texts("views", ())
    try:
        return SampleRule(context=context, series=series, views=views)
    except BadRequest as error:
        raise values.refuse(name, f"frames of a sample ({str(error).rstrip('.')})") from error
