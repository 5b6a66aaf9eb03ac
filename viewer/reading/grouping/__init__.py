"""From files to series: what belongs together, in which order, and what a reader must know before trusting it.

Imports facts, pixels and dicom; the rows it makes are those of `viewer.reading.series`.
"""
