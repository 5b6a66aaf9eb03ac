"""Child processes that decode, as this process sees them: lent, limited, abandoned, ended, replaced.

What is decoded is known to `pixels` and `pictures`, what runs in a child is in `decoding_child`; imports neither.
"""

# Kind of child -> "module:function" that answers there: (what is asked, the bytes) to (array, plain facts).
# Each kind has processes of its own: a codec that is known to break its memory must not stand beside a sound one.
KINDS: dict[str, str] = {
    "streams": "viewer.reading.decoding_child.answers:stream",
    "fragile": "viewer.reading.decoding_child.answers:fragile",
    "pictures": "viewer.reading.decoding_child.answers:picture",
}
