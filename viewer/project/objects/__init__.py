"""Objects of several shapes: one lesion on 12 slices is one object, with a shape on each.

What an object may be is the law in `viewer.project.changes.object_law`; here are the gestures on it, and its shapes.
"""
