"""Compare an answer as a document writes it with the answer that the service gave."""

from __future__ import annotations

import json
import re
from typing import Any

ANYTHING = "…"
_MORE = "\N{HORIZONTAL ELLIPSIS} and more"  # stands for a bare … among members or elements
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|…|\s+|[^"…\s]')
_NAME = re.compile(r"<([a-z_]+)>")

Names = dict[str, Any]  # the values of earlier answers, by name


def written(text: str) -> Any:
    """Return the JSON that a document writes, with its `…`.

    Raises:
        ValueError: the text is not JSON.
    """
    pieces: list[str] = []
    inside: list[str] = []
    last = ""
    for token in _TOKEN.findall(text):
        if token == ANYTHING:
            is_place_of_a_value = last not in ("{", "[", ",")
            if is_place_of_a_value:
                token = json.dumps(ANYTHING)
            elif inside[-1] == "{":
                token = f"{json.dumps(_MORE)}: 0"
            else:
                token = json.dumps(_MORE)
        elif token in "{[":
            inside.append(token)
        elif token in "}]":
            inside.pop()
        pieces.append(token)
        last = token if token.strip() else last
    return json.loads("".join(pieces))


def differences(expected: Any, actual: Any, names: Names, where: str = "answer") -> list[str]:
    """Return in sentences where `actual` differs from `expected`; note the values of new names."""
    match expected:
        case dict():
            return _in_object(expected, actual, names, where)
        case list():
            return _in_list(expected, actual, names, where)
        case str() if expected == ANYTHING:
            return []
        case str():
            return [] if matches(expected, actual, names) else [_says(where, expected, actual)]
    same = type(expected) is type(actual) and expected == actual
    return [] if same else [_says(where, expected, actual)]


def filled_in(text: str, names: Names) -> str:
    """Return a request with values for its names.

    Raises:
        KeyError: no earlier answer gave a value for a name.
    """
    text = re.sub(r'"<([a-z_]+)>"', lambda name: json.dumps(names[name[1]]), text)
    return _NAME.sub(lambda name: str(names[name[1]]), text)


def matches(expected: str, actual: str, names: Names) -> bool:
    """Tell whether a text is as the document writes it, with `…` for any piece of it."""
    return _is_text(expected, actual, names)


def _in_object(expected: dict[str, Any], actual: Any, names: Names, where: str) -> list[str]:
    if not isinstance(actual, dict):
        return [_says(where, expected, actual)]
    members = {name: value for name, value in expected.items() if name != _MORE}
    sentences = [f"{where}.{name} is missing" for name in members if name not in actual]
    if _MORE not in expected:
        sentences += [
            f"{where}.{name} is not written, and is {_short(value)}"
            for name, value in actual.items()
            if name not in members
        ]
    for name, value in members.items():
        if name in actual:
            sentences += differences(value, actual[name], names, f"{where}.{name}")
    return sentences


def _in_list(expected: list[Any], actual: Any, names: Names, where: str) -> list[str]:
    elements = [value for value in expected if value != _MORE]
    if not isinstance(actual, list):
        return [_says(where, expected, actual)]
    has_more = len(elements) < len(expected)
    if len(actual) < len(elements) or (len(actual) > len(elements) and not has_more):
        return [f"{where} has {len(actual)} elements, and {len(elements)} are written"]
    return [
        difference
        for at, value in enumerate(elements)
        for difference in differences(value, actual[at], names, f"{where}[{at}]")
    ]


def _is_text(expected: str, actual: Any, names: Names) -> bool:
    if (only_name := _NAME.fullmatch(expected)) is not None:
        return bool(names.setdefault(only_name[1], actual) == actual)
    if not isinstance(actual, str):
        return False
    pattern, new_names = "", []
    for piece in re.split(r"(…|<[a-z_]+>)", expected):
        name = _NAME.fullmatch(piece)
        if piece == ANYTHING:
            pattern += r".*?"
        elif name is not None and name[1] not in names:
            pattern += rf"(?P<{name[1]}>\S+?)"
            new_names.append(name[1])
        else:
            pattern += re.escape(str(names[name[1]]) if name else piece)
    match = re.fullmatch(pattern, actual, re.DOTALL)
    if match is not None:
        names.update({name: match[name] for name in new_names})
    return match is not None


def _says(where: str, expected: Any, actual: Any) -> str:
    return f"{where} is {_short(actual)}, and {_short(expected)} is written"


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) < 300 else f"{text[:300]} …"
