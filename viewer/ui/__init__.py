"""The window. Qt is known here and nowhere else.

Each room may import only those below it: rows, window, panels, dialogs, views, commands, flows, canvas, state, tools,
gestures, look.
"""
