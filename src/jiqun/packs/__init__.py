"""A city folder → City: read with every line kept, checked whole, stamped by digest."""

from jiqun.packs.city import City
from jiqun.packs.creating import create
from jiqun.packs.loading import amended, bundled_names, check, folder, is_bundled, load, load_snapshot, snapshot_files

__all__ = [
    "City", "amended", "bundled_names", "check", "create", "folder", "is_bundled", "load", "load_snapshot",
    "snapshot_files",
]  # fmt: skip
