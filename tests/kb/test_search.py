from pathlib import Path

import pytest
from builders import NOW, digest, outline, raw
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.engine import Engine

from kb import feeds, posts, schema, search
from kb.index import Index
from kb.model import Query, Results
from kb.posts import Origins
from kb.query import LONGEST_QUERY
from kb.semantic import Semantic


@pytest.fixture
def filled(engine: Engine, index: Index) -> tuple[Engine, Index]:
    """Three blogs: what they say alike, what only one says, and a title that says more than its text."""
    blogs = [
        (
            "a.example",
            2009,
            "Owning up",
            ("Take responsibility.", "Answer letters within a day."),
            ("responsibility",),
        ),
        (
            "b.example",
            2012,
            "Ten habits",
            ("Take responsibility for mistakes.", "Don't point the finger."),
            ("trust",),
        ),
        (
            "c.example",
            2012,
            "When the customer is wrong",
            ("He is still always the customer.",),
            ("complaints",),
        ),
    ]
    with schema.writing(engine) as db:
        for number, (site, year, title, sentences, topics) in enumerate(blogs):
            made = digest(
                *sentences,
                topics=topics,
                title=title,
                publisher=site,
                published=NOW.replace(year=year),
                author={"c.example": "Ann Lee"}.get(site),
            )
            posts.keep(
                db,
                raw(site, name=str(number)),
                Origins(source=f"https://{site}/", origin="feed"),
                [made],
                NOW,
            )
    index.catch_up(engine)
    return engine, index


def ask(filled: tuple[Engine, Index], text: str, **more: object) -> list[str]:
    with filled[0].connect() as db:
        found = search.principles(db, filled[1], Query(text=text, **more))  # type: ignore[arg-type]
    return [hit.principle.text for hit in found.hits]


def test_the_best_supported_guidance_on_the_words_stands_on_top(filled: tuple[Engine, Index]) -> None:
    with filled[0].connect() as db:
        found = search.principles(db, filled[1], Query(text="take responsibility"))

    assert found.hits[0].principle.sources == 2


@pytest.mark.parametrize("typed", ["don't point the finger", "DON’T POINT THE FINGER!!", "pointing fingers"])
def test_words_are_found_in_any_form(filled: tuple[Engine, Index], typed: str) -> None:
    assert ask(filled, typed)[0] == "Don't point the finger."


def test_the_title_of_its_post_finds_guidance(filled: tuple[Engine, Index]) -> None:
    assert ask(filled, "customer is wrong")[0] == "He is still always the customer."


def test_a_hit_says_why_it_was_found_and_what_it_lacks(filled: tuple[Engine, Index]) -> None:
    with filled[0].connect() as db:
        found = search.principles(db, filled[1], Query(text="pointing a finger rudely"))

    assert set(found.hits[0].why.found) == {"pointing", "finger"}
    assert "quote" in found.hits[0].why.found["finger"]
    assert found.hits[0].why.missing == ("rudely",)


def test_filters_combine_and_facets_count_what_is_left(filled: tuple[Engine, Index]) -> None:
    with filled[0].connect() as db:
        found = search.principles(db, filled[1], Query(text="letters finger", year=2012))

    assert (found.total, found.facets["year"], found.facets["topic"]) == (1, {"2012": 1}, {"trust": 1})
    assert ask(filled, "responsibility finger", topic="trust", source="https://b.example/", year=2012)
    assert ask(filled, "responsibility", topic="complaints") == []
    assert ask(filled, "responsibility", topic="no such topic") == []


def test_filters_alone_give_everything_that_meets_them(filled: tuple[Engine, Index]) -> None:
    assert len(ask(filled, "", year=2012)) == 3
    assert ask(filled, "", topic="complaints") == ["He is still always the customer."]
    assert ask(filled, "") == ask(filled, '"', year=2012) == []


def test_pages_go_on_where_the_last_one_ended(filled: tuple[Engine, Index]) -> None:
    every = ask(filled, "customer responsibility letters finger", limit=10)

    assert ask(filled, "customer responsibility letters finger", limit=1, offset=1) == every[1:2]


def test_posts_are_found_with_the_passage(filled: tuple[Engine, Index]) -> None:
    with filled[0].connect() as db:
        found = search.posts(db, filled[1], Query(text="letters"))

    assert [hit.post.title for hit in found.posts] == ["Owning up"]
    assert found.posts[0].snippet.startswith("Answer letters")


def test_a_long_passage_is_cut_at_a_word(engine: Engine, index: Index) -> None:
    with schema.writing(engine) as db:
        made = digest("Parcels " + "arrive late " * 60 + "often.", title="Long")
        posts.keep(db, raw("x"), Origins(source="x", origin="document"), [made], NOW)
    index.catch_up(engine)

    with engine.connect() as db:
        (hit,) = search.posts(db, index, Query(text="parcels")).posts

    assert len(hit.snippet) <= search.SNIPPET + 2
    assert hit.snippet.endswith("late …") or hit.snippet.endswith("arrive …")


