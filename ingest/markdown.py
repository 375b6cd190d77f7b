"""Markdown with its front matter, as Jekyll, Hugo, Pelican and their like write it -> markup."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml
from markdown_it import MarkdownIt

_LARGEST_MATTER = 20_000  # characters; real ones have hundreds
_FENCED = re.compile(r"(?P<fence>---|\+\+\+)[^\S\n]*\n(?P<matter>.*?)\n(?P=fence)[^\S\n]*(?:\n|$)", re.DOTALL)
_LINE = re.compile(r"(?P<name>[A-Za-z][\w -]{0,30}?)\s*[:=]\s*(?P<value>.*)")
_BARE = re.compile(r"(?:title|date|author|layout|slug|category|tags)\s*:", re.IGNORECASE)
_SIGNS = re.compile(
    r"^#{1,6}[ \t]+\S|^(?:```|~~~)|\[[^\[\]\n]{1,200}\]\([^()\s]{0,500}[^()\n]{0,100}\)|\*\*[^\s*][^*\n]{0,300}\*\*"
    r"|^\[[^\[\]\n]{1,60}\]:\s+\S|^[^\n]{1,120}\n(?:={3,}|-{3,})[ \t]*$",
    re.MULTILINE,
)
# What a site generator would have replaced: Liquid and Hugo tags, kramdown attributes, marks of footnotes.
_GENERATOR = re.compile(
    r"\{%[^\n{}]{0,400}%\}|\{\{[^\n{}]{0,400}\}\}|\{:[^\n{}]{0,200}\}|(?<=\S)\[\^[^\[\]\s]{1,40}\](?!:)",
    re.MULTILINE,
)
_NOTE = re.compile(r"^\[\^[^\[\]\s]{1,40}\]:[ \t]*", re.MULTILINE)
_MOST_BRACKETS = 1_000  # a link may begin at each, and Markdown tries them all
LONGEST = 300_000  # characters
MOST_LINES = 10_000
_SAMPLE = 50_000  # characters that tell Markdown from plain text
_renderer = MarkdownIt("commonmark", {"html": True, "breaks": True, "maxNesting": 40}).enable("table")
_without_links = MarkdownIt("commonmark", {"html": True, "breaks": True, "maxNesting": 40}).disable(
    ["link", "image"]
)


class _Loader(yaml.BaseLoader):
    """Text, lists and mappings only: no dates, no numbers, no aliases that multiply."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("aliases are not followed")
        return super().compose_node(parent, index)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A Markdown file: what its front matter says, by lower-case names, and the text after it."""

    matter: Mapping[str, Any]
    text: str


def is_markdown(text: str) -> bool:
    """Tell whether *text* is Markdown rather than plain text."""
    return bool(split(text).matter) or _SIGNS.search(text[:_SAMPLE]) is not None


def split(text: str) -> Source:
    """Part *text* from its front matter, fenced or not."""
    text = text.lstrip()
    if fenced := _FENCED.match(text[:_LARGEST_MATTER]):
        read = _toml if fenced["fence"] == "+++" else _yaml
        return Source(matter=_lowered(read(fenced["matter"])), text=text[fenced.end() :])
    if _BARE.match(text):
        matter, _, rest = _bare(text)
        return Source(matter=_lowered(matter), text=rest)
    return Source(matter={}, text=text)


def render(text: str) -> str:
    """Return the markup of Markdown *text*; one line's end counts as `<br>`, which `clean` knows how to read."""
    renderer = _renderer if text.count("[") <= _MOST_BRACKETS else _without_links
    lines = _GENERATOR.sub("", text[:LONGEST]).split("\n", MOST_LINES)[:MOST_LINES]
    return str(renderer.render(_NOTE.sub("\n", "\n".join(lines))))


def words(value: Any) -> tuple[str, ...]:
    """Return the strings of a front matter's list, which may be written as one line."""
    if isinstance(value, str):
        return tuple(word for word in (part.strip(" []\"'") for part in value.split(",")) if word)
    return tuple(word for word in value if isinstance(word, str) and word) if isinstance(value, list) else ()


def _lowered(matter: Mapping[str, Any]) -> dict[str, Any]:
    return {str(name).strip().lower(): value for name, value in matter.items()}


def _yaml(matter: str) -> Mapping[str, Any]:
    try:
        read = yaml.load(matter, Loader=_Loader)  # noqa: S506  (a BaseLoader makes nothing but text)
    except (yaml.YAMLError, RecursionError, ValueError):
        return _by_lines(matter)
    return read if isinstance(read, dict) else _by_lines(matter)


def _toml(matter: str) -> Mapping[str, Any]:
    try:
        return tomllib.loads(matter)
    except (tomllib.TOMLDecodeError, RecursionError):
        return _by_lines(matter)


def _by_lines(matter: str) -> dict[str, Any]:
    """Read what is neither YAML nor TOML, or both, a line at a time."""
    found = (_LINE.fullmatch(line.strip()) for line in matter.splitlines())
    return {line["name"]: line["value"].strip().strip("\"'") for line in found if line}


def _bare(text: str) -> tuple[Mapping[str, Any], str, str]:
    """Part a front matter that has no opening fence: it ends at "---" or at the first blank line."""
    matter, end, rest = text[:_LARGEST_MATTER].partition("\n---")
    if end and "\n\n" not in matter:
        rest = text[len(matter) + len(end) :].partition("\n")[2]
        return _yaml(matter), end, rest
    matter, end, rest = text.partition("\n\n")
    return _by_lines(matter[:_LARGEST_MATTER]), end, rest
