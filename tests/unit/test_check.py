"""What ``--check`` says of the models of this computer."""

from algovera_desktop.check import model_words

LIST = """\
STATE             SIZE  LICENCE                     NAME
available       1.1 GB  MIT                         LCM Dreamshaper  (a good first one)
unavailable          –                              dalle
installed       2.1 GB  CreativeML OpenRAIL-M       stable diffusion v1.5
paused          5.2 GB  OpenRAIL++                  stable diffusion v2.1
"""


def test_models_are_named_by_what_can_be_done_with_them() -> None:
    assert model_words(LIST) == (
        "installed: stable diffusion v1.5; "
        "can be downloaded: LCM Dreamshaper; "
        "only with a key or files of one's own: dalle; "
        "paused: stable diffusion v2.1"
    )


def test_what_can_be_downloaded_is_not_said_to_be_here() -> None:
    words = model_words("\n".join(LIST.splitlines()[:2]))
    assert words == "installed: none but the sketch; can be downloaded: LCM Dreamshaper"


def test_no_list_is_said_to_be_none() -> None:
    assert model_words("").startswith("cannot be listed")