def test_a_post_without_text_has_no_passage(engine: Engine, index: Index) -> None:
    with schema.writing(engine) as db:
        posts.keep(db, raw("x"), Origins(source="x", origin="document"), [digest(title="Nothing")], NOW)
    index.catch_up(engine)

    with engine.connect() as db:
        assert search.posts(db, index, Query(text="nothing")).posts[0].snippet == ""


def test_what_the_index_still_has_but_the_store_has_not_is_left_out(filled: tuple[Engine, Index]) -> None:
    with schema.writing(filled[0]) as db:
        posts.remove_origin(db, "feed")

    assert ask(filled, "responsibility") == []
    with filled[0].connect() as db:
        assert search.posts(db, filled[1], Query(text="letters")).posts == ()


def test_bytes_that_are_no_text_are_told_as_text(filled: tuple[Engine, Index]) -> None:
    with filled[0].connect() as db:
        found = search.principles(db, filled[1], Query(text="finger\udcff"))

    assert found.hits
    assert found.query.encode()


def test_a_query_is_looked_at_up_to_its_longest(filled: tuple[Engine, Index]) -> None:
    filler = "of " * (LONGEST_QUERY // 3)

    assert ask(filled, filler[6:] + "finger")
    assert not ask(filled, filler + "finger")


def test_sources_are_called_by_their_feed_or_else_by_their_one_publisher(engine: Engine) -> None:
    with schema.writing(engine) as db:
        feeds.subscribe(db, [outline("https://a.example/feed", title="Owning up")], NOW)
        fed = Origins(source="https://a.example/feed", origin="feed", feed_id=feeds.all(db)[0].id)
        posts.keep(db, raw("fed"), fed, [digest("Own it.")], NOW)
        for source, publishers in (("one.xml", "bb"), ("several.xml", "bc"), ("itself.txt", ["itself.txt"])):
            made = [digest("Own it.", key=str(n), publisher=p) for n, p in enumerate(publishers)]
            posts.keep(db, raw(source, name=source), Origins(source=source, origin="document"), made, NOW)
        found = posts.names(
            db, ["https://a.example/feed", "one.xml", "several.xml", "itself.txt", "unheard of"]
        )

    assert found == {"https://a.example/feed": "Owning up", "one.xml": "b"}


@pytest.mark.parametrize(
    "typed",
    [
        *(
            "",
            " ",
            '"',
            "'",
            "buck passing!! (urgent)",
            "the of and",
            "a" * 5000,
            "AND OR NOT",
            "title:",
            "*",
        ),
        *("-", "(((", "~~~^^", "customer" * 300, "🙂", "ﬁnger", "responsibility\n\n\tfinger", "💥" * 200),
        *("\x00", "\ud800", "%s %d {0}"),
    ],
)
def test_nothing_typed_raises(filled: tuple[Engine, Index], typed: str) -> None:
    assert isinstance(ask(filled, typed), list)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=150)
@given(st.text())
def test_nothing_at_all_raises(filled: tuple[Engine, Index], typed: str) -> None:
    with filled[0].connect() as db:
        assert search.principles(db, filled[1], Query(text=typed)).total >= 0
        assert search.posts(db, filled[1], Query(text=typed)).total >= 0


def test_what_only_flawed_posts_say_is_found_behind_what_others_say(engine: Engine, index: Index) -> None:
    with schema.writing(engine) as db:
        for site, text, flaw in (
            ("a.example", "Greet the visitor.", "it reads as if a machine had reworded it"),
            ("b.example", "Greet the visitor who came in last and offer tea to everyone.", None),
        ):
            made = digest(text, publisher=site, flaw=flaw, title="Notes")
            posts.keep(db, raw(site), Origins(source=f"https://{site}/", origin="feed"), [made], NOW)
    index.catch_up(engine)

    assert ask((engine, index), "greet visitor")[0].startswith("Greet the visitor who")


def test_what_means_the_same_is_found_without_a_word_in_common(
    engine: Engine, index: Index, model: Path
) -> None:
    with schema.writing(engine) as db:
        said = ("Dogs must wait outside.", "Let people rest before they collapse.", "Number the shelves.")
        posts.keep(db, raw("x"), Origins(source="x", origin="document"), [digest(*said, title="Notes")], NOW)
    index.catch_up(engine)
    semantic = Semantic(model)
    semantic.catch_up(engine)

    with engine.connect() as db:
        found = search.principles(db, index, Query(text="sleepless nights"), semantic)
        filtered = search.principles(db, index, Query(text="sleepless nights", year=1999), semantic)
        without = search.principles(db, index, Query(text="sleepless nights"))

    assert found.hits[0].principle.text == "Let people rest before they collapse."
    assert set(found.hits[0].why.missing) == {"sleepless", "nights"}
    assert filtered.total == without.total == 0


def found_for(filled: tuple[Engine, Index], text: str) -> Results:
    with filled[0].connect() as db:
        return search.principles(db, filled[1], Query(text=text))


