"""Settings: one TOML file and `GUIDEPOST_*` variables, the variables first.

The file is `guidepost.toml` in the home folder, or where GUIDEPOST_CONFIG says. Every field of `Settings` can be
set in either, e.g. `port = 8080` or GUIDEPOST_PORT=8080; a list is written with commas in a variable.
"""

import re
import secrets
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any

from platformdirs import user_data_path

from guidepost import __version__
from kb.errors import BadSetting

_HIGHEST_PORT = 65_535


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What can be set. The comment of a field is its line in docs/settings.md."""

    home: Path  # folder of the store, the index and the lock files
    database: str = ""  # SQLAlchemy address of the store; empty: guidepost.db in the home folder
    opml: Path | None = None  # subscriptions of a first run; empty: the list that comes with Guidepost
    host: str = "127.0.0.1"  # address that the site listens on
    port: int = 8000  # port that the site listens on
    hosts: tuple[
        str, ...
    ] = ()  # names that the site answers to; empty: this machine's own, or any if others may listen
    contact: str = ""  # web or e-mail address that servers are told, so that their owners can reach you
    allow: tuple[IPv4Network | IPv6Network, ...] = ()  # non-public networks that feeds may be fetched from
    ports: tuple[int, ...] = (80, 443, 8080, 8443)  # ports that feeds may be fetched from
    at_once: int = 64  # how many servers are asked at the same time
    gap_seconds: float = 1.0  # pause between two requests to one site (registrable domain)
    workers: int = 0  # processes that digest what was fetched; 0: one for each processor
    callback: str = (
        ""  # public address of the site, where hubs can tell of news (WebSub); empty: none is asked
    )
    search_memory: int = 512  # megabytes of the index that searches may keep in memory
    semantic_model: Path | None = None  # folder of a sentence encoder for search by meaning; empty: none
    connect_seconds: float = 10.0  # longest wait for a connection
    read_seconds: float = 20.0  # longest silence while a server answers
    total_seconds: float = 60.0  # longest time for one feed in all
    max_bytes: int = 10_000_000  # largest feed, page or document, after unpacking

    @property
    def file(self) -> Path:
        """Return the file of the store, where no other address is set."""
        return self.home / "guidepost.db"

    @property
    def index(self) -> Path:
        return self.home / "index"

    @property
    def lock(self) -> Path:
        return self.home / "ingest.lock"

    @property
    def user_agent(self) -> str:
        contact = f" (+{self.contact})" if self.contact else ""
        return f"Guidepost/{__version__}{contact}"


def load(environ: Mapping[str, str]) -> Settings:
    """Return the settings; BadSetting says which one is of no use and why."""
    named = {
        name.removeprefix("GUIDEPOST_").lower(): value
        for name, value in environ.items()
        if name.startswith("GUIDEPOST_")
    }
    home = _path(named.pop("home", "")) or user_data_path("guidepost", appauthor=False)
    file = _path(named.pop("config", ""))
    found = _file(file or home / "guidepost.toml", wanted=bool(file))
    known = {field.name for field in fields(Settings)}
    for name in (named.keys() | found.keys()) - known:
        raise BadSetting(f"there is no setting {name!r}")
    return Settings(home=home, **{name: _value(name, raw) for name, raw in {**found, **named}.items()})


def _path(text: str) -> Path | None:
    try:
        return Path(text).expanduser() if text else None
    except RuntimeError as error:
        raise BadSetting(f"{text}: there is no such user") from error


def _file(path: Path, *, wanted: bool) -> dict[str, Any]:
    try:
        found = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError as error:
        if wanted:
            raise BadSetting(f"there is no settings file {path}") from error
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadSetting(f"{path}: {error}") from error
    if "home" in found:
        raise BadSetting(f"{path}: `home` cannot be set in the file that is found by it; set GUIDEPOST_HOME")
    return found


def _value(name: str, raw: Any) -> Any:
    """Return a setting in its type, from TOML's value or a variable's text."""
    try:
        return _READ[name](raw)
    except (ValueError, TypeError, OverflowError) as error:
        raise BadSetting(f"{name} cannot be {raw!r}: {error}") from error


def _text(raw: Any) -> str:
    if not isinstance(raw, str) or any(ord(c) < ord(" ") for c in raw):
        raise ValueError("it must be text on one line")
    return raw


def _list(raw: Any) -> list[Any]:
    if isinstance(raw, str):
        return [part.strip() for part in raw.split(",") if part.strip()]
    if not isinstance(raw, list):
        raise TypeError("it must be a list")
    return raw


def _whole(raw: Any) -> int:
    if not re.fullmatch(r"\s*-?[0-9]{1,18}\s*", str(raw)):  # not True, not 80.9
        raise ValueError("it must be a whole number")
    return int(raw)


def _port(raw: Any) -> int:
    number = _whole(raw)
    if not 0 <= number <= _HIGHEST_PORT:
        raise ValueError(f"a port is a number up to {_HIGHEST_PORT}")
    return number


def _positive(raw: Any) -> float:
    number = float(raw)
    if not 0 < number < float("inf"):
        raise ValueError("it must be more than 0")
    return number


def _from_zero(raw: Any) -> float:
    number = float(raw)
    if not 0 <= number < float("inf"):
        raise ValueError("it must not be less than 0")
    return number


def _count(raw: Any) -> int:
    return int(_positive(_whole(raw)))


_READ = {
    "database": _text,
    "opml": lambda raw: _path(_text(raw)),
    "host": _text,
    "port": _port,
    "hosts": lambda raw: tuple(map(_text, _list(raw))),
    "contact": _text,
    "allow": lambda raw: tuple(ip_network(str(network)) for network in _list(raw)),
    "ports": lambda raw: tuple(map(_port, _list(raw))),
    "at_once": _count,
    "gap_seconds": _from_zero,
    "workers": lambda raw: int(_from_zero(_whole(raw))),
    "callback": _text,
    "search_memory": _count,
    "semantic_model": lambda raw: _path(_text(raw)),
    "connect_seconds": _positive,
    "read_seconds": _positive,
    "total_seconds": _positive,
    "max_bytes": _count,
}


def shipped(name: str) -> Path:
    """Return a file that comes with Guidepost: beside this module in a wheel, at the top in a checkout."""
    inside = Path(__file__).with_name(name)
    return inside if inside.exists() else Path(__file__).parent.parent / name


def secret(home: Path) -> bytes:
    """Return the key that signs the site's forms and sessions; made at the first call, for its owner's eyes."""
    path = home / "secret"
    if not path.exists():
        home.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(f"secret-{secrets.token_hex(8)}")
        fresh.touch(mode=0o600, exist_ok=False)
        fresh.write_bytes(secrets.token_bytes(32))
        fresh.replace(path)  # whole, or not at all
    return path.read_bytes()
