"""The room of storage: SQLite files that several processes share. This is its door."""

from beadwork.storage.damage import fresh_path, is_known_damaged, opening, replace_damaged
from beadwork.storage.database import BUSY_SECONDS, Database, Schema, StoreBusy, StoreDamaged, StoreError

__all__ = [
    "BUSY_SECONDS",
    "Database",
    "Schema",
    "StoreBusy",
    "StoreDamaged",
    "StoreError",
    "fresh_path",
    "is_known_damaged",
    "opening",
    "replace_damaged",
]
