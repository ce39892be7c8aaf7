"""Files: their bytes within a limit, turns at them, and why the system refused, in words for a person."""

from __future__ import annotations

import errno
import fcntl
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

_WORDS = {
    errno.ENOENT: "没有这个文件或目录",
    errno.EACCES: "没有权限",
    errno.EPERM: "没有权限",
    errno.EISDIR: "这是目录，不是文件",
    errno.ENOTDIR: "路径中有一段不是目录",
    errno.EEXIST: "已有同名的文件或目录",
    errno.ENOSPC: "磁盘已满",
    errno.EDQUOT: "磁盘配额已用完",
    errno.EFBIG: "超过了系统允许的文件大小",
    errno.EROFS: "磁盘是只读的",
    errno.EIO: "磁盘读写出错",
    errno.EMFILE: "打开的文件太多",
    errno.ENAMETOOLONG: "名称太长",
    errno.ENODEV: "这是设备，不是文件",
    errno.EADDRINUSE: "已被其他程序占用",
    errno.EADDRNOTAVAIL: "本机没有这个地址",
}


def why(error: OSError) -> str:
    """What the system says is wrong, in Chinese where it is one of the usual things."""
    return _WORDS.get(error.errno or 0) or error.strerror or type(error).__name__


def read_within(path: Path, limit: int) -> bytes | int:
    """The bytes of a file or pipe; where there are more than `limit`, their number as far as it is known.

    Raises OSError for what cannot be read, and for a device, which may have no end.
    """
    with path.open("rb") as opened:
        status = os.fstat(opened.fileno())
        if stat.S_ISCHR(status.st_mode) or stat.S_ISBLK(status.st_mode):
            raise OSError(errno.ENODEV, os.strerror(errno.ENODEV), str(path))
        if status.st_size > limit:
            return status.st_size
        content = opened.read(limit + 1)
    return content if len(content) <= limit else len(content)


def hold(path: Path) -> BinaryIO | None:
    """The file, held against everybody else until it is closed or this process ends; None where another holds it."""
    held = path.open("ab")
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        held.close()
        return None
    return held


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """The block while nobody else, in this process or another, is in one of the same path; waits for its turn.

    Whoever dies lets go. `path` is made where it is missing, and stays.
    """
    with path.open("ab") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield
