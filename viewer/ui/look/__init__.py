"""How things look: colours, type, icons, chips, painted rows, and the one place through which text reaches Qt.

Imports nothing of the other rooms.
"""
