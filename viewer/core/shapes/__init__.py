"""Shapes on an image: outlines, masks as runs, hits, measurements, and what lies on the image of them.

Points are continuous image points (x, y) in pixels; imports the rest of core.
"""
