from datetime import UTC, datetime, timedelta, timezone

import pytest
from builders import NOW, digest

from kb import shapes
from kb.model import Feed, PostHit, PostRef, Results, Why


@pytest.mark.parametrize(
    ("when", "said"),
    [
        (None, None),
        (datetime(2010, 4, 1, tzinfo=UTC), "2010-04-01"),
        (datetime(2009, 9, 21, 18, 25, 4, tzinfo=UTC), "2009-09-21T18:25:04+00:00"),
        (datetime(2009, 9, 21, 18, tzinfo=timezone(timedelta(hours=2))), "2009-09-21T16:00:00+00:00"),
    ],
)
def test_a_day_is_not_given_a_time_it_never_had(when: datetime | None, said: str | None) -> None:
    assert shapes.moment(when) == said


def test_secrets_in_addresses_are_told_only_when_asked_for() -> None:
    url = "https://a.example/?token=hunter2"
    known = {"site_url": url, "moved_to": url, "suggestion": url, "hub": url}
    feed = Feed(id=1, url=url, title="Paid", added_at=NOW, next_due=NOW, **known)

    assert "hunter2" not in str(shapes.feed(feed))
    assert str(shapes.feed(feed, private=True)).count("hunter2") == 5


def test_results_name_their_sources_without_secrets() -> None:
    urls = [f"https://a.example/?token=hunter{n}" for n in range(2)]
    ref = PostRef(
        id=1,
        title="A post",
        url=None,
        source=urls[0],
        publisher="a.example",
        author=None,
        published=None,
        feed="Paid",
        completeness="full",
        origin="feed",
    )
    hit = PostHit(post=ref, score=1.0, why=Why(found={}), snippet="")
    found = Results(
        query="x",
        corrected=None,
        total=1,
        posts=(hit,),
        facets={"feed": dict.fromkeys(urls, 2), "topic": {"trust": 1}},
    )

    shape = shapes.results(found)

    assert shape["hits"][0]["post"]["source"] == "https://a.example/?token=…"
    assert shape["facets"] == {"feed": {"https://a.example/?token=…": 4}, "topic": {"trust": 1}}


def test_a_digest_names_its_source_without_secrets() -> None:
    made = digest("Own it.", source="https://a.example/?token=hunter2")

    assert "hunter2" not in str(shapes.digests([made]))
