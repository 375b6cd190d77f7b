"""What stands around an article and is no part of it, told from the words of a block.

What can be told from a page's markup is `clean`'s own business. A whole block goes, never half a sentence; only the
marks of a cut ("Continue reading") and a share button that ran into the text are taken off its ends. Advice must
survive: each pattern fits a whole short block, and those of promotion are tried near the end only.
"""

import re
from collections.abc import Iterable, Sequence

from ingest.blocks import Piece, part
from ingest.dates import MONTH

_SHORT = 220  # furniture that goes by its words alone is at most this long
_PROMOTION = 700  # a promotion may be a whole paragraph
_MARKS = 4  # "[...]", "Continue reading" and the like may follow each other
_TAIL = 260  # how much of a text's end is searched for the mark of a cut

_BUILDERS = (
    "vc|fusion|et_pb|cs|av|mk|su|tatsu|wpb|nectar|elementor|kc|ultimate|thrive|fl|siteorigin|themify|dt|ux|bs"
)
_EMBEDS = (
    r"caption|wp_caption|gallery|embed|audio|video|playlist|contact-form(?:-7)?|gravityform|ngg|youtube"
    r"|vimeo|sourcecode"
    r"|dropcap|column|one_half|one_third|two_third|one_fourth|button|divider|spacer|clickToTweet|toc"
    r"|shareaholic"
    r"|sociallinks|slideshow|adsense|jetpack[\w-]*"
)
# A builder's or an embed's own names may stand unclosed at the end of a line; any other name needs an attribute.
# "[" ends every value, so that no text makes these slow.
_SHORTCODE = re.compile(
    rf"\[/?(?:(?:{_BUILDERS})_[\w-]+|(?:{_EMBEDS})(?=[\s\]/=]))(?:[^\[\]\n]*\]|[^\[\]\n]*=[^\[\]\n]*$|\s*$)"
    r"|\[[a-z][\w-]{1,40}(?:\s+[\w-]{1,40}=(?:\"[^\"\[\]]*\"|'[^'\[\]]*'|[^\s\[\]]*))+\s*/?\]",
    re.IGNORECASE | re.MULTILINE,
)

