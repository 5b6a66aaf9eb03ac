"""One file for each format that is read or written, a row each in `viewer.exchange`.

What a format shares with another lies in `viewer.exchange`; no format knows another.
"""
