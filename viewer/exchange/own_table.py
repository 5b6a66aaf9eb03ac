"""The columns of a table that `csv` writes and reads back: one row per image, whole-image label and instance."""

EXPORT_COLUMNS = (
    "path", "frame_index", "image_id", "source", "patient_id", "case_status", "kind", "label", "verdict",
    "x0_px", "y0_px", "x1_px", "y1_px", "points_px", "mask_runs", "author", "origin",
)  # fmt: skip
