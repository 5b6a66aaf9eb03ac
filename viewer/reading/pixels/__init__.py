"""From the bytes of one DICOM frame to stored values: its coding, decoder, samples, tables, overlays, shutters.

Imports dicom, codestreams, sources, and `decoding` for what is decoded in a child.
"""
