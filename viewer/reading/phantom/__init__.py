"""A made-up chest: CT volumes and projection radiographs of several patients, as valid DICOM, with the truth beside."""

MANUFACTURER = "Negatoscope phantom"
