"""The inbox of runs: what people said to them, in the order it was said, each taken once.

What it leaves out: who may say what when (`workflows/stepping_in/stepping.py`).
"""

import json
import sqlite3
import time
from collections.abc import Sequence

import attrs

from beadwork.executions.asking import Message, MessageKind
from beadwork.storage import Database


class Inbox:
    """The messages of all runs, in the store's file. Every method may raise StoreError."""

    def __init__(self, db: Database) -> None:
        """Use `db`, which the store owns."""
        self._db = db

    def send(self, run: str, message: Message) -> Message:
        """Put a message into the inbox of `run`; give it with its number."""
        values = {
            "run": run,
            "kind": message.kind.value,
            "texts": json.dumps(message.texts),
            "ask": message.ask,
            "at": time.time(),
        }
        with self._db.changing():
            done = self._db.execute(
                "INSERT INTO message (run, kind, texts, ask, at, taken) "
                "VALUES (:run, :kind, :texts, :ask, :at, 0)",
                values,
            )
        return attrs.evolve(message, number=int(done.lastrowid or 0), at=float(str(values["at"])))

    def take(self, run: str) -> Sequence[Message]:
        """Give the messages that nobody has taken yet, and mark them as taken."""
        with self._db.reading():
            if not self._found("run = :run AND taken = 0", run):
                return ()
        with self._db.changing():
            found = self._found("run = :run AND taken = 0", run)
            self._db.execute("UPDATE message SET taken = 1 WHERE run = :run", {"run": run})
        return found

    def take_first(self, run: str) -> Message | None:
        """Give the oldest message that nobody has taken yet, marked as taken; None where there is none."""
        with self._db.reading():
            if not self._found("run = :run AND taken = 0", run):
                return None
        with self._db.changing():
            found = self._found("run = :run AND taken = 0", run)[:1]
            for first in found:
                self._db.execute(
                    "UPDATE message SET taken = 1 WHERE number = :number", {"number": first.number}
                )
        return found[0] if found else None

    def waiting(self, run: str) -> Sequence[Message]:
        """Give the messages that nobody has taken yet, and leave them."""
        with self._db.reading():
            return self._found("run = :run AND taken = 0", run)

    def all(self, run: str) -> Sequence[Message]:
        """Give all messages of a run, taken or not, the oldest first."""
        with self._db.reading():
            return self._found("run = :run", run)

    def _found(self, where: str, run: str) -> tuple[Message, ...]:
        found = self._db.execute(f"SELECT * FROM message WHERE {where} ORDER BY number", {"run": run})  # noqa: S608
        return tuple(_message_of(row) for row in found.fetchall())


def _message_of(row: sqlite3.Row) -> Message:
    return Message(
        kind=MessageKind(row["kind"]),
        texts=tuple(str(text) for text in json.loads(row["texts"])),
        ask=row["ask"],
        number=row["number"],
        at=row["at"],
    )
