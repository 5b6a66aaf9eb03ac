"""Two processes write to one database below the project folder's lock, and a third reads: revisions have no hole.

Each gesture draws one box, or takes one back, or does one again: so what revisions tell can be counted on the images.
"""

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import func, select

from tests.waiting import until
from viewer.project.project import DATABASE_NAME, Project
from viewer.project.revisions import Revision, RevisionKind
from viewer.project.store.schema import annotations, journal, revision_counter, revisions, steps
from viewer.project.verify import verify

ROOT = Path(__file__).resolve().parents[2]
GESTURES = 24
AUTHORS = ("Ada", "Bob")
DRAWING = (RevisionKind.DO, RevisionKind.UNDO, RevisionKind.REDO)

WRITER = """
import json, random, sys
from pathlib import Path
from viewer.core.shapes.kinds.box import Box
from viewer.project import edit_builders as edits
from viewer.project.project import DATABASE_NAME, Project
from viewer.project.store.database import Database
from viewer.project.store.dialect import dialect_of

folder, url, author, seed, gestures = Path(sys.argv[1]), *sys.argv[2:]
choose = random.Random(int(seed))
database = Database(dialect_of(folder / DATABASE_NAME, url), writable=True)
with Project(folder, database, lock=None, author=author) as project:
    films = [image.image_id for image in project.images.all()]
    print("ready", flush=True)
    sys.stdin.readline()
    mine = []
    for number in range(int(gestures)):
        before = project.revision()
        verb = choose.choice(("do", "do", "do", "undo", "redo"))
        if verb == "do":
            box = Box(x0_px=1, y0_px=1, x1_px=2 + number, y1_px=9)
            label = f"label {choose.randrange(4)}"
            done = project.history.do(edits.add_annotation(choose.choice(films), label, box, author=author))
        else:
            done = project.history.undo() if verb == "undo" else project.history.redo()
        if done is not None:
            mine.append(verb)
            assert project.revision() > before
print(json.dumps(mine), flush=True)
"""


@pytest.fixture
def url(request: pytest.FixtureRequest, backend: str) -> str:
    if backend == "sqlite":
        return ""
    return str(request.getfixturevalue("postgres").url("project0"))


class Reader:
    """Reads as the revisions come. told: each, in the order in which it was told."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.at = project.revision()
        self.told: list[Revision] = []

    def look(self) -> None:
        """What is new, and whether what it says is there to be read, now and in one look at everything."""
        news = self.project.changes_since(self.at)
        assert [one.revision for one in news] == list(range(self.at + 1, self.at + 1 + len(news)))
        self.told += news
        self.at += len(news)
        with self.project.database.reading() as connection:
            there = set(connection.scalars(select(steps.c.step_id)))
            assert {one.step_id for one in news if one.step_id is not None} <= there
        self.count_in_one_look()

    def count_in_one_look(self) -> None:
        """In one state of the database the counter, the revisions, the steps and the boxes say the same."""
        with self.project.database.reading() as connection:
            now = connection.execute(select(revision_counter.c.revision)).scalar_one()
            kept = list(connection.execute(select(revisions.c.revision, revisions.c.kind)))
            done = Counter(connection.scalars(select(steps.c.action)))
            stands = connection.execute(select(func.count()).where(journal.c.state == "done")).scalar_one()
            boxes = connection.execute(select(func.count()).select_from(annotations)).scalar_one()
        assert sorted(row.revision for row in kept) == list(range(1, now + 1))
        told = Counter(row.kind for row in kept)
        assert {kind: told[kind] for kind in DRAWING} == {kind: done[kind] for kind in DRAWING}
        assert boxes == stands == done["do"] - done["undo"] + done["redo"]


@contextmanager
def writers(
    folder: Path, url: str, gestures: int, *, script: Sequence[str] = ("-c", WRITER), seed: int = 0
) -> Iterator[list["subprocess.Popen[str]"]]:
    """Two processes that have the project open and begin when they are told to."""
    started = [
        subprocess.Popen(
            [sys.executable, *script, str(folder), url, author, str(2 * seed + place), str(gestures)],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for place, author in enumerate(AUTHORS)
    ]  # fmt: skip
    try:
        for writer in started:
            assert writer.stdout is not None and writer.stdout.readline() == "ready\n", writer.communicate()[1]
        yield started
    finally:
        for writer in started:
            writer.kill()
            writer.wait()
            for pipe in (writer.stdin, writer.stdout, writer.stderr):
                if pipe is not None:
                    pipe.close()


def begin(writer: "subprocess.Popen[str]") -> None:
    assert writer.stdin is not None
    writer.stdin.write("go\n")
    writer.stdin.flush()


def did(writer: "subprocess.Popen[str]") -> Counter[str]:
    """What a writer that has ended says it did."""
    out, wrong = writer.communicate()
    assert writer.returncode == 0, wrong
    return Counter(json.loads(out.splitlines()[-1]))


def test_two_processes_write_and_a_third_is_told_each_gesture_once(
    project: Project, folder: Path, url: str, backend: str
) -> None:
    project.close()
    with writers(folder, url, GESTURES) as both, Project.open(folder, writable=False) as opened:
        reader = Reader(opened)
        for writer in both:
            begin(writer)

        def have_ended() -> bool:
            reader.look()
            return all(writer.poll() is not None for writer in both)

        until(have_ended, "the end of both writers")
        done = did(both[0]) + did(both[1])
        reader.look()
        assert {entry.author for entry in opened.history.entries(0)} == set(AUTHORS)
        assert [label.position for label in opened.labels] == list(range(len(opened.labels)))

    assert Counter(one.kind.value for one in reader.told) == done
    assert len({one.step_id for one in reader.told}) == len(reader.told) == sum(done.values())
    assert verify(folder).problems == []
    assert (folder / DATABASE_NAME).exists() == (backend == "sqlite")


def test_a_writer_that_is_killed_leaves_no_hole_and_does_not_hold_up_the_other(
    project: Project, folder: Path, url: str
) -> None:
    project.close()
    with writers(folder, url, 100_000) as (ada, bob), Project.open(folder, writable=False) as opened:
        reader = Reader(opened)

        def steps_of(author: str) -> int:
            reader.look()
            return sum(entry.author == author for entry in opened.history.entries(0))

        begin(ada)
        until(lambda: steps_of("Ada") > 3, "Ada's first gestures")
        begin(bob)
        until(lambda: steps_of("Bob") > 3, "Bob's first gestures")
        ada.kill()
        ada.wait()
        before = steps_of("Bob")
        until(lambda: steps_of("Bob") > before + 3, "what Bob does after Ada's end")
    assert verify(folder).problems == []
