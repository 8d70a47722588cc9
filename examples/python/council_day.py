#!/usr/bin/env python3
"""A day at the council: a moderator decides the cases that wait, then an officer answers the ideas whose answer is overdue.

    council_day.py [--dry]        --dry: only print what would be done

FOLKMOOT_URL and COUNCIL say where, PASSWORD is that of both; unless set, it is the demo.
"""

import argparse
import os
import re

from folkmoot import Folkmoot, Problem

URL = os.environ.get("FOLKMOOT_URL") or "http://127.0.0.1:8080"
COUNCIL = os.environ.get("COUNCIL") or "aldermoor"
PASSWORD = os.environ.get("PASSWORD") or "seven herons over aldermoor-by-sea"
MODERATOR = os.environ.get("MODERATOR") or "moderator@aldermoor.example"
OFFICER = os.environ.get("OFFICER") or "officer@aldermoor.example"

EMAIL_OR_TELEPHONE = re.compile(r"\S+@\S+\.\w+|\+?\d[\d ]{8,}\d")


def main():
    parser = argparse.ArgumentParser(description="Decide what waits, answer what is overdue.")
    parser.add_argument("--dry", action="store_true", help="only print what would be done")
    dry = parser.parse_args().dry
    decide_cases(signed_in(MODERATOR), dry)
    answer_overdue(signed_in(OFFICER), dry)


def signed_in(email):
    moot = Folkmoot(URL, COUNCIL)
    moot.sign_in(email, PASSWORD)
    return moot


def decide_cases(moderator, dry):
    grounds = moderator.get("/grounds")["items"]
    # The whole queue first, what is due first at its head: a list that shrinks while one pages through it is hard to read.
    cases = list(moderator.items("/cases"))
    print(f"{len(cases)} cases wait")
    for case in cases:
        decision = judge(case, grounds)
        late = ", overdue" if case["overdue"] else ""
        print(f"  {case['number']} “{case['title']}”{late}: {decision['decision']}")
        if not dry:
            # With the version that was read: if the author has revised it since, or somebody else was faster, it is refused.
            attempt(moderator.post, f"/cases/{case['id']}/decision", decision, version=case["version"])


def judge(case, grounds):
    """Stands for the eyes of a person, which a real council owes its residents."""
    if grounds and EMAIL_OR_TELEPHONE.search(f"{case['title']}\n{case['body']}"):
        return {
            "decision": "hide",
            "ground": grounds[0]["code"],
            "statement": "There is an email address or a telephone number in it. Leave it out, and we will look again.",
        }
    return {"decision": "publish"}


def answer_overdue(officer, dry):
    for challenge in officer.items("/challenges"):
        if challenge["state"] == "draft":
            continue
        office = officer.get(f"/challenges/{challenge['id']}/promise")["decision_office"]
        ideas = list(officer.items(f"/challenges/{challenge['id']}/ideas", overdue=True))
        print(f"{challenge['title']}: {len(ideas)} answers overdue")
        for idea in sorted(ideas, key=lambda idea: idea["answer_due_at"]):
            print(f"  {idea['number']} “{idea['title']}”, {idea['supports']} in support, due before {idea['answer_due_at']}")
            answer = {
                "kind": "needs_information",
                "office": office,
                "reason": "This answer is late, and we are sorry. **Where** would you begin? We ask its supporters too.",
            }
            if not dry:
                attempt(officer.post, f"/ideas/{idea['id']}/answers", answer, version=idea["version"])


def attempt(step, *what, **how):
    """One refusal does not end the day: it is said, and the next is taken up."""
    try:
        step(*what, **how)
    except Problem as problem:
        print(f"    not done: {problem}")


if __name__ == "__main__":
    try:
        main()
    except Problem as problem:
        raise SystemExit(f"council_day.py: {problem}")
    except OSError as error:
        raise SystemExit(f"council_day.py: {URL} does not answer: {error}")
