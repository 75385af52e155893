"""Names of picture files."""

import unicodedata
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from algovera_desktop.domain.jobs import Job
from algovera_desktop.library.names import month_folder, picture_name, readable


def test_a_name_has_date_prompt_and_id(job: Job) -> None:
    local = job.created_at.astimezone()
    assert picture_name(job) == f"{local:%Y-%m-%d %H%M%S} a fox in the snow 3f2a9c1d5e70"
    assert month_folder(job) == f"{local:%Y-%m}"


def test_a_job_keeps_its_name_while_it_goes_on(job: Job) -> None:
    later = replace(job, updated_at=datetime.now(UTC) + timedelta(days=400), remote_id=None)
    assert picture_name(later) == picture_name(job)


def test_jobs_of_the_same_moment_and_prompt_have_names_of_their_own(job: Job) -> None:
    other = replace(job, id="4" + job.id[1:])
    assert picture_name(other) != picture_name(job)


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ('what? "this": <that>/or\\that|*', "what this that or that"),
        ("two\nlines\tand  spaces", "two lines and spaces"),
        ("ends with dots...", "ends with dots"),
        ("../../etc/passwd", "etc passwd"),
        ("ab\u202egpj.exe", "abgpj.exe"),
        ("nul\0 and bell\a", "nul and bell"),
        ("cafe\u0301", "café"),
        ("Füchse 狐 🦊", "Füchse 狐 🦊"),
        ("???", ""),
        ("word " * 40, ("word " * 16).strip()),
        ("長" * 60, "長" * 26),
    ],
)
def test_a_prompt_becomes_readable_words(prompt: str, expected: str) -> None:
    assert readable(prompt) == expected


@given(prompt=st.text(max_size=300))
def test_every_prompt_makes_a_name_that_every_file_system_takes(prompt: str) -> None:
    words = readable(prompt)
    assert len(words.encode()) <= 80
    assert words == unicodedata.normalize("NFC", words)
    assert not set(words) & set('<>:"/\\|?*')
    assert not any(unicodedata.category(character).startswith("C") for character in words)
    assert words == words.strip(" .")
