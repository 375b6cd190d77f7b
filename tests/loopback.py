"""A scripted HTTP server on the loopback interface, for every test that needs the network. See `Site`."""

import socket
import threading
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType

from aiohttp.abc import AbstractResolver, ResolveResult

CHUNK = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request that came in; header names are in lower case."""

    path: str
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An ordinary answer; a 304 instead where the request names its `etag` or `last_modified`."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    etag: str | None = None
    last_modified: str | None = None

    def __call__(self, visitor: "Visitor") -> None:
        validators = {"ETag": self.etag, "Last-Modified": self.last_modified}
        known = {name: value for name, value in validators.items() if value is not None}
        if self._is_unchanged(visitor.headers.get):
            visitor.send(304, known)
            return
        visitor.leave()  # whoever has the last byte may ask again before this thread comes to its end
        visitor.send(self.status, {"Content-Length": str(len(self.body)), **known, **self.headers})
        visitor.wfile.write(self.body)

    def _is_unchanged(self, header: Callable[[str], str | None]) -> bool:
        if self.etag is not None and header("If-None-Match") is not None:
            return header("If-None-Match") == self.etag
        return self.last_modified is not None and header("If-Modified-Since") == self.last_modified


Script = Callable[["Visitor"], None]


def redirect(to: str, status: int = 302) -> Reply:
    """Answer with a redirect."""
    return Reply(status=status, headers={"Location": to})


def stall(visitor: "Visitor") -> None:
    """Take the request and never answer."""
    visitor.site.closing.wait()


def reset(visitor: "Visitor") -> None:
    """Hang up without an answer."""
    visitor.hang_up()


def raw(answer: bytes) -> Script:
    """Answer with these very bytes, head included, then hang up."""

    def script(visitor: "Visitor") -> None:
        visitor.wfile.write(answer)
        visitor.hang_up()

    return script


def cut(body: bytes, announced: int) -> Script:
    """Announce more bytes than come, then hang up."""
    return raw(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (announced, body))


def stream(chunks: Iterable[bytes], headers: Mapping[str, str] | None = None, pause: float = 0.0) -> Script:
    """Send one chunk after the other, *pause* seconds apart, until the client has had enough."""

    def script(visitor: "Visitor") -> None:
        visitor.send(200, {"Connection": "close", **(headers or {})})
        for chunk in chunks:
            visitor.wfile.write(chunk)
            visitor.wfile.flush()
            if visitor.site.closing.wait(pause):
                return

    return script


def endless(chunk: bytes = b"x" * CHUNK) -> Iterator[bytes]:
    """The same chunk for ever."""
    while True:
        yield chunk


def drip(visitor: "Visitor") -> None:
    """Send one byte every few milliseconds, for ever: never silent, never done."""
    stream(endless(b"x"), pause=0.005)(visitor)


def bomb(visitor: "Visitor") -> None:
    """Send gzip without end; each kilobyte of it unpacks to one megabyte."""
    packer = zlib.compressobj(wbits=31)
    head = packer.compress(b"") + packer.flush(zlib.Z_FULL_FLUSH)
    # After a full flush nothing refers back, so the same packed megabyte can be sent again and again.
    megabyte = packer.compress(bytes(1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    visitor.send(200, {"Connection": "close", "Content-Encoding": "gzip"})
    visitor.wfile.write(head)
    for chunk in endless(megabyte):
        visitor.wfile.write(chunk)


class Visitor(BaseHTTPRequestHandler):
    """One connection; what a script gets to work with."""

    protocol_version = "HTTP/1.1"
    server: "Site"
    is_inside: bool

    @property
    def site(self) -> "Site":
        return self.server

    def handle(self) -> None:
        """Serve the connection; a client that leaves early is part of many tests."""
        try:
            super().handle()
        except OSError:
            self.close_connection = True

    def do_GET(self) -> None:
        script = self.site.arrived(self)
        self.is_inside = True
        try:
            script(self)
        finally:
            self.leave()

    def leave(self) -> None:
        """Count no more as being in work; once a request."""
        if self.is_inside:
            self.is_inside = False
            self.site.left()

    def send(self, status: int, headers: Mapping[str, str]) -> None:
        """Send the head of an answer."""
        if headers.get("Connection") == "close":
            self.close_connection = True
        self.send_response_only(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def hang_up(self) -> None:
        self.wfile.flush()
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, *_: object) -> None:
        """Keep the tests' output clean."""


class Site(ThreadingHTTPServer):
    """A web server of your own. Tests get one running as the fixture `site`.

    site["/feed"] = b"<rss/>"                               200 with this body; assign again to change it
    site["/feed"] = Reply(body=b"...", etag='"1"')          304 where the client names the ETag
    site["/feed"] = Reply(status=410)
    site["/feed"] = redirect("/elsewhere", 301)             also to a full address
    site["/feed"] = stall | reset | drip | bomb             scripts; or any function that takes a `Visitor`
    site["/feed"] = cut(b"half", announced=8)
    site["/feed"] = stream(endless())
    site.url("/feed")                                       its address; unknown paths answer 404
    site.asked                                              every request so far: path and headers
    site.most_at_once                                       how many requests were ever in work together

    From a test file: `from loopback import Reply, redirect`.
    """

    daemon_threads = False
    request_queue_size = 256

    def __init__(self, host: str = "127.0.0.1") -> None:
        super().__init__((host, 0), Visitor)
        self.host = host
        self.asked: list[Asked] = []
        self.most_at_once = 0
        self.closing = threading.Event()
        self._inside = 0
        self._scripts: dict[str, Script] = {}
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01})

    def __enter__(self) -> "Site":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self.closing.set()
        self.shutdown()
        self._thread.join()
        with self._lock:
            for connection in self._open:
                _shut(connection)
        self.server_close()

    def __setitem__(self, path: str, script: Script | bytes) -> None:
        self._scripts[path] = Reply(body=script) if isinstance(script, bytes) else script

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def url(self, path: str = "/", host: str | None = None) -> str:
        """Return the address of *path*, under another name for this server if *host* is given."""
        return f"http://{host or self.host}:{self.port}{path}"

    def arrived(self, visitor: Visitor) -> Script:
        """Note a request and return what answers it."""
        headers = {name.lower(): value for name, value in visitor.headers.items()}
        with self._lock:
            self.asked.append(Asked(path=visitor.path, headers=headers))
            self._inside += 1
            self.most_at_once = max(self.most_at_once, self._inside)
        return self._scripts.get(visitor.path, Reply(status=404))

    def left(self) -> None:
        """Note that a request is done with."""
        with self._lock:
            self._inside -= 1

    def server_bind(self) -> None:
        """Bind without asking the resolver for a name of our own."""
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = "loopback", self.port

    def process_request(self, request: socket.socket, client_address: tuple[str, int]) -> None:  # type: ignore[override]
        with self._lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: socket.socket) -> None:  # type: ignore[override]
        with self._lock:
            self._open.discard(request)
        super().shutdown_request(request)


def _shut(connection: socket.socket) -> None:
    """Wake whoever reads from or writes to *connection*."""
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:  # already gone
        return


class Names(AbstractResolver):
    """A name server of our own; it answers an unknown name like a real one."""

    def __init__(self, **known: list[str]) -> None:
        self.known = {f"{name}.test": addresses for name, addresses in known.items()}

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        if host not in self.known:
            raise OSError(None, "no such name")
        return [
            ResolveResult(hostname=host, host=address, port=port, family=family, proto=0, flags=0)
            for address in self.known[host]
        ]

    async def close(self) -> None: ...
