"""Which project is open: the one asked for, the one of the last time, else the personal one."""

import datetime as dt
import json
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from viewer.core.checked import Fields, parse_json
from viewer.core.errors import BadFile, BadRequest, NotFound
from viewer.reading.sources.servers import name_server
from viewer.ui.state.settings import Recent
from viewer.ui.state.worker import sentence_of

if TYPE_CHECKING:
    from viewer.project.at_hand.values import Fresh
    from viewer.project.project import Project
    from viewer.ui.flows.cases.walk import CaseWalk
    from viewer.ui.flows.closing import Closing
    from viewer.ui.flows.opening import Opening
    from viewer.ui.state.session import Session

log = logging.getLogger(__name__)
# Words of the settings: the folder of the project that was open last, and what the person calls themselves as a reader.
OPEN_PROJECT, READER_NAME = "open_project", "reader_name"
PERSONAL = "Personal project"
NOT_SAVED = "The last gesture is not saved yet. Choose Edit, Try again to keep it, then change the reading."
STILL_DRAWING = "Finish what you are drawing, or drop it with Esc, then change the reading."


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A project that was opened, what was read of it, and what has to be said of it."""

    project: "Project"
    fresh: "Fresh"
    sentence: str = ""


def project_words(project: "Project | None") -> str:
    """What the window calls the open project: "Project: Lungs", "Personal project"."""
    if project is None:
        return "No project"
    from viewer.project.register import personal_folder

    return PERSONAL if project.folder == personal_folder() else f"Project: {project.name}"


def window_title(project: "Project | None", reading: str) -> str:
    """What the window is called. reading: whose it is, "" where there is one alone."""
    return " · ".join(filter(None, (project_words(project), reading, "Negatoscope")))


class Projects(QObject):
    """Opens and makes projects in the background."""

    def __init__(self, session: "Session", opening: "Opening", cases: "CaseWalk", closing: "Closing") -> None:
        super().__init__(session)
        self._session, self._opening, self._cases, self._closing = session, opening, cases, closing
        session.project_opened.connect(self._on_cases_changed)

    def open_folder(self, folder: Path, *, create: bool = False, case_unit: str = "film") -> None:
        """Open (or make) a project in the background; read-only when another window writes to it.

        The one that is open already is gone to: opened a second time, it would find itself in use.
        """
        session, folder = self._session, folder.absolute()  # as its parts have it, wherever the program starts next
        if not create and self.is_open(folder):
            self._enter(session.project)
            return

        def work() -> "Opened":
            from viewer.project.project import Project

            name_server(folder)
            if create:
                made = Project.create(folder, name=folder.name, case_unit=case_unit, author=session.author)
                return _read(made, images=images)
            return open_it()

        images = session.images_on_screen()
        if create:
            self._keep_reader(folder, "")  # of a project that lay there before
        open_it = self._opens(folder)

        def done(found: "Opened") -> None:
            self._on_asked_for(found)
            if create:  # one that was made by a mistake is seen to be new, and where
                session.said.emit(f"A new project was made in {folder}; it has no cases yet.")

        session.run_in_background(work, done, session.announce_failure)

    def open_personal(self) -> None:
        """Open the project that work goes into when no other is open, because a person asked for it."""
        from viewer.project.register import personal_folder

        if self.is_open(personal_folder()):
            self._enter(self._session.project)
            return
        images = self._session.images_on_screen()
        work = partial(_open_personal, images)
        self._session.run_in_background(work, self._on_asked_for, self._session.announce_failure)

    def open_last(self) -> None:
        """At a start: the project that was open last, else the personal one and a sentence that says why."""
        session = self._session
        folder = session.settings.word(OPEN_PROJECT)
        if not folder:
            work = partial(_open_personal, session.images_on_screen())
            session.run_in_background(work, self._at_start, session.announce_failure)
            return

        def failed(error: Exception) -> None:
            log.warning("The last project %s could not be opened: %s", folder, error)
            reason = "it is not there any more." if isinstance(error, NotFound) else sentence_of(error)
            self._open_instead(
                f"The project “{Path(folder).name}” ({folder}) could not be opened and the personal project is open "
                f"instead: {reason}"
            )

        session.run_in_background(self._opens(Path(folder).absolute()), self._at_start, failed)

    def _open_instead(self, sentence: str) -> None:
        def done(found: "Opened") -> None:
            self._at_start(replace(found, sentence=sentence))

        work = partial(_open_personal, self._session.images_on_screen())
        self._session.run_in_background(work, done, self._session.announce_failure)

    def _at_start(self, found: "Opened") -> None:
        """A person may have asked for another project meanwhile."""
        session = self._session
        if session.project is not None:
            found.project.close()
            return
        self._take(found)
        # A restart returns to the case and slice; what is being opened goes first.
        asked_for = session.shown is not None or self._opening.is_asked_for
        if session.settings.word(OPEN_PROJECT) == str(found.project.folder.absolute()) and not asked_for:
            self._cases.return_to_place()

    def use(self, project: "Project", fresh: "Fresh") -> None:
        """Work in this project from now on. Where the person was in the one before is kept; nothing of it stays."""
        session = self._session
        session.edits.wait()
        if session.project is not None and session.project.folder != project.folder:
            self._cases.keep_place()
            self._closing.empty_project_views()
        session.use_project(project, fresh)

    @property
    def user_name(self) -> str:
        """What the person called themselves as a reader last; "" before they did."""
        return self._session.settings.word(READER_NAME)

    @property
    def is_personal(self) -> bool:
        """Whether the open project is the one that one person has without asking for it."""
        return project_words(self._session.project) == PERSONAL

    def read_as(
        self, name: str, done: Callable[[], None], failed: Callable[[Exception], None], *, reading: str = ""
    ) -> None:
        """Go on in a reading of a reader, at the same case; a reader who is new gets one.

        reading: which one, as `Readings.offered` says it; "" their own. failed: given a BadRequest where the name is
        none, or where a gesture would be lost by it.
        """
        from viewer.project.readings import SHARED_WORD, asked_round

        name = " ".join(name.split())
        if not name:
            failed(BadRequest("Say who reads: choose a name, or type a new one."))
        elif asked_round(name).name != name:
            failed(BadRequest(f"“{name}” says what the reading is for: type the name alone, and choose that below it."))
        elif name.casefold() == SHARED_WORD:
            failed(BadRequest(_taken(name)))
        else:
            self._read(reading or name, "This is {} now.", done, failed)

    def go_on_as(
        self, name: str, done: Callable[[], None], failed: Callable[[Exception], None], *, reading: str = ""
    ) -> None:
        """As `read_as`; but where all work together, who has no reading of their own works in that of all."""
        session, project, name = self._session, self._session.project, " ".join(name.split())
        if project is None or not name or reading not in ("", name):
            self.read_as(name, done, failed, reading=reading)
            return

        def go_on(alone: object) -> None:
            (self.read_as if alone else self.read_shared)(name, done, failed)

        session.run_in_background(partial(_reads_alone, project, name), go_on, failed)

    def read_shared(self, name: str, done: Callable[[], None], failed: Callable[[Exception], None]) -> None:
        """Go on in the reading that all share, at the same case. name: by whose name; "" as the project says."""
        from viewer.project.readings import SHARED_WORD

        name = " ".join(name.split())
        if name.casefold() == SHARED_WORD:
            failed(BadRequest(_taken(name)))
            return
        words = "This is the shared reading now, as {}." if name else ""
        self._read(SHARED_WORD, words, done, failed, author=name)

    def _read(
        self, reader: str, sentence: str, done: Callable[[], None], failed: Callable[[Exception], None],
        *, author: str = "",
    ) -> None:  # fmt: skip
        """Nothing of the project is closed meanwhile. reader, author: as for `Project.open`."""
        from viewer.project.readings import SHARED_WORD, asked_round

        session, project = self._session, self._session.project
        lost = self._would_be_lost()
        if project is None or lost:
            failed(BadRequest(lost or "The project is still being opened; try again in a moment."))
            return
        user = author if reader == SHARED_WORD else asked_round(reader).name
        images = session.images_on_screen()

        def work() -> "Opened":
            write = session.worker.start_write(lambda: project.in_reading(reader, user=user, author=author))
            return _read(write.result(), images=images)

        def arrived(found: "Opened") -> None:
            lost = self._would_be_lost()
            if lost or session.project is not project:
                found.project.close()
                failed(BadRequest(lost or "Another project was opened meanwhile, so the reading stays as it was."))
                return
            self._keep_before_second(project, found.project)
            self._keep_reader(project.folder, reader, author)
            session.settings.set_word(READER_NAME, user)
            session.named = author
            session.select_shape("")
            self._take(found)
            if sentence:
                session.said.emit(sentence.format(found.project.round_words or author))
            session.keeping.follow(done)

        session.run_in_background(work, arrived, failed)

    def _keep_before_second(self, before: "Project", now: "Project") -> None:
        """A second read ends, and who read it in another's place is to be found again, also after a restart."""
        from viewer.project.readings import RoundKind

        if now.round_kind is not RoundKind.SECOND or before.round_kind is RoundKind.SECOND:
            return
        settings = self._session.settings
        reading = (settings.word(_reader_word(before.folder)) or before.reader) if before.reader else ""
        kept = {"author": self._session.author, "reading": reading}
        settings.set_word(_before_word(before.folder), json.dumps(kept, allow_nan=False))

    def _before_second(self, folder: Path) -> tuple[str, str]:
        """(by whose name, in which reading of theirs; "" the one of all) the project was open before a second read."""
        try:
            word = self._session.settings.word(_before_word(folder), "{}")
            kept = Fields(parse_json(word, "the reading before"), "the reading before")
            return kept.text("author", ""), kept.text("reading", "")
        except BadFile:
            return "", ""

    def leave_second_read(self, done: Callable[[], None], failed: Callable[[Exception], None]) -> None:
        """Go back to the reading that was open before a second read, by the name it was open by."""
        project = self._session.project
        if project is None:
            return
        author, reading = self._before_second(project.folder)
        if reading:
            self.read_as(author, done, failed, reading=reading)
        else:
            self.read_shared(author, done, failed)

    def _would_be_lost(self) -> str:
        """Why the reading has to stay: a gesture that is not kept yet; "" where there is none."""
        session = self._session
        session.edits.wait()
        if session.edits.blocked:
            return NOT_SAVED
        drawing = any(cell.view.tool.is_busy for cell in session.cells if cell.view.has_frame)
        return STILL_DRAWING if drawing else ""

    def _keep_reader(self, folder: Path, reader: str, author: str = "") -> None:
        """The reading to open a project in at the next start, and by whose name."""
        self._session.settings.set_word(_reader_word(folder), reader)
        self._session.settings.set_word(_author_word(folder), author)

    def _opens(self, folder: Path) -> "Callable[[], Opened]":
        """What opens a project as it was read here last."""
        settings = self._session.settings
        reader, author = settings.word(_reader_word(folder)), settings.word(_author_word(folder))
        images = self._session.images_on_screen()
        return partial(_open, folder, images, reader=reader, author=author, user=self.user_name)

    def _take(self, found: "Opened") -> None:
        self.use(found.project, found.fresh)
        if found.sentence:
            self._session.announced.emit("warn", found.sentence)

    def _on_asked_for(self, found: "Opened") -> None:
        from viewer.project.register import personal_folder

        self._take(found)
        project = found.project
        personal = project.folder == personal_folder()
        self._session.settings.set_word(OPEN_PROJECT, "" if personal else str(project.folder.absolute()))
        if not personal:
            self._hang(project)
        self._enter(project)

    def is_open(self, folder: Path) -> bool:
        """Whether a folder is the project that is open here, for writing; else it may be asked for again."""
        project = self._session.project
        return project is not None and not project.read_only and project.folder.resolve() == folder.resolve()

    def _enter(self, project: "Project | None") -> None:
        """Bring the views to the front, at the case where the person was; one that is on the screen stays."""
        session = self._session
        session.project_entered.emit()
        on_screen = session.shown is not None and session.shown.case_id is not None
        if project is not None and not on_screen and session.at_hand.cases.rows:
            self._cases.restore_place()

    def _hang(self, project: "Project") -> None:
        """Hang a project on the welcome page's rail, with as many cases as it has now."""
        total = len(self._session.at_hand.cases.rows)
        self._session.settings.add_recent(
            Recent(
                path=str(project.folder.absolute()), kind="project", title=project.name or project.folder.name,
                detail=f"{total} case{'s' if total != 1 else ''}", opened=dt.datetime.now().isoformat("T", "seconds"),
            )
        )  # fmt: skip

    def _on_cases_changed(self, project: "Project") -> None:
        if any(row.path == str(project.folder.absolute()) for row in self._session.settings.recent):
            self._hang(project)


