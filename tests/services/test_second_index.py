"""Another search model: indexed behind while the old index answers, resumed after a kill, given up when it is gone."""

from __future__ import annotations

import importlib
import json
import shutil
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from galaxy_desktop import cli, paths
from galaxy_desktop.domain.search_models import SearchState
from galaxy_desktop.domain.sprints import Snapshot
from galaxy_desktop.errors import ModelError, RefusedError
from galaxy_desktop.paths import DataFolder
from galaxy_desktop.retrieve.embedding_models import FolderModel, chosen, installed_models
from galaxy_desktop.retrieve.texts import Group, Text
from galaxy_desktop.services import embedding_desk, indexing
from galaxy_desktop.services.indexing import Library
from galaxy_desktop.services.second_index import SecondIndex

NOW = datetime(2026, 5, 1, tzinfo=UTC)
WIDTH = 16
NEVER = threading.Event()


def tiny_model(folder: Path, seed: int = 1) -> Path:
    """A folder of sentence-transformers with one layer of random weights, 16 numbers wide."""
    torch: Any = importlib.import_module("torch")
    tokenizers: Any = importlib.import_module("tokenizers")
    (folder / "1_Pooling").mkdir(parents=True)
    said = {
        "modules.json": [{"type": f"sentence_transformers.models.{one}"} for one in ("Transformer", "Pooling", "Normalize")],
        "config.json": {"model_type": "bert", "hidden_act": "gelu", "num_hidden_layers": 1, "num_attention_heads": 2,
                        "layer_norm_eps": 1e-12, "hidden_size": WIDTH},
        "sentence_bert_config.json": {"max_seq_length": 32},
        "1_Pooling/config.json": {"pooling_mode_mean_tokens": True, "word_embedding_dimension": WIDTH},
    }  # fmt: skip
    for name, content in said.items():
        (folder / name).write_text(json.dumps(content))
    letters = {letter: n for n, letter in enumerate("?abcdefghijklmnopqrstuvwxyz")}
    model = tokenizers.Tokenizer(tokenizers.models.WordLevel(letters, unk_token="?"))
    model.pre_tokenizer = tokenizers.pre_tokenizers.Split(tokenizers.Regex("."), "isolated")
    model.save(str(folder / "tokenizer.json"))
    torch.manual_seed(seed)
    rows = {"embeddings.word_embeddings.weight": (len(letters), WIDTH), "embeddings.token_type_embeddings.weight": (2, WIDTH),
            "embeddings.position_embeddings.weight": (32, WIDTH)}  # fmt: skip
    layer = "encoder.layer.0."
    linear = ["attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense"]
    rows |= {f"{layer}{one}.weight": (WIDTH, WIDTH) for one in linear}
    rows |= {f"{layer}intermediate.dense.weight": (2 * WIDTH, WIDTH), f"{layer}output.dense.weight": (WIDTH, 2 * WIDTH)}
    weights = {name: torch.randn(*shape) * 0.3 for name, shape in rows.items()}
    for name, shape in rows.items():
        if name.startswith(layer):
            weights[name.replace(".weight", ".bias")] = torch.zeros(shape[0])
    for name in ("embeddings.LayerNorm", f"{layer}attention.output.LayerNorm", f"{layer}output.LayerNorm"):
        weights |= {f"{name}.weight": torch.ones(WIDTH), f"{name}.bias": torch.zeros(WIDTH)}
    importlib.import_module("safetensors.torch").save_file(weights, str(folder / "model.safetensors"))
    return folder


@pytest.fixture
def models(tmp_path: Path) -> Path:
    tiny_model(tmp_path / "models" / "tiny")
    return tmp_path / "models"


def fill(second: SecondIndex, count: int = 3, stop: Stops | threading.Event = NEVER) -> bool:
    """Step until nothing is left, or until it is stopped; whether something is left."""
    second.texts_changed()
    while second.step(lambda: groups(count), stop):
        if isinstance(stop, Stops) and stop.left < 0:
            return True
    return False


@pytest.fixture
def second(tmp_path: Path, models: Path) -> Iterator[SecondIndex]:
    made = SecondIndex(tmp_path / "search-models", models)
    yield made
    made.close()


