"""What a project needs of the disk: locks held for life, folders made whole or not at all, files replaced whole.

Knows paths and bytes, no table and no row; imports core and reading only.
"""
