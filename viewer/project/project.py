"""A project: a folder with a database, snapshots, runs and models, and the objects that work on it."""

import contextlib
import getpass
import secrets
from pathlib import Path
from types import TracebackType

from viewer.core.attributes import Attribute
from viewer.core.boundary import at_boundary
from viewer.core.errors import AppError, BadProject, BadRequest, NotFound
from viewer.core.labels import Label
from viewer.project.attributes.rows import read_attributes
from viewer.project.cases import Cases, Tasks, read_labels
from viewer.project.disk.database_note import NOTE_NAME, lost_words, note_database, note_where_possible
from viewer.project.disk.imported_parts import settle_parts
from viewer.project.disk.lock import LOCK_NAME, WriterLock
from viewer.project.disk.new_folder import whole_or_nothing
from viewer.project.history import History, now_iso
from viewer.project.image_paths import FOLDER, settle_paths
from viewer.project.images import Images
from viewer.project.label_history import present_name
from viewer.project.predictions import Predictions
from viewer.project.readings import EACH_OWN, SHARED, SHARED_WORD, RoundKind, Rounds, asked_round, how_read
from viewer.project.records import CaseUnit
from viewer.project.revisions import Revision, current_revision, read_since
from viewer.project.store.database import Database
from viewer.project.store.dialect import Dialect, dialect_of
from viewer.project.store.migrations import bring_up, migrate
from viewer.project.store.schema import SCHEMA_VERSION
from viewer.project.work import Work

DATABASE_NAME = "project.db"
SNAPSHOTS = "snapshots"
RUNS = "runs"
MODELS = "models"
_OF_KIND = {
    RoundKind.OWN: "reading", RoundKind.REPEAT: "repeat reading", RoundKind.FIRST: "first reading, before AI",
    RoundKind.SECOND: "second read",
}  # fmt: skip


def _user_name() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a user id without a name, as in containers
        return "unknown"


def schema_version(database: Database) -> int:
    """The schema version of a database. Raises BadProject when it is none of ours, or newer than this program."""
    try:
        version = int(database.facts()["schema_version"])
    except (KeyError, ValueError) as error:
        raise database.dialect.damaged("it names no schema version") from error
    if version > SCHEMA_VERSION:
        raise BadProject(
            f"The project {database.dialect.project} was written by a newer version (schema {version}; this program "
            f"knows {SCHEMA_VERSION}); update Negatoscope to open it."
        )
    return version


