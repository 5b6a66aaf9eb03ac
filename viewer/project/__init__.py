"""A project: who is in it, what was drawn and answered, its journal, its snapshots.

The database is reached through `store` only; imports reading and core.
"""
