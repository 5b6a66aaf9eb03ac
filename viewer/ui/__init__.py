"""The window. Qt is known here and nowhere else.

Each room may import only those below it: rows, window, panels, dialogs, views, commands, flows, canvas, state, tools,
gestures, look.
"""

import builtins

import PySide6.QtCore  # noqa: F401  # puts its hook before every import, if it does

# The hook opens the source of every module that is loaded after Qt and keeps its lines, to see whether it may ask for
# snake_case names. Nothing here does, and it was a tenth of the start.
builtins.__import__ = getattr(builtins, "__orig_import__", builtins.__import__)
