"""Reading formats: TOML, YAML, JSON, INI and XML into plain values, whatever the bytes are.

A parser for each, bounded in size, depth and time. XML is read by expat without document types, so without
entities. What it leaves out: which file says what; YAML's composing (`yaml_reading.py`).
"""

import configparser
import json
from collections.abc import Callable
from typing import TypeVar
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from beadwork.context.stack.unreadable import UnreadableError

T = TypeVar("T")

MAX_BYTES = 1_000_000
MAX_YAML_BYTES = 250_000
MAX_JSON5_BYTES = 16_000
"""The parser is written in Python: this is half a second at worst."""
MAX_LINE_WORK = 40_000_000
"""Sum over the lines of an INI file of the square of their lengths, which is what `configparser` may need."""
MAX_KEY_WORK = 4_000_000
"""Sum over the lines of a TOML file of the square of their dots, which is what a dotted key costs to read."""


def text(data: bytes) -> str:
    """Decode a file: UTF-8, or UTF-16 with its mark. Raise `UnreadableError` when it is neither or too
    large."""
    if len(data) > MAX_BYTES:
        raise UnreadableError(f"is larger than {MAX_BYTES:,} bytes")
    utf16 = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    try:
        return data.decode("utf-16" if utf16 else "utf-8-sig")
    except UnicodeDecodeError:
        raise UnreadableError("is not text in UTF-8") from None


def toml(data: bytes) -> object:
    """Read TOML. Raise `UnreadableError`."""
    import tomllib  # noqa: PLC0415  (nobody pays who detects nothing)

    source = text(data)
    if sum(line.count(".") ** 2 for line in source.splitlines()) > MAX_KEY_WORK:
        raise UnreadableError("has keys that are too long to read")
    return _guarded("TOML", lambda: tomllib.loads(source))


def json_strict(data: bytes) -> object:
    """Read JSON. Raise `UnreadableError`; NaN and Infinity are not JSON."""
    source = text(data)
    return _guarded("JSON", lambda: json.loads(source, parse_constant=_not_json))


def json_lenient(data: bytes) -> object:
    """Read JSON with comments and trailing commas. Raise `UnreadableError`."""
    try:
        return json_strict(data)
    except UnreadableError:
        if len(data) > MAX_JSON5_BYTES:
            raise
    import json5  # noqa: PLC0415

    source = text(data)
    return _guarded("JSON with comments", lambda: json5.loads(source))


def ini(data: bytes) -> object:
    """Read INI as `configparser` does, without interpolation. Raise `UnreadableError`."""
    source = text(data)
    if sum(len(line) ** 2 for line in source.splitlines()) > MAX_LINE_WORK:
        raise UnreadableError("has lines that are too long to read")

    def sections() -> dict[str, dict[str, str]]:
        parser = configparser.RawConfigParser(strict=False, allow_no_value=True)
        parser.read_string(source)
        return {name: {key: value or "" for key, value in parser.items(name)} for name in parser.sections()}

    return _guarded("INI", sections)


def yaml(data: bytes) -> object:
    """Read the first document of YAML; every scalar is text as written. Raise `UnreadableError`."""
    if len(data) > MAX_YAML_BYTES:
        raise UnreadableError(f"is larger than {MAX_YAML_BYTES:,} bytes")
    source = text(data)

    def document() -> object:
        from beadwork.context.stack.yaml_reading import first_document  # noqa: PLC0415

        return first_document(source)

    return _guarded("YAML", document)


def xml(data: bytes) -> Element:
    """Read XML without a document type, so without entities. Raise `UnreadableError`."""
    if len(data) > MAX_BYTES:
        raise UnreadableError(f"is larger than {MAX_BYTES:,} bytes")

    def read() -> Element:
        builder, parser = TreeBuilder(), expat.ParserCreate(namespace_separator="}")
        parser.StartDoctypeDeclHandler = _no_doctype
        parser.StartElementHandler = lambda name, attributes: builder.start(
            name.rpartition("}")[2], attributes
        )
        parser.EndElementHandler = lambda name: builder.end(name.rpartition("}")[2])
        parser.CharacterDataHandler = builder.data
        parser.Parse(data, True)  # noqa: FBT003  (the last piece)
        return builder.close()

    return _guarded("XML", read)


def _guarded(kind: str, read: Callable[[], T]) -> T:
    try:
        return read()
    except UnreadableError:
        raise
    except (RecursionError, MemoryError):
        raise UnreadableError("is nested too deeply") from None
    except Exception:  # noqa: BLE001  (parsers of others, on bytes of others: each raises what it likes)
        # Their words are left out: they differ by version, and quote the file where people expect ours.
        raise UnreadableError(f"is not {kind}") from None


def _not_json(word: str) -> object:
    raise UnreadableError(f"is not JSON: it has {word}")


def _no_doctype(*_: object) -> None:
    raise UnreadableError("has a document type, which is not read")