class Project:
    """An open project. Close it, or use it in a `with` block."""

    def __init__(
        self, folder: Path, database: Database, *, lock: WriterLock | None, author: str, reader: str = SHARED_WORD,
        user: str = "", beside: "list[Project] | None" = None,
    ) -> None:  # fmt: skip
        """beside: the same project as it is open in other readings, on the same database and under the same lock."""
        facts = database.facts()
        self.folder = folder
        self.name = facts.get("name") or folder.name
        self.project_id = facts.get("project_id") or folder.name
        with at_boundary(database.name, error=BadProject, what="a project", advice="restore it from a backup"):
            self.case_unit = CaseUnit(facts["case_unit"])
        asked = asked_round("" if reader == SHARED_WORD else reader)
        # Where each reads on their own, nobody is somebody else for having opened that one's project.
        made_by = "" if how_read(database) == EACH_OWN else facts.get("author")
        self._user = user
        self.author = author or asked.name or made_by or user or _user_name()
        self._database = database
        self._lock = lock
        self.rounds = Rounds(database)
        self.round_id = round_id = self.rounds.chosen(reader, self.author)
        self.reader = "" if round_id == SHARED else asked.name or self.author  # whose reading it is, "" in that of all
        self.round_kind = asked.kind
        number = f" {asked.number}" if asked.number > 1 else ""
        self.round_words = f"{self.reader}'s {_OF_KIND[asked.kind]}{number}" if self.reader else ""
        self.cases = Cases(database, round_id)
        self.images = Images(database, self.case_unit, folder, on_registered=self.cases.forget)
        self.tasks = Tasks(database)
        self.work = Work(database, round_id)
        self.history = History(database, self.author, round_id, before_ai=self.round_kind is RoundKind.FIRST)
        self.history.on_step.connect(self._take_parts_along)
        # First in line, so that whoever hears of an edit later finds it in what is kept in memory.
        self.history.on_change.connect(self.work.after)
        self.history.on_change.connect(self.cases.after)
        self._beside = [] if beside is None else beside
        self._beside.append(self)

    def _take_parts_along(self, step: int) -> None:
        """An import that was undone, or done again, takes the parts along that it named."""
        # Where the disk is full, the next snapshot settles it, or says so.
        with contextlib.suppress(AppError, OSError):
            settle_parts(self.folder, self.history.states, step=step)

    @classmethod
    def create(
        cls, folder: Path, *, name: str = "", case_unit: str = "film", author: str = "", url: str = ""
    ) -> "Project":
        """Make the folder and its database, and open it for writing.

        case_unit: "film", "study" or "series". url: of an empty PostgreSQL database that shall hold it; "" for a file
        in the folder. Raises BadRequest when a project lies there already.
        """
        if case_unit not in set(CaseUnit):
            raise BadRequest(f"A case is one of {', '.join(CaseUnit)}, not {case_unit}.")
        dialect = dialect_of(folder / DATABASE_NAME, url)
        if (folder / DATABASE_NAME).exists() or dialect.exists():
            raise BadRequest(f"{folder} is a project already; open it, or choose another folder.")
        if any((folder / part).is_dir() for part in (SNAPSHOTS, RUNS, MODELS)):
            raise BadProject(f"Nothing is made there: {lost_words(folder, DATABASE_NAME)}")
        facts = {
            "schema_version": str(SCHEMA_VERSION),
            "project_id": secrets.token_hex(8),
            "name": name or folder.resolve().name,
            "author": author,
            "case_unit": case_unit,
            "created": now_iso(),
            FOLDER: str(folder.resolve()),
        }
        with whole_or_nothing(folder, DATABASE_NAME, LOCK_NAME, NOTE_NAME) as made:
            for part in (SNAPSHOTS, RUNS, MODELS):
                made(folder / part)
            if url:
                note_database(folder, dialect.name)
            Database.make(dialect, facts)
            try:
                return cls.open(folder, writable=True, url=url)
            except BaseException:
                dialect.unmake()
                raise

    @classmethod
    def open(
        cls, folder: Path, *, writable: bool, author: str = "", url: str = "", reader: str = "", user: str = ""
    ) -> "Project":
        """Open a project. author: who works now; else the reader, the project's own author, the user of this computer.

        reader: in whose reading to work, "shared" in that of all; "" as the project says (`Rounds.chosen`). user: what
        the user of this computer is called, "" as they have logged in.
        url: of the database it lies in, where that is none in its folder; nothing in a folder names one.
        Raises NotFound where there is none, NotWritable (which names the holder) when another process writes to it,
        BadProject when it is damaged or newer than this program. A damaged database is never opened for writing.
        """
        dialect = dialect_of(folder / DATABASE_NAME, url)
        if not dialect.exists():
            if any((folder / part).is_dir() for part in (SNAPSHOTS, RUNS, MODELS)):
                raise BadProject(lost_words(folder, DATABASE_NAME))
            raise NotFound(f"{folder} is no project; make one with `negatoscope project create {folder}`.")
        if not writable:
            database = Database(dialect, writable=False)
            try:
                version = schema_version(database)
                if version < SCHEMA_VERSION:
                    database.read_as_of_now(lambda copy: bring_up(dialect, copy, version))
                return cls(folder, database, lock=None, author=author, reader=reader, user=user)
            except BaseException:
                database.close()
                raise
        lock = WriterLock.take(folder)
        try:
            return cls._open_to_write(folder, dialect, lock, author=author, reader=reader, user=user)
        except BaseException:
            lock.release()
            raise

    @classmethod
    def _open_to_write(
        cls, folder: Path, dialect: Dialect, lock: WriterLock, *, author: str, reader: str, user: str
    ) -> "Project":
        checked = Database(dialect, writable=False)
        try:
            checked.check()
            version = schema_version(checked)
        finally:
            checked.close()
        if version < SCHEMA_VERSION:
            migrate(dialect, version)
        database = Database(dialect, writable=True, before_writing=lock.assure)
        try:
            settle_paths(database, folder)
            if not dialect.is_file:
                note_where_possible(folder, dialect.name)
            return cls(folder, database, lock=lock, author=author, reader=reader, user=user)
        except BaseException:
            database.close()
            raise

    @property
    def read_only(self) -> bool:
        """Whether nothing can be changed here."""
        return not self._database.writable

    @property
    def labels(self) -> list[Label]:
        """The label catalogue: region labels, then image labels, each by position."""
        return read_labels(self._database)

    @property
    def attributes(self) -> list[Attribute]:
        """What the catalogue asks of images and labels beside the labels themselves, of each label in its order."""
        return read_attributes(self._database)

    def revision(self) -> int:
        """How many transactions have changed the project; each gesture raises it by one."""
        return current_revision(self._database)

    def changes_since(self, revision: int) -> tuple[Revision, ...]:
        """What each revision after this one touched, in order; see `read_since`."""
        return read_since(self._database, revision)

    def reveal(self, case_id: str) -> bool:
        """Keep that AI is shown of a case to whoever reads on their own here; see `Rounds.reveal`."""
        found = self.rounds.reveal(case_id, self.round_id, now_iso())
        self.cases.forget()
        return found

    @property
    def predictions(self) -> Predictions:
        """What models proposed."""
        return self.work.predictions_store

    def called_now(self, scope: str, name: str) -> str:
        """What a label is called now that was called so once; the name itself where none was. scope: of the label."""
        return present_name(self._database, scope, name)

    @property
    def database(self) -> Database:
        """The connection, for `viewer.project` itself."""
        return self._database

    def in_reading(self, reader: str, *, user: str = "", author: str = "") -> "Project":
        """The same project, open in another reading too: it is closed when both are. What is given is as for `open`.

        Nobody else can take it between the one and the other. Raises NotWritable, where the reading is a new one.
        """
        return Project(
            self.folder, self._database, lock=self._lock, author=author, reader=reader, user=user or self._user,
            beside=self._beside,
        )  # fmt: skip

    def close(self) -> None:
        """Close the database and give the lock back, unless it is still open in another reading."""
        if self in self._beside:
            self._beside.remove(self)
        if self._beside:
            return
        self._database.close()
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    def __enter__(self) -> "Project":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
