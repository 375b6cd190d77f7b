"""With a real model where meaning matters, and with tiny ones for the many shapes of a model's folder."""

import shutil
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tiny_model

from kb import encoder as kb_encoder
from kb.encoder import Encoder
from kb.errors import NoModel

TEXTS = [
    "Own your mistakes.",
    "Say sorry and mean it. " * 12,
    "Smile.",
    *(f"Answer within {n} hours." for n in range(20)),
]


def test_texts_that_mean_the_same_are_alike(encoder: Encoder) -> None:
    asked, said, other = encoder.encode(
        [
            "a furious caller who shouts",
            "Stay calm when a customer is angry.",
            "Measure the time to first reply.",
        ]
    )

    assert asked @ said > asked @ other + 0.2


def test_rows_are_unit_vectors_in_the_order_of_their_texts(encoder: Encoder) -> None:
    found = encoder.encode(TEXTS)

    assert found.shape == (len(TEXTS), encoder.size)
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, atol=1e-5)
    for row, text in zip(found, TEXTS, strict=True):
        np.testing.assert_allclose(encoder.encode([text])[0], row, atol=1e-4)


def test_no_texts_have_no_vectors(encoder: Encoder) -> None:
    assert encoder.encode([]).shape == (0, encoder.size)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n",
        "\0\0",
        "a\0b",
        "🙂" * 3_000,
        "\ud83d",
        "x" * 1_000_000,
        "word " * 200_000,
        "\u202e\u0301" * 500,
        "日本語",
    ],
    ids=[
        "empty",
        "blank",
        "nothing but NULs",
        "NUL",
        "emoji",
        "half",
        "long word",
        "long text",
        "marks",
        "Japanese",
    ],
)
def test_any_text_at_all_has_a_vector(encoder: Encoder, text: str) -> None:
    found = encoder.encode([text, "Own it."])

    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, atol=1e-5)


def test_no_more_than_the_first_tokens_count(encoder: Encoder) -> None:
    text = "sorry " * kb_encoder.MOST_TOKENS

    one, other = encoder.encode([text, text + "thanks " * 50])

    np.testing.assert_allclose(one, other, atol=1e-5)


@pytest.mark.parametrize(
    "name",
    ["model.onnx", "onnx/model.onnx", "model_quantized.onnx", "onnx/model_quantized.onnx", "model_int8.onnx"],
)
def test_a_model_is_found_by_every_usual_name(tmp_path: Path, name: str) -> None:
    found = Encoder(tiny_model.lay(tmp_path, name=name)).encode(["sorry"])

    np.testing.assert_allclose(found, [[0, 1, 0]])


@pytest.mark.parametrize(
    "shape",
    [
        {"inputs": ("input_ids",)},
        {"inputs": ("input_ids", "attention_mask", "token_type_ids")},
        {"is_short": True},
        {"is_pooled": True},
    ],
    ids=["no mask", "token types", "32 bits", "pooled"],
)
def test_models_differ_in_what_they_ask_for_and_give(tmp_path: Path, shape: dict[str, Any]) -> None:
    found = Encoder(tiny_model.lay(tmp_path, **shape)).encode(["calm sorry"])

    np.testing.assert_allclose(found, [[0.5**0.5, 0.5**0.5, 0]], atol=1e-6)


def test_a_text_without_any_token_has_a_vector_of_nothing(tmp_path: Path) -> None:
    np.testing.assert_array_equal(Encoder(tiny_model.lay(tmp_path)).encode([""]), [[0, 0, 0]])


@pytest.mark.parametrize("number", [float("nan"), float("inf"), -float("inf"), 0.0])
def test_numbers_without_a_direction_come_to_nothing(tmp_path: Path, number: float) -> None:
    table = [[number] * 3] * len(tiny_model.WORDS)

    found = Encoder(tiny_model.lay(tmp_path, table=table)).encode(["calm sorry"])

    np.testing.assert_array_equal(found, [[0, 0, 0]])


def test_a_model_is_told_by_its_files_wherever_they_lie(tmp_path: Path) -> None:
    here = tiny_model.lay(tmp_path / "here")
    there = shutil.copytree(here, tmp_path / "there")
    other = tiny_model.lay(tmp_path / "other", table=tiny_model.TABLE[::-1])

    assert Encoder(here).fingerprint == Encoder(there).fingerprint != Encoder(other).fingerprint


def test_weights_beside_the_model_belong_to_it(tmp_path: Path) -> None:
    before = Encoder(tiny_model.lay(tmp_path)).fingerprint
    (tmp_path / "model.onnx_data").write_bytes(b"more of it")

    assert Encoder(tmp_path).fingerprint != before


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(NoModel, match="elsewhere cannot be used: there is no such folder"):
        Encoder(tmp_path / "elsewhere")


def test_a_folder_without_a_model_is_said_with_what_was_looked_for(tmp_path: Path) -> None:
    with pytest.raises(NoModel, match=r"none of model\.onnx, onnx/model\.onnx, model_quantized"):
        Encoder(tmp_path)


def test_a_folder_without_a_tokenizer_is_said(tmp_path: Path) -> None:
    (tiny_model.lay(tmp_path) / "tokenizer.json").unlink()

    with pytest.raises(NoModel, match=r"holds no tokenizer\.json"):
        Encoder(tmp_path)


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json"])
@pytest.mark.parametrize("body", [b"", b"{}", b"\0" * 5_000])
def test_a_broken_file_is_named(tmp_path: Path, name: str, body: bytes) -> None:
    (tiny_model.lay(tmp_path) / name).write_bytes(body)

    with pytest.raises(NoModel, match=f"its {name} cannot be read"):
        Encoder(tmp_path)


def test_a_model_of_another_kind_is_said(tmp_path: Path) -> None:
    with pytest.raises(NoModel, match=r"no vectors of a text.*pixels"):
        Encoder(tiny_model.lay(tmp_path, inputs=("input_ids", "pixels")))


def test_a_tokenizer_of_another_model_is_said(tmp_path: Path) -> None:
    small = Encoder(tiny_model.lay(tmp_path, table=tiny_model.TABLE[:2]))

    with pytest.raises(NoModel, match="no vectors of a text"):
        small.encode(["thanks"])


@pytest.mark.parametrize("package", ["onnxruntime", "tokenizers"])
def test_a_missing_package_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, package: str) -> None:
    tiny_model.lay(tmp_path)
    monkeypatch.setitem(sys.modules, package, None)

    with pytest.raises(NoModel, match=f"not installed.*{package}"):
        Encoder(tmp_path)
