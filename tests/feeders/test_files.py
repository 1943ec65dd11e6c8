"""Tests of reading items from files, folders, archives and `.jsonl` files."""

import base64
import gzip
import hashlib
import io
import json
import os
import random
import stat
import tarfile
import zipfile

import pytest

from streams.feeders import archives, files
from streams.feeders.files import read
from streams.model.errors import WorkFailed
from streams.model.topics import MAX_RAW_BYTES


def write_file(path, content=b"x"):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def write_tar(path, members, mode="w"):
    with tarfile.open(path, mode) as archive:
        for name, content in members:
            info = tarfile.TarInfo(name)
            info.size, info.mtime = len(content), 1_600_000_000
            archive.addfile(info, io.BytesIO(content))
    return path


def paths_and_indexes(found):
    return [(item.path, item.index) for item in found]


def test_a_file_is_its_bytes_and_never_decoded(tmp_path):
    path = write_file(tmp_path / "one.XML", b"\xff\xfe<\0a\0/\0>\0\r\n")
    os.utime(path, (1_600_000_000, 1_600_000_000))
    [item] = read([str(path)])
    assert item == files.RawFile(str(path), 0, "application/xml", b"\xff\xfe<\0a\0/\0>\0\r\n", 1_600_000_000.0)


@pytest.mark.parametrize(
    ("name", "content_type"),
    [
        ("a.xml", "application/xml"),
        ("a.json", "application/json"),
        ("a.txt", "text/plain"),
        ("a.html", "text/html"),
        ("a.eml", "message/rfc822"),
        ("a.dat", ""),
        ("a", ""),
    ],
)
def test_the_content_type_is_by_extension(name, content_type):
    assert files.guess_content_type(name) == content_type


def test_a_folder_is_read_recursively_in_the_order_of_its_paths(tmp_path):
    for name in ("b.txt", "a/2.txt", "a/10.txt", "a-b/x.txt", "a.txt", "c/d/e.txt"):
        write_file(tmp_path / "in" / name)
    found = [item.path for item in read([str(tmp_path / "in")])]
    assert found == sorted(found)
    assert [path.removeprefix(f"{tmp_path}/in/") for path in found] == [
        "a-b/x.txt", "a.txt", "a/10.txt", "a/2.txt", "b.txt", "c/d/e.txt",
    ]  # fmt: skip


