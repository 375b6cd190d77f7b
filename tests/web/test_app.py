import logging
from collections.abc import Callable
from http import HTTPStatus

import pytest
from flask import Flask, abort
from flask.testing import FlaskClient
from sqlalchemy import Engine
from sqlalchemy.pool import QueuePool

from kb.errors import BadAddress, Busy, DocumentError
from web.app import LARGEST_UPLOAD

Page = Callable[[str], str]


@pytest.mark.parametrize("address", ["/", "/nowhere", "/static/site.css", "/healthz", "/feeds.opml"])
def test_every_answer_carries_the_security_headers(client: FlaskClient, address: str) -> None:
    with client.get(address) as answer:
        headers = answer.headers

    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "no-referrer"


def test_no_page_carries_inline_style_or_script(page: Page) -> None:
    for address in ("/", "/search?q=x", "/topics", "/topics/trust", "/feeds"):
        text = page(address)
        assert "<script" not in text
        assert "<style" not in text
        assert " style=" not in text


def test_static_files_are_named_by_their_content_and_kept_long(client: FlaskClient, page: Page) -> None:
    [link] = [line for line in page("/").splitlines() if 'rel="stylesheet"' in line]
    address = link.split('"')[3]

    with client.get(address) as answer:
        assert "?v=" in address
        assert "max-age=31536000" in answer.headers["Cache-Control"]


def test_reading_sets_no_cookie(client: FlaskClient) -> None:
    for address in ("/", "/search?q=x", "/topics"):
        assert "Set-Cookie" not in client.get(address).headers


def test_the_cookie_of_forms_is_kept_from_scripts_and_other_sites(client: FlaskClient) -> None:
    cookie = client.get("/feeds").headers["Set-Cookie"]

    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_a_watchdog_hears_that_all_is_well(client: FlaskClient) -> None:
    answer = client.get("/healthz")

    assert (answer.status_code, answer.text) == (200, "ok\n")


@pytest.mark.parametrize(
    "address",
    [
        "/nowhere",
        "/principles/1",
        "/principles/99999999999999999999999999",
        "/principles/-1",
        "/principles/one",
        "/posts/1",
        "/posts/2147483647",
        "/feeds/1",
        "/feeds/1/remove",
        "/topics/unheard-of",
        "/topics/%00",
        "/topics/trust?page=2",
        "/search?q=x&page=2",
    ],
)
def test_what_is_not_there_is_a_page_of_the_site(client: FlaskClient, address: str) -> None:
    answer = client.get(address)

    assert answer.status_code == 404
    assert "There is nothing here" in answer.text
    assert 'role="search"' in answer.text


@pytest.mark.parametrize("address", ["/search?page=0", "/topics/trust?page=x", "/search?year=soon"])
def test_an_address_that_makes_no_sense_is_told_so(client: FlaskClient, address: str) -> None:
    answer = client.get(address)

    assert answer.status_code == 400
    assert "in this address is no number" in answer.text


def test_a_wrong_method_is_told_so(client: FlaskClient) -> None:
    answer = client.put("/topics")

    assert answer.status_code in {400, 405}  # the token is asked for first
    assert "To the start page" in answer.text


def test_a_method_that_is_not_allowed_names_those_that_are(app: Flask) -> None:
    app.config["WTF_CSRF_ENABLED"] = False

    answer = app.test_client().post("/topics")

    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]


def test_a_form_without_its_token_changes_nothing(client: FlaskClient) -> None:
    answer = client.post("/feeds", data={"url": "https://a.example/feed"})

    assert answer.status_code == 400
    assert "This form has expired" in answer.text
    assert "No feed is subscribed yet" in client.get("/feeds").text


def test_too_large_a_body_is_refused_with_a_page(client: FlaskClient) -> None:
    answer = client.post("/feeds/import", data={"list": (b"x" * (LARGEST_UPLOAD + 1)).decode()})

    assert answer.status_code == 413
    assert "That file is too large" in answer.text


@pytest.mark.parametrize(
    ("error", "status", "words"),
    [
        (BadAddress("x"), 400, "makes no sense"),
        (DocumentError("list.opml", "it holds no feed"), 400, "This file cannot be used"),
        (DocumentError("list.opml", "it holds no feed"), 400, "It holds no feed."),
        (Busy("x"), 503, "Busy at the moment"),
    ],
)
def test_our_errors_become_pages(app: Flask, error: Exception, status: int, words: str) -> None:
    def fail() -> str:
        raise error

    app.add_url_rule("/fails", view_func=fail)
    answer = app.test_client().get("/fails")

    assert answer.status_code == status
    assert words in answer.text


def test_a_bug_is_logged_and_told_without_its_details(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    def fail() -> str:
        raise RuntimeError("secret detail")

    app.add_url_rule("/fails", view_func=fail)
    with caplog.at_level(logging.ERROR):
        answer = app.test_client().get("/fails")

    assert answer.status_code == 500
    assert "went wrong on our side" in answer.text
    assert "secret detail" not in answer.text
    assert "secret detail" in caplog.text


def test_an_error_without_words_of_its_own_has_its_name(app: Flask) -> None:
    app.add_url_rule("/tea", view_func=lambda: abort(HTTPStatus.IM_A_TEAPOT))

    answer = app.test_client().get("/tea")

    assert answer.status_code == 418
    assert "I&#39;m a Teapot" in answer.text


def test_each_request_gives_its_connection_back(client: FlaskClient, engine: Engine) -> None:
    for address in ("/", "/search?q=x", "/feeds", "/principles/5", "/nowhere"):
        client.get(address)

    assert isinstance(engine.pool, QueuePool)
    assert engine.pool.checkedout() == 0
