"""Files that lie beside images and are none, by their names."""

from pathlib import PurePath

# What lies beside images on CDs and in downloads; quietly passed over inside a folder, named when asked for directly.
COMPANIONS = frozenset((
    ".txt", ".md", ".rst", ".csv", ".tsv", ".json", ".jsonl", ".xml", ".html", ".htm", ".css", ".js", ".ini",
    ".inf", ".cfg", ".toml", ".yaml", ".yml", ".log", ".pdf", ".doc", ".docx", ".xls", ".xlsx", ".exe", ".dll",
    ".so", ".jar", ".class", ".py", ".pyc", ".sh", ".bat", ".cmd", ".zip", ".gz", ".tar", ".7z", ".rar", ".ico",
    ".icns", ".svg", ".gif", ".bmp", ".webp", ".mp4", ".avi", ".mov", ".npy", ".npz", ".h5", ".pt", ".pth",
    ".safetensors", ".db", ".sqlite", ".sqlite3", ".db-wal", ".db-shm",
    ".raw", ".zraw", ".img", ".url", ".lnk", ".sha256", ".md5", ".lock", ".pkl",
))  # fmt: skip
COMPANION_NAMES = frozenset(("thumbs.db", "desktop.ini", "license", "readme", "version", "lockfile", "autorun.inf"))


def is_companion(path: PurePath) -> bool:
    """Whether a file is of a kind that is expected beside images."""
    if path.name.lower().endswith(".nii.gz"):
        return False
    return path.suffix.lower() in COMPANIONS or path.name.lower() in COMPANION_NAMES or path.name.startswith(".")