_SERVICES = (
    "facebook|twitter|linkedin|pinterest|reddit|google(?: plus)?|stumbleupon|digg|delicious|tumblr|whatsapp|telegram"
    "|pocket|flipboard|skype|technorati|mastodon|bluesky|e-?mail|print|rss|like|save"
)
_BUTTONS = (
    rf"(?:tweet(?: this)?|click to tweet|share(?: (?:this|it))?(?: (?:post|article|page|story))?(?: (?:on"
    rf"|via) (?:{_SERVICES}))?"
    r"|like(?: this)?|pin it|e-?mail (?:this|to a friend)(?: post| article)?|print (?:this|page)(?: page"
    r"| article| post)?"
    r"|add to favou?rites|bookmark(?: this)?)"
)
# Possessive, because "google + + google" could else be read in too many ways.
_SHARE = (
    rf"{_BUTTONS}(?:[\s:|/•·\d()+-]++(?:{_BUTTONS}|{_SERVICES}))*+[\s:|\d()+-]*+"
    rf"|(?:(?:{_SERVICES})[\s|/•·]*+){{3,}}+"
)
_WHEN = (
    r"(?:on |at )?(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?"
    r"|sun)(?:day)?,? )?(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}"
    rf"|\d{{1,2}}[/.-]\d{{1,2}}[/.-]\d{{2,4}}|\d{{1,2}}(?:st|nd|rd|th)?[ -](?:{MONTH})\.?,?[ -]\d{{4}}"
    rf"|(?:{MONTH})\.? \d{{1,2}}(?:st|nd|rd|th)?,? \d{{4}})"
)
_NAME = r"(?-i:[A-Z][\w.'’-]+(?: [A-Z][\w.'’-]+){1,3})"
_MORE = (
    r"(?:continue reading|keep reading|read (?:the )?(?:more|on|rest|full|whole|entire|complete)(?: of)?"
    r"(?: (?:this |the )?(?:entry|post|article|story|more))?|(?:click|tap)(?: here)? (?:to|for) (?:read"
    r"|continue|view|more)"
    r"(?: reading| more)?|view (?:the )?(?:full|whole|entire|original) (?:post|article|story|entry)"
    r"|full story)"
)
_LINES = (
    _SHARE,
    r"(?:technorati |del\.icio\.us |post )?tags?:.*|tagged (?:with|as|under):? .*|filed (?:under|in):? .*",
    r"(?:categor(?:y|ies)|topics|labels): .*|posted in:? .*|categori[sz]ed (?:in|as|under):? .*",
    (
        rf"(?:(?:this|the) (?:article|post|entry|page) was |article |last )?(?:published|posted|updated"
        rf"|written|submitted)(?: by .{{2,60}})?:? {_WHEN}.*"
    ),
    (
        rf"(?:posted |written |published )?by:? {_NAME}(?:[ ,]*(?:in|on|[|•·–—-]) [^.!?]*|,? {_WHEN}.*)"
        rf"|(?:posted|written) by:? .{{2,60}}"
    ),
    rf"{_WHEN}(?:[ ,|·•-]+\d{{1,2}}:\d\d.{{0,12}})?(?: (?:by|\|) .*)?",
    (
        r"\d+ (?:min(?:ute)?s?)(?: |-)read|reading time:? .*|viewed [\d,.]+ times.*|rate this (?:article|post"
        r"|page).*|rating: .*"
    ),
    rf"{_NAME} has \d+ articles? (?:online|in (?:the|our)\b).*",
    (
        r"(?:\d+|no|one) (?:comments?|responses?|repl(?:y|ies)|trackbacks?|pingbacks?|shares?|likes?"
        r"|views?)(?: (?:so far|yet))?"
    ),
    (
        r"(?:view |show |read )?(?:all |\d+ )?comments?(?: \(\d+\))?|comments (?:are|have been) (?:closed|off"
        r"|disabled).*"
    ),
    (
        r"(?:please )?(?:log|sign) in or (?:create|register|sign up)\b.*|you (?:must"
        r"|need to) (?:be )?log(?:ged)?[ -]?in .*"
    ),
    (
        r"(?:security|verification) code:?.*|(?:enter|type|refresh|reload|change)?(?: the)? ?captcha(?: image"
        r"| code)?.{0,30}"
    ),
    r"(?:change|reload) image|enter the (?:letters|code|text) .*",
    (
        r"your e-?mail (?:address )?will not be .*|required fields are marked.*|notify me of .*"
        r"|save my name, e-?mail.*"
    ),
    (
        r"the post .{1,160} (?:appeared|first appeared|was published) (?:first )?on .*|(?:©|\(c\)"
        r"|copyright\b).{0,160}"
    ),
    (
        r"this (?:post|article|entry) (?:was )?(?:first |originally )*(?:appeared|published) (?:first "
        r"|originally )*(?:on|at|in) .*"
    ),
    (
        r"all rights reserved\.?.*|powered by .{1,40}|advertisements?:?|sponsored(?: (?:by .*|content|post))?"
        r"|\[?ad\]?"
    ),
    (
        r"(?:skip to (?:main |primary )?content|back to top|top of page|permalink|trackback(?: url)?"
        r"|e-?mail to a friend)\W*"
    ),
    (
        r"(?:[«←‹] )?(?:previous|next|older|newer) (?:post|article|entr|page|stor)(?:y|ies"
        r"|s)?(?: ?[:»→›|].*)?|[«←‹] .*"
    ),
    (
        r"(?:subscribe|follow us|follow me|sign up|join us) .*\b(?:newsletter|feed|updates|podcast|rss"
        r"|twitter|facebook|mailing list)\b.*"
    ),
    r"(?:image|photo|picture|foto)s? (?:credit|source|courtesy|by|via)s?\b.*|(?:photo|image|source): .*",
    # The name of a picture's file, in place of its caption.
    (
        r"(?:i ?stock(?: ?photo)?|shutterstock|dreamstime|fotolia|depositphotos|adobestock|bigstock"
        r"|getty(?:images)?|img|dsc[fn]?|image|photo|picture"
        r"|screen ?shot)[\s_-]*\d{3,}[\w\s_-]{0,24}(?:\.\w{3,4})?|[\w%()+-]{1,80}\.(?:jpe?g|png|gif|webp|svg"
        r"|bmp)"
    ),
    r"[-–—_*=~#.•·|\s]+",
)
_LINE = re.compile("|".join(f"(?:{pattern})" for pattern in _LINES), re.IGNORECASE)
# After one of these nothing of the article follows: comments, the author's box, other people's posts.
_END = re.compile(
    r"(?:add|leave|post) (?:a |an |your |new )*(?:reply|comment|response)s?(?: below| here)?:?"
    r"|leave a (?:reply|comment) to .*"
    r"|author box|about the authors?:?|comments? \(\d+\):?"
    r"|\d+ (?:comments?|responses?|repl(?:y|ies)|thoughts?) (?:to|on) [“\"‘'«].*"
    r"|(?:speak your mind|join the (?:discussion|conversation))\W?",
    re.IGNORECASE,
)
# These head a list of other things; it goes with them.
_LIST_HEAD = re.compile(
    r"(?:(?:you (?:may|might)|if you (?:liked|enjoyed) this,? you(?:'ll| may| might)) (?:also )?(?:like"
    r"|enjoy|love).*"
    r"|(?:possibly |other |more )?(?:related|similar|recommended|recent|popular|most (?:viewed|read"
    r"|popular)|latest|previous)"
    r" (?:posts?|articles?|reading|stories|entries|content|links|news)(?: .{0,30})?"
    r"|related|more (?:from|like) this.*|further reading|read (?:next|also)|see also|blogroll|archives"
    r"|share this.*)\W*",
    re.IGNORECASE,
)
# Under a title may stand its category or its author alone.
_HEAD = re.compile(
    r"(?:[Pp]osted |[Ff]iled )?(?:in|under) [A-Z]\w*(?: (?:[A-Z]\w*|&|and)){0,3}"
    r"|[Bb]y [A-Z][\w.'’-]+(?: [A-Z][\w.'’-]*){1,3}"
)
_HEADS = 3  # blocks

