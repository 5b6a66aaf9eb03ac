"""Check a project: replay the journal from nothing and compare, follow every link, recompute every id."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Column, Connection, Select, Table, select, update
from sqlalchemy.exc import DBAPIError

from viewer.core.edits import AttributeChange, ImagesChange, LabelChange, PatientChange
from viewer.core.errors import AppError, NotFound
from viewer.core.shapes.annotations import CaseStatus
from viewer.project.attributes.rows import attribute_of
from viewer.project.changes.answer_law import unfit_answers
from viewer.project.changes.applying import replay_changes
from viewer.project.changes.object_law import unlawful_objects
from viewer.project.changes.object_rows import link_of, note_of, unsound_objects
from viewer.project.changes.plane_law import unsound_planes
from viewer.project.image_paths import ImagePaths
from viewer.project.image_rows import image_rows
from viewer.project.images import image_of, possible_cases
from viewer.project.membership import chunks
from viewer.project.predictions import proposal_of, proposal_rows
from viewer.project.project import DATABASE_NAME, SNAPSHOTS, schema_version
from viewer.project.readings import reading_of
from viewer.project.revisions import unsound_revisions
from viewer.project.snapshots.card import CARD_NAME
from viewer.project.snapshots.snapshot import Snapshot
from viewer.project.state import annotation_of, measured, measurement_of, shapes_placed
from viewer.project.store.database import Database
from viewer.project.store.dialect import dialect_of
from viewer.project.store.migrations import bring_up
from viewer.project.store.schema import (
    SCHEMA_VERSION,
    annotations,
    answers,
    attributes,
    case_images,
    cases,
    decisions,
    images,
    journal,
    labels,
    measurements,
    metadata,
    object_links,
    objects,
    predictions,
    proposals,
    readings,
    rounds,
    steps,
)
from viewer.project.store.sqlite_dialect import in_memory
from viewer.project.store.stored_edits import decode_edit
from viewer.project.store.stored_values import value_of
from viewer.reading.sources.archive import on_disk

_SHOWN = 20  # problems named per kind; the rest is counted


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyReport:
    """problems: what is wrong with the store. notes: what is worth knowing (a picture that is not reachable).

    edits: gestures in the journal. steps: how often one was done, undone or redone. annotations: instances on the
    images now.
    """

    ok: bool
    problems: list[str]
    edits: int
    steps: int
    annotations: int
    notes: list[str]


def verify(folder: Path, *, pixels: bool = False, url: str = "") -> VerifyReport:
    """Check the project in a folder; it may be in use. pixels: also read every picture again and compare its hash.

    url: of the database that the project lies in, where it is none in its folder.
    Raises NotFound, or BadProject when the database cannot be read at all.
    """
    dialect = dialect_of(folder / DATABASE_NAME, url)
    if not dialect.exists():
        raise NotFound(f"{folder} is no project.")
    database = Database(dialect, writable=False)
    try:
        database.check(thorough=True)
        if (version := schema_version(database)) < SCHEMA_VERSION:
            database.read_as_of_now(lambda copy: bring_up(dialect, copy, version))
        problems = database.broken_links()
        notes: list[str] = []
        with database.reading() as connection:
            edits = len(connection.execute(select(journal.c.edit_id)).all())
            taken = len(connection.execute(select(steps.c.step_id)).all())
            shapes = len(connection.execute(select(annotations.c.annotation_id)).all())
            problems += _check_values(connection)
            problems += _shortened([*unlawful_objects(connection), *unsound_objects(connection)])
            problems += _unfit(connection)
            problems += _check_steps(connection)
            problems += _compare_with_replay(connection)
            problems += _check_ids(connection)
            problems += _check_planes(connection)
            problems += _check_cases(connection)
            problems += unsound_revisions(connection)
            records = connection.execute(select(images)).all()
    finally:
        database.close()
    _check_files(ImagePaths(folder), records, problems, notes, pixels=pixels)
    problems += _check_snapshots(folder)
    return VerifyReport(ok=not problems, problems=problems, edits=edits, steps=taken, annotations=shapes, notes=notes)


def _check_values(connection: Connection) -> list[str]:
    """Every stored shape and image can be read; what cannot is named with its image."""
    found = []
    readers: list[tuple[Select[Any], Callable[[Any], object]]] = [
        (shapes_placed(), annotation_of),
        (measured(), measurement_of),
        (proposal_rows(""), proposal_of),
        (image_rows(), image_of),
        (select(readings), reading_of),
        (select(attributes), attribute_of),
        (select(answers), value_of),
        (select(objects), note_of),
        (select(object_links), link_of),
    ]
    for query, read in readers:
        for row in connection.execute(query):
            try:
                read(row)
            except AppError as error:
                found.append(str(error))
    return _shortened(found)


def _unfit(connection: Connection) -> list[str]:
    try:
        return _shortened(unfit_answers(connection))
    except AppError:
        return []  # what cannot be read is named by `_check_values`


def _check_steps(connection: Connection) -> list[str]:
    """Every gesture's state is where its steps lead."""
    last: dict[int, str] = {}
    begun: Counter[int] = Counter()
    for row in connection.execute(select(steps).order_by(steps.c.step_id)):
        last[row.edit_id] = row.action
        begun[row.edit_id] += row.action == "do"
    found = []
    for row in connection.execute(select(journal.c.edit_id, journal.c.state)):
        expected = {"do": ("done",), "redo": ("done",), "undo": ("undone", "dropped")}.get(
            last.get(row.edit_id, ""), ()
        )
        if row.state not in expected or begun[row.edit_id] != 1:
            found.append(f"Edit {row.edit_id} is {row.state}, but its steps do not lead there.")
    return _shortened(found)


