"""The cache of thumbnails, which may vanish at any moment."""

import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from algovera_desktop.library.thumbnails import ThumbnailCache


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "thumbnails.sqlite3"


@pytest.fixture
def cache(path: Path) -> Iterator[ThumbnailCache]:
    with closing(ThumbnailCache(path)) as cache:
        yield cache


def test_what_was_put_is_got_by_picture_and_size(cache: ThumbnailCache) -> None:
    cache.put("aa", 160, b"small")
    cache.put("aa", 320, b"large")
    cache.put("bb", 160, b"other")
    assert cache.get("aa", 160) == b"small"
    assert cache.get("aa", 320) == b"large"
    assert cache.get("bb", 320) is None
    cache.put("aa", 160, b"newer")
    assert cache.get("aa", 160) == b"newer"


def test_it_is_still_there_after_opening_again(path: Path) -> None:
    with closing(ThumbnailCache(path)) as cache:
        cache.put("aa", 160, b"kept")
    with closing(ThumbnailCache(path)) as cache:
        assert cache.get("aa", 160) == b"kept"


def test_above_its_limit_it_forgets_what_was_longest_not_looked_at(path: Path) -> None:
    limit_bytes = 8 << 20
    with closing(ThumbnailCache(path, limit_bytes=limit_bytes)) as cache:
        for number in range(1000):
            cache.put(f"{number:04}", 160, bytes(10_000))
            assert cache.get("0000", 160) is not None
        assert cache.get("0999", 160) is not None
        assert cache.get("0001", 160) is None
        kept = sum(cache.get(f"{number:04}", 160) is not None for number in range(1000))
    assert 400 < kept < 1000 * 8 // 10
    assert path.stat().st_size < 2 * limit_bytes


@pytest.mark.allows_log("thumbnail cache")
@pytest.mark.parametrize(
    "harm",
    [
        lambda path: path.write_bytes(b"no database " * 1000),
        lambda path: path.unlink(),
        lambda path: path.write_bytes(path.read_bytes()[:5000]),
    ],
    ids=["overwritten", "deleted", "cut off"],
)
def test_a_harmed_file_is_made_anew_at_the_next_start(
    path: Path, harm: Callable[[Path], object]
) -> None:
    with closing(ThumbnailCache(path)) as cache:
        for number in range(100):
            cache.put(f"{number:04}", 160, bytes(1000))
    harm(path)
    with closing(ThumbnailCache(path)) as cache:
        cache.put("aa", 160, b"anew")
        cache.get("0001", 160)
        cache.put("aa", 160, b"anew")
        assert cache.get("aa", 160) == b"anew"


@pytest.mark.allows_log("thumbnail cache")
def test_a_file_harmed_while_in_use_costs_no_more_than_its_thumbnails(
    path: Path, cache: ThumbnailCache
) -> None:
    cache.put("aa", 160, b"before")
    with closing(sqlite3.connect(path)) as other:
        other.execute("DROP TABLE thumbnails")
    assert cache.get("aa", 160) is None
    cache.put("aa", 160, b"after")
    assert cache.get("aa", 160) == b"after"


def test_another_layout_is_replaced(path: Path) -> None:
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE thumbnails (x)")
        other.execute("PRAGMA user_version = 99")
    with closing(ThumbnailCache(path)) as cache:
        cache.put("aa", 160, b"kept")
        assert cache.get("aa", 160) == b"kept"


@pytest.mark.allows_log("thumbnail cache")
def test_without_a_place_to_write_it_goes_without(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with closing(ThumbnailCache(tmp_path / "file" / "thumbnails.sqlite3")) as cache:
        cache.put("aa", 160, b"lost")
        assert cache.get("aa", 160) is None


def test_of_a_picture_that_is_forgotten_nothing_is_kept(cache: ThumbnailCache) -> None:
    for sha256, size_px in (("aa", 160), ("aa", 320), ("bb", 160)):
        cache.put(sha256, size_px, b"kept")
    cache.forget(["aa", "cc"])
    assert [cache.get("aa", 160), cache.get("aa", 320)] == [None, None]
    assert cache.get("bb", 160) == b"kept"


def test_closed_it_finds_nothing_and_does_no_harm(cache: ThumbnailCache) -> None:
    cache.put("aa", 160, b"kept")
    cache.close()
    cache.put("bb", 160, b"late")
    assert cache.get("aa", 160) is None


def test_many_threads_may_use_it_at_once(cache: ThumbnailCache) -> None:
    def work(number: int) -> bool:
        key, data = f"{number % 20}", str(number % 20).encode() * 500
        cache.put(key, 160, data)
        return cache.get(key, 160) == data

    with ThreadPoolExecutor(6) as threads:
        assert all(threads.map(work, range(300)))
