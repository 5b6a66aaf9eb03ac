"""Run folders, the queue, starting and watching children, the client of the inference child.

Without torch and Qt: of `ml` only what is read without torch, beside project, reading and core.
"""