def _copy(source: Connection, target: Connection, table: Table, **reset: Any) -> None:
    rows = [{**row._mapping, **reset} for row in source.execute(select(table))]
    if rows:
        target.execute(table.insert(), rows)


def _compare_with_replay(connection: Connection) -> list[str]:
    """Replay every step on an empty state and compare table by table."""
    engine = in_memory()
    metadata.create_all(engine)
    found: list[str] = []
    try:
        with engine.begin() as scratch:
            for table in (rounds, cases, images, case_images):
                _copy(connection, scratch, table)
            _as_before_the_journal(connection, scratch)
            _copy(connection, scratch, predictions)
            _copy(connection, scratch, proposals)
            query = select(steps.c.action, journal).join(journal, journal.c.edit_id == steps.c.edit_id)
            for row in connection.execute(query.order_by(steps.c.step_id)):
                try:
                    edit = decode_edit(row.version, row.text, row.image_id, row.changes, row.masks)
                    if edit.rounds - {row.round_id} and not edit.has(ImagesChange, LabelChange, AttributeChange):
                        found.append(f"Edit {row.edit_id} ({row.text}) says something in another round than its own.")
                    undone = row.action == "undo"
                    replay_changes(scratch, (edit.inverse() if undone else edit).changes, step=-1 if undone else 1)
                except (AppError, ValueError, KeyError, TypeError, DBAPIError) as error:
                    found.append(f"Edit {row.edit_id} ({row.text}) cannot be replayed: {_first_line(error)}")
            compared: list[tuple[Table, Column[Any]]] = [
                (annotations, annotations.c.annotation_id),
                (answers, answers.c.target_id),
                (measurements, measurements.c.measurement_id),
                (objects, objects.c.object_id),
                (object_links, object_links.c.first_id),
                (labels, labels.c.name),
                (attributes, attributes.c.name),
                (cases, cases.c.case_id),
                (images, images.c.path),
                (decisions, decisions.c.proposal_id),
                (readings, readings.c.case_id),
            ]
            for table, key in compared:
                found += _differences(connection, scratch, table, key)
    finally:
        engine.dispose()
    return _shortened(found)


def _as_before_the_journal(connection: Connection, scratch: Connection) -> None:
    """Set membership and patients of images to what the first change of each says was there before."""
    seen: set[tuple[str, str]] = set()
    for row in connection.execute(select(journal).order_by(journal.c.edit_id)):
        try:
            changes = decode_edit(row.version, row.text, row.image_id, row.changes, row.masks).changes
        except (AppError, ValueError, KeyError, TypeError):
            continue  # the replay names it
        for change in changes:
            if isinstance(change, ImagesChange):
                first = [one for one in change.image_ids if ("in", one) not in seen]
                seen |= {("in", one) for one in first}
                for some in chunks(first):
                    here = images.c.image_id.in_(some)
                    scratch.execute(update(images).where(here).values(taken_out=not change.before))
            elif isinstance(change, PatientChange) and ("whose", change.image_id) not in seen:
                seen.add(("whose", change.image_id))
                own = images.c.image_id == change.image_id
                scratch.execute(update(images).where(own).values(patient_id=change.before))


