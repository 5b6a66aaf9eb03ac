"""Kinds of task, as a project knows them: what each is called, what it asks of people and what it takes of an image.

One file and one row a kind; what a network learns of it is its row in `ml.tasks`. Kinds do not know each other and
import what the core has: no database, no window, no torch.
"""

# name: module:attribute, in the order in which people choose.
TASK_KINDS: dict[str, str] = {
    "classification": "viewer.core.task_kinds.classification:CLASSIFICATION",
    "detection": "viewer.core.task_kinds.detection:DETECTION",
    "segmentation": "viewer.core.task_kinds.segmentation:SEGMENTATION",
    "regression": "viewer.core.task_kinds.regression:REGRESSION",
}
