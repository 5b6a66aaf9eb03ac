"""Questions and forms in windows of their own, one file each, and the fields they share.

Imports commands, flows, state and look. What a dialog decided is done by a flow or kept as an edit.
"""