def _differences(stored: Connection, replayed: Connection, table: Table, key: Column[Any]) -> list[str]:
    here, there = (Counter(tuple(row) for row in one.execute(_told(table))) for one in (stored, replayed))
    names = [column.name for column in table.c]
    place = names.index(key.name)
    on = names.index("image_id") if "image_id" in names and key.name != "image_id" else None
    where = dict.fromkeys(
        (row[place], f" on the image {row[on]}" if on is not None and row[on] else "")
        for row in [*(here - there), *(there - here)]
    )
    return [f"{table.name}: {found}{image} is not what the journal says." for found, image in where]


def _told(table: Table) -> Select[Any]:
    """What the journal tells of a table. Of a reading: state and comment, and none says the same as to do."""
    if table is not readings:
        return select(table)
    told = select(readings.c.case_id, readings.c.round_id, readings.c.state, readings.c.comment)
    return told.where(readings.c.state != CaseStatus.TO_DO.value)


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]


def _check_ids(connection: Connection) -> list[str]:
    from viewer.reading.image_id import image_id

    return _shortened(
        [
            f"The image {row.image_id} ({row.path}) has an id that its own facts do not give."
            for row in connection.execute(select(images))
            if image_id(row.sop_instance_uid, row.frame_index, row.pixel_sha256) != row.image_id
        ]
    )


def _check_planes(connection: Connection) -> list[str]:
    try:
        return _shortened([*unsound_planes(connection)])
    except AppError as error:
        return [str(error)]


def _check_cases(connection: Connection) -> list[str]:
    """Each case holds images, and each image lies in the one that its facts give; one only measured may be in none."""
    placed: dict[str, list[str]] = {}
    for row in connection.execute(select(case_images).order_by(case_images.c.case_id)):
        placed.setdefault(row.image_id, []).append(row.case_id)
    held = {case_id for several in placed.values() for case_id in several}
    found = [
        f"The case {row.title} holds no image." for row in connection.execute(select(cases)) if row.case_id not in held
    ]
    measured = set(connection.scalars(select(measurements.c.image_id)))
    for row in connection.execute(select(images)):
        several = placed.get(row.image_id, [])
        name = f"The image {row.image_id} ({row.path})"
        if not several and row.image_id not in measured:
            found.append(f"{name} is in no case.")
        elif len(several) > 1:
            found.append(f"{name} is in {len(several)} cases.")
        elif several and several[0] not in possible_cases(row):
            found.append(f"{name} is in a case that its own facts do not give.")
    return _shortened(found)


def _check_files(paths: ImagePaths, records: Any, problems: list[str], notes: list[str], *, pixels: bool) -> None:
    missing: list[str] = []
    changed: list[str] = []
    for row in records:
        path = paths.of(row)
        try:
            stat = on_disk(path).stat()
        except (OSError, AppError):
            missing.append(f"{path} cannot be reached; its annotations are kept.")
            continue
        if pixels:
            reason = _pixels_differ(row, path)
            if reason:
                changed.append(reason)
        elif (stat.st_size, stat.st_mtime_ns) != (row.size_bytes, row.mtime_ns):
            notes.append(f"{path} was written since it entered the project; `verify --pixels` compares it.")
    notes += _shortened(missing)
    problems += _shortened(changed)


def _pixels_differ(row: Any, path: Path) -> str:
    from viewer.reading.frames import read_frame
    from viewer.reading.image_id import pixel_sha256
    from viewer.reading.series import FrameRef

    ref = FrameRef(path=path, frame_index=row.frame_index, sop_instance_uid=row.sop_instance_uid)
    try:
        stored = read_frame(ref).stored
    except AppError as error:
        return str(error)
    if pixel_sha256(stored) != row.pixel_sha256:
        return f"{path} no longer holds the pixels that were annotated."
    if stored.shape[:2] != (row.rows, row.cols):
        rows, cols = stored.shape[:2]
        return f"{path} has {rows} x {cols} pixels, and stands in the project as {row.rows} x {row.cols}."
    return ""


def _check_snapshots(folder: Path) -> list[str]:
    found = []
    for card in sorted((folder / SNAPSHOTS).glob(f"*/{CARD_NAME}")):
        try:
            Snapshot.load(folder, card.parent.name)
        except AppError as error:
            found.append(str(error))
    return found


def _shortened(sentences: list[str]) -> list[str]:
    if len(sentences) <= _SHOWN:
        return sentences
    return [*sentences[:_SHOWN], f"... and {len(sentences) - _SHOWN} more of this kind."]
