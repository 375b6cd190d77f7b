"""One run over servers that do everything wrong: each is told in plain words, and the others are read."""

from ipaddress import ip_network

import brotli
from loopback import Names, Reply, Script, Site, bomb, cut, drip, endless, raw, redirect, reset, stall, stream

from ingest import fetch, parse
from ingest.fetch import Answer, Limits, Request
from kb.errors import FeedError

LIMITS = Limits(
    user_agent="t",
    total=1.0,
    connect=1.0,
    read=0.4,
    gap=0,
    max_bytes=300_000,
    allow=(ip_network("127.0.0.1/32"),),
)
FEED = b"<rss version='2.0'><channel><title>T</title><item><title>Own it</title></item></channel></rss>"
LOGIN = b"<!doctype html><html><title>Log in</title><form><input type=password></form></html>"
BROTLI = Reply(body=brotli.compress(bytes(50_000_000)), headers={"Content-Encoding": "br"})
GZIP_LIE = Reply(body=FEED, headers={"Content-Encoding": "gzip"})
CHUNKS_CUT = raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n<rss>")
CHUNKS_LIE = raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n<rss>\r\n")
TWO_LENGTHS = raw(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 9\r\n\r\n<rss>")
HALF_A_HEAD = raw(b"HTTP/1.1 200 OK\r\nContent-Le")
OWN_IT = "Own it"  # what the feed says, if it is read
TOLD: dict[str, tuple[Script, str]] = {
    "slow": (drip, "the answer took too long"),
    "silent": (stall, "the server fell silent"),
    "falls-silent": (stream([b"<rss>", b"never"], pause=60), "the server fell silent"),
    "endless": (stream(endless()), "the answer is larger than 300,000 bytes"),
    "gzip-bomb": (bomb, "the answer is larger than 300,000 bytes"),
    "brotli-bomb": (BROTLI, "the answer is larger than 300,000 bytes"),
    "loop": (redirect("/loop"), "its redirects lead round in a circle"),
    "too-short": (cut(FEED, announced=5000), "the answer broke off or is damaged"),
    "reset": (reset, "the server hung up without an answer"),
    "reset-in-head": (HALF_A_HEAD, "the server hung up without an answer"),
    "reset-in-body": (CHUNKS_CUT, "the answer broke off or is damaged"),
    "odd-chunks": (CHUNKS_LIE, "the answer is not proper HTTP"),
    "no-gzip": (GZIP_LIE, "the answer broke off or is damaged"),
    "two-lengths": (TWO_LENGTHS, "the answer is not proper HTTP"),
    "endless-head": (raw(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 500_000), "the answer is not proper HTTP"),
    "no-http": (raw(b"SSH-2.0-server\r\n"), "the answer is not proper HTTP"),
    "inner": (redirect("http://169.254.169.254/latest"), "it leads to the local link"),
    "login": (Reply(body=LOGIN, headers={"Content-Type": "application/rss+xml"}), "a web page, not a feed"),
    "odd-status": (Reply(status=999), "the server answered 999"),
    "wrong-charset": (Reply(body=FEED, headers={"Content-Type": "text/xml; charset=utf-16"}), OWN_IT),
    "no-charset": (Reply(body=FEED, headers={"Content-Type": "text/xml; charset=\x01klingon"}), OWN_IT),
    "wrong-type": (Reply(body=FEED, headers={"Content-Type": "image/png"}), OWN_IT),
} | {f"good{number}": (Reply(body=FEED), OWN_IT) for number in range(10)}


def told(outcome: Answer | FeedError) -> str:
    """Return why there is no feed in an outcome, else its first entry's title."""
    try:
        if isinstance(outcome, FeedError):
            raise outcome
        return parse.feed(outcome.body, outcome.final_url, outcome.content_type).entries[0].title or ""
    except FeedError as error:
        return error.reason


def test_hostile_servers_are_told_in_plain_words_and_harm_no_other(site: Site) -> None:
    for name, (script, _) in TOLD.items():
        site[f"/{name}"] = script
    names = Names(**{name: ["127.0.0.1"] for name in TOLD})
    requests = {Request(url=site.url(f"/{name}", f"{name}.test")): name for name in TOLD}

    found = {requests[request]: told(outcome) for request, outcome in fetch.many(requests, LIMITS, names)}

    expected = {name: words for name, (_, words) in TOLD.items()}
    assert {name: words[: len(expected[name])] for name, words in found.items()} == expected
