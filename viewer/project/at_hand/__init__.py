"""What of a project is at hand in memory, so that a window neither reads the database nor waits for it.

`values.py` is the frozen picture that the window looks at; `reading.py` makes it and brings it up to date, on a thread
that may wait. It may import everything of `viewer.project` but is imported by none of it.
"""