def groups(count: int = 3) -> list[Group]:
    words = ["login fails", "parser is slow", "colors are odd", *(f"item number {n}" for n in range(count))]
    texts = [
        Text(id=f"issue:o/r#{n}", item=f"issue:o/r#{n}", evidence_id=f"issue:o/r#{n}", kind="issue", repository="o/r",
             title=title, body="", url="u", said_at=NOW, changed_at=NOW, observed_at=NOW)
        for n, title in enumerate(words[:count], 1)
    ]  # fmt: skip
    return [Group(text.id, text.digest, partial(tuple, (text,))) for text in texts]


class Stops:
    """A flag that is set after it was asked so many times."""

    def __init__(self, times: int) -> None:
        self.left = times

    def is_set(self) -> bool:
        self.left -= 1
        return self.left < 0


def test_a_folder_of_sentence_transformers_is_a_model(models: Path) -> None:
    (one,) = installed_models(models)
    assert (one.name, one.width) == ("tiny", WIDTH)
    model = FolderModel(one.folder)
    assert [len(vector) for vector in model.encode(["login fails", "x"])] == [WIDTH, WIDTH]
    model.close()


def test_a_name_that_is_not_there_is_refused_with_what_there_is(models: Path) -> None:
    with pytest.raises(RefusedError, match=r"there: tiny"):
        chosen(models, "bge-large")


def test_other_weights_of_the_same_name_have_another_index(models: Path, tmp_path: Path) -> None:
    other = tiny_model(tmp_path / "other" / "tiny", seed=2)
    assert FolderModel(models / "tiny").name != FolderModel(other).name


def test_a_folder_cannot_bring_code(models: Path) -> None:
    (models / "tiny" / "modules.json").write_text(json.dumps([{"type": "os.path.Evil"}]))
    model = FolderModel(models / "tiny")
    with pytest.raises(ModelError, match="does not bring"):
        model.encode(["x"])
    model.close()


def test_the_index_answers_only_when_it_is_whole_and_goes_on_after_a_kill(
    second: SecondIndex, tmp_path: Path, models: Path
) -> None:
    second.choose("tiny")
    assert second.answering() is None
    assert fill(second, 150, Stops(5))
    assert second.answering() is None
    done = second.state.done
    assert 0 < done < second.state.total == 150
    assert "The old index (the usual search model) answers until it is done." in second.state.sentence
    second.close()
    again = SecondIndex(tmp_path / "search-models", models)
    again.choose("tiny")
    assert again.state.done == 0
    assert fill(again, 150, Stops(4))
    assert again.state.total == 150 - done, "what was embedded before the kill is not embedded again"
    assert not fill(again, 150)
    found = again.answering()
    assert found is not None
    assert found.search("login fails", 1)[0].evidence.id == "issue:o/r#1"
    again.close()


def test_a_whole_index_is_there_at_once_after_a_restart(second: SecondIndex, tmp_path: Path, models: Path) -> None:
    second.choose("tiny")
    fill(second)
    second.close()
    again = SecondIndex(tmp_path / "search-models", models)
    again.choose("tiny")
    assert again.answering() is not None
    assert again.state.sentence == "tiny answers."
    again.close()


def test_between_two_models_the_old_one_answers_and_follows_until_the_new_one_is_whole(
    second: SecondIndex, tmp_path: Path, models: Path
) -> None:
    tiny_model(models / "large", seed=7)
    second.choose("tiny")
    fill(second)
    second.choose("large")
    assert fill(second, 150, Stops(6))
    old = second.answering()
    assert old is not None
    assert old.count() == 150, "texts that are new are in the old index too"
    assert (second.state.model, second.state.answers) == ("large", "tiny")
    second.close()
    again = SecondIndex(tmp_path / "search-models", models)
    again.choose("large")
    assert again.answering() is not None
    assert (again.state.ready, again.state.answers) == (False, "tiny")
    fill(again, 150)
    assert (again.state.sentence, again.state.answers) == ("large answers.", "large")
    assert [path.name.partition("-")[0] for path in (tmp_path / "search-models").glob("*")] == ["large"]
    again.close()


