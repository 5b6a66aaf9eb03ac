"""The leak audit of a snapshot: what stands on both sides of its division, found by ids, by pixels, by looks, by names.

It tells and settles nothing: a person decides who is one patient. Imports the snapshots and the records of the project.
"""
