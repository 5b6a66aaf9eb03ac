"""What the window's parts share: the session, settings, frames, the one gate for edits, the background worker.

Knows no panel and no cell, and of the views what `screen.py` asks; imports canvas and look, project and reading.
"""
