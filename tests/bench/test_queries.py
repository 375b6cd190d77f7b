from bench import corpus, queries
from bench.engine import KINDS


def test_queries_are_drawn_of_every_kind_and_always_the_same() -> None:
    drawn = queries.draw(50, 4, seed=1)

    assert set(drawn) == set(KINDS)
    assert all(len(some) == 4 and {one.kind for one in some} == {kind} for kind, some in drawn.items())
    assert drawn == queries.draw(50, 4, seed=1)


def test_words_of_all_bands_are_asked_for() -> None:
    ranks = corpus.ranks()
    asked = [ranks[word] for one in queries.draw(300, 50, seed=1)["or"] for word in one.words]
    shares = [sum(least <= rank < most for rank in asked) / len(asked) for least, most in queries.BANDS]

    assert all(share > 0.2 for share in shares)


def test_a_typo_is_no_word_and_begins_as_one_does() -> None:
    beginnings = {word[0] for word in corpus.vocabulary()}
    for one in queries.draw(300, 50, seed=1)["fuzzy"]:
        assert one.words[0] not in corpus.ranks()
        assert one.words[0][0] in beginnings


def test_facets_and_highlights_are_asked_with_the_words_of_other_kinds() -> None:
    drawn = queries.draw(50, 3, seed=1)

    assert [one.words for one in drawn["facets"]] == [one.words for one in drawn["or"]]
    assert [one.words for one in drawn["highlights"]] == [one.words for one in drawn["words"]]
