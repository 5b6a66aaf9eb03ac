"""Training: one file per kind of task, one loop, one checkpoint format."""

OBJECTIVES: dict[str, str] = {
    "classification": "ml.training.classification:Classification",
    "detection": "ml.training.detection:Detection",
    "segmentation": "ml.training.segmentation:Segmentation",
}
