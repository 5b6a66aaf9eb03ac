"""The DICOM data set: walking it within bounds, values of tags, character sets, macros, DICOMDIR, rows for people.

No pixels and no meaning of them here; imports sources and codestreams.
"""
