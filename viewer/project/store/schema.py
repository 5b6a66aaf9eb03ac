"""The tables of a project, in types that SQLite and PostgreSQL share.

Ids are text made elsewhere; JSON is kept as text; masks are zlib-compressed runs. The state (annotations, answers,
measurements, decisions, readings, labels; images.taken_out, images.patient_id) is always what replaying `steps` gives.

What people say is said in a round: "" is the one that all share, any other is one reader's own. A reading is a case in
a round. What a thing is drawn on, its anchor, is an image, or a plane in a frame of reference.
"""

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, MetaData, Table, select

from viewer.project.store.stored_rows import BigWholeNumber, Block, Number, Text, Truth, WholeNumber

SCHEMA_VERSION = 7

metadata = MetaData()

# Keys: schema_version, project_id, name, author, case_unit, created.
meta = Table(
    "meta",
    metadata,
    Column("key", Text, primary_key=True),
    Column("value", Text, nullable=False),
)

cases = Table(
    "cases",
    metadata,
    Column("case_id", Text, primary_key=True),
    Column("position", WholeNumber, nullable=False),
    Column("title", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("patient_id", Text, nullable=False),
)

# Who reads in which pass. "" is the round that all share: nobody's own.
rounds = Table(
    "rounds",
    metadata,
    Column("round_id", Text, primary_key=True),
    Column("reader", Text, nullable=False),
    Column("number", WholeNumber, nullable=False),  # 1 and on
    Column("kind", Text, nullable=False),  # "own", "repeat", "first" (before AI), "consensus", "second"
)
Index("rounds_of_reader", rounds.c.reader, rounds.c.number, rounds.c.kind, unique=True)

# A reading: who looked at which case in which round, how far, and when. A case without a row is still to do there.
readings = Table(
    "readings",
    metadata,
    Column("case_id", Text, ForeignKey("cases.case_id"), primary_key=True),
    Column("round_id", Text, ForeignKey("rounds.round_id"), primary_key=True),
    Column("state", Text, nullable=False),
    Column("comment", Text, nullable=False, default=""),  # why it was returned
    Column("revealed", Text, nullable=False, default=""),  # when AI was shown to it; "" never, or not kept
)

images = Table(
    "images",
    metadata,
    Column("image_id", Text, primary_key=True),
    Column("position", WholeNumber, nullable=False),  # order of entering the project; sorts a case's images
    Column("path", Text, nullable=False),
    Column("frame_index", WholeNumber, nullable=False),
    Column("sop_instance_uid", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("patient_id", Text, nullable=False),
    Column("study_uid", Text, nullable=False),
    Column("series_id", Text, nullable=False),
    Column("rows", WholeNumber, nullable=False),
    Column("cols", WholeNumber, nullable=False),
    Column("modality", Text, nullable=False),
    Column("pixel_sha256", Text, nullable=False),
    Column("size_bytes", BigWholeNumber, nullable=False),
    Column("mtime_ns", BigWholeNumber, nullable=False),
    Column("tags", Text, nullable=False),
    Column("taken_out", Truth, nullable=False),  # known, and not in the project (now)
    Column("relative_path", Text, nullable=False, default=""),  # from the project's folder; "" where not known
)
Index("images_by_sop", images.c.sop_instance_uid)
Index("images_by_position", images.c.position)

# An image may be in no case: a measurement alone makes none to do.
case_images = Table(
    "case_images",
    metadata,
    Column("case_id", Text, ForeignKey("cases.case_id"), primary_key=True),
    Column("image_id", Text, ForeignKey("images.image_id"), primary_key=True),
)
Index("cases_of_image", case_images.c.image_id)

# One picture may lie in several files: each of them leads to it.
image_files = Table(
    "image_files",
    metadata,
    Column("path", Text, primary_key=True),
    Column("frame_index", WholeNumber, primary_key=True),
    Column("image_id", Text, ForeignKey("images.image_id"), nullable=False),
    Column("size_bytes", BigWholeNumber, nullable=False),
    Column("mtime_ns", BigWholeNumber, nullable=False),
    Column("relative_path", Text, nullable=False, default=""),
)

labels = Table(
    "labels",
    metadata,
    Column("scope", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("position", WholeNumber, nullable=False),
    Column("tint", WholeNumber, nullable=True),  # the colour that a person chose
    Column("code", Text, nullable=False, default=""),  # [scheme designator, value, meaning] (PS3.3 8.8), "" without
)

# What may be said of whatever carries a label; its answers have the object as their target.
attributes = Table(
    "attributes",
    metadata,
    Column("scope", Text, primary_key=True),
    Column("label", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("position", WholeNumber, nullable=False),
    Column("kind", Text, nullable=False),  # "verdict", "choice", "number", "text"
    Column("choices", Text, nullable=False, default="[]"),
    Column("unit", Text, nullable=False, default=""),
    Column("code", Text, nullable=False, default=""),
)

tasks = Table(
    "tasks",
    metadata,
    Column("name", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("labels", Text, nullable=False),
    Column("exclusive", Truth, nullable=False),
    Column("readings", Text, nullable=False, default="agreed"),  # what a snapshot takes where several have read
)

# A plane in a patient's space, for what is drawn where no image lies. All in mm, LPS (PS3.3 C.7.6.2.1.1).
anchors = Table(
    "anchors",
    metadata,
    Column("anchor_id", Text, primary_key=True),
    Column("frame_of_reference_uid", Text, nullable=False),
    Column("series_id", Text, nullable=False, default=""),  # whose grid a mask lies on
    Column("plane", Text, nullable=False),  # [origin, direction of a row, direction of a column], each [x, y, z]
)

# What is known of an object beside its shapes (annotations.object_id), which bear its label. Without a row: nothing.
objects = Table(
    "objects",
    metadata,
    Column("object_id", Text, primary_key=True),
    Column("state", Text, nullable=False, default=""),
    Column("comment", Text, nullable=False, default=""),
)

# Two objects that are one: of two studies of a patient.
object_links = Table(
    "object_links",
    metadata,
    Column("first_id", Text, primary_key=True),
    Column("second_id", Text, primary_key=True),
    Column("author", Text, nullable=False),
    Column("time", Text, nullable=False),
)

annotations = Table(
    "annotations",
    metadata,
    Column("annotation_id", Text, primary_key=True),
    Column("round_id", Text, ForeignKey("rounds.round_id"), nullable=False),
    Column("object_id", Text, nullable=False),  # the annotation's own id where it is an object of one shape
    Column("image_id", Text, ForeignKey("images.image_id"), nullable=True),
    Column("anchor_id", Text, ForeignKey("anchors.anchor_id"), nullable=True),
    Column("label", Text, nullable=False),
    Column("shape", Text, nullable=False),
    Column("masks", Block, nullable=False),
    Column("author", Text, nullable=False),
    Column("revision", WholeNumber, nullable=False),
    Column("origin", Text, nullable=False),
    Column("proposal_id", Text, nullable=True),
    Column("proposal_seen", Truth, nullable=False),
    CheckConstraint("(image_id IS NULL) <> (anchor_id IS NULL)", name="annotation_has_one_anchor"),
)
Index("annotations_by_image", annotations.c.image_id)
Index("annotations_by_object", annotations.c.object_id)

# The order of first drawing. Rows stay when an annotation is removed, so that undo gives it its old place in lists.
annotation_order = Table(
    "annotation_order",
    metadata,
    Column("position", WholeNumber, primary_key=True, autoincrement=True),
    Column("annotation_id", Text, nullable=False, unique=True),
)

# What is said of an image, a series, a study, a patient or an object: a whole-image label, an attribute, a measure.
answers = Table(
    "answers",
    metadata,
    Column("round_id", Text, ForeignKey("rounds.round_id"), primary_key=True),
    Column("target", Text, primary_key=True),  # "image", "series", "study", "patient", "object"
    Column("target_id", Text, primary_key=True),
    Column("label", Text, primary_key=True),
    Column("kind", Text, nullable=False),  # "verdict", "choice", "number", "text": which of these holds it
    Column("verdict", Text, nullable=False, default=""),
    Column("words", Text, nullable=False, default=""),  # the choice or the text
    Column("number", Number, nullable=True),
    Column("unit", Text, nullable=False, default=""),
)
Index("answers_by_target", answers.c.target, answers.c.target_id)

# The answers about whole images, to be read.
image_labels = (
    select(answers.c.round_id, answers.c.target_id.label("image_id"), answers.c.label, answers.c.verdict)
    .where(answers.c.target == "image", answers.c.kind == "verdict")
    .subquery("image_labels")
)

# What is said of whole images, of any kind: work on them.
image_answers = (
    select(answers.c.round_id, answers.c.target_id.label("image_id"))
    .where(answers.c.target == "image")
    .subquery("image_answers")
)

measurements = Table(
    "measurements",
    metadata,
    Column("measurement_id", Text, primary_key=True),
    Column("round_id", Text, ForeignKey("rounds.round_id"), nullable=False),
    Column("image_id", Text, ForeignKey("images.image_id"), nullable=True),
    Column("anchor_id", Text, ForeignKey("anchors.anchor_id"), nullable=True),
    Column("kind", Text, nullable=False),
    Column("points", Text, nullable=False),
    Column("author", Text, nullable=False),
    CheckConstraint("(image_id IS NULL) <> (anchor_id IS NULL)", name="measurement_has_one_anchor"),
)
Index("measurements_by_image", measurements.c.image_id)

# Images that show what counts, and words pinned to a point of one.
key_images = Table(
    "key_images",
    metadata,
    Column("round_id", Text, ForeignKey("rounds.round_id"), primary_key=True),
    Column("image_id", Text, ForeignKey("images.image_id"), primary_key=True),
    Column("author", Text, nullable=False),
    Column("time", Text, nullable=False),
    Column("comment", Text, nullable=False, default=""),
)

pinned_comments = Table(
    "pinned_comments",
    metadata,
    Column("comment_id", Text, primary_key=True),
    Column("round_id", Text, ForeignKey("rounds.round_id"), nullable=False),
    Column("image_id", Text, ForeignKey("images.image_id"), nullable=True),
    Column("anchor_id", Text, ForeignKey("anchors.anchor_id"), nullable=True),
    Column("point", Text, nullable=False),  # [x, y] in px of the image, or in mm of the plane
    Column("author", Text, nullable=False),
    Column("time", Text, nullable=False),
    Column("comment", Text, nullable=False),
    CheckConstraint("(image_id IS NULL) <> (anchor_id IS NULL)", name="comment_has_one_anchor"),
)

# How two frames of reference lie to each other. matrix: 4 x 4, mm, LPS, from `from_uid` to `to_uid` (PS3.3 C.20.2).
registrations = Table(
    "registrations",
    metadata,
    Column("registration_id", Text, primary_key=True),
    Column("from_uid", Text, nullable=False),
    Column("to_uid", Text, nullable=False),
    Column("matrix", Text, nullable=False),
    Column("method", Text, nullable=False),
    Column("accepted_by", Text, nullable=False, default=""),
    Column("time", Text, nullable=False),
)

# How a case was looked at. Its form is the window's; the store keeps the words.
saved_views = Table(
    "saved_views",
    metadata,
    Column("view_id", Text, primary_key=True),
    Column("case_id", Text, ForeignKey("cases.case_id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("time", Text, nullable=False),
    Column("view", Text, nullable=False),
)

predictions = Table(
    "predictions",
    metadata,
    Column("prediction_id", Text, primary_key=True),
    Column("position", WholeNumber, nullable=False),
    Column("image_id", Text, ForeignKey("images.image_id"), nullable=False),
    Column("model_hash", Text, nullable=False),
    Column("model_name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("created", Text, nullable=False),
    Column("threshold", Number, nullable=False),
    Column("scores", Text, nullable=False),
    Column("outside_domain", Text, nullable=False),
    Column("labels", Text, nullable=False),  # in the order of the model's outputs; "[]" before schema 2
    Column("exclusive", Truth, nullable=False),
    Column("seen", Text, nullable=False),  # "" where the model has not seen the image, or that is not known
)
Index("predictions_by_image", predictions.c.image_id)

proposals = Table(
    "proposals",
    metadata,
    Column("proposal_id", Text, primary_key=True),
    Column("prediction_id", Text, ForeignKey("predictions.prediction_id"), nullable=False),
    Column("position", WholeNumber, nullable=False),
    Column("image_id", Text, ForeignKey("images.image_id"), nullable=False),
    Column("label", Text, nullable=False),
    Column("score", Number, nullable=False),
    Column("shape", Text, nullable=True),
    Column("masks", Block, nullable=False),
    Column("object_id", Text, nullable=True),  # what it shares with proposals on other images
)
Index("proposals_by_image", proposals.c.image_id)
Index("proposals_by_prediction", proposals.c.prediction_id)

# What was said of a proposal in a round; without a row nobody has decided there.
decisions = Table(
    "decisions",
    metadata,
    Column("round_id", Text, ForeignKey("rounds.round_id"), primary_key=True),
    Column("proposal_id", Text, ForeignKey("proposals.proposal_id"), primary_key=True),
    Column("decision", Text, nullable=False),
    Column("annotation_id", Text, nullable=True),
)
Index("decisions_on_proposal", decisions.c.proposal_id)

# One row per gesture. state: "done", "undone" (redo offers it) or "dropped" (undone, and then something else was done).
journal = Table(
    "journal",
    metadata,
    Column("edit_id", WholeNumber, primary_key=True, autoincrement=True),
    Column("author", Text, nullable=False),
    Column("time", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("version", WholeNumber, nullable=False),
    Column("text", Text, nullable=False),
    Column("image_id", Text, nullable=True),
    Column("round_id", Text, nullable=False, default=""),  # in which it was done
    Column("changes", Text, nullable=False),
    Column("masks", Block, nullable=False),
    Column("state", Text, nullable=False),
)
Index("journal_by_author", journal.c.author, journal.c.state)

# What happened, in order: replaying these steps gives the state tables.
steps = Table(
    "steps",
    metadata,
    Column("step_id", WholeNumber, primary_key=True, autoincrement=True),
    Column("edit_id", WholeNumber, ForeignKey("journal.edit_id"), nullable=False),
    Column("action", Text, nullable=False),  # "do", "undo", "redo"
    Column("time", Text, nullable=False),
)

# One row, raised in every transaction that changes something: its lock puts writers in an order, and that of their
# commits is the same. (An autoincrement id is not that: PostgreSQL gives it before, and commits in any order.)
revision_counter = Table(
    "revision_counter",
    metadata,
    Column("only", WholeNumber, primary_key=True, autoincrement=False),  # 0
    Column("revision", BigWholeNumber, nullable=False),
)

# What each revision of the project touched; `revisions` reads them.
revisions = Table(
    "revisions",
    metadata,
    Column("revision", BigWholeNumber, primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),
    Column("step_id", WholeNumber, ForeignKey("steps.step_id"), nullable=True),
    Column("image_ids", Text, nullable=False),
    Column("case_ids", Text, nullable=False),
    Column("labels", Truth, nullable=False),
    Column("tasks", Truth, nullable=False),
)
