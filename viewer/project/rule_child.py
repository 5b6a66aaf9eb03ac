"""The child process that tries a regular expression on names: one may take longer than anybody waits, so it is ended.

Reads {"expression", "names"} as JSON on stdin and writes {"patients"} or {"error"} on stdout.
"""

import contextlib
import json
import re
import sys

MOST_BYTES = 1 << 30


def patients(expression: str, names: list[str]) -> list[str]:
    """The group "patient" of each name, else its first group; "" where nothing fits. Raises re.error, IndexError."""
    compiled = re.compile(expression)
    group: str | int = "patient" if "patient" in compiled.groupindex else 1
    if compiled.groups == 0:
        raise IndexError
    found = (compiled.search(name) for name in names)
    return [(one.group(group) or "").strip() if one else "" for one in found]


def main() -> None:
    """One question, one answer."""
    with contextlib.suppress(ImportError, OSError, ValueError):  # Windows has no such limit
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))
    asked = json.load(sys.stdin)
    try:
        said = {"patients": patients(asked["expression"], asked["names"])}
    except (re.error, RecursionError, OverflowError, MemoryError) as error:
        said = {"error": [str(error) or "it is too large"]}
    except IndexError:
        said = {"error": ["it has no group: put the part that is the patient id in brackets, such as ^([^_]+)_"]}
    json.dump(said, sys.stdout, allow_nan=False)


if __name__ == "__main__":
    main()
