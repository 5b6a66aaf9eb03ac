"""Import and export: `importer.py` and `exporter.py` say what a format is, `formats/` holds one file each."""

IMPORTERS: dict[str, str] = {
    "coco": "viewer.exchange.formats.coco:IMPORTER",
    "csv": "viewer.exchange.formats.csv_table:IMPORTER",
    "image-folder": "viewer.exchange.formats.image_folder:IMPORTER",
    "masks": "viewer.exchange.formats.masks:IMPORTER",
}

EXPORTERS: dict[str, str] = {
    "coco": "viewer.exchange.formats.coco:EXPORTER",
    "csv": "viewer.exchange.formats.csv_table:EXPORTER",
    "masks": "viewer.exchange.formats.masks:EXPORTER",
}
