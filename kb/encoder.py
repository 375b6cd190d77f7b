"""Texts as vectors that point the same way where the texts mean the same, by a model from a folder.

Nothing is ever downloaded. The packages that run a model come with `guidepost[semantic]` and are loaded with it.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kb import modelfiles
from kb.errors import NoModel

Floats = NDArray[np.float32]

MOST_TOKENS = 128  # of a text; these models have learned from no longer ones
LONGEST = 2_000  # characters that are looked at; 128 tokens of prose are some 600
# Texts at a time, by CPU time each on one core: 1: 8.3 ms, 4: 7.1, 8: 7.0, 16: 7.5, 64: 9.9 (fuller of nothing).
BATCH = 8
_POOLED = "sentence_embedding"  # output of a model that makes one vector of a text by itself
_TYPES: dict[str, Any] = {"tensor(int64)": np.int64, "tensor(int32)": np.int32}


class Encoder:
    """A model, opened. Safe to use from several threads."""

    def __init__(self, folder: Path) -> None:
        """Open the model in *folder*; NoModel says what is wrong with it."""
        files = modelfiles.find(folder)
        self.looks = modelfiles.looks(files)  # before any is read
        self._folder = folder
        self._tokenizer = _tokenizer(folder, files.tokenizer)
        self._session = _session(folder, files.model)
        self._types = {given.name: _TYPES.get(given.type, np.int64) for given in self._session.get_inputs()}
        names = [given.name for given in self._session.get_outputs()]
        self._output = _POOLED if _POOLED in names else names[0]
        self.fingerprint = modelfiles.fingerprint(files)
        self.size = self._encode(["text"]).shape[1]  # parts that do not fit are told at once

    def encode(self, texts: Sequence[str]) -> Floats:
        """Return a unit vector for each of *texts*, as rows."""
        found = np.zeros((len(texts), self.size), dtype=np.float32)
        # Texts of like length together: the short ones of a batch are filled up to the longest, and cost as much.
        order = sorted(range(len(texts)), key=lambda number: len(texts[number]))
        for start in range(0, len(order), BATCH):
            some = order[start : start + BATCH]
            found[some] = self._encode([texts[number] for number in some])
        return found

    def _encode(self, texts: Sequence[str]) -> Floats:
        ids, mask = _filled([self._tokenizer.encode(_clean(text)).ids for text in texts])
        given = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        try:
            feeds = {name: given[name].astype(kind) for name, kind in self._types.items()}
            (found,) = self._session.run([self._output], feeds)
            return _unit(_pooled(found, mask))
        # A model of another kind, or of other tokens; onnxruntime's exceptions have no base of their own.
        except Exception as error:
            raise NoModel(
                self._folder, f"model and tokenizer make no vectors of a text ({error!r})"
            ) from error


def _clean(text: str) -> str:
    # A query from a terminal may hold halves of characters, which no tokenizer takes.
    return text[:LONGEST].encode("utf-8", "replace").decode()


def _filled(rows: Sequence[Sequence[int]]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the tokens of texts, filled up to one length, and a mask of those that are tokens."""
    ids = np.zeros((len(rows), max(1, *map(len, rows))), dtype=np.int64)
    mask = np.zeros_like(ids)
    for number, row in enumerate(rows):
        ids[number, : len(row)] = row
        mask[number, : len(row)] = 1
    return ids, mask


def _pooled(found: NDArray[Any], mask: NDArray[np.int64]) -> Floats:
    """Return one vector for each text: the mean of its tokens', where the model gives those."""
    if found.ndim == len(("text", "size")):
        return found.astype(np.float32)
    weights = mask[:, :, np.newaxis].astype(np.float32)
    mean: Floats = np.sum(found * weights, axis=1) / np.maximum(np.sum(weights, axis=1), 1)
    return mean


def _unit(vectors: Floats) -> Floats:
    finite = np.nan_to_num(vectors, posinf=0.0, neginf=0.0)
    lengths = np.linalg.norm(finite, axis=1, keepdims=True)
    unit: Floats = finite / np.maximum(lengths, np.finfo(np.float32).tiny)
    return unit


def _tokenizer(folder: Path, path: Path) -> Any:
    try:
        from tokenizers import Tokenizer  # noqa: PLC0415 - an extra that few install
    except ImportError as error:
        raise _missing(folder, error) from error
    try:
        tokenizer = Tokenizer.from_file(str(path))
    except Exception as error:  # it raises nothing narrower
        raise NoModel(folder, f"its {path.name} cannot be read ({error})") from error
    tokenizer.enable_truncation(MOST_TOKENS)
    tokenizer.no_padding()  # many are saved to fill every text up to one length
    return tokenizer


def _session(folder: Path, path: Path) -> Any:
    try:
        import onnxruntime  # noqa: PLC0415 - as above
    except ImportError as error:
        raise _missing(folder, error) from error
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1  # the other cores have work of their own
    options.enable_cpu_mem_arena = False  # no faster, and keeps 33 MB for the longest texts there ever were
    options.log_severity_level = 4  # what matters is raised as well
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # as above, of no base of their own
        raise NoModel(folder, f"its {path.name} cannot be read ({error})") from error


def _missing(folder: Path, error: ImportError) -> NoModel:
    return NoModel(folder, f"the packages that run it are not installed, see docs/semantic.md ({error})")
