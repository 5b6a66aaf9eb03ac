"""From press, drag and release to a shape: what a tool is, and what tools of one gesture share.

Imports core, and of the project the edits that a gesture makes.
"""
