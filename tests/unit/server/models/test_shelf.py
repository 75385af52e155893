"""What lies in the models' folder is what can be painted with, asked quickly each time."""

import asyncio
import json
from dataclasses import replace
from pathlib import Path

from algovera_desktop.domain.generation import ModelInfo
from algovera_desktop.server.models.catalogue import load_catalogue
from algovera_desktop.server.models.places import ModelsFolder, slug
from algovera_desktop.server.models.shelf import ModelShelf, write_note
from algovera_desktop.server.pipelines.base import Checkpoint

OLD, NEW = "stable diffusion v1.5", "stable diffusion v2.1-512x512"


def put(folder: Path, name: str, title: str = "") -> None:
    place = ModelsFolder(folder).place_of(name)
    place.files.mkdir(parents=True)
    write_note(place, Checkpoint(ModelInfo(name, title or name), "openvino", "files"))


def names(shelf: ModelShelf) -> list[str]:
    return [checkpoint.model.name for checkpoint in shelf.installed_now()]


def test_an_empty_or_missing_folder_holds_nothing(tmp_path: Path) -> None:
    shelf = ModelShelf(tmp_path / "none", load_catalogue())
    assert names(shelf) == []
    assert not any(model.installed for model in asyncio.run(shelf.known()))


def test_what_is_put_there_and_taken_away_is_seen_at_once(tmp_path: Path) -> None:
    shelf = ModelShelf(tmp_path, load_catalogue())
    put(tmp_path, "b")
    put(tmp_path, "a")
    assert names(shelf) == ["a", "b"]
    note = ModelsFolder(tmp_path).place_of("a").note
    changed = json.loads(note.read_bytes())
    changed["model"]["title"] = "Another title"
    note.write_text(json.dumps(changed))
    assert shelf.installed_now()[0].model.title == "Another title"
    note.unlink()
    assert names(shelf) == ["b"]


def test_the_newest_stable_diffusion_answers_to_stable(tmp_path: Path) -> None:
    shelf = ModelShelf(tmp_path, load_catalogue())
    put(tmp_path, "other")
    assert names(shelf) == ["other"]
    put(tmp_path, OLD)
    put(tmp_path, NEW, "Stable Diffusion 2.1")
    *_, alias = shelf.installed_now()
    newest = next(each for each in shelf.installed_now() if each.model.name == NEW)
    assert alias == replace(newest, model=alias.model)
    assert alias.model.name == "stable"
    assert "2.1" in alias.model.title


def test_known_are_all_told_apart_by_installed(tmp_path: Path) -> None:
    shelf = ModelShelf(tmp_path, load_catalogue())
    put(tmp_path, OLD)
    put(tmp_path, "mine")
    known = {model.name: model.installed for model in asyncio.run(shelf.known())}
    assert {name for name, installed in known.items() if installed} == {OLD, "mine", "stable"}
    assert set(known) == {entry.name for entry in load_catalogue()} | {"mine", "stable"}


def test_a_note_of_another_version_or_a_half_written_folder_is_left_out(tmp_path: Path) -> None:
    place = ModelsFolder(tmp_path).place_of("a")
    place.files.mkdir(parents=True)
    shelf = ModelShelf(tmp_path)
    assert names(shelf) == []
    place.note.write_text('{"model": 1}')
    assert names(shelf) == []


def test_files_that_are_gone_are_not_installed(tmp_path: Path) -> None:
    put(tmp_path, "a")
    ModelsFolder(tmp_path).place_of("a").files.rmdir()
    assert names(ModelShelf(tmp_path)) == []


def test_folder_names_are_safe_and_differ_where_names_do() -> None:
    given = ["a b", "a-b", "A B", "../x", "…", "con", "x" * 300, "FLUX.1-schnell", ".hidden"]
    slugs = [slug(name) for name in given]
    assert len(set(slugs)) == len(given)
    for each in slugs:
        assert set(each) <= set("abcdefghijklmnopqrstuvwxyz0123456789.-")
        assert each[0] not in ".-"
        assert len(each) < 60
