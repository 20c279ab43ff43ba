"""Requests over one kept connection, which is opened again when the server has closed it."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass

NO_ANSWER = 0
_MOST_LINE_BYTES = 1 << 20


@dataclass(slots=True, kw_only=True)
class HttpClient:
    """Somebody with a token. One request at a time."""

    port: int
    token: str
    _reader: asyncio.StreamReader | None = None
    _writer: asyncio.StreamWriter | None = None

    async def send(self, method: str, target: str, body: bytes = b"") -> int:
        """Send a request, read its answer to the end, and return the status.

        `NO_ANSWER` if the connection broke off; the next request opens another.
        """
        try:
            if self._writer is None:
                self._reader, self._writer = await asyncio.open_connection(
                    "127.0.0.1", self.port, limit=_MOST_LINE_BYTES
                )
            head = (
                f"{method} {target} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\n"
                f"Authorization: Token {self.token}\r\nAccept: application/json\r\n"
                f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
            )
            self._writer.write(head.encode() + body)
            await self._writer.drain()
            return await self._answer()
        except (OSError, EOFError, ValueError):
            await self.close()
            return NO_ANSWER

    async def close(self) -> None:
        """Close the connection, if there is one."""
        writer, self._reader, self._writer = self._writer, None, None
        if writer is not None:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    async def _answer(self) -> int:
        reader = self._reader
        assert reader is not None
        first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = {
            name.lower(): value.strip()
            for name, _, value in (line.partition(":") for line in lines)
        }
        if headers.get("transfer-encoding") == "chunked":
            while size := int((await reader.readline()).partition(b";")[0], 16):
                await reader.readexactly(size + 2)
            await reader.readline()
        else:
            await reader.readexactly(int(headers.get("content-length", 0)))
        if headers.get("connection", "").lower() == "close":
            await self.close()
        return int(first.split()[1])
