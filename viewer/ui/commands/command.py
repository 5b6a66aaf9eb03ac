"""The one command table.

Menus, tool bars, shortcuts, the palette, tool tips and the help page are made from these rows; no other module creates
a QAction. A row says what it is called, what it runs and when it may run; `Situation` is what there is at this moment.

Shortcuts are written as Qt writes them ("Ctrl+Shift+O"); several stand apart by a blank ("Ctrl+Y Ctrl+Shift+Z").
A row that lists work spaces has its shortcut only there, so a digit is a window preset in Read and a label in Annotate.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from viewer.ui.commands.needs import COVERED, COVERED_IN_TRAIN, Need
from viewer.ui.state.situation import Situation

_BARE = re.compile(r"(?!F\d+$)(Shift\+)?(\S|[A-Z][A-Za-z]+)")  # a letter, a sign, or a key with a name: no Ctrl, Alt, F
MENUS = ("&File", "&Edit", "&View", "&Image", "&Annotate", "&Dataset", "&Train", "A&I", "&Window", "&Help")


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One row.

    id: "view.invert". text: "&Invert", as the menu shows it. menu: one of MENUS, "" for none; "&View/Layout" makes a
    sub-menu. group: rows of one group stand together in a menu, a separator between groups.
    workspaces: where the shortcut works and the menu shows the row; empty = everywhere.
    toolbar: "open", "tools", "image", "edit", "layout" or "" (not on the tool bar). bar_spaces: the work spaces whose
    tool bar has it, where these are fewer than those it belongs to.
    needs: what must be there for it to run; the first that is not is why the row is off.
    checked_when: given for rows that are on or off. text_when: given for rows whose text changes ("Undo paint"),
    in which & is a letter: names stand in it.
    tool_key: the key with which a tool or a list does the same; it is shown where the row has no shortcut of its own.
    repeats: a held key runs it again and again. help: one sentence. full_text: what it is called where no menu stands
    round it ("Larger text"), "" for `text`. words: what else people call it; the palette and the help find it by them.
    """

    id: str
    text: str
    menu: str
    run: Callable[[], None]
    shortcut: str = ""
    tool_key: str = ""
    needs: tuple[Need, ...] = ()
    workspaces: tuple[str, ...] = ()
    icon: str = ""
    help: str = ""
    group: str = ""
    toolbar: str = ""
    bar_spaces: tuple[str, ...] = ()
    checked_when: Callable[[Situation], bool] | None = None
    text_when: Callable[[Situation], str] | None = None
    repeats: bool = False
    full_text: str = ""
    words: str = ""

    @property
    def whole_text(self) -> str:
        """The text that says by itself what it is about."""
        return self.full_text or self.plain_text

    @property
    def plain_text(self) -> str:
        """The text without the mnemonic's ampersand and the dots."""
        return self.text.replace("&&", "\0").replace("&", "").replace("\0", "&").removesuffix("…").removesuffix("...")

    @property
    def found_by(self) -> str:
        """What it is found by beside the text that it has now: what its menu calls it, and what people call it."""
        return f"{self.plain_text} {self.whole_text} {self.words}"

    @property
    def shortcuts(self) -> tuple[str, ...]:
        """Every shortcut of this row, the one to show first."""
        return tuple(self.shortcut.split())

    @property
    def shown_key(self) -> str:
        """The key that stands beside it in a menu, "" for none."""
        return self.shortcuts[0] if self.shortcuts else self.tool_key

    def enabled_when(self, situation: Situation) -> bool:
        """Whether it may run."""
        return not self.why_not(situation)

    def why_not(self, situation: Situation, asked: dict[int, str] | None = None) -> str:
        """Why it may not run, and what to do; "" where it may. asked: what was found of needs of the same situation."""
        if situation.covered and (self.is_of_hand or any(need.seen for need in self.needs)):
            return COVERED_IN_TRAIN if situation.workspace == "train" else COVERED
        asked = {} if asked is None else asked
        for need in self.needs:
            why = asked.get(id(need))
            if why is None:
                why = asked[id(need)] = "" if need.holds(situation) else need.why(situation)
            if why:
                return why
        return ""

    @property
    def is_of_hand(self) -> bool:
        """Whether a bare key runs it: it is about the views, as what has such a key is. Esc is the way back to them."""
        return any(one != "Esc" and _BARE.fullmatch(one) for one in self.shortcuts)

    def works_in(self, workspace: str) -> bool:
        """Whether the row belongs to a work space."""
        return not self.workspaces or workspace in self.workspaces

    def is_on_bar(self, workspace: str) -> bool:
        """Whether the tool bar of a work space has it."""
        return workspace in self.bar_spaces if self.bar_spaces else self.works_in(workspace)
