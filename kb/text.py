"""Words and sentences: one definition for extraction, merging and search."""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

import Stemmer
from sentencex import get_sentence_boundaries

_stemmer = Stemmer.Stemmer("english")
# An apostrophe inside a word belongs to it, so that "don't" stays one token and can be read as a negation.
_TOKEN = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_STRAIGHT = {
    "\u2018": "'",
    "\u2019": "'",
    "\u201a": "'",
    "\u02bc": "'",
    "\u201c": '"',
    "\u201d": '"',
    "\xad": "",
}
_FOREIGN = re.compile(r"[^\x00-\x7f]")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Negations are not among them: "when not to apologize" asks for something else than "when to apologize".
STOP_WORDS = _words(
    "a about am an and are as at be been being but by can could did do does for from had has have he her here hers"
    " him his how i if in into is it its itself me my myself of on one or our ours ourselves she so some such than"
    " that the their theirs them themselves then there these they this those through to too very was we were what"
    " when where which while who whom why will with would you your yours yourself yourselves"
)
NEGATIONS = _words(
    "no not never cannot without neither nor none n't dont doesnt isnt arent wont cant shouldnt"
)
LONGEST_TOKEN = 64  # longer runs are base64, addresses and the like

# sentencex takes quadratic time over unclosed quotation marks: 28 s for 300,000 of them, 3 ms for 2,000.
LONGEST_LINE = 2_000
WRAPPED_LINE = (
    60  # plain text is wrapped at 65 to 80; a shorter line that ends without a mark is a line of its own
)
_SURROGATE = re.compile("[\ud800-\udfff]")  # sentencex takes nothing that has no UTF-8
_WIDE_SPACE = re.compile(r"[^\S\x00-\x7f]")  # sentencex panics over "Plan A\xa0."
_OPEN_ENDED = re.compile(r"[\w,;'’)\-–—]$")
# Abbreviations to sentencex, but ordinary words at the end of a sentence about service: "Don't say no. Say when."
_WORDS_AFTER_ALL = "me Me no No ok Ok OK HR may miss rep reps exec execs art etc"
_AFTER_WORD = "|".join(rf"(?<=\b{word}\.)" for word in _WORDS_AFTER_ALL.split())
# It begins with the mark and looks back from there: a third of the time of beginning with the word.
_MISSED = re.compile(
    rf"[.!?…](?:(?:{_AFTER_WORD}|(?<=…)|(?<=\.\.\.)|(?<=[.!?])\))\s+(?=[\"“‘(]?[A-Z])|(?<=[.!?])[\"”)]\s+(?=\d))"
)
_ENUMERATOR = re.compile(r"\(?(?:\d{1,3}|[ivxIVX]{1,5}|[a-zA-Z])[.)]")
_TAIL = re.compile(r"[,;:)\]”’*–—-]")
_CLOSERS = re.compile(r"""["”’)\]]{1,3}(?!\S)""")
_CLOSER_OF = {"“": "”", '"': '"'}
# No white space after the mark: "Fix it.Then go" is two sentences, "ASP.NET", "e.g.This" and "Node.js" are none.
_GLUED = re.compile(r"""[^\W_A-Z.]?[.!?"”’)][A-Z"“‘(](?![A-Z])""")


def fold(text: str) -> str:
    """Return *text* in lower case, compatibility-normalised, without accents and with straight quotes."""
    # Letter by letter, and only those that need it: 2 us instead of 12 for 170 letters and two quotation marks.
    return (text if text.isascii() else _FOREIGN.sub(_plain, text)).casefold()


def _plain(found: re.Match[str]) -> str:
    return _plain_letter(found[0])


@lru_cache(maxsize=4096)
def _plain_letter(letter: str) -> str:
    straight = _STRAIGHT.get(letter, letter)
    return "".join(c for c in unicodedata.normalize("NFKD", straight) if not unicodedata.combining(c))


def tokens(text: str) -> list[str]:
    """Return the folded words of *text*, in order; over-long runs are left out."""
    return [word for word in _TOKEN.findall(fold(text)) if len(word) <= LONGEST_TOKEN]


@lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    """Return the stem of a folded word; "" for a stop word, "not" for any negation."""
    if word in NEGATIONS or word.endswith("n't"):
        return "not"
    word = word.removesuffix("'s").replace("'", "")
    return "" if word in STOP_WORDS else str(_stemmer.stemWord(word))


def stems(text: str) -> list[str]:
    """Return the stems of *text*, in order, without stop words."""
    return [stemmed for word in tokens(text) if (stemmed := stem(word))]


def lines(text: str) -> list[tuple[int, int]]:
    """Return where the lines of *text* stand; one that was only wrapped continues, an over-long one is cut."""
    found = []
    start = 0
    while start < len(text):
        end = _line_end(text, start)
        found.append((start, end))
        start = end
    return found


def sentences(text: str) -> list[tuple[int, int]]:
    """Return where the sentences of *text* stand, as offsets without the white space around them.

    A list number stays with its sentence ("4. Own it."), and so does all that one pair of quotation marks holds.
    """
    whole = text if text.isascii() else _SURROGATE.sub("\ufffd", _WIDE_SPACE.sub(" ", text))
    return [span for start, end in lines(whole) for span in _split(whole[start:end], start)]


def _line_end(text: str, start: int) -> int:
    line = start
    while (end := text.find("\n", line, start + LONGEST_LINE)) >= 0:
        if not _is_wrapped(text, line, end):
            return end + 1
        line = end + 1
    return len(text) if len(text) - start <= LONGEST_LINE else _cut(text, start)


def _is_wrapped(text: str, start: int, end: int) -> bool:
    """Tell whether the line break at *end* stands within a sentence."""
    before, after = text[start:end].rstrip(), text[end + 1 : end + 2]
    if not before or not after.strip():
        return False
    if after.islower() or _ENUMERATOR.fullmatch(before.lstrip()):
        return True
    return end - start >= WRAPPED_LINE and _OPEN_ENDED.search(before) is not None


def _cut(text: str, start: int) -> int:
    limit = start + LONGEST_LINE
    found = max(text.rfind(mark, start, limit) for mark in (". ", "! ", "? "))
    if found < 0:
        found = text.rfind(" ", start, limit)
    return found + 1 if found >= 0 else limit


def _split(line: str, offset: int) -> Iterator[tuple[int, int]]:
    start = 0
    for cut in _cuts(line):
        if cut == len(line) or not _is_false(line, start, cut):
            piece = line[start:cut]
            begin = start + len(piece) - len(piece.lstrip())
            end = start + len(piece.rstrip())
            if begin < end:
                yield offset + begin, offset + end
            start = cut


def _cuts(line: str) -> list[int]:
    found = {int(boundary["end_index"]) for boundary in get_sentence_boundaries("en", line)}
    found.update(match.end() for match in _MISSED.finditer(line))
    return sorted({_past_closers(line, cut) for cut in found} | {len(line)})


def _past_closers(line: str, cut: int) -> int:
    closers = _CLOSERS.match(line, cut)
    return closers.end() if closers else cut


def _is_false(line: str, start: int, cut: int) -> bool:
    """Tell whether no sentence ends at *cut*, whatever the splitter says."""
    before = line[max(start, cut - 40) : cut].strip()
    if _ENUMERATOR.fullmatch(before) or before.endswith(("e.g.", "i.e.")) or _TAIL.match(line, cut):
        return True
    if (closer := _CLOSER_OF.get(line[start])) and line.find(closer, start + 1, cut) < 0:
        return True
    return not (line[cut - 1].isspace() or line[cut].isspace()) and not _GLUED.match(line, cut - 2)
