#!/usr/bin/env python3
"""Reads the decision bundle of the demo's finished challenge as somebody would who has nothing but Python.

    FOLKMOOT_URL=http://127.0.0.1:8080 tests/contract/bundle.py
"""

import csv
import hashlib
import io
import json
import os
import sys
import urllib.request
import zipfile

COUNCIL = os.environ.get("FOLKMOOT_URL", "http://127.0.0.1:8080") + "/v1/councils/aldermoor"


def read(path):
    with urllib.request.urlopen(COUNCIL + path) as answer:
        return answer.read()


def told(value):
    """A value of bundle.json as its cell says it."""
    if value is None:
        return ""
    if isinstance(value, str):
        return "'" + value if value.startswith(("=", "+", "-", "@", "\t", "\r")) else value
    return json.dumps(value)


def main():
    challenges = json.loads(read("/challenges"))["items"]
    finished = next(one["id"] for one in challenges if one["state"] != "open")
    content = read(f"/challenges/{finished}/decision-bundle.zip")
    if content != read(f"/challenges/{finished}/decision-bundle.zip"):
        sys.exit("bundle: the same data made other bytes")
    archive = zipfile.ZipFile(io.BytesIO(content))
    if broken := archive.testzip():
        sys.exit(f"bundle: {broken} is broken")
    files = {name: archive.read(name) for name in archive.namelist()}
    sums = dict(reversed(line.split("  ")) for line in files.pop("SHA256SUMS").decode().splitlines())
    wrong = [name for name, one in files.items() if sums.pop(name, None) != hashlib.sha256(one).hexdigest()]
    if wrong or sums:
        sys.exit(f"bundle: wrong sums: {wrong} {sums}")
    whole = json.loads(files.pop("bundle.json"))
    readme = files.pop("README.txt").decode()
    rows = 0
    for name, table in files.items():
        section = name.removeprefix("csv/").removesuffix(".csv")
        lines = list(csv.DictReader(io.StringIO(table.decode(), newline="")))
        said = [{column: told(value) for column, value in row.items()} for row in whole.pop(section)]
        if lines != said:
            sys.exit(f"bundle: {name} and bundle.json differ")
        if name not in readme:
            sys.exit(f"bundle: README.txt does not explain {name}")
        rows += len(lines)
    if list(whole) != ["format"] or not rows:
        sys.exit(f"bundle: left over: {list(whole)}")
    print(f"The bundle's {len(files)} tables and {rows} rows are what bundle.json says.")


if __name__ == "__main__":
    main()
