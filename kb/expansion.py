"""What else to look for than what was typed: the words in which guidance is written.

People type the customer's words ("furious", "passed from pillar to post"); advice is written in the trade's ("angry",
"transfer"). `related` entries of `thesaurus.toml` lead one way, from the first to the second; the groups made for
merging serve both ways. What is typed is read with the stems of `kb.thesaurus`; what is to be looked for has those of
`kb.text`, as the search index does.
"""

import json
import re
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib import resources
from itertools import chain, islice

from kb import text, thesaurus
from kb.thesaurus import Phrases

# How surely one word stands for another, where no entry says so itself.
SPELLING = 0.95  # "apologise", "apologize"
INFLECTION = 0.9  # "complaint", "complain": the stemmer keeps them apart
SAME = 0.7  # interchangeable for merging, where a shade of meaning matters less
NEAR = 0.35
INSIDE = 0.5  # what is left of a word's weights inside a phrase that stands for something itself
MOST_RELATED = 12  # for one expansion; each is one more list to read for the search

# tomllib takes 30 ms for 600 entries; so they are found by their layout, and one is read when a query first needs it.
_ENTRY = re.compile(r"^\[\[related\]\]\nwords = (\[.*\])\nto = .*", re.MULTILINE)
_FORMS = re.compile(r"^\[forms\]\n.*?(?=^\[\[|\Z)", re.MULTILINE | re.DOTALL)

Targets = Mapping[str, float]  # what to look for, as written -> weight
Meaning = int | str  # the number of a phrase of ours, or a concept of the thesaurus


