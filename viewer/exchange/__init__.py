"""Import and export: `importer.py` and `exporter.py` say what a format is, `formats/` holds one file each.

An import is a plan before it is an edit (`plan.py`, `importing.py`). Imports project, reading and core.
"""

IMPORTERS: dict[str, str] = {
    "coco": "viewer.exchange.formats.coco_import:IMPORTER",
    "csv": "viewer.exchange.formats.csv_import:IMPORTER",
    "image-folder": "viewer.exchange.formats.image_folder:IMPORTER",
    "masks": "viewer.exchange.formats.masks_import:IMPORTER",
}

EXPORTERS: dict[str, str] = {
    "coco": "viewer.exchange.formats.coco_export:EXPORTER",
    "csv": "viewer.exchange.formats.csv_export:EXPORTER",
    "masks": "viewer.exchange.formats.masks_export:EXPORTER",
}
