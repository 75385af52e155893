import hashlib
import shutil
import tarfile

import pytest

from package_archive import write_tar_xz

pytestmark = pytest.mark.skipif(shutil.which("xz") is None, reason="needs xz")

EPOCH = 1_700_000_000


def make_tree(folder, names):
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name * 1000)
    (folder / "program").chmod(0o755)
    (folder / "link").symlink_to("program")
    return folder


def test_the_same_files_give_the_same_bytes_in_whatever_order_they_were_made(tmp_path):
    names = ["program", "b/two", "a/one"]
    digests = set()
    for number, order in enumerate((names, names[::-1])):
        target = tmp_path / f"{number}.tar.xz"
        write_tar_xz(make_tree(tmp_path / str(number), order), "top-1.0", target, EPOCH)
        digests.add(hashlib.sha256(target.read_bytes()).hexdigest())
    assert len(digests) == 1


def test_everything_lies_in_one_folder_and_belongs_to_root(tmp_path):
    target, readme = tmp_path / "made.tar.xz", tmp_path / "README.txt"
    readme.write_text("Start it: …", "utf-8")
    # As who lets nobody read their files checks it out.
    readme.chmod(0o600)
    tree = make_tree(tmp_path / "tree", ["program", "a/one"])
    write_tar_xz(tree, "top-1.0", target, EPOCH, readme)
    with tarfile.open(target) as archive:
        entries = archive.getmembers()
        archive.extractall(tmp_path / "out", filter="data")
    assert [entry.name for entry in entries] == [
        "top-1.0",
        "top-1.0/a",
        "top-1.0/a/one",
        "top-1.0/link",
        "top-1.0/program",
        "top-1.0/README.txt",
    ]
    assert {(entry.uid, entry.uname, entry.mtime) for entry in entries} == {(0, "root", EPOCH)}
    assert (tmp_path / "out" / "top-1.0" / "program").stat().st_mode & 0o111
    assert (tmp_path / "out" / "top-1.0" / "README.txt").stat().st_mode & 0o777 == 0o644
