"""The rows of the command table, by menu: what each is called, its key, when it can be done, and what it does.

The top floor: it knows the window and every room below, and only `viewer.app` asks for it.
"""
