"""Kinds of task, as networks learn them: what of a snapshot is learned, by what loss, and what the outputs then say.

One row a kind, in two files: KIND.py loads no torch, so that the window can tell what a training would be; the
KIND_outputs.py that it names does. What people are asked is its row in `viewer.core.task_kinds`. Kinds do not know
each other and import data, networks, evaluation and explanation.
"""

# kind: module:attribute, each a `ml.tasks.task.LearntTask`.
TASKS: dict[str, str] = {
    "classification": "ml.tasks.classification:CLASSIFICATION",
    "detection": "ml.tasks.detection:DETECTION",
    "segmentation": "ml.tasks.segmentation:SEGMENTATION",
    "regression": "ml.tasks.regression:REGRESSION",
}
