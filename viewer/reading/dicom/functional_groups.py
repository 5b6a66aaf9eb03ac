"""One frame's attributes, wherever an image keeps them: per frame, shared, or at the top (PS3.3 C.7.6.16)."""

from dataclasses import dataclass

from viewer.reading.dicom.header import Header

SHARED, PER_FRAME = 0x52009229, 0x52009230


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameHeader:
    """A header as frame `index` sees it."""

    header: Header
    index: int = 0

    def macro(self, tag: int) -> Header | None:
        """The functional group macro `tag` of this frame, None when the image has none."""
        return next(iter(self.macros(tag)), None)

    def macros(self, tag: int) -> tuple[Header, ...]:
        """The functional group macro `tag` of this frame and the one that all frames share, where they are there."""
        if PER_FRAME not in self.header and SHARED not in self.header:
            return ()
        frames = self.header.items(PER_FRAME)
        own = frames[self.index].first_item(tag) if self.index < len(frames) else None
        if self.index >= len(frames) > 0:
            self.header.ignore(PER_FRAME)  # it has fewer items than the image has frames
        shared = self.header.first_item(SHARED)
        for_all = shared.first_item(tag) if shared is not None else None
        return tuple(found for found in (own, for_all) if found is not None)

    def where(self, macro: int, *tags: int) -> Header:
        """The item that has a value of one of `tags`: the frame's macro, the shared one, else the top of the header."""
        for found in self.macros(macro):
            if any(tag in found and found.raw(tag) for tag in tags):
                return found
        return self.header
