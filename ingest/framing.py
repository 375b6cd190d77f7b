"""How titles, headings and neighbours are worded that say what to think of a unit. For plain text, see `phrases`."""

import re

# What a post that is ours speaks of, and what its title may speak of instead.
SERVED_WORDS = re.compile(
    r"\b(?:customer|client|guest|caller|complain|patron|shopper|employee|staff|help ?desk|call cent|front.?line|refund"
    r"|apolog|agent|receptionist|supervisor|manager|representative|queue|inbox|repl(?:y|ies)|visitor|passenger"
    r"|patients?\b|tenant|purchaser|regulars\b|support\b|enquir|inquir|leader|hiring|coaching|hospitality|feedback"
    r"|empathy|greet|tone|ticket|waiter|sorry|conversation|responses?\b)",
    re.IGNORECASE,
)
SERVICE_TITLE = re.compile(r"\b(?:call|phone|service|desk|counter|team|shop|hotel|rep|reps)\b", re.IGNORECASE)

# Titles of what gives instructions about something else, or words to send.
GENRE = re.compile(
    r"\b(?:release notes|changelog|what's new|version \d|webinar|recipes?(?! (?:for|to|of) )|press release"
    r"|terms of|privacy policy|live session|join us|save the date)\b"
)
# Titles and headings that turn the advice under them round: "How to lose a customer: never call back".
IRONIC = re.compile(
    r"\b(?:(?:ways?|how|guide|steps?|tips|recipe) (?:to|for|companies|businesses) (?:\w{1,20} )?"
    r"(?:los(?:e|ing)|annoy|ruin|drive away|drive off|drive your|kill|destroy|anger|fail|alienate|irritate|infuriate"
    r"|frustrate|upset|offend|demotivate|scare|disaster|failure|demotivating|annoying|bad|terrible|awful)"
    r"|(?:fastest|quickest|easiest|surest|guaranteed|best) ways? to (?:lose|annoy|kill|destroy|alienate|anger|ruin)"
    r"|how (?:\w{1,20} )?(?:businesses|companies|managers) (?:\w{1,20} )?(?:lose|annoy|ruin|drive|kill|destroy|fail"
    r"|alienate|frustrate|demotivate|scare)"
    r"|(?:bad|poor|terrible|awful|worst) (?:customer )?(?:service|support|examples?|habits?|advice|practices?))\b"
)
NOT_TO = re.compile(
    r"\b(?:(?:how|what|when|things?) (?:you should )?(?:not to|never)"
    r"|(?:things?|habits?|practices?|phrases) (?:\w{1,20} )?"
    r"(?:to |you should |must )?(?:stop|quit|avoid)(?: \w+ing)?|stop doing|worst things)\b"
)
DONTS = re.compile(r"(?:the )?(?:don'?ts?|do not|avoid|never|what (?:not to do|to avoid)|bad|wrong)\W{0,3}")
MISTAKES = re.compile(
    r"\b(?:mistakes|sins|pitfalls|myths|blunders|errors|don'ts|traps|bad habits|wrong ways|killing|killers|red flags"
    r"|signs)\b"
)
MENDED = re.compile(
    r"\b(?:recover|handl|fix|respond|admit|own|apolog|after|learn)"
)  # mistakes as a theme, not a list
HARM = re.compile(
    r"(?:always |just |only )?(?:ignore|blame|argue|hide|delay|lie|keep (?:them|customers|people|your|callers)"
    r"|make (?:them|customers|people|your|it (?:hard|difficult))|transfer|refuse|forget|interrupt|over-?promise|assume"
    r"|treat|fail|leave|neglect|rush|dismiss|talk|pass|send|put|let|wait|avoid|use|rely|skip|overlook|cut|force|insult"
    r"|act|say|bury|stop|focus|think)\b"
)
REMEDY = re.compile(
    r"\b(?:instead|solutions?|fix|remed(?:y|ies)|better|do this|advice|what to do|tips?|should do)\b"
)
# The sentence that introduces a list of cures in a post about harm; "tips" there may be ironic.
LESSONS = re.compile(r"\b(?:lessons?|prevent(?:ed)?|instead|avoid (?:this|that|it)|do better)\b")
EXAMPLES = re.compile(
    r"\b(?:such as|for example|for instance|(?<!looks )(?<!look )like|phrases?|saying|say|says|said|examples?"
    r"|between|sounds?|words|ask"
    r"|asking|questions?|differences?|template|script|wrote|reads?|reply)(?: \w{1,20})?(?: \w{1,20})?(?: \w{1,20})?:$"
)
REFUSED = re.compile(
    r"\b(?:avoid|never|don't|do not|mistakes?|bad|wrong|stop|worst|poor|signs?|instead of|shouldn't|should not|fail"
    r"|companies (?:who|that)|problems?)\b"
)
PROPOSED = re.compile(
    r"\b(?:phrase|motto|rule|principle|mantra|saying|maxim|advice|lesson|creed|reminder|philosophy|put it"
    r"|sums? (?:it )?up|golden|wisdom|truth|slogan)\b"
)
SAMPLE = re.compile(
    r"(?:(?:for )?examples?|e\.g\.?|(?:mini )?case(?: study)?|scenario|before|bad|wrong)\W{0,2}"
)
REFUTED = re.compile(
    r"(?:nonsense|wrong|rubbish|not so|not true|they(?:'re| are) wrong|i (?:disagree|don't agree|beg to differ)"
    r"|(?:that|this|it)(?:'s| is) (?:just |simply |plain )?(?:wrong|not true|not so|nonsense|a mistake|a myth|rubbish"
    r"|bad advice|terrible)"
    r"|don't (?:believe|buy|fall for|listen to) (?:it|that|this|them)|bad (?:idea|advice|move)|no!"
    r"|terrible (?:idea|advice))\b"
)
