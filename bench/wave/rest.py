"""A REST server for restic repositories whose every request takes a while longer, and is counted."""

import asyncio
import re
import subprocess
import threading
from pathlib import Path

_PIECE = 1 << 18


class SlowRest:
    """`rclone serve restic` behind a relay which holds each request back for so long, each for itself.

    Only requests are late, as on a network with that time for a round trip; bytes flow at once. Runs in threads of this
    process, so that its CPU time is not counted as an arm's.
    """

    def __init__(self, folder: Path, latency_ms: int):
        self.requests = 0
        self.listings = 0
        self._seconds = latency_ms / 1000
        self._clients: set[asyncio.StreamWriter] = set()
        self._server = subprocess.Popen(
            ["rclone", "serve", "restic", "--config", "", "--addr", "127.0.0.1:0", str(folder)],
            stderr=subprocess.PIPE, text=True)
        self._upstream = self._wait_for_port()
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self.port = 0
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        self._ready.wait()

    def url(self, path: str) -> str:
        return f"rest:http://127.0.0.1:{self.port}/{path}/"

    def reset(self) -> None:
        self.requests = self.listings = 0

    def close(self) -> None:
        asyncio.run_coroutine_threadsafe(self._hang_up(), self._loop)
        self._thread.join()
        self._server.terminate()
        self._server.wait()

    async def _hang_up(self) -> None:
        """Connections that clients left open end as if their clients had closed them."""
        for client in self._clients:
            client.transport.abort()
        await asyncio.gather(*asyncio.all_tasks() - {asyncio.current_task()}, return_exceptions=True)
        self._loop.call_soon(self._loop.stop)

    def _wait_for_port(self) -> int:
        said = ""
        for line in self._server.stderr:
            said += line
            if match := re.search(r"http://127\.0\.0\.1:(\d+)/", line):
                threading.Thread(target=self._server.stderr.read, daemon=True).start()
                return int(match[1])
        raise SystemExit("compare: rclone does not serve: " + said)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._serve, "127.0.0.1", 0))
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        self._loop.run_forever()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        upstream_reader, upstream_writer = await asyncio.open_connection("127.0.0.1", self._upstream)
        self._clients.add(writer)
        answers = asyncio.create_task(_pump(upstream_reader, writer))
        try:
            while True:
                await self._pass_request(reader, upstream_writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            upstream_writer.close()
            await answers
            self._clients.discard(writer)

    async def _pass_request(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        method, path = head.split(b" ", 2)[:2]
        self.requests += 1
        self.listings += method == b"GET" and path.endswith(b"/")
        await asyncio.sleep(self._seconds)
        writer.write(head)
        await _pass_body(head.lower(), reader, writer)


async def _pass_body(head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    if length := re.search(rb"\r\ncontent-length: *(\d+)", head):
        left = int(length[1])
        while left > 0:
            piece = await reader.readexactly(min(left, _PIECE))
            left -= len(piece)
            writer.write(piece)
            await writer.drain()
    elif b"\r\ntransfer-encoding: chunked" in head:
        size = 1
        while size > 0:
            line = await reader.readuntil(b"\r\n")
            size = int(line.split(b";")[0], 16)
            writer.write(line + await reader.readexactly(size + 2))
            await writer.drain()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while piece := await reader.read(_PIECE):
            writer.write(piece)
            await writer.drain()
    except ConnectionError:
        pass
    finally:
        writer.close()
