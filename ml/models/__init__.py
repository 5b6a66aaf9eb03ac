"""The rows of the catalogue: one file for each model that can be trained, without torch at its top.

What a network is made of lies in `nets`; no row knows another.
"""
