"""The header of a weights file is read without believing it: every lie ends in a sentence, none in a crash."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from galaxy_desktop import paths
from galaxy_desktop.errors import ModelError
from galaxy_desktop.reason import architectures
from galaxy_desktop.reason.gguf import BLOCKS, Header, NotWholeError, check_usable, read_bytes, read_header
from tests.reason.gguf_files import ARRAY, LLAMA, TEXT, U32, Gguf, key, tensor, text, whole

HUGE = struct.pack("<Q", 1 << 62)


def test_the_shape_of_a_model_is_read_from_its_first_bytes(tmp_path: Path) -> None:
    (tmp_path / "m.gguf").write_bytes(whole())
    header = read_header(tmp_path / "m.gguf")
    shape = header.shape()
    assert (header.version, header.title, header.tensors) == (3, "Tiny Test", 1)
    assert (shape.layers, shape.embedding, shape.vocabulary, shape.context_tokens) == (2, 64, 3, 2048)
    assert shape.cache_width == 2 * 2 * (16 + 16)
    check_usable(header, "m.gguf")


def test_heads_that_differ_from_layer_to_layer_are_added_up() -> None:
    keys = {**LLAMA, "llama.attention.head_count_kv": [0, 3], "llama.attention.key_length": 8}
    assert read_bytes(Gguf(keys=keys).content()).shape().cache_width == 3 * (8 + 16)


@pytest.mark.weights
def test_the_small_model_is_read_as_the_gguf_package_reads_it() -> None:
    file = paths.models_folder() / "smollm2-135m-instruct" / "SmolLM2-135M-Instruct.Q4_1.gguf"
    header = read_header(file)
    assert header.file_bytes == file.stat().st_size
    assert (header.shape().layers, header.shape().cache_width, header.shape().vocabulary) == (30, 11_520, 49_152)


def test_the_number_formats_are_those_of_the_gguf_package() -> None:
    constants = pytest.importorskip("gguf.constants")
    assert {kind.value: tuple(size) for kind, size in constants.GGML_QUANT_SIZES.items()}.items() <= BLOCKS.items()


def test_the_kinds_of_models_are_those_of_llama_cpp_here() -> None:
    llama_cpp = pytest.importorskip("llama_cpp")
    library = (Path(llama_cpp.__file__).parent / "lib" / "libllama.so").read_bytes()
    assert {kind for kind in architectures.WRITERS | architectures.OTHERS if kind.encode() not in library} == set()


@pytest.mark.parametrize("length", [0, 3, 10, 30, 200, -1])
def test_a_file_that_was_cut_off_is_not_whole(length: int) -> None:
    content = whole()[:length]
    with pytest.raises(ModelError, match=r"not whole|not a GGUF|damaged"):
        read_bytes(content)


def test_weights_that_are_missing_are_missed_without_a_hash() -> None:
    with pytest.raises(NotWholeError, match="bytes of"):
        read_bytes(Gguf(data=b"x" * 767).content())


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "it is empty"),
        (b"<!doctype html><html>", "but a web page"),
        (b"PK\3\4....", "but a zip archive"),
        (b"lmgg" + bytes(64), "older format"),
        (b"\0\0\0\0", "not a GGUF model. Choose"),
        (Gguf(version=1).content(), "GGUF version 1"),
        (Gguf(version=4_000_000).content(), "GGUF version 4000000"),
        (Gguf(version=3 << 24).content(), "another byte order"),
    ],
)
def test_what_is_no_model_is_told_by_name(content: bytes, said: str) -> None:
    with pytest.raises(ModelError, match=said):
        read_bytes(content)


@pytest.mark.parametrize(
    "lie",
    [
        Gguf(told_keys=1 << 60),
        Gguf(told_tensors=1 << 60),
        Gguf(told_keys=3),
        Gguf(keys={"a": struct.pack("<I", TEXT) + HUGE}),
        Gguf(keys={"a": struct.pack("<IIQ", ARRAY, TEXT, 1 << 62)}),
        Gguf(keys={"a": struct.pack("<IIQ", ARRAY, U32, 1 << 62)}),
        Gguf(keys={"a": struct.pack("<IIQ", ARRAY, ARRAY, 1)}),
        Gguf(keys={"a": struct.pack("<I", 99)}),
        Gguf(keys={**LLAMA, "general.alignment": 0}),
        Gguf(keys={**LLAMA, "general.alignment": 24}),
        Gguf(tensors=[tensor("t", (1,) * 9)]),
        Gguf(tensors=[tensor("t", (1 << 62, 1 << 62))]),
        Gguf(tensors=[tensor("t", (4,), offset=(1 << 64) - 1)]),
        Gguf(tensors=[tensor("t", (33,), kind=2)]),
        Gguf(tensors=[text(b"") + b"\xff\xff\xff\xff"]),
    ],
)
def test_a_header_that_lies_is_damaged_and_costs_nothing(lie: Gguf) -> None:
    with pytest.raises(ModelError, match=r"damaged|not whole"):
        read_bytes(lie.content())


def test_an_unknown_number_format_says_what_to_look_for() -> None:
    with pytest.raises(ModelError, match=r"number format \(77\).*Q4_K_M"):
        read_bytes(Gguf(tensors=[tensor("t", (32,), kind=77)]).content())


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"general__architecture": "nobody-knows"}, "kind 'nobody-knows', which this version"),
        ({"general__architecture": "clip"}, "does not write text"),
        ({"general__architecture": ""}, "does not say what kind"),
        ({"split__count": 3}, "one of 3 parts"),
        ({"llama__block_count": 0}, "holds no weights"),
    ],
)
def test_a_model_that_cannot_write_is_refused_before_it_is_loaded(keys: dict[str, object], said: str) -> None:
    with pytest.raises(ModelError, match=said):
        check_usable(read_bytes(whole(**keys)), "m.gguf")


def test_a_file_that_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"gone\.gguf cannot be read"):
        read_header(tmp_path / "gone.gguf")


def test_a_title_cannot_carry_control_characters() -> None:
    assert read_bytes(whole(general__name="A\x1b[31m\n B" + "x" * 300)).title.startswith("A[31m B")


def _survives(content: bytes) -> None:
    """Either a header whose numbers can be reckoned with, or a sentence."""
    try:
        header = read_bytes(content)
    except ModelError:
        return
    assert isinstance(header, Header)
    assert header.file_bytes <= len(content)
    assert 0 <= header.shape().cache_width < 1 << 80
    assert header.title.isprintable()


@given(st.binary(max_size=300))
@example(b"GGUF")
def test_no_bytes_at_all_bring_the_reader_down(content: bytes) -> None:
    _survives(content)
    _survives(b"GGUF\3\0\0\0" + content)


@given(st.integers(0, len(whole()) - 1), st.binary(min_size=1, max_size=16))
def test_no_damage_to_a_whole_file_brings_the_reader_down(place: int, damage: bytes) -> None:
    content = whole()
    _survives(content[:place] + damage + content[place + len(damage) :])


VALUES = st.one_of(
    st.integers(0, 2**32 - 1),
    st.text(max_size=8),
    st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=5),
    st.floats(width=32),
    st.binary(max_size=20),
)


@given(st.dictionaries(st.sampled_from([*LLAMA, "general.alignment", "split.count"]), VALUES))
def test_no_value_of_a_key_brings_the_reader_down(values: dict[str, object]) -> None:
    content = Gguf(keys={**LLAMA, **values}).content()
    _survives(content)
    try:
        check_usable(read_bytes(content), "m.gguf")
    except ModelError:
        return


@given(st.lists(st.tuples(st.lists(st.integers(0, 2**64 - 1), max_size=9), st.integers(0, 50), st.integers(0, 2**64 - 1)), max_size=4))  # fmt: skip
def test_no_table_of_tensors_brings_the_reader_down(tensors: list[tuple[list[int], int, int]]) -> None:
    _survives(Gguf(tensors=[tensor("t", *one) for one in tensors]).content())


def test_keys_are_made_as_the_format_wants() -> None:
    assert key("a", 1) == b"\1" + bytes(7) + b"a\4\0\0\0\1\0\0\0"
