"""What the header of an image says of its values, place, time and person, as values with units.

Imports dicom and the lookups and overlays of pixels.
"""
