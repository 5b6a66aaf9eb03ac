"""What lists, counts and exports take of a project: of several readings by a named rule, and what is in it as facts.

May import what `viewer.project` may; the store and the journal know nothing of it.
"""
