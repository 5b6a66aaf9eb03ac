"""What runs in a decoding child, and nowhere else: questions on stdin, answers through the parent's memory.

Imports whatever decodes (`pixels`, `pictures`); nothing imports it but by its name.
"""
