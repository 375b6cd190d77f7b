"""The files of a sentence encoder in a folder: an ONNX file and its `tokenizer.json`, as exporters lay them out."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from kb.errors import NoModel

# As the exporters of such models call the file; an exact model before one of rounded weights.
_MODELS = ("model.onnx", "model_quantized.onnx", "model_int8.onnx")
_INSIDE = ("", "onnx")
_TOKENIZER = "tokenizer.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFiles:
    """Where a model lies."""

    folder: Path
    model: Path
    tokenizer: Path

    @property
    def all(self) -> list[Path]:
        # Exporters may put the weights beside the model: model.onnx_data, model.onnx.data.
        return [*sorted(self.model.parent.glob(f"{self.model.name}*")), self.tokenizer]


def find(folder: Path) -> ModelFiles:
    """Return the files of the model in *folder*; NoModel says what is missing there."""
    if not folder.is_dir():
        raise NoModel(folder, "there is no such folder")
    likely = [folder / inside / name for name in _MODELS for inside in _INSIDE]
    model = next((path for path in likely if path.is_file()), None)
    if model is None:
        named = ", ".join(path.relative_to(folder).as_posix() for path in likely)
        raise NoModel(folder, f"it holds none of {named}")
    tokenizer = folder / _TOKENIZER
    if not tokenizer.is_file():
        raise NoModel(folder, f"it holds no {_TOKENIZER}")
    return ModelFiles(folder=folder, model=model, tokenizer=tokenizer)


def looks(files: ModelFiles) -> str:
    """Return what changes when a file is replaced, without reading any."""
    seen = [(path, path.stat()) for path in files.all]
    return " ".join(f"{path} {stat.st_size} {stat.st_mtime_ns}" for path, stat in seen)


def fingerprint(files: ModelFiles) -> str:
    """Return what tells this model from others, wherever it lies; 23 MB take 20 ms."""
    made = hashlib.sha256()
    for path in files.all:
        with path.open("rb") as file:
            made.update(hashlib.file_digest(file, "sha256").digest())
    return made.hexdigest()[:32]
