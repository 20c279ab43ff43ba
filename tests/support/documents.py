"""The fenced blocks of the documents, and which of them are examples that are run.

Note [Examples that are run]
    A document's examples are run in order, by one user who has the flights loaded. Names in angle
    brackets stand for values from earlier answers: the first `"<flights>"` in an answer takes its
    value from there, every later one has to be equal to it, and requests send it.

    - `http` with a request: sent, with the token once an answer gave one. The block that follows is
      its answer: `json`, the body of a success; or `http` with a status line, the headers that
      matter, and the body.
    - `console`: each line that begins with `$ ` is run by a shell; what follows is what it prints.
    - `javascript`, in the front-end guide: a module, its name in its first line; a browser runs it.
    - `python`, in the page on the log: a program, which a test of the export runs.

    In an answer `…` stands for any content: for any value, for the rest of an object or a
    list, and within a text for any piece of it. Everything else has to be as it is written.

    A block that is not run says so after its language: `json not-run`, `text not-run`. A `mermaid`
    block is a diagram and needs no mark.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
NOT_RUN = "not-run"
RUN_EVERYWHERE = ("http", "json", "console")
RUN_IN = {"javascript": "front-end.md", "python": "inspection.md"}
DRAWN = ("mermaid",)

_NAME = re.compile(r"<([a-z_]+)>")
_REQUEST_LINE = re.compile(r"(GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS) (/\S*)")
_STATUS_LINE = re.compile(r"HTTP/1\.1 (\d{3}) .+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A fenced block. `line` is the number, in the document, of its first line."""

    language: str
    is_run: bool
    text: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """An HTTP request or answer: `start` is (method, path) or (status,)."""

    start: tuple[str, ...]
    headers: Mapping[str, str]
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A request with the answer that follows it, or a console block, whose `answer` is None."""

    block: Block
    request: Message | None = None
    answer: Message | None = None


def blocks_of(text: str) -> list[Block]:
    """Return the fenced blocks of a Markdown text.

    Raises:
        ValueError: a block is not closed, or its mark is unknown; the message names the line.
    """
    blocks: list[Block] = []
    opened: tuple[int, str] | None = None
    inside: list[str] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.startswith("```"):
            inside.append(line)
        elif opened is None:
            opened, inside = (number, line[3:].strip()), []
        else:
            language, _, mark = opened[1].partition(" ")
            if mark not in ("", NOT_RUN) or not language:
                raise ValueError(f"line {opened[0]}: ```{opened[1]} is neither run nor {NOT_RUN}")
            blocks.append(
                Block(
                    language=language,
                    is_run=not mark,
                    text="\n".join(inside),
                    line=opened[0] + 1,
                )
            )
            opened = None
    if opened is not None:
        raise ValueError(f"line {opened[0]}: the block is not closed")
    return blocks


def examples_of(text: str) -> list[Example]:
    """Return the requests and console blocks of a document, in order.

    Raises:
        ValueError: a request has no answer, or an answer no request; the message names the line.
    """
    examples: list[Example] = []
    blocks = [block for block in blocks_of(text) if block.is_run]
    at = 0
    while at < len(blocks):
        block = blocks[at]
        at += 1
        if block.language == "console":
            examples.append(Example(block=block))
        elif block.language == "http" and _REQUEST_LINE.match(block.text):
            following = blocks[at] if at < len(blocks) else None
            if following is None or (answer := _answer(following)) is None:
                raise ValueError(f"line {block.line}: the request has no answer")
            examples.append(Example(block=block, request=_message(block), answer=answer))
            at += 1
        elif block.language in ("http", "json"):
            raise ValueError(f"line {block.line}: an answer without a request before it")
    return examples


def names_in(text: str) -> list[str]:
    """Return the names that stand for values in a document, in order."""
    return _NAME.findall(text)


def _answer(block: Block) -> Message | None:
    if block.language == "json":
        return Message(start=("2",), headers={}, body=block.text)
    if block.language == "http" and _STATUS_LINE.match(block.text):
        return _message(block)
    return None


def _message(block: Block) -> Message:
    head, _, body = block.text.partition("\n\n")
    first, *lines = head.splitlines()
    start = _REQUEST_LINE.fullmatch(first) or _STATUS_LINE.fullmatch(first)
    if start is None or any(": " not in line for line in lines):
        raise ValueError(f"line {block.line}: not the head of a request or an answer")
    headers = dict(line.split(": ", 1) for line in lines)
    return Message(start=start.groups(), headers=headers, body=body.strip())
