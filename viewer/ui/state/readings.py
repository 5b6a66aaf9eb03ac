"""In whose reading the open project is, who else reads it, and how far each is."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from viewer.ui.state.latest import Latest

if TYPE_CHECKING:
    from pathlib import Path

    from viewer.core.shapes.annotations import CaseStatus
    from viewer.project.project import Project
    from viewer.project.readings import Round
    from viewer.ui.state.session import Session

    Known = tuple[bool, tuple[Round, ...], tuple[str, ...]]
    Progress = dict[str, dict[CaseStatus, int]]


class Readings(QObject):
    """Follows the rounds of the open project. each_own: whether the project says that each reads on their own.

    rounds: those in which anything was done, and the one that is open. authors: everybody who has done anything.
    """

    changed = Signal()  # another reading, another project, or another reader has begun

    def __init__(self, session: "Session") -> None:
        super().__init__(session)
        self._session = session
        self._folder: Path | None = None
        self._found = Latest(session, self._show, self)
        self.each_own = False
        self.rounds: tuple[Round, ...] = ()
        self._revealed: set[str] = set()  # cases of which that is kept
        self.authors: tuple[str, ...] = ()
        session.project_opened.connect(self._on_project_opened)

    @property
    def several(self) -> bool:
        """Whether the project knows other readings than the one that all share."""
        return len(self.rounds) > 1

    @property
    def by_several(self) -> bool:
        """Whether another has worked here than whoever works now: then it is said who that is."""
        project = self._session.project
        return project is not None and any(name != project.author for name in self.authors)

    @property
    def readers(self) -> list[str]:
        """Who reads on their own, each once, by name."""
        return list(dict.fromkeys(one.reader for one in self.rounds if one.reader))

    @property
    def words(self) -> str:
        """Whose reading is open: "Ada's reading", "Ada's first reading, before AI", "shared reading, as Ada"; "" in the
        only one, by whoever worked there before."""
        project = self._session.project
        if project is None:
            return ""
        if project.reader:
            return project.round_words
        return f"shared reading, as {project.author}" if self.several or self.by_several else ""

    @property
    def title(self) -> str:
        """The same on a line of its own; the name of a reader stays as it is written."""
        words, project = self.words, self._session.project
        return words if project is not None and project.reader else words[:1].upper() + words[1:]

    def bring_progress(self, done: "Callable[[Progress], None]", *, owner: QObject) -> None:
        """How far each round is; done is called with it on the window's thread, while its owner is there."""
        session, project = self._session, self._session.project
        if project is not None:
            session.run_in_background(project.rounds.progress, done, session.announce_failure, owner=owner)

    def offered(self, name: str) -> list[tuple[str, str]]:
        """(What it is, how it is asked for) of each reading that a reader can go on in or begin."""
        from viewer.project.readings import RoundKind, asked_round

        name = " ".join(name.split())
        repeats = [one for one in self.rounds if one.reader == name and one.kind is RoundKind.REPEAT]
        found = [("Own reading", name), ("First reading, before AI is shown", f"{name}, {RoundKind.FIRST.value}")]
        seconds = [one for one in self.rounds if one.reader == name and one.kind is RoundKind.SECOND]
        found += [("Second read of drawn cases", one.words) for one in seconds]
        found += [(f"Repeat {one.number}", one.words) for one in sorted(repeats, key=lambda one: one.number)]
        number = 1 + max((one.number for one in repeats), default=0)
        words = f"{name}, {RoundKind.REPEAT.value}" + (f" {number}" if number > 1 else "")
        assert asked_round(words).number == number, "as it is read again"
        return [*found, (f"Repeat {number}, a new one" if repeats else "Repeat, to read again", words)]

    def reveal(self, case_id: str) -> None:
        """Keep that AI is shown of a case in the reading that is open; in the one that all share nobody is asked."""
        session, project = self._session, self._session.project
        if project is None or project.read_only or not project.reader or case_id in self._revealed:
            return
        self._revealed.add(case_id)
        session.worker.start_write(lambda: project.reveal(case_id))

    def let_read(self, how: str, done: Callable[[], None], failed: Callable[[Exception], None]) -> None:
        """Say how the project is read from now on (`Rounds.read_by`)."""
        session, project = self._session, self._session.project
        if project is None:
            return

        def write() -> None:
            session.worker.start_write(lambda: project.rounds.read_by(how)).result()

        session.run_in_background(write, lambda _: session.keeping.follow(done), failed)

    def _on_project_opened(self, project: "Project | None") -> None:
        folder = None if project is None else project.folder
        self._revealed.clear()
        if folder != self._folder:
            self._folder, self.each_own, self.rounds, self.authors = folder, False, (), ()
        self._found.ask(_known)
        self.changed.emit()

    def _show(self, known: "Known") -> None:
        if known != (self.each_own, self.rounds, self.authors):
            self.each_own, self.rounds, self.authors = known
            self.changed.emit()


def _known(project: "Project") -> "Known":
    from viewer.project.readings import EACH_OWN, how_read

    here = [one for one in project.rounds.all() if one.round_id == project.round_id]
    begun = project.rounds.begun()
    rounds = (*begun, *(one for one in here if one not in begun))
    return how_read(project.database) == EACH_OWN, rounds, tuple(project.rounds.authors())
