#!/usr/bin/env python3
"""A reader of repositories, written from docs/repository-format.md alone.

    read-repository.py DIRECTORY CLUSTER SYSTEM-IDENTIFIER

Lists the backups, and verifies every sum of every object and file, with nothing but Python and zstd.
Ends with 1 and says what is wrong, if something is.
"""
import hashlib
import io
import json
import os
import re
import subprocess
import sys
import tarfile

TABLE = []
for byte in range(256):
    value = byte
    for _ in range(8):
        value = (value >> 1) ^ 0x82F63B78 if value & 1 else value >> 1
    TABLE.append(value)

wrong = []


def require(condition, what):
    if not condition:
        wrong.append(what)


def crc32c(data):
    crc = 0xFFFFFFFF
    table = TABLE
    for byte in data:
        crc = table[(crc ^ byte) & 0xFF] ^ (crc >> 8)
    return "%08x" % (crc ^ 0xFFFFFFFF)


def read(path):
    with open(path, "rb") as file:
        return file.read()


def unpacked(path):
    return subprocess.run(["zstd", "-dc", "--memory=128MB", path], check=True, stdout=subprocess.PIPE).stdout


def position(text):
    high, low = text.split("/")
    return (int(high, 16) << 32) + int(low, 16)


def segment_name(timeline, number, size):
    each = (1 << 32) // size
    return "%08X%08X%08X" % (timeline, number // each, number % each)


def verify_wal(root, backup):
    size = backup["server"]["walSegmentSize"]
    wal = backup["wal"]
    first = position(wal["start"]) // size
    last = (position(wal["stop"]) - 1) // size
    for number in range(first, last + 1):
        name = segment_name(wal["timeline"], number, size)
        path = os.path.join(root, "wal", name[:8], name + ".zst")
        require(os.path.exists(path), path + ": missing")
        if os.path.exists(path):
            require(len(unpacked(path)) == size, path + ": not of a segment's size")
    return last - first + 1


def verify_files(folder, backup):
    manifest = json.loads(unpacked(os.path.join(folder, "manifest.json.zst")))
    require(manifest["format"] == 1, "format of the manifest")
    names = {o["name"] for o in backup["objects"]}
    bundles = {}
    for file in manifest["files"]:
        bundles.setdefault(file["bundle"], []).append(file)
    count = 0
    for bundle, files in bundles.items():
        require(bundle in names, bundle + ": not among the objects")
        tar = unpacked(os.path.join(folder, bundle))
        members = {m.name: m for m in tarfile.open(fileobj=io.BytesIO(tar))}
        for file in files:
            content = tar[file["offset"]:file["offset"] + file["size"]]
            require(len(content) == file["size"], file["path"] + ": cut off")
            require(crc32c(content) == file["crc32c"], file["path"] + ": sum is wrong")
            member = members.get(file["path"])
            require(member is not None, file["path"] + ": not in its tar")
            if member is not None:
                require(member.offset_data == file["offset"], file["path"] + ": other offset in the tar")
                require("%04o" % member.mode == file["mode"], file["path"] + ": other mode in the tar")
            count += 1
    last = max(n for n in names if n.startswith("bundle-"))
    order = [m.name for m in tarfile.open(fileobj=io.BytesIO(unpacked(os.path.join(folder, last))))]
    expected = ["backup_label", "tablespace_map", "backup_manifest", "global/pg_control"]
    require([n for n in order if n in expected] == [n for n in expected if n in order],
            last + ": order of the last files: " + str(order))
    require(order[-1] == "global/pg_control", last + ": pg_control is not the last file")
    require(count == backup["totals"]["files"], "totals.files: %d, found %d" % (backup["totals"]["files"], count))
    require(sum(f["size"] for f in manifest["files"]) == backup["totals"]["bytes"], "totals.bytes")
    return count


def verify_backup(root, folder):
    description = read(os.path.join(folder, "backup.json"))
    sum_file = os.path.join(folder, "backup.json.sha256")
    if os.path.exists(sum_file):
        expected = hashlib.sha256(description).hexdigest() + "  backup.json\n"
        require(read(sum_file).decode() == expected, folder + "/backup.json: sum is wrong")
    backup = json.loads(description)
    require(backup["format"] == 1, "format of the backup")
    require(backup["id"] == os.path.basename(folder), "id of the backup")
    stored = 0
    for o in backup["objects"]:
        content = read(os.path.join(folder, o["name"]))
        stored += len(content)
        require(len(content) == o["size"], o["name"] + ": size")
        require(hashlib.sha256(content).hexdigest() == o["sha256"], o["name"] + ": sha256")
    require(stored == backup["totals"]["storedBytes"], "totals.storedBytes")
    files = verify_files(folder, backup)
    segments = verify_wal(root, backup)
    print("backup %s: %d objects, %d files, %d segments of WAL" % (
        backup["id"], len(backup["objects"]), files, segments))


def main():
    root = os.path.join(*sys.argv[1:4])
    backups = os.path.join(root, "backups")
    for name in sorted(os.listdir(backups)):
        folder = os.path.join(backups, name)
        if not re.fullmatch(r"[0-9]{8}T[0-9]{6}Z-[0-9a-f]{8}", name):
            continue
        if os.path.exists(os.path.join(folder, "backup.json")):
            verify_backup(root, folder)
        else:
            print("backup %s: incomplete" % name)
    for mark in ("pins", "tombstones"):
        folder = os.path.join(root, mark)
        for name in sorted(os.listdir(folder)) if os.path.isdir(folder) else []:
            content = json.loads(read(os.path.join(folder, name)))
            require(content["backup"] + ".json" == name, mark + "/" + name + ": names another backup")
            print("%s: %s" % (mark, content["backup"]))
    for what in wrong:
        print("wrong: " + what)
    sys.exit(1 if wrong else 0)


main()
