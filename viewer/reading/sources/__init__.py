"""Where files come from and what the program keeps of them: folders, archives, companions, limits, private files.

No format is known here; imports nothing of the other rooms.
"""
