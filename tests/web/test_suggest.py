from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from kb.model import Filing

Keep = Callable[..., int]

PROMISE = "Keep every promise you make."
TRUST = (Filing(topic="trust", words=("promise",)),)


def test_what_is_offered_says_where_it_leads(client: FlaskClient, keep: Keep) -> None:
    post = keep(PROMISE, PROMISE, topics=TRUST, title="Promises & tills")

    answer = client.get("/suggest?q=keep prom")

    assert answer.json == {
        "query": "keep prom",
        "suggestions": [
            {"kind": "word", "text": "keep promise", "address": "/search?q=keep+promise"},
            {"kind": "principle", "text": PROMISE, "address": "/principles/1"},
            {"kind": "post", "text": "Promises & tills", "address": f"/posts/{post}"},
        ],
    }


def test_topics_are_offered_by_title(client: FlaskClient, keep: Keep) -> None:
    keep(PROMISE, PROMISE, topics=TRUST)

    offered = client.get("/suggest?q=trus").json["suggestions"]

    assert {"kind": "topic", "text": "Trust, honesty and integrity", "address": "/topics/trust"} in offered


def test_everything_that_is_offered_is_there(client: FlaskClient, keep: Keep) -> None:
    keep(PROMISE, PROMISE, topics=TRUST)

    offered = client.get("/suggest?q=pro").json["suggestions"]

    assert offered
    assert {client.get(one["address"]).status_code for one in offered} == {200}


def test_what_people_type_is_kept_by_nobody(client: FlaskClient) -> None:
    answer = client.get("/suggest?q=promise")

    assert answer.headers["Cache-Control"] == "private, no-store"
    assert answer.content_type == "application/json"
    assert client.post("/suggest").status_code in {400, 405}


def test_a_space_at_the_end_ends_the_word(client: FlaskClient, keep: Keep) -> None:
    keep(PROMISE, PROMISE)

    assert client.get("/suggest?q=prom").json["suggestions"]
    assert client.get("/suggest?q=prom+").json == {"query": "prom ", "suggestions": []}


def test_a_title_cannot_turn_the_page_around(client: FlaskClient, keep: Keep) -> None:
    keep(PROMISE, PROMISE, title="Promises \u202e<script>\x1b")

    assert "Promises <script>" in [one["text"] for one in client.get("/suggest?q=prom").json["suggestions"]]


@pytest.mark.parametrize(
    "typed",
    ["", "?q=", "?q=%00", "?q=%ff%fe", "?q=%ed%a0%80", "?q=" + "a" * 10_000, "?q=NOT+OR+(", "?q=*", "?p=x"],
)
def test_whatever_is_typed_is_answered(client: FlaskClient, keep: Keep, typed: str) -> None:
    keep(PROMISE, PROMISE)

    assert client.get(f"/suggest{typed}").json["suggestions"] == []
