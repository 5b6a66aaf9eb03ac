"""NIfTI, NRRD and MetaImage: what their headers promise, and their slices, read by a library in a child of its own.

Imports sources, decoding and the rows of dicom.
"""
