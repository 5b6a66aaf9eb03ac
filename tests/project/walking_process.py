"""One of two people in processes of their own, who do what comes, in their own reading and in that of all.

argv: the project's folder, its database's URL ("" for a file), the author, a seed, how many acts at least. It says
"ready", waits for a line, acts, and prints as JSON how often each thing was done or refused. What is refused hangs on
what the other does meanwhile; so it acts on until some of its gestures were done, and some taken back or done again.
"""

import json
import random
import sys
from collections import Counter
from pathlib import Path

from tests.project.acts_of_two import NAMES, VERBS, Act, build
from tests.project.walked_state import ids_in
from viewer.core.edits import Edit
from viewer.core.errors import AppError
from viewer.project.project import DATABASE_NAME, Project
from viewer.project.store.database import Database
from viewer.project.store.dialect import dialect_of

DONE_AT_LEAST, MOVED_AT_LEAST = 12, 5
MOST_ACTS = 5_000  # it ends, whatever is refused

Gesture = tuple[str, frozenset[str]]


def _gesture(edit: Edit) -> Gesture:
    return edit.text, frozenset(ids_in(edit.changes))


class Walker:
    """mine: what stands and what is undone of this person in one reading, the newest last and first."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.stands: list[Gesture] = []
        self.undone: list[Gesture] = []

    def act(self, act: Act) -> str:
        """What became of it. Fails where undo or redo is of another gesture than this person's own in this reading."""
        self.project.work.forget_all()
        self.project.cases.forget()
        history = self.project.history
        try:
            if act.verb == "undo":
                return self._moved(history.undo(), self.stands, self.undone)
            if act.verb == "redo":
                return self._moved(history.redo(), self.undone, self.stands)
            edit = build(self.project, act)
            if edit is None:
                return "nothing"
            done = history.do(edit)
        except AppError as error:
            return "refused, another was first" if "since by" in str(error) else "refused"
        if not done.changes:
            return "nothing"
        self.stands.append(_gesture(done))
        self.undone.clear()
        return "do"

    @staticmethod
    def _moved(edit: Edit | None, came_from: list[Gesture], goes_to: list[Gesture]) -> str:
        if edit is None:
            assert not came_from, f"{came_from[-1]} was not found"
            return "nothing"
        assert came_from and _gesture(edit) == came_from[-1], (edit.text, came_from)
        goes_to.append(came_from.pop())
        return "moved"


def main() -> None:
    """Act."""
    folder, url, author = Path(sys.argv[1]), *sys.argv[2:4]
    choose = random.Random(int(sys.argv[4]))
    database = Database(dialect_of(folder / DATABASE_NAME, url), writable=True)
    with Project(folder, database, lock=None, author=author) as shared, shared.in_reading(author) as own:
        walkers = Walker(shared), Walker(own)
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        sys.stdin.readline()
        outcomes: Counter[str] = Counter()
        while outcomes.total() < MOST_ACTS and (
            outcomes.total() < int(sys.argv[5]) or outcomes["do"] < DONE_AT_LEAST or outcomes["moved"] < MOVED_AT_LEAST
        ):
            verb = choose.choice(VERBS)
            if outcomes.total() >= int(sys.argv[5]):
                verb = choose.choice(("draw", "undo"))  # what it has not shown enough of yet
            if verb == "take out" and shared.images.count() < 2:
                verb = "draw"  # with no film left there would be nothing to do
            act = Act(
                who=0, own=False, verb=verb, a=choose.randrange(2 * len(NAMES)),
                b=choose.randrange(6), held=False,
            )  # fmt: skip
            outcomes[walkers[choose.random() < 0.4].act(act)] += 1
    sys.stdout.write(json.dumps(outcomes) + "\n")


if __name__ == "__main__":
    main()