def test_paths_keep_the_order_in_which_they_were_given(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_file(tmp_path / "b")
    write_file(tmp_path / "a")
    assert paths_and_indexes(read(["b", "a"])) == [("b", 0), ("a", 0)]


def test_hidden_and_special_files_are_skipped_below_a_folder(tmp_path):
    write_file(tmp_path / ".hidden")
    write_file(tmp_path / ".git" / "config")
    write_file(tmp_path / "seen")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to(tmp_path)
    assert paths_and_indexes(read([str(tmp_path)])) == [(f"{tmp_path}/seen", 0)]


def test_a_hidden_file_that_is_named_is_read(tmp_path):
    path = write_file(tmp_path / ".hidden")
    assert paths_and_indexes(read([str(path)])) == [(str(path), 0)]


def test_jsonl_holds_one_item_a_line_and_counts_only_those_with_content(tmp_path):
    path = write_file(tmp_path / "in.jsonl", b'{"title": 1}\r\n\n   \n{"title": 2}\n{"title": 3}')
    found = list(read([str(path)]))
    assert [(item.index, item.body) for item in found] == [
        (0, b'{"title": 1}'),
        (1, b'{"title": 2}'),
        (2, b'{"title": 3}'),
    ]
    assert {item.content_type for item in found} == {"application/json"}


@pytest.mark.parametrize(
    ("name", "mode"), [("a.tar", "w"), ("a.tar.gz", "w:gz"), ("a.tgz", "w:gz"), ("a.tar.xz", "w:xz")]
)
def test_a_tar_gives_its_files_in_name_order(tmp_path, name, mode):
    members = [
        ("b.xml", b"B"),
        (".hidden", b"H"),
        ("./a/2.json", b"A"),
        ("lines.jsonl", b"1\n2\n"),
        ("a/1.txt", b"T"),
    ]
    path = write_tar(tmp_path / name, members, mode)
    assert [(item.path.removeprefix(f"{path}/"), item.index, item.body, item.mtime) for item in read([str(path)])] == [
        ("a/1.txt", 0, b"T", 1_600_000_000.0),
        ("a/2.json", 0, b"A", 1_600_000_000.0),
        ("b.xml", 0, b"B", 1_600_000_000.0),
        ("lines.jsonl", 0, b"1", 1_600_000_000.0),
        ("lines.jsonl", 1, b"2", 1_600_000_000.0),
    ]


def test_links_and_devices_in_a_tar_are_not_followed(tmp_path):
    path = tmp_path / "a.tar"
    with tarfile.open(path, "w") as archive:
        for name, kind in (("link", tarfile.SYMTYPE), ("hard", tarfile.LNKTYPE), ("null", tarfile.CHRTYPE)):
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, "/etc/passwd"
            archive.addfile(info)
    assert list(read([str(path)])) == []


def test_a_zip_gives_its_files_in_name_order_without_links(tmp_path):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("b.xml", (2021, 12, 10, 12, 54, 0)), b"B")
        archive.writestr("__MACOSX/b.xml", b"no")
        archive.writestr("a/", b"")
        archive.writestr("a/1.txt", b"T")
        link = zipfile.ZipInfo("link")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, b"/etc/passwd")
    found = list(read([str(path)]))
    assert [(item.path, item.body) for item in found] == [(f"{path}/a/1.txt", b"T"), (f"{path}/b.xml", b"B")]
    assert found[1].mtime == 1_639_140_840.0


def test_a_gzipped_file_is_read_as_the_file_in_it(tmp_path):
    path = write_file(tmp_path / "page.html.gz", gzip.compress(b"<p>x</p>"))
    [item] = read([str(path)])
    assert (item.path, item.content_type, item.body) == (str(path), "text/html", b"<p>x</p>")


def test_an_item_of_exactly_the_limit_is_whole(tmp_path):
    [item] = read([str(write_file(tmp_path / "a", b"x" * MAX_RAW_BYTES))])
    assert (len(item.body), item.too_large) == (MAX_RAW_BYTES, 0)


@pytest.mark.parametrize("name", ["a.xml", "a.jsonl", "a.xml.gz"])
def test_a_larger_item_becomes_a_stub_with_its_size_digest_and_head(tmp_path, name):
    content = bytes(range(1, 10)) * (MAX_RAW_BYTES // 9 + 1)
    [item] = read([str(write_file(tmp_path / name, gzip.compress(content) if name.endswith("gz") else content))])
    assert item.too_large == len(content)
    assert json.loads(item.body) == {
        "too-large": {
            "size": len(content),
            "sha256": hashlib.sha256(content).hexdigest(),
            "head": base64.b64encode(content[: 64 << 10]).decode(),
        }
    }


def test_an_archive_that_expands_too_far_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "MAX_BYTES", 1 << 20)
    unreadable = []
    bombs = [
        write_tar(tmp_path / "a.tar.gz", [("a", bytes(2 << 20))], "w:gz"),
        write_file(tmp_path / "b.xml.gz", gzip.compress(bytes(2 << 20))),
        tmp_path / "c.zip",
    ]
    with zipfile.ZipFile(bombs[2], "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("1", bytes(600 << 10))
        archive.writestr("2", bytes(600 << 10))
    found = read([str(path) for path in bombs], lambda path, why: unreadable.append((path, why)))
    assert paths_and_indexes(found) == [(f"{bombs[2]}/1", 0)]
    why = "it expands to more than 1048576 bytes; unpack it and send the folder"
    assert unreadable == [(str(path), why) for path in bombs]


def test_an_archive_of_too_many_files_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "MAX_MEMBERS", 2)
    path = write_tar(tmp_path / "a.tar", [("1", b""), ("2", b""), ("3", b"")])
    with pytest.raises(WorkFailed, match="it has more than 2 members; unpack it and send the folder"):
        list(read([str(path)]))


