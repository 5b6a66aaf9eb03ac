"""Which view a film shows, as its header says it, and the one film of a study that a view's words name."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from viewer.core.errors import AppError, LacksFrames
from viewer.project.samples.file_geometry import frame_now
from viewer.project.samples.stacks import Slice
from viewer.reading.facts.film_views import VIEW_POSITION, film_said, film_side, film_view

ONE_SIDE = ("L", "R")


@dataclass(frozen=True, slots=True, kw_only=True)
class FilmView:
    """side: L, R or L+R. view: with what modifies it. "" where the file does not say it."""

    side: str = ""
    view: str = ""

    def is_named(self, words: str, own: "FilmView") -> bool:
        """Whether words name it beside a film: "L MLO" by its side too, "MLO" on the side that `own` says."""
        asked = _plain(words)
        if not self.view:
            return False
        if self.side and asked == _plain(film_said(self.side, [self.view])):
            return True
        return asked == _plain(self.view) and (own.side not in ONE_SIDE or self.side == own.side)


def _plain(words: str) -> str:
    return " ".join(words.replace("·", " ").casefold().split())


def said_view(film: Slice) -> FilmView:
    """What the film's file says now; where a table said another view as it came, that. Reads a header."""
    ref = film.ref
    try:
        with frame_now(ref.path, ref.frame_index, ref.sop_instance_uid) as frame:
            if frame is None:
                return FilmView(view=film.view_position)
            by_table = film.view_position not in ("", frame.header.text(VIEW_POSITION))
            view = [film.view_position] if by_table else film_view(frame.header)
            return FilmView(side=film_side(frame), view=film_said("", view))
    except (AppError, OSError):
        return FilmView(view=film.view_position)


def other_view(own: Slice, study: Iterable[Slice], words: str, view_of: Callable[[Slice], FilmView]) -> Slice:
    """The one other film of the study of a film that the words name.

    Raises LacksFrames (the sentence goes on after "it") where there is none, or several: none of them is the first.
    """
    mine = view_of(own)
    if not mine.view:
        raise LacksFrames("says no view of its own, so it is not known which films stand beside it")
    if mine.is_named(words, mine):
        raise LacksFrames(f"is of the view “{words}” itself")
    found = [one for one in study if view_of(one).is_named(words, mine)]
    if not found:
        raise LacksFrames(f"has no film of the view “{words}” in its study")
    if len(found) > 1:
        raise LacksFrames(f"has several films of the view “{words}” in its study, and which of them is meant is open")
    return found[0]