def test_words_that_guidance_uses_instead_are_found_and_said(filled: tuple[Engine, Index]) -> None:
    hits = {hit.principle.text: hit.why for hit in found_for(filled, "passing the buck").hits}

    assert "point finger" in hits["Don't point the finger."].related["passing the buck"]
    assert hits["Don't point the finger."].missing == ()


def test_a_mistyped_word_is_read_as_the_likeliest_and_said(filled: tuple[Engine, Index]) -> None:
    found = found_for(filled, "take responsibilty")

    assert found.corrected == "take responsibility"
    assert found.hits[0].principle.sources == 2
    assert found_for(filled, '"responsibilty"').corrected is None  # typed in quotation marks it is meant so
    assert found_for(filled, "take responsibility").corrected is None


def test_corrections_reach_into_groups(filled: tuple[Engine, Index]) -> None:
    assert found_for(filled, "(responsibilty OR letterz) -fingre").corrected == (
        "responsibility OR letters -fingre"
    )


@pytest.mark.parametrize(
    ("typed", "texts"),
    [
        ('"point the finger"', {"Don't point the finger."}),
        ('"finger point"', set()),
        ("finger OR letters", {"Don't point the finger.", "Answer letters within a day."}),
        ("responsibility AND mistakes", {"Take responsibility."}),
        ("lett*", {"Answer letters within a day."}),
        ("-responsibility -finger -letters", {"He is still always the customer."}),
        ("title:habits", {"Take responsibility.", "Don't point the finger."}),
        ('title:"owning up"', {"Take responsibility.", "Answer letters within a day."}),
        ("topic:complaints", {"He is still always the customer."}),
        ("topic:handling", set()),
        ("source:b.example finger", {"Don't point the finger."}),
        ("source:a.example finger", set()),
        ("author:ann", {"He is still always the customer."}),
        ("year:2009 letters", {"Answer letters within a day."}),
        ("year:2010..2012 finger", {"Don't point the finger."}),
        ("after:2010 letters", set()),
        ("before:2010 letters", {"Answer letters within a day."}),
        ("state:full finger", {"Don't point the finger."}),
        ("state:flawed finger", set()),
        ("(finger OR letters) -year:2012", {"Answer letters within a day."}),
    ],
)
def test_operators_select(filled: tuple[Engine, Index], typed: str, texts: set[str]) -> None:
    # What two blogs say alike is one principle, worded by one of them.
    told = {hit.principle.text.replace(" for mistakes", "") for hit in found_for(filled, typed).hits}

    assert told == texts


def test_what_could_not_be_understood_is_said(filled: tuple[Engine, Index]) -> None:
    found = found_for(filled, 'finger "point')

    assert found.hits
    assert any("quotation mark" in note for note in found.notes)


def test_the_secret_of_a_private_feed_cannot_be_searched_for(engine: Engine, index: Index) -> None:
    source = "https://a.example/feed?token=0123456789abcdef0123456789abcdef"
    with schema.writing(engine) as db:
        posts.keep(db, raw("x"), Origins(source=source, origin="feed"), [digest("Own it.")], NOW)
    index.catch_up(engine)

    assert ask((engine, index), "source:a.example") == ["Own it."]
    assert ask((engine, index), "source:0123456789abcdef") == []


@pytest.mark.parametrize("sort", ["newest", "sources"])
def test_answers_may_be_sorted_otherwise(filled: tuple[Engine, Index], sort: str) -> None:
    told = ask(filled, "letters responsibility customer", sort=sort)

    assert (
        told.index("Answer letters within a day.") == len(told) - 1
        if sort == "newest"
        else told[0].startswith("Take")
    )


def test_what_is_to_be_marked_is_what_was_looked_for(filled: tuple[Engine, Index]) -> None:
    assert {"passing", "the", "buck", "finger"} <= set(search.marked(found_for(filled, "passing the buck")))
    assert search.marked(found_for(filled, "responsibilty"))[0] == "responsibility"


def test_phrases_and_beginnings_are_reasons_too(filled: tuple[Engine, Index]) -> None:
    (hit,) = found_for(filled, '"point the finger" fing*').hits

    assert hit.why.found == {'"point the finger"': ("quote", "context"), "fing*": ("quote", "context")}


def test_a_mistyped_word_may_be_one_that_only_the_thesaurus_knows(filled: tuple[Engine, Index]) -> None:
    assert found_for(filled, "scapgoat").corrected == "scapegoat"


def test_the_passage_of_a_very_long_post_is_found_far_behind(engine: Engine, index: Index) -> None:
    with schema.writing(engine) as db:
        text = "Nothing of interest was said here. " * (search.LOOKED_AT // 20) + "Weigh every parcel twice."
        posts.keep(db, raw("x"), Origins(source="x", origin="document"), [digest(text, title="Long")], NOW)
    index.catch_up(engine)

    with engine.connect() as db:
        (hit,) = search.posts(db, index, Query(text="parcels")).posts

    assert hit.snippet == "Weigh every parcel twice."
