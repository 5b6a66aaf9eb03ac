"""Training: one file per kind of task, one loop, one checkpoint format.

A run is a folder; whatever is decided stands in it before the first step. Imports data, evaluation and networks.
"""

OBJECTIVES: dict[str, str] = {
    "classification": "ml.training.classification:Classification",
    "detection": "ml.training.detection:Detection",
    "segmentation": "ml.training.segmentation:Segmentation",
}
