"""Values and arithmetic: pixels, windows, geometry, composition, labels, edits, rules, errors.

numpy only: no files, no Qt, no torch. Imports nothing of ours.
"""
