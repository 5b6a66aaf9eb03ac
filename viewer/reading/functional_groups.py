"""One frame's attributes, wherever an image keeps them: per frame, shared, or at the top (PS3.3 C.7.6.16)."""

from dataclasses import dataclass

from viewer.reading.header import Header

SHARED, PER_FRAME = 0x52009229, 0x52009230


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameHeader:
    """A header as frame `index` sees it."""

    header: Header
    index: int = 0

    def macro(self, tag: int) -> Header | None:
        """The functional group macro `tag` of this frame, None when the image has none."""
        if PER_FRAME not in self.header and SHARED not in self.header:
            return None
        frames = self.header.items(PER_FRAME)
        if self.index < len(frames):
            found = frames[self.index].first_item(tag)
            if found is not None:
                return found
        shared = self.header.first_item(SHARED)
        return shared.first_item(tag) if shared is not None else None

    def where(self, macro: int, tag: int) -> Header:
        """The item that holds `tag`: the macro's when it does, else the top of the header."""
        found = self.macro(macro)
        return found if found is not None and tag in found else self.header
