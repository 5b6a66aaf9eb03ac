"""The rows of a table that our own export wrote, back as they were."""

import json
from collections.abc import Iterator, Mapping

from viewer.core.boundary import at_boundary
from viewer.core.errors import AppError, BadRequest, UnknownName
from viewer.core.labels import Verdict
from viewer.core.shapes.shape import Shape, shape_kind
from viewer.core.values import TargetKind, Value
from viewer.exchange.becoming import roles_of
from viewer.exchange.exported_geometry import GEOMETRY_NAMES, facts_of_text, finite
from viewer.exchange.importer import (
    Becomes,
    Declared,
    ImageName,
    ImportedShape,
    Item,
    OnPlane,
    Record,
    Remark,
    left_out,
)
from viewer.exchange.own_table import (
    ANSWERS_COLUMN,
    ATTRIBUTE_ROW,
    EXPORT_COLUMNS,
    LEFT_OUT,
    OBJECT_COLUMN,
    OWN_ROLES,
    PLANE_COLUMN,
    PLANE_COLUMNS,
    PLANE_SPACE,
    POINTS_MM,
    READER_COLUMNS,
    RULE_COLUMN,
    SPLIT_COLUMN,
    STATUS_COLUMN,
    WIDER_COLUMNS,
    answers_in_file,
    content_name,
    own_wider,
    questions_in_file,
    reader_of,
    unfinished,
)
from viewer.exchange.plan_store import values_out
from viewer.exchange.table import Row, Table, as_whole

_READ = frozenset(
    (*EXPORT_COLUMNS, OBJECT_COLUMN, LEFT_OUT, "tags", ANSWERS_COLUMN, *WIDER_COLUMNS.values(), *PLANE_COLUMNS,
     *READER_COLUMNS, RULE_COLUMN, SPLIT_COLUMN, *GEOMETRY_NAMES)
)  # fmt: skip


def read_own(table: Table) -> Iterator[Item]:
    """The records of an exported table."""
    further = tuple(name for name in table.further_columns if name not in _READ)
    yield Becomes(roles=roles_of(OWN_ROLES, table.columns), unused=further)
    if any(isinstance(row, Remark) for row in table.rows()):
        table.blame_bad_rows({"path": "path", "image_id": "image_id"})
    for row in table.rows():
        if isinstance(row, Remark):
            yield row
        else:
            yield from _own_row(table, row)


def _own_row(table: Table, row: Row) -> Iterator[Item]:
    cells = row.cells
    what = f"{table.path}, line {row.line}"
    if cells.get("kind") == "label":
        scope = cells.get("verdict", "")
        if scope in ("region", "image") and cells.get("label", "").strip():
            yield Declared(scope=scope, name=cells["label"], group=cells["label"] if scope == "image" else "")
        return
    if cells.get("kind") == ATTRIBUTE_ROW:
        yield _asked(what, cells)
        return
    frame = as_whole(cells.get("frame_index") or "0")
    name = ImageName(path=cells.get("path", ""), image_id=content_name(cells.get("image_id")), frame_index=frame)
    if frame is None or not (name.path or name.image_id):
        sentence = f"{what}: it names no image and frame."
        yield left_out(name if name.path or name.image_id else None, sentence, rule="a row that names no image")
        return
    try:
        with at_boundary(what, error=BadRequest, advice="it was left out"):
            record = _record(name, cells, f"line {row.line}")
    except AppError as error:
        sentence = str(error) if str(error).startswith(what) else f"{what}: {error}"
        is_drawn = bool((cells.get(POINTS_MM) or cells.get(PLANE_COLUMN)) and cells.get("label", "").strip())
        yield left_out(name, sentence, rule="a row that cannot be read", of_series=is_drawn)
        return
    for label in record.verdicts:
        yield Declared(scope="image", name=label, group=label)
    yield record
    if cells.get(LEFT_OUT):
        sentence = f"{what}: the export left out {cells[LEFT_OUT]:.80}, so its case stays open."
        yield left_out(name, sentence, rule="what the export left out", of_record=False)


def _asked(what: str, cells: Mapping[str, str]) -> Item:
    try:
        with at_boundary(what, error=BadRequest, advice="it was left out"):
            return next(questions_in_file([json.loads(cells.get(ANSWERS_COLUMN, ""))]))
    except AppError as error:
        return left_out(None, f"{what}: {error}", rule="a question that cannot be read", of_record=False)


def _record(name: ImageName, cells: Mapping[str, str], where: str) -> Record:
    kind, label = cells.get("kind", ""), cells.get("label", "")
    verdicts: dict[str, Verdict] = {}
    shapes: tuple[ImportedShape, ...] = ()
    tags: dict[str, str] = {}
    wider: dict[TargetKind, dict[str, Value]] = {}
    on_planes: tuple[OnPlane, ...] = ()
    answers = answers_in_file(json.loads(cells[ANSWERS_COLUMN])) if cells.get(ANSWERS_COLUMN) else {}
    if kind == "image label":
        verdicts = {label: Verdict(cells.get("verdict", ""))}
    elif kind == "image":
        wider = own_wider({name: json.loads(cells[name]) for name in WIDER_COLUMNS.values() if cells.get(name)})
        said = json.loads(cells["tags"]) if cells.get("tags") else {}
        tags = {str(key): str(value) for key, value in said.items()}
    elif cells.get(POINTS_MM):
        on_planes = (_on_plane(kind, cells, values_out(answers)),)
        answers = {}
    else:
        named = cells.get(OBJECT_COLUMN) or ""
        shapes = (ImportedShape(label=label, shape=_shape(kind, cells), object_name=named, answers=answers),)
        answers = {}
    if kind != "image" and not on_planes and not label.strip():
        raise BadRequest("it has no label")
    return Record(
        image=name,
        where=where,
        # The export writes "" for an image without a patient: that is said, and no empty cell.
        patient_id=cells.get("patient_id") or None,
        source=cells.get("source") or None,
        verdicts=verdicts,
        shapes=shapes,
        tags=tags,
        unfinished=unfinished(cells.get(STATUS_COLUMN)),
        reader=reader_of(cells),
        geometry=facts_of_text(cells),
        part=cells.get(SPLIT_COLUMN) or "",
        answers=answers,
        wider=wider,
        on_planes=on_planes,
    )


def _on_plane(kind: str, cells: Mapping[str, str], answers: str) -> OnPlane:
    return OnPlane(
        kind=kind, space=cells.get(PLANE_SPACE, ""), plane=finite(json.loads(cells.get(PLANE_COLUMN, ""))),
        points_mm=finite(json.loads(cells[POINTS_MM])), author=cells.get("author", ""),
        label=cells.get("label", "").strip(), object_name=cells.get(OBJECT_COLUMN) or "", answers=answers,
    )  # fmt: skip


def _shape(kind: str, cells: Mapping[str, str]) -> Shape:
    try:
        of_kind = shape_kind(kind)
    except UnknownName:
        raise BadRequest(f"{kind!r} is no kind of row that is known") from None
    return of_kind.from_cells(cells)