@dataclass(frozen=True, slots=True, kw_only=True)
class Related:
    """A word or phrase that guidance may use instead, and how surely, in (0, 1]."""

    text: str
    stems: tuple[str, ...]  # of `kb.text`; never empty
    weight: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Expansion:
    """What `tokens[start:end]` as typed may be called as well, heaviest first."""

    start: int
    end: int
    related: tuple[Related, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lexicon:
    phrases: Phrases[int]
    sources: Sequence[Sequence[Targets | str]]  # by number of a phrase; an entry not read yet is a string
    forms: Mapping[str, Targets]  # a word -> its other spellings, which its phrases have too
    groups: Mapping[str, Targets]  # a concept of the thesaurus -> all its words
    unclear: Set[tuple[str, ...]]  # stems that stand for no group when typed


def of(tokens: Sequence[str]) -> list[Expansion]:
    """Return what else to look for, in the order of the folded *tokens* of a query, longer phrases first."""
    typed = {text.stem(token) for token in tokens}
    found = (
        Expansion(start=start, end=end, related=_new(related, typed, tokens[start:end]))
        for start, end, related in _found(tokens)
    )
    return [expansion for expansion in found if expansion.related]


@lru_cache(maxsize=1)
def words() -> frozenset[str]:
    """Return the words that stand for others, as they are written."""
    phrases = chain.from_iterable(words for words, _ in _entries(_text()))
    return frozenset(word for phrase in phrases for word in text.tokens(phrase))


def _found(tokens: Sequence[str]) -> Iterator[tuple[int, int, tuple[Related, ...]]]:
    words = thesaurus.words(tokens)
    phrases = _phrases([word.stem for word in words])
    inside = {place for start, end in phrases for place in range(start, end)}
    singles = {(place, place + 1): _meanings(word.stem) for place, word in enumerate(words)}
    for start, end in sorted(phrases | singles, key=lambda span: (span[0], -span[1])):
        if end - start > 1:
            related = _related(tuple(phrases[start, end]))
        else:
            related = (_halved if start in inside else _related)(singles[start, end])
        yield words[start].token, words[end - 1].token + 1, related


def _phrases(stems: Sequence[str]) -> dict[tuple[int, int], list[Meaning]]:
    """Return the longest phrases in *stems*, those of several words, and what they stand for."""
    phrases: dict[tuple[int, int], list[Meaning]] = defaultdict(list)
    for start, end, meaning in _known(stems):
        if end - start > 1:
            phrases[start, end].append(meaning)
    return phrases


@lru_cache(maxsize=4096)
def _meanings(stem: str) -> tuple[Meaning, ...]:
    return tuple(meaning for _start, _end, meaning in _known([stem]))


def _known(stems: Sequence[str]) -> Iterator[tuple[int, int, Meaning]]:
    lexicon = _lexicon()
    for start, end, number in lexicon.phrases.find(stems):
        if number is not None:
            yield start, end, number
    for start, end, concept in thesaurus.load().phrases.find(stems):
        if concept and tuple(stems[start:end]) not in lexicon.unclear:
            yield start, end, concept


def _new(related: Iterable[Related], typed: set[str], piece: Sequence[str]) -> tuple[Related, ...]:
    """Return what is neither typed already nor the typed *piece* with more words around it."""
    stems = {stem for token in piece if (stem := text.stem(token))}
    new = (one for one in related if not (typed.issuperset(one.stems) or stems.issubset(one.stems)))
    return tuple(islice(new, MOST_RELATED))


@lru_cache(maxsize=4096)
def _related(meanings: tuple[Meaning, ...]) -> tuple[Related, ...]:
    # The words of a group are many and alike ("seething", "incensed"): they only fill what the entries leave.
    best = _best(_sources(meanings, entries=True))
    for stems, one in _best(_sources(meanings, entries=False)).items():
        if stems in best:
            best[stems] = max(best[stems], one, key=lambda either: either.weight)
        elif len(best) < MOST_RELATED and not _narrows(stems, best):
            best[stems] = one
    return tuple(_heaviest_first(best.values()))


@lru_cache(maxsize=4096)
def _halved(meanings: tuple[Meaning, ...]) -> tuple[Related, ...]:
    return tuple(replace(one, weight=one.weight * INSIDE) for one in _related(meanings))


def _narrows(stems: Iterable[str], best: Iterable[Iterable[str]]) -> bool:
    # "assign blame" finds nothing that "blame" does not find.
    own = frozenset(stems)
    return any(own.issuperset(other) for other in best)


def _best(targets: Iterable[Targets]) -> dict[tuple[str, ...], Related]:
    """Return what to look for by its stems, heaviest first; the same from several places at its greatest weight."""
    found = (one for some in targets for target, weight in some.items() for one in _spelt(target, weight))
    best: dict[tuple[str, ...], Related] = {}
    for one in _heaviest_first(found):
        best.setdefault(one.stems, one)
    return best


def _heaviest_first(related: Iterable[Related]) -> list[Related]:
    return sorted(related, key=lambda one: (-one.weight, len(one.stems)))


def _sources(meanings: Iterable[Meaning], *, entries: bool) -> Iterator[Targets]:
    lexicon = _lexicon()
    for meaning in meanings:
        sources = [lexicon.groups[meaning]] if isinstance(meaning, str) else lexicon.sources[meaning]
        for source in sources:
            if isinstance(source, str) == entries:
                yield _read(source) if isinstance(source, str) else source


def _spelt(target: str, weight: float) -> Iterator[Related]:
    """Yield the target in all its spellings."""
    yield from _written(target, weight)
    for form, share in _lexicon().forms.get(target, {}).items():
        yield from _written(form, weight * share)


@lru_cache(maxsize=1024)
def _read(entry: str) -> Targets:
    return tomllib.loads(entry)["related"][0]["to"]  # type: ignore[no-any-return]  # TOML is untyped


def _written(target: str, weight: float) -> Iterator[Related]:
    stems = tuple(text.stems(target))
    # Stop words leave of "on hold" only "hold", which is said of anything.
    if len(stems) > 1 or (stems and len(text.tokens(target)) == 1):
        yield Related(text=target, stems=stems, weight=weight)


def _text() -> str:
    return resources.files("kb").joinpath("thesaurus.toml").read_text(encoding="utf-8")


@lru_cache(maxsize=1)
def _lexicon() -> _Lexicon:
    whole = _text()
    forms = tomllib.loads(_FORMS.findall(whole)[0])["forms"]
    unclear = frozenset(forms["unclear"])
    near = [_shares(words, NEAR, unclear) for words in thesaurus.load().near]
    alike = [_shares(words, SPELLING) for words in forms["spellings"]]
    alike += [_shares(words, INFLECTION) for words in forms["inflections"]]
    sources: dict[tuple[str, ...], list[Targets | str]] = defaultdict(list)
    leading: list[tuple[Iterable[str], Targets | str]] = [*_entries(whole)]
    leading += [(shares, shares) for shares in (*near, *alike)]
    for words, source in leading:
        for word in words:
            sources[tuple(thesaurus.stems(word))].append(source)
    return _Lexicon(
        phrases=Phrases((stems, number) for number, stems in enumerate(sources)),
        sources=list(sources.values()),
        forms=_others(alike),
        groups={group.concept: _shares(group.words, SAME, unclear) for group in thesaurus.load().same},
        unclear={tuple(thesaurus.stems(word)) for word in unclear},
    )


def _entries(whole: str) -> Iterator[tuple[Sequence[str], str]]:
    # A list of strings on one line is JSON as well, which is read in no time.
    return ((json.loads(entry[1]), entry[0]) for entry in _ENTRY.finditer(whole))


def _shares(words: Iterable[str], share: float, unclear: Set[str] = frozenset()) -> dict[str, float]:
    return {word: share for word in words if word not in unclear}


def _others(alike: Iterable[Targets]) -> dict[str, dict[str, float]]:
    others: dict[str, dict[str, float]] = defaultdict(dict)
    for shares in alike:
        for word in shares:
            others[word].update((other, share) for other, share in shares.items() if other != word)
    return others
