"""PNG, JPEG and TIFF as images: values as stored, colours, damage, pages; and exact arrays written as such files.

Imports pixels, codestreams and sources.
"""