@pytest.mark.parametrize("name", ["a.tar", "a.tar.gz", "a.zip", "a.xml.gz"])
def test_what_is_no_archive_is_refused_and_the_rest_is_read(tmp_path, name):
    broken = write_file(tmp_path / name, b"\x1f\x8bno archive at all" * 100)
    whole = write_file(tmp_path / "b.xml")
    unreadable = []
    assert paths_and_indexes(read([str(broken), str(whole)], lambda path, _why: unreadable.append(path))) == [
        (str(whole), 0)
    ]
    assert unreadable == [str(broken)]


def test_a_truncated_archive_is_refused(tmp_path):
    whole = write_tar(tmp_path / "whole.tar.gz", [("a.xml", os.urandom(100_000))], "w:gz").read_bytes()
    path = write_file(tmp_path / "cut.tar.gz", whole[: len(whole) // 2])
    with pytest.raises(WorkFailed, match=rf"^cannot read {path}: "):
        list(read([str(path)]))


def test_without_a_callback_an_unreadable_file_raises(tmp_path):
    with pytest.raises(WorkFailed, match=r"^cannot read .*gone: No such file or directory$"):
        list(read([str(tmp_path / "gone")]))


def test_a_name_that_is_not_utf_8_can_still_be_printed(tmp_path):
    write_file(tmp_path / os.fsdecode(b"caf\xe9.txt"))
    [item] = read([str(tmp_path)])
    assert item.path == f"{tmp_path}/caf\ufffd.txt"


@pytest.mark.parametrize("name", ["bomb.zip", "bomb.xml.gz", "bomb.tar.gz"])
def test_a_bomb_is_refused_before_it_is_unpacked_to_its_end(tmp_path, name):
    path = tmp_path / name
    zeros = bytes(64 << 20)
    if name.endswith(".zip"):
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("a.xml", zeros)
    elif name.endswith(".tar.gz"):
        write_tar(path, [("a.xml", zeros)], "w:gz")
    else:
        path.write_bytes(gzip.compress(zeros))
    unreadable = []
    assert list(read([str(path)], lambda _, why: unreadable.append(why))) == []
    assert unreadable == ["it expands to more than 33554432 bytes; unpack it and send the folder"]


def test_text_that_compresses_well_is_no_bomb(tmp_path):
    path = tmp_path / "copy.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(3):
            archive.writestr(f"{number}.txt", b"The mill in Marl rose. " * 400_000)
    assert [item.too_large for item in read([str(path)])] == [9_200_000] * 3


@pytest.mark.parametrize("kind", ["zip", "tar", "tar.gz", "tar.xz"])
def test_a_damaged_archive_is_refused_with_a_reason_whatever_its_damage(tmp_path, kind):
    path = tmp_path / f"a.{kind}"
    if kind == "zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("a.xml", b"<a/>" * 20)
            archive.writestr("b.xml", b"<b/>")
    else:
        write_tar(path, [("a.xml", b"<a/>" * 20), ("b.xml", b"<b/>")], "w" + kind.removeprefix("tar").replace(".", ":"))
    whole, dice, refused = path.read_bytes(), random.Random(23), 0
    for _ in range(2000):
        damaged = bytearray(whole)
        for _ in range(dice.randint(1, 4)):
            damaged[dice.randrange(len(damaged))] = dice.choice((0, 1, 0x7F, 0xFF, dice.randrange(256)))
        path.write_bytes(damaged[: dice.choice((len(damaged), dice.randrange(len(damaged))))])
        why = []
        list(read([str(path)], lambda _, reason, why=why: why.append(reason)))
        assert all(why)
        refused += bool(why)
    assert refused > 100
