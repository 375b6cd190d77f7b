"""A WebSub hub on the loopback interface, which calls back like a real one. See `Hub`."""

import hmac
import threading
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from types import TracebackType

Wish = Mapping[str, str]  # the fields of a request to a hub


class _Caller(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: "Hub"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        assert self.headers["Content-Type"].startswith("application/x-www-form-urlencoded")
        wish = dict(urllib.parse.parse_qsl(body, strict_parsing=True))
        self.server.asked.append(wish)
        if self.server.hurries:
            self.server.verified.append(self.server.verify(wish))
        status, headers = self.server.answers.get(self.path, (202, {}))
        self.send_response_only(status)
        for name, value in ({"Content-Length": "0"} | dict(headers)).items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Keep the tests' output clean."""


class Hub(ThreadingHTTPServer):
    """A hub of your own. Tests get one running as the fixture `hub`.

    hub.url()                              what a feed announces
    hub.answers["/"] = 503, {}             how to answer a request; 202 otherwise
    hub.hurries = True                     verify before answering
    hub.asked                              the wishes so far
    hub.verify(wish)                       call back: is this really wanted? True if the challenge came back
    hub.tell(wish, b"<rss/>")              say that there is news; returns the status
    """

    daemon_threads = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Caller)
        self.answers: dict[str, tuple[int, Mapping[str, str]]] = {}
        self.asked: list[Wish] = []
        self.verified: list[bool] = []
        self.hurries = False
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01})

    def __enter__(self) -> "Hub":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self.shutdown()
        self._thread.join()
        self.server_close()

    def server_bind(self) -> None:
        """Bind without asking the resolver for a name of our own."""
        TCPServer.server_bind(self)

    def url(self, path: str = "/") -> str:
        return f"http://127.0.0.1:{self.server_address[1]}{path}"

    def verify(self, wish: Wish, challenge: str = "f00d & <b>water</b>", **changed: str) -> bool:
        """Ask the subscriber whether it wants this, and say whether it does."""
        asked = {"hub.mode": wish["hub.mode"], "hub.topic": wish["hub.topic"], "hub.challenge": challenge}
        if lease := wish.get("hub.lease_seconds"):
            asked["hub.lease_seconds"] = lease
        query = urllib.parse.urlencode(asked | {f"hub.{name}": value for name, value in changed.items()})
        status, body = _call(urllib.request.Request(f"{wish['hub.callback']}?{query}"))
        return status == 200 and body == challenge.encode()

    def tell(self, wish: Wish, body: bytes, method: str = "sha256", secret: str | None = None) -> int:
        """Say that there is news, signed with the subscription's secret."""
        key = wish["hub.secret"] if secret is None else secret
        signature = f"{method}={hmac.new(key.encode(), body, method).hexdigest()}"
        headers = {"X-Hub-Signature": signature, "Content-Type": "application/rss+xml"}
        return _call(urllib.request.Request(wish["hub.callback"], body, headers))[0]


def _call(request: urllib.request.Request) -> tuple[int, bytes]:
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()
