"""What the window's parts share: the session, settings, frames, the one gate for edits, the background worker.

Knows no view and no panel; imports core, reading and project.
"""
