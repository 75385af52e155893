"""The catalogue names every documented model, and says what is wrong with a file that is."""

import json
from pathlib import Path
from typing import Any

import pytest

from algovera_desktop.domain.generation import DOCUMENTED_MODELS, GenerationRequest
from algovera_desktop.server.models.catalogue import (
    NEWEST,
    OWN_CATALOGUE,
    CatalogueEntry,
    load_catalogue,
    read_catalogue,
    shipped_catalogue_path,
    usable_catalogue,
)
from algovera_desktop.server.models.errors import CatalogueError
from support.model_mirror import catalogue_of


def shipped() -> dict[str, Any]:
    return json.loads(shipped_catalogue_path().read_bytes())


def test_it_holds_every_documented_name_but_the_alias_and_those_promised_beyond() -> None:
    names = {entry.name for entry in load_catalogue()}
    assert set(DOCUMENTED_MODELS) - {NEWEST} <= names
    assert {"LCM Dreamshaper", "SDXL", "FLUX.1-schnell", "FLUX.2-klein"} <= names
    assert NEWEST not in names


def test_the_first_download_is_recommended_and_no_other() -> None:
    assert [entry.name for entry in load_catalogue() if entry.recommended] == ["LCM Dreamshaper"]


@pytest.mark.parametrize("entry", list(load_catalogue()), ids=lambda entry: entry.name)
def test_each_entry_takes_its_own_defaults(entry: CatalogueEntry) -> None:
    model = entry.model
    model.validate(
        GenerationRequest(
            "a tree",
            model.name,
            model.native_size.width,
            model.native_size.height,
            model.default_steps,
            model.default_guidance_scale,
        )
    )
    assert model.description


def test_what_has_no_source_is_not_offered_for_download() -> None:
    catalogue = load_catalogue()
    for name in ("stable diffusion v2-768x768", "dalle"):
        assert not catalogue.entry(name).is_downloadable
        assert catalogue.entry(name).note


@pytest.mark.parametrize("entry", list(load_catalogue()), ids=lambda entry: entry.name)
def test_what_can_be_downloaded_says_from_where_which_files_and_how_much(
    entry: CatalogueEntry,
) -> None:
    if entry.is_downloadable:
        assert entry.include
        assert entry.download_bytes > 10**9
    assert entry.licence.address.startswith("https://")


def test_the_newest_stable_diffusion_is_told_by_rank() -> None:
    ranked = [entry for entry in load_catalogue() if entry.stable_rank]
    ranks = [entry.stable_rank for entry in ranked]
    assert sorted(ranks) == sorted(set(ranks))
    assert min(ranked, key=lambda entry: entry.stable_rank).name == "stable diffusion v1.5"


def test_a_file_of_the_users_own_replaces_by_name_and_adds_others(tmp_path: Path) -> None:
    (tmp_path / OWN_CATALOGUE).write_text(catalogue_of("SDXL", "mine"))
    catalogue = load_catalogue(tmp_path)
    assert catalogue.entry("SDXL").hub_id == "tests/tiny"
    assert [entry.name for entry in catalogue][-1] == "mine"
    assert len(list(catalogue)) == len(list(load_catalogue())) + 1


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda file: file.update(format=2), "format"),
        (lambda file: file["models"][0].update(hubid="a/b"), r"models\.0\.hubid"),
        (lambda file: file["models"][0]["model"].update(titel="x"), r"models\.0\.model\.titel"),
        (lambda file: file["models"][0]["model"].update(default_steps=99), "default_steps"),
        (lambda file: file["models"][0].update(hub_id="../etc"), "hub_id"),
        (lambda file: file["models"][0].update(revision="a/../b"), "revision"),
        (lambda file: file["models"][0].update(sha256={"a": "no"}), "sha256"),
        (lambda file: file["models"][0].update(runtime="pickle"), "runtime"),
        (lambda file: file["models"][0]["licence"].update(address="ftp://x"), "licence"),
        (lambda file: file["models"].append(file["models"][0]), "twice"),
        (lambda file: file["models"][0]["model"].update(name="stable"), "stands for another"),
        (lambda file: file.pop("models"), "models"),
    ],
)
def test_what_is_wrong_in_a_file_is_told_with_its_place(
    tmp_path: Path, change: Any, words: str
) -> None:
    file = shipped()
    change(file)
    path = tmp_path / "wrong.json"
    path.write_text(json.dumps(file))
    with pytest.raises(CatalogueError, match=words):
        read_catalogue(path)


@pytest.mark.allows_log("left out")
def test_a_wrong_file_of_the_users_own_costs_the_server_a_warning_only(tmp_path: Path) -> None:
    (tmp_path / OWN_CATALOGUE).write_text("{")
    assert "SDXL" in usable_catalogue(tmp_path)
    with pytest.raises(CatalogueError):
        load_catalogue(tmp_path)
