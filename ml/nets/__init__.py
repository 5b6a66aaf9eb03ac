"""Networks as torch modules: heads, small networks of our own, and those of libraries as they are used here.

Imports nothing of ours.
"""
