"""Arguments that make no sense are told in words, and nothing starts."""

from pathlib import Path

import pytest

from algovera_desktop.server.__main__ import main

NUMBER = "must be a number from"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("--port x", NUMBER),
        ("--port 65536", NUMBER),
        ("--queue-limit 0", NUMBER),
        ("--keep-days nan", NUMBER),
        ("--keep-days -1", NUMBER),
        ("--max-steps 0", NUMBER),
        ("--max-pixels many", NUMBER),
        ("keys", "required"),
        ("keys create laptop --max-waiting -1", NUMBER),
        ("keys limit", "required: ID"),
        ("keys create", "required: NAME"),
        ("keys revoke", "required: ID"),
        ("nonsense", "invalid choice"),
    ],
)
def test_a_wrong_argument_is_told(
    arguments: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as end:
        main(arguments.split())
    assert end.value.code == 2
    assert words in capsys.readouterr().err


@pytest.mark.parametrize("first", [True, False])
def test_the_data_folder_may_be_given_before_or_after_the_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], first: bool
) -> None:
    folder, command = ["--data-dir", str(tmp_path)], ["keys", "create", "laptop"]
    assert main([*folder, *command] if first else [*command, *folder]) == 0
    told = capsys.readouterr()
    assert len(bytes.fromhex(told.out.strip())) == 32
    assert "not shown again" in told.err
    assert (tmp_path / "server.db").exists()


def test_keys_can_be_listed_and_revoked_by_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = ["--data-dir", str(tmp_path)]
    main(["keys", "list", *folder])
    assert "There are no keys." in capsys.readouterr().err
    main(["keys", "create", "laptop", *folder])
    key = capsys.readouterr().out.strip()
    main(["keys", "list", *folder])
    heading, line = capsys.readouterr().out.splitlines()
    assert heading.split() == [
        "ID",
        "CREATED",
        "LAST",
        "USED",
        "WAITING",
        "PIXELS",
        "STEPS",
        "NAME",
    ]
    assert (line.split()[0], line.split()[-1]) == (key[:8], "laptop")
    assert main(["keys", "revoke", key[:8], *folder]) == 0
    assert main(["keys", "revoke", key[:8], *folder]) == 1
    assert main(["keys", "create", "", *folder]) == 1


def test_a_keys_limits_are_set_listed_changed_and_given_up(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = ["--data-dir", str(tmp_path)]

    def limits_listed() -> list[str]:
        capsys.readouterr()
        main(["keys", "list", *folder])
        return capsys.readouterr().out.splitlines()[1].split()[-4:-1]

    main(["keys", "create", "ana", "--max-waiting", "3", "--max-pixels", "262144", *folder])
    key_id = capsys.readouterr().out[:8]
    assert limits_listed() == ["3", "262144", "-"]
    assert main(["keys", "limit", key_id, "--max-steps=20", "--max-waiting=default", *folder]) == 0
    assert limits_listed() == ["-", "262144", "20"]
    assert main(["keys", "limit", key_id, *folder]) == 2
    assert "--max-waiting" in capsys.readouterr().err
    assert main(["keys", "limit", "12345678", "--max-steps=1", *folder]) == 1
    assert "There is no key 12345678." in capsys.readouterr().err
