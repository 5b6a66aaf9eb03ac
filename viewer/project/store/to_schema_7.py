"""From schema 6 to 7: several readers, objects, anchors, targets. What was said so far was said in the shared round.

The tables are written out here as they were at this step; `schema` may go on.
"""

from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, Column, Float, ForeignKey, Integer, PrimaryKeyConstraint, column, table

from viewer.project.store.stored_rows import Text

if TYPE_CHECKING:
    from alembic.operations import Operations


def readings_and_objects(op: "Operations") -> None:
    """6 to 7. Nothing is lost: states, answers and decisions move to tables of their own, each shape is an object."""
    _rounds_and_readings(op)
    _anchors_and_objects(op)
    _shapes(op)
    _answers(op)
    _decisions(op)
    _catalogue(op)
    _views_and_comments(op)


def _text(name: str, *, default: str | None = "") -> "Column[str]":
    """A column of text that may not be missing. default: None for one that must be said."""
    return Column(name, Text(), nullable=False, server_default=default)


def _key(*names: str) -> PrimaryKeyConstraint:
    return PrimaryKeyConstraint(*names)


def _of(name: str, other: str, *, nullable: bool = False) -> "Column[str]":
    return Column(name, Text(), ForeignKey(other), nullable=nullable)


def _rounds_and_readings(op: "Operations") -> None:
    op.create_table(
        "rounds", _text("round_id", default=None), _text("reader", default=None),
        Column("number", Integer(), nullable=False), _text("kind", default=None), _key("round_id"),
    )  # fmt: skip
    op.create_index("rounds_of_reader", "rounds", ["reader", "number", "kind"], unique=True)
    shared = table("rounds", column("round_id"), column("reader"), column("number"), column("kind"))
    op.execute(shared.insert().values(round_id="", reader="", number=1, kind="consensus"))
    op.create_table(
        "readings", _of("case_id", "cases.case_id"), _of("round_id", "rounds.round_id"),
        _text("state", default=None), _text("comment"), _text("revealed"), _key("case_id", "round_id"),
    )  # fmt: skip
    op.execute(
        "INSERT INTO readings (case_id, round_id, state) SELECT case_id, '', status FROM cases WHERE status <> 'to do'"
    )
    op.drop_column("cases", "status")
    op.create_table(
        "case_images", _of("case_id", "cases.case_id"), _of("image_id", "images.image_id"), _key("case_id", "image_id")
    )
    op.create_index("cases_of_image", "case_images", ["image_id"])
    op.execute("INSERT INTO case_images (case_id, image_id) SELECT case_id, image_id FROM images")
    op.drop_index("images_by_case", "images")
    with op.batch_alter_table("images") as images:
        images.drop_column("case_id")
    op.create_index("images_by_position", "images", ["position"])


def _anchors_and_objects(op: "Operations") -> None:
    op.create_table(
        "anchors", _text("anchor_id", default=None), _text("frame_of_reference_uid", default=None),
        _text("series_id"), _text("plane", default=None), _key("anchor_id"),
    )  # fmt: skip
    op.create_table(
        "objects", _text("object_id", default=None), _text("state"), _text("comment"), _key("object_id")
    )  # fmt: skip
    op.create_table(
        "object_links", _text("first_id", default=None), _text("second_id", default=None),
        _text("author", default=None), _text("time", default=None), _key("first_id", "second_id"),
    )  # fmt: skip


def _shapes(op: "Operations") -> None:
    for name, singular in (("annotations", "annotation"), ("measurements", "measurement")):
        with op.batch_alter_table(name) as shapes:
            shapes.alter_column("image_id", existing_type=Text(), nullable=True)
            shapes.add_column(Column("round_id", Text(), nullable=False, server_default=""))
            shapes.add_column(Column("anchor_id", Text(), nullable=True))
            shapes.create_foreign_key(f"{name}_round", "rounds", ["round_id"], ["round_id"])
            shapes.create_foreign_key(f"{name}_anchor", "anchors", ["anchor_id"], ["anchor_id"])
            shapes.create_check_constraint(f"{singular}_has_one_anchor", "(image_id IS NULL) <> (anchor_id IS NULL)")
    op.add_column("annotations", _text("object_id"))
    op.execute("UPDATE annotations SET object_id = annotation_id")
    op.create_index("annotations_by_object", "annotations", ["object_id"])


def _answers(op: "Operations") -> None:
    op.create_table(
        "answers", _of("round_id", "rounds.round_id"), _text("target", default=None), _text("target_id", default=None),
        _text("label", default=None), _text("kind", default=None), _text("verdict"), _text("words"),
        Column("number", Float(), nullable=True), _text("unit"), _key("round_id", "target", "target_id", "label"),
    )  # fmt: skip
    op.create_index("answers_by_target", "answers", ["target", "target_id"])
    op.execute(
        "INSERT INTO answers (round_id, target, target_id, label, kind, verdict) "
        "SELECT '', 'image', image_id, label, 'verdict', verdict FROM image_labels"
    )
    op.drop_table("image_labels")


def _decisions(op: "Operations") -> None:
    op.create_table(
        "decisions", _of("round_id", "rounds.round_id"), _of("proposal_id", "proposals.proposal_id"),
        _text("decision", default=None), Column("annotation_id", Text(), nullable=True),
        _key("round_id", "proposal_id"),
    )  # fmt: skip
    op.create_index("decisions_on_proposal", "decisions", ["proposal_id"])
    op.execute(
        "INSERT INTO decisions (round_id, proposal_id, decision, annotation_id) "
        "SELECT '', proposal_id, decision, annotation_id FROM proposals WHERE decision <> 'undecided'"
    )
    op.drop_column("proposals", "decision")
    op.drop_column("proposals", "annotation_id")
    op.add_column("proposals", Column("object_id", Text(), nullable=True))


def _catalogue(op: "Operations") -> None:
    op.add_column("journal", _text("round_id"))
    op.add_column("labels", _text("code"))
    op.add_column("tasks", _text("readings", default="agreed"))
    op.create_table(
        "attributes", _text("scope", default=None), _text("label", default=None), _text("name", default=None),
        Column("position", Integer(), nullable=False), _text("kind", default=None), _text("choices", default="[]"),
        _text("unit"), _text("code"), _key("scope", "label", "name"),
    )  # fmt: skip


def _views_and_comments(op: "Operations") -> None:
    op.create_table(
        "key_images", _of("round_id", "rounds.round_id"), _of("image_id", "images.image_id"),
        _text("author", default=None), _text("time", default=None), _text("comment"), _key("round_id", "image_id"),
    )  # fmt: skip
    op.create_table(
        "pinned_comments", _text("comment_id", default=None), _of("round_id", "rounds.round_id"),
        _of("image_id", "images.image_id", nullable=True), _of("anchor_id", "anchors.anchor_id", nullable=True),
        _text("point", default=None), _text("author", default=None), _text("time", default=None),
        _text("comment", default=None), _key("comment_id"),
        CheckConstraint("(image_id IS NULL) <> (anchor_id IS NULL)", name="comment_has_one_anchor"),
    )  # fmt: skip
    op.create_table(
        "registrations", _text("registration_id", default=None), _text("from_uid", default=None),
        _text("to_uid", default=None), _text("matrix", default=None), _text("method", default=None),
        _text("accepted_by"), _text("time", default=None), _key("registration_id"),
    )  # fmt: skip
    op.create_table(
        "saved_views", _text("view_id", default=None), _of("case_id", "cases.case_id"), _text("name", default=None),
        _text("author", default=None), _text("time", default=None), _text("view", default=None), _key("view_id"),
    )  # fmt: skip
