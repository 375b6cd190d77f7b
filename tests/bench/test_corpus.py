from bench import corpus
from kb.text import stems


def test_principles_are_always_the_same() -> None:
    assert list(corpus.principles(990, 1_010)) == list(corpus.principles(0, 1_010))[990:]


def test_another_edition_says_something_else() -> None:
    ((item, words),) = corpus.principles(7, 8)
    ((same, others),) = corpus.principles(7, 8, edition=1)

    assert item == same == 7
    assert words["quote"] != others["quote"]


def test_every_word_is_its_own_stem_and_there_once() -> None:
    known = corpus.vocabulary()

    assert len(set(known)) == corpus.WORDS
    assert stems(" ".join(known[:5_000])) == list(known[:5_000])


def test_fields_are_as_long_as_they_should_be() -> None:
    for _, words in corpus.principles(0, 100):
        for field, (least, most) in corpus.LENGTHS.items():
            assert least <= len(words[field]) <= most
        assert 1 <= len(words["topic"]) == len(set(words["topic"])) <= 3


def test_titles_repeat_words_of_the_quote() -> None:
    repeated = sum(
        not set(words["title"]).isdisjoint(words["quote"]) for _, words in corpus.principles(0, 100)
    )
    assert repeated > 50
