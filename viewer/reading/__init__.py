"""From paths to patients, studies, series and frames: files are read here and nowhere else, without Qt.

The face, which other rooms use, lies on this floor (`scan`, `series`, `frames`, `store`, `volumes`); the rooms below it
know nothing of it but the values in `series`. Floors, from the bottom: sources and codestreams, dicom, pixels with its
decoding children, facts, pictures and volume_files, grouping.
"""