_PITCH = re.compile(
    r"\bfree\W+(?:\w+\W+){0,3}(?:e-? ?books?|reports?|downloads?|guides?|trials?|consultations?"
    r"|white ?papers?|webinars?"
    r"|newsletters?|checklists?|demos?|chapters?|applications?)\b|\bdownload our\b|\bclick here\b"
    r"|\border (?:your|now|today)\b"
    r"|\b(?:sign up|subscribe|register)(?: now| today| here|(?: for| to) (?:our|my))\b|\bbuy (?:now"
    r"|the book)\b"
    r"|\btry our\b|\bavailable (?:online )?(?:at|on|from) (?:http|www|amazon)",
    re.IGNORECASE,
)
_ADDRESS = re.compile(
    r"[\w.+-]{1,64}@[\w-]{1,64}\.[\w.-]{2,64}|\b\d{3}-\d{4}\b"
    r"|\(?\+?\d{1,4}\)?[\s.-]\(?\d{2,4}\)?[\s.-]\d{3,4}(?:[\s.-]?\d{2,4})?"
)
_ADDRESS_SIGN = re.compile(r"[@\d]")  # no address is without one, and most paragraphs are
_CONTACT = re.compile(r"\b(?:contact|call|reach|e-?mail|write to|phone|tel|fax|book|hire)\b", re.IGNORECASE)
# A share button that ran into the text that follows it, as in a plain copy of a page.
_BUTTON = re.compile(
    r"(?:(?:Share|Like|Pin it|Email|Print)(?: \d+)?\s+)*+(?:Tweet(?: \d+)?\s+)+(?=[\"'“‘(]?[A-Z])"
)
# "Employees should read more." is no mark: it begins with a capital letter or follows the end of a sentence.
_CUT = re.compile(
    r"\s*(?:\[\s*(?:…|(?:\.\s?){3,}|&#8230;|&hellip;)\s*\]|\(\s*(?:…|\.{3,})\s*\)|[(\[]\s*more\s*(?:…"
    r"|\.{3})?\s*[)\]]"
    rf"|(?:[(\[]\s*|(?<=[.…!?])\s*|(?<=[.…!?]\s)|\b(?-i:(?=[CKRTV])))\b{_MORE}\b"
    r"(?:\s*[:“\"‘'→»›>].{0,180}|[^\w]*|\s+[A-Z][^.?!]{0,120}[→»›>]+)"
    r"|(?<=[….])\s*more\s*[»→›>]+)\s*$",
    re.IGNORECASE,
)


