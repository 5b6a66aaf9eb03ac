"""Codecs at arm's length: compressed pixels are decoded in warm child processes, so that a crash costs one image.

`pool.py` is what the reader asks; `streams.py` and `pictures.py` say how; `serve.py` is what runs in a child.
"""

# Kind of child -> "module:function" that answers there: (what is asked, the bytes) to (array, plain facts).
# Each kind has processes of its own: a codec that is known to break its memory must not stand beside a sound one.
KINDS: dict[str, str] = {
    "streams": "viewer.reading.decoding.answers:stream",
    "fragile": "viewer.reading.decoding.answers:fragile",
    "pictures": "viewer.reading.decoding.answers:picture",
}
