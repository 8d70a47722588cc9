#!/usr/bin/env python3
"""Mirrors the public ideas of a council and their answers into a file of SQLite, and then follows.

    mirror.py [--once] FILE        --once: stop when everything so far is there

Stop it and start it again: it goes on where it was. What was taken down loses its text here too, and keeps its number.
FOLKMOOT_URL and COUNCIL say where; unless set, it is the demo.
"""

import argparse
import os
import sqlite3
import time

from folkmoot import Folkmoot, Problem

URL = os.environ.get("FOLKMOOT_URL") or "http://127.0.0.1:8080"
COUNCIL = os.environ.get("COUNCIL") or "aldermoor"

TABLES = """
CREATE TABLE IF NOT EXISTS position (source TEXT NOT NULL, after INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS ideas (
    id TEXT PRIMARY KEY, number TEXT NOT NULL, challenge TEXT NOT NULL, state TEXT NOT NULL, status TEXT NOT NULL,
    title TEXT, body TEXT, author TEXT, category TEXT, supports INTEGER NOT NULL, submitted_at TEXT NOT NULL,
    answer_due_at TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS answers (
    id TEXT PRIMARY KEY, idea TEXT NOT NULL REFERENCES ideas ON DELETE CASCADE, revision INTEGER NOT NULL, kind TEXT NOT NULL,
    office TEXT NOT NULL, reason TEXT NOT NULL, answered_at TEXT NOT NULL
);
"""
IDEA = ["id", "number", "challenge", "state", "status", "title", "body", "author", "category", "supports", "submitted_at", "answer_due_at"]
ANSWER = ["id", "idea", "revision", "kind", "office", "reason", "answered_at"]


def main():
    parser = argparse.ArgumentParser(description="Mirror the public ideas of a council into a file of SQLite.")
    parser.add_argument("--once", action="store_true", help="stop when everything so far is there")
    parser.add_argument("file")
    options = parser.parse_args()
    moot = Folkmoot(URL, COUNCIL)
    source = f"{URL} {moot.get('')['id']}"
    database = sqlite3.connect(options.file)
    database.execute("PRAGMA foreign_keys = ON")
    database.execute("PRAGMA secure_delete = ON")  # what was taken down shall not linger in free pages
    database.executescript(TABLES)
    row = database.execute("SELECT source, after FROM position").fetchone()
    if row and row[0] != source:
        raise SystemExit(f"mirror.py: {options.file} mirrors {row[0]}")
    after = row[1] if row else begin(moot, database, source)
    while True:
        changes = moot.get("/changes", after=after, limit=500)
        follow(moot, database, changes)
        caught_up, after = changes["next_after"] == after, changes["next_after"]
        if caught_up and options.once:
            break
        if caught_up:
            time.sleep(2)  # an answer may come from a cache for a second, so asking more often brings nothing
    count = database.execute("SELECT count(*) FROM ideas WHERE state = 'published'").fetchone()[0]
    print(f"{options.file}: {count} public ideas, complete up to number {after}")


def begin(moot, database, source):
    """The lists, a hundred ideas to a request. The end of the changes is noted before: what happens meanwhile is then read
    twice, which does no harm, and not missed, which would."""
    after = 0
    while True:
        end = moot.get("/changes", after=after, limit=500)["next_after"]
        if end == after:
            break
        after = end
    with database:
        for challenge in moot.items("/challenges"):
            for idea in moot.items(f"/challenges/{challenge['id']}/ideas"):
                store(moot, database, idea)
        database.execute("INSERT INTO position (source, after) VALUES (?, ?)", (source, after))
    return after


def follow(moot, database, changes):
    """Each batch with its position in one transaction: it is taken in whole or not at all."""
    touched = {}  # an idea that occurs ten times is read once
    with database:
        for change in changes["items"]:
            kind, idea = change["kind"], change["data"].get("idea")
            if kind == "idea.supports_counted":
                database.execute("UPDATE ideas SET supports = ? WHERE id = ?", (change["data"]["supports"], idea))
            elif kind.startswith("merge."):
                # The ideas that were joined, or stand by themselves again; carried out, each says how much went along.
                touched[change["data"]["into"]] = True
                touched.update((one["idea"] if isinstance(one, dict) else one, True) for one in change["data"]["ideas"])
            elif kind.startswith("idea."):
                touched[idea] = True  # whatever it is, kinds newer than this program too: read how it is now
        for idea in touched:
            try:
                # Past the caches: they may keep the text for seconds after it was taken down.
                store(moot, database, moot.get(f"/ideas/{idea}", fresh=True))
            except Problem as problem:
                if problem.code != "not_found":
                    raise
                database.execute("DELETE FROM ideas WHERE id = ?", (idea,))  # withdrawn, or held again
        database.execute("UPDATE position SET after = ?", (changes["next_after"],))


def store(moot, database, idea):
    # A tombstone has no title, body or author, so storing it takes the text away. Its answers go with it.
    database.execute("DELETE FROM ideas WHERE id = ?", (idea["id"],))
    author = idea["author"] and idea["author"]["display_name"]  # null where it was imported, or its author has gone
    insert(database, "ideas", IDEA, {**idea, "author": author})
    if idea["state"] == "published" and idea["status"] != "awaiting_answer":
        for answer in moot.get(f"/ideas/{idea['id']}/answers", fresh=True, limit=100)["items"]:
            insert(database, "answers", ANSWER, answer)


def insert(database, table, columns, row):
    marks = ", ".join("?" * len(columns))
    database.execute(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", [row[column] for column in columns])


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        pass  # the next start goes on where this one was
    except Problem as problem:
        raise SystemExit(f"mirror.py: {problem}")
    except OSError as error:
        raise SystemExit(f"mirror.py: {URL} does not answer: {error}")
