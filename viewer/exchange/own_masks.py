"""The index that `masks` writes and reads back: one row per image and label, and one for an image without a mask."""

INDEX_NAME = "index.csv"
COLUMNS = ("path", "frame_index", "image_id", "patient_id", "mask_path", "mask_label")
# Newer than the others; an index without it is read all the same.
SOURCE_COLUMN = "source"
