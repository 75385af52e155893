"""On a copy of the file that the installed numpy tells of its build in."""

import importlib.util
import shutil
import sys
from pathlib import Path

import numpy

from bundle_numpy import forget_builder


def test_numpy_tells_how_it_was_built_and_not_where(tmp_path):
    published = Path(numpy.__file__).with_name("__config__.py")
    copy = tmp_path / "numpy" / published.name
    copy.parent.mkdir()
    shutil.copyfile(published, copy)
    forget_builder(tmp_path)
    spec = importlib.util.spec_from_file_location("numpy.__config__", copy)
    assert spec is not None
    assert spec.loader is not None
    config = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(config)
    told = config.show("dicts")
    before = numpy.show_config("dicts")
    assert before is not None
    assert told is not None
    assert before["Python Information"].pop("path")
    assert told == before
    assert sys.modules["numpy.__config__"] is not config
