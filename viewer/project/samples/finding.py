"""Which frames belong to the sample of an image: by the order along the normal, by the place in the patient, and by the
views of its study."""

import re
import statistics
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from viewer.core.errors import Ambiguous, LacksFrames
from viewer.core.geometry import ImagePlane
from viewer.core.samples import FrameRole, SampleRule
from viewer.project.samples.film_views import FilmView, other_view, said_view
from viewer.project.samples.stacks import Slice, Stack, along_mm
from viewer.reading.series import FrameRef

SAME_PLACE_MM = 1e-3
PARALLEL = 0.9998  # cosine of one degree: slices that are further turned cut each other
_UID = re.compile(r"[0-9]+(\.[0-9]+)+")


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundFrame:
    """One frame of a sample. series: the words that name its series or view, "" for the image's own. offset: slices
    from it."""

    slice: Slice
    role: FrameRole
    series: str
    offset: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundSample:
    """frames: in the order of `SampleRule.places`. repeated: how many stand where their series has no slice."""

    frames: tuple[FoundFrame, ...]
    repeated: int


class SampleFinder:
    """Finds samples among some series, and asks for them when there is something to find.

    Reads at most one header of each series that is asked for by words, and of each film of a study one for its view.
    """

    def __init__(self, stacks: Callable[[], Iterable[Stack]]) -> None:
        self._make = stacks
        self._planes: dict[str, ImagePlane | None] = {}
        self._views: dict[tuple[str, int], FilmView] = {}
        self._named: dict[tuple[str, str], Stack] = {}

    @cached_property
    def _stacks(self) -> list[Stack]:
        return list(self._make())

    @cached_property
    def _studies(self) -> dict[str, list[Stack]]:
        studies: dict[str, list[Stack]] = defaultdict(list)
        for stack in self._stacks:
            studies[stack.study].append(stack)
        return studies

    @cached_property
    def _places(self) -> dict[tuple[str, int], tuple[Stack, int | None]]:
        places: dict[tuple[str, int], tuple[Stack, int | None]] = {}
        for stack in self._stacks:
            places |= {_key(one.ref): (stack, number) for number, one in enumerate(stack.slices)}
            places |= {_key(one.ref): (stack, None) for one in stack.nowhere}
        return places

    def find(self, rule: SampleRule, ref: FrameRef) -> FoundSample:
        """The sample of an image. Raises LacksFrames (the sentence goes on after "it"), Ambiguous for words that name
        several series of its study."""
        stack, number = self._places.get(_key(ref), (None, None))
        if stack is None:
            raise LacksFrames("stands in no series here")
        if rule.views:
            return self._with_views(rule, stack, ref)
        own, repeated = self._neighbours(stack, number, rule.context)
        frames = [
            FoundFrame(slice=one, role=FrameRole.SLICE, series="", offset=offset)
            for one, offset in zip(own, range(-rule.context, rule.context + 1), strict=True)
        ]
        for words in rule.series:
            other = self._other(stack, words)
            beside, missing = self._beside(stack, own, other, words)
            repeated += missing
            frames += [
                FoundFrame(slice=one, role=FrameRole.CHANNEL, series=words, offset=offset)
                for one, offset in zip(beside, range(-rule.context, rule.context + 1), strict=True)
            ]
        return FoundSample(frames=tuple(frames), repeated=repeated)

    def _with_views(self, rule: SampleRule, stack: Stack, ref: FrameRef) -> FoundSample:
        """A film with other films of its study, wherever they lie."""
        if not stack.study:
            raise LacksFrames("says no study, so it is not known which films stand beside it")
        study = [one for held in self._studies[stack.study] for one in (*held.slices, *held.nowhere)]
        own = next(one for one in study if _key(one.ref) == _key(ref))
        frames = [FoundFrame(slice=own, role=FrameRole.SLICE, series="", offset=0)]
        for words in rule.views:
            other = other_view(own, study, words, self._view_of)
            if any(other is one.slice for one in frames):
                raise LacksFrames(f"has one film that two of its views name, the latter as “{words}”")
            frames.append(FoundFrame(slice=other, role=FrameRole.VIEW, series=words, offset=0))
        return FoundSample(frames=tuple(frames), repeated=0)

    def _view_of(self, film: Slice) -> FilmView:
        key = _key(film.ref)
        if key not in self._views:
            self._views[key] = said_view(film)
        return self._views[key]

    def _neighbours(self, stack: Stack, number: int | None, context: int) -> tuple[list[Slice], int]:
        if number is None:
            raise LacksFrames("says no place in the patient, so it has no neighbours")
        last = len(stack.slices) - 1
        if context and not last:
            raise LacksFrames("is the only slice of its series here, so it has no neighbours")
        wanted = range(number - context, number + context + 1)
        found = [stack.slices[min(max(place, 0), last)] for place in wanted]
        kept = list(dict.fromkeys(found))
        if any(along_mm(after) - along_mm(before) < SAME_PLACE_MM for before, after in pairwise(kept)):
            raise LacksFrames("has a neighbour at the very same place, so their order is not known")
        return found, sum(not 0 <= place <= last for place in wanted)

    def _other(self, stack: Stack, words: str) -> Stack:
        """The one series of the study that the words name."""
        key = (stack.series_id, words)
        if key not in self._named:
            self._named[key] = self._chosen(stack, words)
        return self._named[key]

    def _chosen(self, stack: Stack, words: str) -> Stack:
        study = self._studies[stack.study] if stack.study else [stack]
        found = named(study, words)
        if len(found) > 1:
            titles = " or ".join(f"“{one.title}”" for one in found)
            raise Ambiguous(f"“{words}” may be {titles}; name the series by words that only one of them has.")
        if not found:
            raise LacksFrames(f"has no series “{words}” in its study")
        if found[0] is stack:
            raise LacksFrames(f"is of the series “{words}” itself")
        return found[0]

    def _beside(self, stack: Stack, own: Sequence[Slice], other: Stack, words: str) -> tuple[list[Slice], int]:
        """The slice of another series at the place of each of `own`. Where the other one ends before, its last slice
        on the way out is repeated; without one at the place of the image itself there is no sample."""
        mine, theirs = self._plane(stack), self._plane(other)
        if mine is None or theirs is None:
            raise LacksFrames(f"has the series “{words}” in its study, but no place in the patient that both say")
        if not mine.frame_of_reference or mine.frame_of_reference != theirs.frame_of_reference:
            raise LacksFrames(f"has another frame of reference than the series “{words}”")
        cosine = sum(a * b for a, b in zip(mine.normal, theirs.normal, strict=True))
        if abs(cosine) < PARALLEL:
            raise LacksFrames(f"lies in another orientation than the series “{words}”")
        reach_mm = (_gap_mm(other.slices) or _gap_mm(stack.slices)) / 2
        middle = len(own) // 2
        found: dict[int, Slice] = {}
        missing = 0
        for place in sorted(range(len(own)), key=lambda one: abs(one - middle)):
            at_mm = along_mm(own[place]) * (1 if cosine > 0 else -1)
            near = _nearest(other.slices, at_mm, reach_mm, words)
            if near is None and place == middle:
                raise LacksFrames(f"has no slice of the series “{words}” at its place")
            missing += near is None
            found[place] = near or found[place + (1 if place < middle else -1)]
        return [found[place] for place in range(len(own))], missing

    def _plane(self, stack: Stack) -> ImagePlane | None:
        if stack.series_id not in self._planes:
            self._planes[stack.series_id] = stack.plane()
        return self._planes[stack.series_id]


