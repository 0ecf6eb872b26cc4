"""Looking into values of unknown shape, as parsers give them: what is not of the wanted shape is nothing.

What it leaves out: reading files.
"""

from xml.etree.ElementTree import Element

MAX_MERGES = 20
"""How many merge keys of one YAML mapping are followed."""


def at(value: object, *keys: str) -> object:
    """Give what stands under `keys`, or None."""
    for key in keys:
        if not isinstance(value, dict):
            return None
        value = value.get(key)
    return value


def has(value: object, *keys: str) -> bool:
    """Tell whether there is something under `keys`, even if it is empty."""
    return isinstance(parent := at(value, *keys[:-1]), dict) and keys[-1] in parent


def table(value: object, *keys: str) -> dict[str, object]:
    """Give the mapping under `keys`, or an empty one."""
    found = at(value, *keys)
    return {str(key): item for key, item in found.items()} if isinstance(found, dict) else {}


def listing(value: object, *keys: str) -> list[object]:
    """Give the list under `keys`, or an empty one."""
    found = at(value, *keys)
    return list(found) if isinstance(found, list) else []


def word(value: object, *keys: str) -> str:
    """Give the text under `keys`, or an empty one."""
    found = at(value, *keys)
    return found if isinstance(found, str) else ""


def words(value: object, *keys: str) -> list[str]:
    """Give the texts of the list under `keys`, or the one text as a list."""
    found = at(value, *keys)
    if isinstance(found, str):
        return [found]
    return [item for item in found if isinstance(item, str)] if isinstance(found, list) else []


def merged(value: object) -> dict[str, object]:
    """Give a YAML mapping with its merge keys (`<<`) followed, nearest first, a bounded number of them."""
    result: dict[str, object] = {}
    waiting, seen = [value], 0
    while waiting and seen < MAX_MERGES:
        here = table(waiting.pop(0))
        seen += 1
        source = here.pop("<<", None)
        waiting.extend(source[:MAX_MERGES] if isinstance(source, list) else [source])
        result = here | result
    return result


def child(element: Element | None, *names: str) -> Element | None:
    """Give the first descendant by the path of names, or None."""
    for name in names:
        element = None if element is None else element.find(name)
    return element


def child_text(element: Element | None, *names: str) -> str:
    """Give the text of the first descendant by the path of names, or an empty one."""
    found = child(element, *names)
    return (found.text or "").strip() if found is not None else ""
