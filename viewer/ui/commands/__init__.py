"""What a command is and how it meets a hand: the book of actions, buttons, menus, the help page.

Imports flows, state and look; which commands there are is said in `viewer.ui.rows`.
"""
