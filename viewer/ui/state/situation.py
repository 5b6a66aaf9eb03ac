"""What there is at this moment: the facts that decide what may run."""

from dataclasses import dataclass, field

WORKSPACES = ("read", "annotate", "train", "review")


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """Facts that decide what may run.

    covered: the welcome page, or what Train shows, lies over the images. done_words: of the shown case, where its
    reader is through with it ("is complete"), else "".
    undo_text, redo_text: what would be taken back or done again, "" when nothing. author: by whose name work is
    done; undo_author: whose newest gesture there is where nothing is the author's own. facts: further ones, set with
    `Session.set_fact` ("proposal_selected", "run_active", ...).
    """

    workspace: str = "read"
    covered: bool = False
    has_image: bool = False
    has_series: bool = False
    has_case: bool = False
    done_words: str = ""
    has_project: bool = False
    read_only: bool = False
    blocked: bool = False
    scanning: bool = False
    views: int = 1
    tool: str = "window"
    undo_text: str = ""
    redo_text: str = ""
    author: str = ""
    undo_author: str = ""
    facts: frozenset[str] = field(default_factory=frozenset)

    def has(self, fact: str) -> bool:
        """Whether a further fact holds."""
        return fact in self.facts

    @property
    def may_edit(self) -> bool:
        """Whether a gesture can be kept: an image is shown, the project is writable and its last commit worked."""
        return self.has_image and not self.read_only and not self.blocked
