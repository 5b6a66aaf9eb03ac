"""Attributes of the label catalogue: reading them, the gestures that declare and change them, and their answers.

It may import everything of `viewer.project` but the rooms of the window.
"""
