"""Questions and forms in windows of their own, one file each, and the fields they share.

Imports flows, state and look; a dialog returns what was chosen and changes nothing itself.
"""
