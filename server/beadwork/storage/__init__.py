"""The room of storage: SQLite files that several processes share. This is its door."""

from beadwork.storage.database import BUSY_SECONDS, Database, Schema, StoreDamaged, StoreError

__all__ = ["BUSY_SECONDS", "Database", "Schema", "StoreDamaged", "StoreError"]
