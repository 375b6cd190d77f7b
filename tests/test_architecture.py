"""The arrows of ARCHITECTURE.md: who may import whom, and the one place of each library."""

import ast
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

# package -> which of ours it may import
ARROWS = {
    "kb": set(),
    "ingest": {"kb"},
    "web": {"kb"},
    "guidepost": {"kb", "ingest", "web"},
}
# library -> the only modules that may import it
HOMES = {
    "feedparser": {"ingest.parse"},
    "bs4": {"ingest.clean", "ingest.blocks", "ingest.article", "ingest.discover"},
    "nh3": {"web.marks"},
    "trafilatura": {"ingest.body"},
    "protego": {"ingest.robots"},
    "whoosh": {"kb.index", "kb.parts", "kb.segments", "kb.snapshot"},
    "onnxruntime": {"kb.encoder"},
    "tokenizers": {"kb.encoder"},
    "rapidfuzz": {"kb.spelling"},
    "spellchecker": {"kb.spelling"},
    "aiohttp": {"ingest.fetch", "ingest.reasons", "ingest.websub"},
    "flask": {
        "web.app",
        "web.asked",
        "web.hub",
        "web.manage",
        "web.marks",
        "web.pages",
        "web.present",
        "web.site",
        "guidepost.wsgi",
    },
    "sqlalchemy": {
        "kb",
        "guidepost.program",
        "guidepost.subscriptions",
        "ingest.completion",
        "ingest.keeping",
        "ingest.loose",
        "ingest.pipeline",
        "ingest.upkeep",
        "ingest.websub",
        "web.app",
        "web.hub",
        "web.site",
    },
    "Stemmer": {"kb.text"},
    "sentencex": {"kb.text"},
}
# Nothing below `guidepost` reads the environment or the present time.
EFFECTS = {"os.environ", "os.getenv", "datetime.now", "datetime.utcnow", "date.today", "time.time"}


def folder(package: str) -> Path:
    found = find_spec(package)
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).parent


def imports(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative imports hide the arrows"
            yield node.module or ""


def effects(source: str) -> set[str]:
    dotted = {ast.unparse(node) for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Attribute)}
    return {effect for effect in EFFECTS for name in dotted if name == effect or name.endswith("." + effect)}


def faults(module: str, source: str) -> list[str]:
    """Say what is wrong with the imports and effects of a module."""
    package = module.partition(".")[0]
    found = []
    for name in sorted(set(imports(source))):
        top = name.partition(".")[0]
        if top in ARROWS and top != package and top not in ARROWS[package]:
            found.append(f"{module} imports {name}")
        if top in HOMES and not {module, package} & HOMES[top]:
            found.append(f"{module} imports {name}, whose home is {sorted(HOMES[top])}")
    if package != "guidepost":
        found += [f"{module} uses {effect}" for effect in sorted(effects(source))]
    return found


def modules() -> dict[str, Path]:
    return {
        ".".join((package, *path.relative_to(folder(package)).with_suffix("").parts)): path
        for package in ARROWS
        for path in sorted(folder(package).rglob("*.py"))
    }


@pytest.mark.parametrize("module", sorted(modules()))
def test_every_module_keeps_to_the_arrows(module: str) -> None:
    assert faults(module, modules()[module].read_text("utf-8")) == []


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("kb.posts", "import ingest"),
        ("kb.posts", "from web.app import create_app"),
        ("kb.posts", "from guidepost import config"),
        ("ingest.parse", "from web import pages"),
        ("ingest.parse", "import guidepost.cli"),
        ("web.pages", "from ingest.clean import html"),
        ("web.pages", "def view():\n    from ingest import pipeline"),
        ("web.pages", "import whoosh.index"),
        ("kb.search", "from whoosh import index"),
        ("ingest.clean", "import feedparser"),
        ("kb.feeds", "from datetime import datetime\nnow = datetime.now()"),
        ("ingest.fetch", "import os\nhome = os.environ['HOME']"),
    ],
)
def test_a_forbidden_import_is_found(module: str, source: str) -> None:
    assert faults(module, source)


def test_an_allowed_import_is_not() -> None:
    assert (
        faults("ingest.parse", "import feedparser\nfrom kb.errors import NotAFeed\nfrom ingest import dates")
        == []
    )


def test_no_file_grows_beyond_what_one_can_read() -> None:
    long = {
        module: n
        for module, path in modules().items()
        if (n := len(path.read_text("utf-8").splitlines())) > 400
    }
    assert long == {}
