"""Sentence encoders of a few numbers, written byte by byte: for the many shapes that a model's folder may have.

Each gives a token the numbers that stand for it in a table. An ONNX file is a message of Protocol Buffers: fields of
a number and a value, which is a whole number, or bytes with their length before them.
"""

import struct
from collections.abc import Sequence
from pathlib import Path

from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace

WORDS = ("[UNK]", "calm", "sorry", "thanks")
TABLE = ((0.5, 0.5, 0.5), (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
INPUTS = ("input_ids", "attention_mask")
_FLOAT, _INT32, _INT64 = 1, 6, 7  # types of numbers, as ONNX counts them


def lay(
    folder: Path,
    *,
    name: str = "model.onnx",
    inputs: Sequence[str] = INPUTS,
    table: Sequence[Sequence[float]] = TABLE,
    is_pooled: bool = False,
    is_short: bool = False,  # tokens are numbers of 32 bits
) -> Path:
    """Lay a model and its tokenizer into *folder*; return it."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(onnx(inputs, table, is_pooled=is_pooled, is_short=is_short))
    tokenizer = Tokenizer(WordLevel({word: number for number, word in enumerate(WORDS)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = Whitespace()
    tokenizer.save(str(folder / "tokenizer.json"))
    return folder


def onnx(
    inputs: Sequence[str], table: Sequence[Sequence[float]], *, is_pooled: bool, is_short: bool
) -> bytes:
    """Return the file of a model that looks tokens up in a table, and perhaps takes the mean of a text's."""
    size = len(table[0])
    numbers = [number for row in table for number in row]
    weights = _all(
        (1, len(table)),
        (1, size),
        (2, _FLOAT),
        (8, b"table"),
        (9, struct.pack(f"<{len(numbers)}f", *numbers)),
    )
    nodes = [_all((1, b"table"), (1, inputs[0].encode()), (2, b"last_hidden_state"), (4, b"Gather"))]
    outputs = [_value("last_hidden_state", _FLOAT, b"texts", b"tokens", size)]
    if is_pooled:
        axes = _all((1, b"axes"), (8, 1), (20, 7))
        keep = _all((1, b"keepdims"), (3, 0), (20, 2))
        mean = (
            (1, b"last_hidden_state"),
            (2, b"sentence_embedding"),
            (4, b"ReduceMean"),
            (5, axes),
            (5, keep),
        )
        nodes.append(_all(*mean))
        outputs.append(_value("sentence_embedding", _FLOAT, b"texts", size))
    kind = _INT32 if is_short else _INT64
    graph = _all(
        *((1, node) for node in nodes),
        (2, b"tiny"),
        (5, weights),
        *((11, _value(name, kind, b"texts", b"tokens")) for name in inputs),
        *((12, output) for output in outputs),
    )
    return _all((1, 8), (7, graph), (8, _all((1, b""), (2, 13))))


def _value(name: str, kind: int, *sizes: int | bytes) -> bytes:
    shape = _all(*((1, _all((1, size) if isinstance(size, int) else (2, size))) for size in sizes))
    return _all((1, name.encode()), (2, _all((1, _all((1, kind), (2, shape))))))


def _all(*fields: tuple[int, int | bytes]) -> bytes:
    return b"".join(_field(number, value) for number, value in fields)


def _field(number: int, value: int | bytes) -> bytes:
    if isinstance(value, int):
        return _whole(number << 3) + _whole(value)
    return _whole(number << 3 | 2) + _whole(len(value)) + value


def _whole(value: int) -> bytes:
    """Return a whole number in groups of seven bits, the lowest first."""
    low, rest = value & 0x7F, value >> 7
    return bytes([low | 0x80]) + _whole(rest) if rest else bytes([low])
