"""Text as it may be shown, written and logged: counted nouns, tables, names in and out.

Strings to strings; imports nothing but the errors.
"""
