"""Finding the frames of a sample: the neighbours of an image, slices of other series at the same place, and other views
of its study.

Knows series and images of a project alike (`stacks.py`). Imports the records of the project; snapshots, the command
line and the window ask it.
"""