def named(stacks: Sequence[Stack], words: str) -> list[Stack]:
    """The series that words name: by UID or id; else by the whole modality or description; else by what the
    description holds. Case does not count."""
    asked = words.strip().casefold()
    if _UID.fullmatch(asked):
        return [one for one in stacks if one.uid() == asked]
    exact = [one for one in stacks if asked in (one.series_id, one.modality.casefold(), one.description.casefold())]
    return exact or [one for one in stacks if all(word in one.description.casefold() for word in asked.split())]


def _key(ref: FrameRef) -> tuple[str, int]:
    return str(ref.path), ref.frame_index


def _gap_mm(slices: Sequence[Slice]) -> float:
    """The median distance of neighbours at different places, 0 without two."""
    gaps = [along_mm(after) - along_mm(before) for before, after in pairwise(slices)]
    return statistics.median([gap for gap in gaps if gap > SAME_PLACE_MM] or [0.0])


def _nearest(slices: Sequence[Slice], at_mm: float, reach_mm: float, words: str) -> Slice | None:
    """The slice nearest to a place and within reach of it; of two that are as near the first along the normal."""
    number = bisect_left(slices, at_mm, key=along_mm)
    near = min(slices[max(0, number - 1) : number + 1], key=lambda one: abs(along_mm(one) - at_mm), default=None)
    if near is None or abs(along_mm(near) - at_mm) > reach_mm + SAME_PLACE_MM:
        return None
    if sum(abs(along_mm(one) - along_mm(near)) < SAME_PLACE_MM for one in slices) > 1:
        raise LacksFrames(f"has several slices of the series “{words}” at one place")
    return near
