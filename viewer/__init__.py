"""The program without torch: reading, project, exchange, jobs, window and command line, each a room of its own.

`app.py` opens the window; `children.py` starts every child process. Which room may import which is a contract in
`pyproject.toml`.
"""