def without_shortcodes(text: str) -> str:
    """Return *text* without a page builder's or a blog engine's codes in square brackets."""
    if "[" not in text:
        return text
    return _SHORTCODE.sub("", _without_captions(text) if "caption]" in text else text)


def tidy(pieces: Iterable[Piece]) -> tuple[list[Piece], bool]:
    """Return the blocks of the article among *pieces*, and whether a mark says that it was cut off."""
    unbuttoned = [_without_button(one) for one in pieces]
    body = _without_lists([one for one in _before_end(unbuttoned) if one.text])
    kept, cut = _uncut(_unpromoted(_without_lines(body)))
    return [one for one in kept if len(one.text) > _SHORT or not _CUT.match(one.text)], cut


def is_line(text: str) -> bool:
    """Tell whether *text*, a whole block, is furniture other than the mark of a cut."""
    return len(text) <= _SHORT and _LINE.fullmatch(text) is not None and cut_at(text) is None


def cut_at(text: str) -> int | None:
    """Return where the mark that says "there is more elsewhere" begins at the end of *text*."""
    found = _CUT.search(text, max(0, len(text) - _TAIL))
    return found.start() if found else None


def _without_captions(text: str) -> str:
    *captions, rest = text.replace("[/wp_caption]", "[/caption]").split("[/caption]")
    return "".join(caption[: caption.rfind("]") + 1] for caption in captions) + rest


def _without_button(one: Piece) -> Piece:
    found = _BUTTON.match(one.text)
    return part(one, found.end(), len(one.text)) if found else one


def _before_end(pieces: Sequence[Piece]) -> Sequence[Piece]:
    for at, one in enumerate(pieces):
        if at and len(one.text) <= _SHORT and _END.fullmatch(one.text):
            return pieces[:at]
    return pieces


def _without_lists(pieces: Sequence[Piece]) -> list[Piece]:
    kept: list[Piece] = []
    dropping = False
    for one in pieces:
        if one.kind in ("heading", "paragraph"):
            dropping = len(one.text) <= _SHORT and _LIST_HEAD.fullmatch(one.text) is not None
        if not dropping:
            kept.append(one)
    return kept


def _without_lines(pieces: Sequence[Piece]) -> list[Piece]:
    return [
        one
        for at, one in enumerate(pieces)
        if not (is_line(one.text) or (at < _HEADS and _HEAD.fullmatch(one.text)))
    ]


def _unpromoted(pieces: Sequence[Piece]) -> list[Piece]:
    first = max(len(pieces) * 2 // 3, 1)  # advice may name an offer or a number; promotion stands at the end
    return [one for at, one in enumerate(pieces) if at < first or not _is_promotion(one)]


def _is_promotion(one: Piece) -> bool:
    text = one.text
    if one.kind == "code" or len(text) > _PROMOTION:
        return False
    if _ADDRESS_SIGN.search(text) and _ADDRESS.search(text) and _CONTACT.search(text):
        return True
    is_loud = "?" in text or "!" in text or "http" in text or len(text) < _SHORT
    return is_loud and _PITCH.search(text) is not None


def _uncut(pieces: list[Piece]) -> tuple[list[Piece], bool]:
    cut = False
    for _ in range(_MARKS):
        at = cut_at(pieces[-1].text) if pieces else None
        if at is None:
            break
        cut = True
        last = part(pieces[-1], 0, at)
        pieces = [*pieces[:-1], last] if last.text else pieces[:-1]
    return pieces, cut