def _reader_word(folder: Path) -> str:
    return f"reader-in/{folder.absolute()}"


def _before_word(folder: Path) -> str:
    return f"before-second-read-in/{folder.absolute()}"


def _reads_alone(project: "Project", name: str) -> bool:
    from viewer.project.readings import EACH_OWN, how_read

    return how_read(project.database) == EACH_OWN or any(one.reader == name for one in project.rounds.begun())


def _taken(name: str) -> str:
    return f"“{name}” is what the reading of all is called: choose another name."


def _author_word(folder: Path) -> str:
    return f"author-in/{folder.absolute()}"


def _open(folder: Path, images: list[str], *, reader: str, author: str, user: str) -> Opened:
    from viewer.core.errors import NotWritable
    from viewer.project.project import Project

    name_server(folder)
    try:
        return _read(Project.open(folder, writable=True, reader=reader, author=author, user=user), images=images)
    except NotWritable as error:
        found = Project.open(folder, writable=False, reader=reader, author=author, user=user)
        return _read(found, f"{error} Here it is open for reading only.", images=images)


def _open_personal(images: list[str]) -> Opened:
    from viewer.core.errors import NotWritable
    from viewer.project.project import Project
    from viewer.project.register import personal_folder, personal_project

    try:
        return _read(personal_project(), images=images)
    except NotWritable as error:
        found = Project.open(personal_folder(), writable=False)
        return _read(found, f"{error} Here it is open for reading only.", images=images)


def _read(project: "Project", sentence: str = "", *, images: list[str]) -> Opened:
    """What the window needs of a project at once; one that cannot be read is closed again."""
    from viewer.project.at_hand.reading import read_whole

    try:
        return Opened(project=project, fresh=read_whole(project, images), sentence=sentence)
    except BaseException:
        project.close()
        raise
