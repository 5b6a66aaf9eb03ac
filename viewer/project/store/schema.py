"""The tables of a project, in types that SQLite and PostgreSQL share.

Ids are text made elsewhere; JSON is kept as text; masks are zlib-compressed runs. The state (annotations, image_labels,
measurements, labels; cases.status, images.taken_out, images.patient_id, proposals.decision) is always what replaying
`steps` gives.
"""

from sqlalchemy import Column, ForeignKey, Index, MetaData, Table

from viewer.project.store.stored_rows import BigWholeNumber, Block, Number, Text, Truth, WholeNumber

SCHEMA_VERSION = 6

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
    Column("status", Text, nullable=False),
)

images = Table(
    "images",
    metadata,
    Column("image_id", Text, primary_key=True),
    Column("case_id", Text, ForeignKey("cases.case_id"), nullable=False),
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
Index("images_by_case", images.c.case_id)
Index("images_by_sop", images.c.sop_instance_uid)

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
)

tasks = Table(
    "tasks",
    metadata,
    Column("name", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("labels", Text, nullable=False),
    Column("exclusive", Truth, nullable=False),
)

annotations = Table(
    "annotations",
    metadata,
    Column("annotation_id", Text, primary_key=True),
    Column("image_id", Text, ForeignKey("images.image_id"), nullable=False),
    Column("label", Text, nullable=False),
    Column("shape", Text, nullable=False),
    Column("masks", Block, nullable=False),
    Column("author", Text, nullable=False),
    Column("revision", WholeNumber, nullable=False),
    Column("origin", Text, nullable=False),
    Column("proposal_id", Text, nullable=True),
    Column("proposal_seen", Truth, nullable=False),
)
Index("annotations_by_image", annotations.c.image_id)

# The order of first drawing. Rows stay when an annotation is removed, so that undo gives it its old place in lists.
annotation_order = Table(
    "annotation_order",
    metadata,
    Column("position", WholeNumber, primary_key=True, autoincrement=True),
    Column("annotation_id", Text, nullable=False, unique=True),
)

image_labels = Table(
    "image_labels",
    metadata,
    Column("image_id", Text, ForeignKey("images.image_id"), primary_key=True),
    Column("label", Text, primary_key=True),
    Column("verdict", Text, nullable=False),
)

measurements = Table(
    "measurements",
    metadata,
    Column("measurement_id", Text, primary_key=True),
    Column("image_id", Text, ForeignKey("images.image_id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("points", Text, nullable=False),
    Column("author", Text, nullable=False),
)
Index("measurements_by_image", measurements.c.image_id)

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
    Column("decision", Text, nullable=False),
    Column("annotation_id", Text, nullable=True),
)
Index("proposals_by_image", proposals.c.image_id)
Index("proposals_by_prediction", proposals.c.prediction_id)

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
