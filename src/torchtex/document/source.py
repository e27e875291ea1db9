"""Articles on disk: which files a path means, and what is written in them."""

from __future__ import annotations

import codecs
import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

SUFFIXES = (".md", ".markdown")
# Folders that hold other people's articles.
NOT_ENTERED = ("node_modules", "site-packages", "__pycache__")
LARGEST = 32 * 2**20
# UTF-32 first: its mark begins like that of UTF-16.
MARKS = (
    (codecs.BOM_UTF32_LE, "UTF-32"),
    (codecs.BOM_UTF32_BE, "UTF-32"),
    (codecs.BOM_UTF16_LE, "UTF-16"),
    (codecs.BOM_UTF16_BE, "UTF-16"),
)


class Unreadable(Exception):
    """A path that cannot be checked; the text names it and says why."""


def find_articles(path: str) -> tuple[str, ...]:
    """The file ``path``, or every Markdown file in the folder ``path``, sorted.

    Raises :class:`Unreadable` for a path that does not exist and for a folder without Markdown.
    Hidden folders and links to folders are not entered.
    """
    if not path or "\0" in path:
        raise Unreadable(f"{path!r} is not a path")
    if not Path(path).is_dir():
        return (path,)
    found = tuple(sorted(_walk(path)))
    if not found:
        raise Unreadable(f"{path}: no Markdown files in this folder (looked for *.md, *.markdown)")
    return found


def _walk(folder: str) -> Iterator[str]:
    def refuse(error: OSError) -> None:
        raise Unreadable(f"{error.filename}: {_reason(error)}")

    for root, folders, names in os.walk(folder, onerror=refuse):
        folders[:] = [f for f in folders if not f.startswith(".") and f not in NOT_ENTERED]
        yield from (
            os.path.normpath(os.path.join(root, name))  # noqa: PTH118 - keeps the path as given
            for name in names
            if name.lower().endswith(SUFFIXES)
        )


def without_repetition(paths: Iterable[str]) -> Iterator[str]:
    """Each file once, however often and by whatever path it was named."""
    seen: set[str] = set()
    for path in paths:
        resolved = os.path.realpath(path)  # Path.resolve() fails where links go in a circle
        if resolved not in seen:
            seen.add(resolved)
            yield path


def read_text(path: str) -> str:
    """The text of the file ``path``, without a byte order mark.  Raises :class:`Unreadable`."""
    try:
        data = _read_bytes(Path(path))
    except OSError as error:
        raise Unreadable(f"{path}: {_reason(error)}") from error
    except ValueError as error:  # a NUL byte in the path itself
        raise Unreadable(f"{path!r} is not a path") from error
    return decode(data, path)


def _read_bytes(path: Path) -> bytes:
    kind = path.stat()
    if stat.S_ISDIR(kind.st_mode):
        raise IsADirectoryError("this is a folder, not a file")
    if not stat.S_ISREG(kind.st_mode):
        raise OSError("this is not a regular file")
    if kind.st_size > LARGEST:
        raise OSError(f"the file is larger than {LARGEST // 2**20} MiB")
    if path.suffix.lower() == ".ipynb":
        raise OSError("notebooks are not read yet; convert it to Markdown")
    return path.read_bytes()


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower() if error.errno else str(error)


def decode(data: bytes, name: str) -> str:
    """``data`` as UTF-8 text.  Raises :class:`Unreadable`, which says what it may be instead."""
    for mark, encoding in MARKS:
        if data.startswith(mark):
            raise Unreadable(f"{name}: the text is {encoding}; save it as UTF-8")
    if b"\0" in data:
        line = data.count(b"\n", 0, data.index(b"\0")) + 1
        raise Unreadable(f"{name}: a NUL byte in line {line}: this is a binary file, not a text")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        guess = _other_encoding(data)
        raise Unreadable(f"{name}: line {line} is not UTF-8{guess}; save it as UTF-8") from error


def _other_encoding(data: bytes) -> str:
    try:
        data.decode("gb18030")
    except UnicodeDecodeError:
        return ""
    return " (it may be GBK)"