def test_a_choice_that_is_taken_back_leaves_the_old_index_as_it_was(
    second: SecondIndex, tmp_path: Path, models: Path
) -> None:
    tiny_model(models / "large", seed=7)
    second.choose("tiny")
    fill(second)
    old = second.answering()
    second.choose("large")
    fill(second, 150, Stops(6))
    second.choose("tiny")
    assert second.answering() is old is not None
    assert second.state.sentence == "tiny answers."
    assert [path.name.partition("-")[0] for path in (tmp_path / "search-models").glob("*")] == ["tiny"]


def test_a_model_that_disappears_gives_way_with_a_sentence_and_comes_back(second: SecondIndex, models: Path) -> None:
    second.choose("tiny")
    fill(second)
    (models / "tiny").rename(models / "away")
    assert second.answering() is None
    assert "is not in its place any more" in second.state.sentence
    assert not fill(second, 4)
    (models / "away").rename(models / "tiny")
    second.choose("tiny")
    assert second.answering() is not None


def test_damaged_weights_end_with_a_sentence_and_the_usual_index(
    second: SecondIndex, models: Path, tmp_path: Path
) -> None:
    (models / "tiny" / "model.safetensors").write_bytes(b"no weights")
    second.choose("tiny")
    assert not fill(second)
    assert "cannot be read" in second.state.sentence
    assert second.answering() is None


def test_the_usual_model_removes_the_other_index_from_the_disk(second: SecondIndex, tmp_path: Path) -> None:
    second.choose("tiny")
    fill(second)
    second.choose("all-minilm-l6-v2")
    assert not (tmp_path / "search-models").exists()
    assert second.state == SearchState()


def test_texts_that_are_forgotten_in_the_middle_do_not_come_back(second: SecondIndex) -> None:
    second.choose("tiny")
    assert fill(second, 150, Stops(5))
    second.forget(["issue:o/r#1"])
    while second.step(lambda: groups(150)[10:], NEVER):
        pass
    found = second.answering()
    assert found is not None
    assert found.search("login fails", 1)[0].evidence.id != "issue:o/r#1"
    assert found.count() == 140


@pytest.fixture
def library(tmp_path: Path, models: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Library]:
    """The usual model is one of the tiny ones, too: the test is about which index answers."""
    monkeypatch.setattr(indexing, "models_folder", lambda: models)
    made = Library(DataFolder(tmp_path / "data"), FolderModel(tiny_model(tmp_path / "usual", seed=3)))
    yield made
    made.close()


def test_the_library_asks_the_old_index_until_the_new_one_is_whole(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexing, "groups_of", lambda *_: groups(150))
    library.update(Snapshot(), ())
    asked: list[str] = []
    texts = lambda: (Snapshot(), (), ())  # noqa: E731
    follow: Callable[[], list[str]] = lambda: [one.id for one in library.search("login fails", 1)]  # noqa: E731
    assert library.step_second("tiny", texts, NEVER)
    assert follow() == ["issue:o/r#1"]
    while library.step_second("tiny", texts, NEVER):
        pass
    second = library.second.answering()
    assert second is not None
    monkeypatch.setattr(second, "search", lambda query, *_: asked.append(query) or ())
    assert follow() == []
    assert asked == ["login fails"]
    assert len(library.vectors(["issue:o/r#1"])["issue:o/r#1"]) == WIDTH, "the evaluation keeps the usual vectors"


def test_the_command_lists_measures_and_chooses(
    tmp_path: Path, models: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(paths, "models_folder", lambda: models)
    monkeypatch.setattr(
        embedding_desk.SearchModelsDesk.__init__, "__kwdefaults__", {"models": lambda: models, "clock": lambda: 0.0}
    )
    data = ["--data-dir", str(tmp_path / "profile")]
    assert cli.main(["search-model", "list", *data]) == 0
    usual, tiny = capsys.readouterr().out.splitlines()
    assert usual.startswith("all-minilm-l6-v2  384 numbers a text, 0 MB  in use, answers It is not on this computer")
    assert tiny == f"tiny  {WIDTH} numbers a text, 0 MB"
    assert cli.main(["search-model", "use", "bge", *data]) == 3
    assert cli.main(["search-model", "use", "tiny", "--json", *data]) == 0
    capsys.readouterr()
    assert cli.main(["search-model", "status", "--json", *data]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["model"], told["ready"]) == ("tiny", False)
    shutil.rmtree(models / "tiny")
    assert cli.main(["search-model", "status", *data]) == 0
    assert "tiny is not in" in capsys.readouterr().out
