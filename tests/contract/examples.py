#!/usr/bin/env python3
"""Does every operation of the contract once against a fresh demo, with the request that the contract shows.

    FOLKMOOT_URL=http://127.0.0.1:8080 tests/contract/examples.py [--record]

Each request is the one kept in src/reach/docs/examples.json; `--record` keeps the answers there too, so that the contract
shows what the demo really says. Without it, an answer of another status is a fault, and so is an operation left out.
It ends by moving the demo's clock.
"""

import base64
import hmac
import json
import os
import pathlib
import re
import struct
import sys
import time
import urllib.error
import urllib.request
from datetime import datetime, timedelta, timezone

BASE = os.environ.get("FOLKMOOT_URL", "http://127.0.0.1:8080")
KEPT = pathlib.Path(os.environ.get("FOLKMOOT_EXAMPLES", pathlib.Path(__file__).parents[2] / "src/reach/docs/examples.json"))
RECORD = "--record" in sys.argv
PASSWORD = "seven herons over aldermoor-by-sea"
COUNCIL = "/v1/councils/{council}"

# What changes at every run and would make noise in the contract, by the name of its member.
SECRETS = {
    "access_token": "eyJ0eXAiOiJhdCtqd3QiLCJhbGciOiJFZERTQSJ9.…",
    "refresh_token": "9azXoIFlS3Gt-…",
    "device_token": "b3h4T1pQ….…",
    "secret": "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ",
    "app_url": "otpauth://totp/Aldermoor:robin%40aldermoor.example?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Aldermoor",
    "codes": ["7q2vd-m3x8k", "t0c5r-9hn4z"],
}


def totp(secret, at):
    """The code that an app shows (RFC 6238)."""
    seed = base64.b32decode(secret)
    digest = hmac.digest(seed, struct.pack(">Q", int(at) // 30), "sha1")
    start = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[start:start + 4])[0] & 0x7FFFFFFF) % 1_000_000:06}"


class Fault(Exception):
    pass


def send(method, path, body=None, token=None, headers=None):
    request = urllib.request.Request(BASE + path, method=method, headers=dict(headers or {}))
    if body is not None:
        request.data = json.dumps(body).encode()
        request.add_header("content-type", "application/json")
    if token:
        request.add_header("authorization", f"Bearer {token}")
    try:
        answer = urllib.request.urlopen(request)
    except urllib.error.HTTPError as refusal:
        answer = refusal
    text = answer.read().decode(errors="replace")
    kind = answer.headers.get("content-type", "")
    return answer.status, json.loads(text) if "json" in kind and text else text, answer.headers


def shortened(value):
    """The first item of every long list, and nothing that is secret."""
    if isinstance(value, dict):
        hidden = {name: SECRETS[name] for name, one in value.items() if name in SECRETS and isinstance(SECRETS[name], type(one))}
        return {name: hidden.get(name, shortened(one)) for name, one in value.items()}
    if isinstance(value, list):
        return [shortened(one) for one in value[:2]]
    # As on the address that a demo has where nobody says otherwise.
    return value.replace(BASE, "http://127.0.0.1:8080") if isinstance(value, str) else value


def alike(responses, status):
    """The statuses with the same schema: what is made and what is changed look the same."""
    schemas = {one: response["content"] for one, response in responses.items() if "content" in response}
    schema = {one: {kind: content["schema"] for kind, content in kinds.items()} for one, kinds in schemas.items()}
    return [one for one in schema if one.startswith("2") and schema[one] == schema.get(status)]


class Walk:
    def __init__(self):
        self.kept = json.loads(KEPT.read_text())
        _, self.document, _ = send("GET", "/openapi.json")
        self.operations = {
            operation["operationId"]: (method.upper(), path, operation)
            for path, item in self.document["paths"].items()
            for method, operation in item.items()
            if path.startswith("/v1")
        }
        self.done = set()
        self.found = {"council": "aldermoor"}
        self.tokens = {}

    def token(self, role):
        if role not in self.tokens:
            status, body, _ = send("POST", "/v1/demo/sessions", {"role": role})
            if status != 201:
                raise Fault(f"no token of a {role}: {body}")
            self.tokens[role] = body["access_token"]
        return self.tokens[role]

    def do(self, name, who=None, query="", version=None, wanted=None, changed=None, **places):
        """One operation: `version` is where If-Match comes from, `changed` are members that only this run knows."""
        method, pattern, operation = self.operations[name]
        places = {**self.found, **places}
        path = re.sub(r"\{(\w+)\}", lambda found: places[found[1]], pattern)
        token = who and (self.tokens.get(who) or self.token(who))
        headers = {}
        if version:
            _, _, read = send("GET", version.format(**places), token=token)
            # Of what is not there, as a client sends that has no version of it.
            headers["if-match"] = read["etag"] or "*"
        kept = self.kept["operations"].setdefault(name, {})
        body = kept.get("request")
        if "requestBody" in operation and body is None and operation["requestBody"].get("required"):
            raise Fault(f"{name}: src/reach/docs/examples.json has no request for it")
        if body is not None:
            body = {**body, **(changed or {})}
        status, answer, read = send(method, path + query, body, token, headers)
        expected = [wanted] if wanted else [int(one) for one in operation["responses"] if one.startswith("2")]
        if status not in expected:
            raise Fault(f"{name}: {method} {path}{query} was answered with {status}: {answer}")
        print(f"ok: {name}: {status}")
        self.done.add(name)
        if RECORD and isinstance(answer, (dict, list)):
            for same in alike(operation["responses"], str(status)):
                kept.setdefault("responses", {})[same] = shortened(answer)
        return answer

    def mailed(self, address, part="#token=", but=None):
        """The token in the newest mail to an address, other than one known before; mails follow within seconds."""
        until = time.monotonic() + 30
        while time.monotonic() < until:
            _, page, _ = send("GET", "/demo/mail")
            for line in re.findall(r"<li>.*?</li>", page, re.S):
                if address in line:
                    _, mail, _ = send("GET", re.search(r'href="([^"]+)"', line)[1])
                    token = re.search(re.escape(part) + r"([^\"'<&\s]+)", mail)
                    if token and token[1] != but:
                        return token[1]
            time.sleep(0.1)
        raise Fault(f"no mail to {address} came")

    def asked(self, who, answer):
        """Waits until somebody has been asked about an answer: with the mail that tells them of it."""
        until = time.monotonic() + 30
        while time.monotonic() < until:
            status, _, _ = send("GET", f"{COUNCIL.format(**self.found)}/answers/{answer}/reply", token=self.tokens[who])
            if status == 200:
                return
            time.sleep(0.1)
        raise Fault(f"{who} was not asked about the answer")


def visitor(walk):
    walk.do("read_council")
    walk.do("read_proof_of_work")
    walk.do("read_vocabulary")
    challenges = walk.do("list_challenges")["items"]
    walk.found["challenge"] = next(one["id"] for one in challenges if one["state"] == "open")
    finished = next(one["id"] for one in challenges if one["state"] != "open")
    walk.do("read_challenge")
    walk.do("read_promise")
    walk.do("read_promise_history")
    walk.do("read_calendar")
    walk.do("list_quiet_periods")
    walk.do("read_moderation_clock")
    walk.do("read_form")
    ideas = walk.do("list_ideas", query="?sort=most_supported")["items"]
    walk.found["idea"], walk.found["idea_id"] = ideas[0]["number"], ideas[0]["id"]
    walk.do("read_idea")
    walk.do("list_feedback")
    talked = next(one["number"] for one in ideas if walk.do("list_comments", idea=one["number"])["items"])
    walk.found["talked"] = talked
    walk.found["comment"] = walk.do("list_comments", idea=talked)["items"][0]["id"]
    walk.do("read_comment")
    walk.found["commitment"] = walk.do("list_commitments")["items"][0]["id"]
    walk.do("read_commitment")
    outcome = walk.do("read_outcome", challenge=finished)
    walk.found["finished"], walk.found["finished_idea"] = finished, outcome["ideas"][0]["idea"]
    walk.do("list_answers", idea=walk.found["finished_idea"])
    walk.do("read_feedback_feed")
    walk.do("read_accountability")
    walk.do("read_accountability_table")
    walk.do("read_moderation_statistics")
    walk.do("read_challenge_feedback_feed", challenge=finished)
    walk.do("read_decision_bundle", challenge=finished)
    walk.do("list_grounds")
    walk.do("read_privacy_notice")
    walk.do("list_changes", query="?after=0")
    # It would not end.
    walk.do("stream_changes", wanted=422)
    voted = (one["id"] for one in challenges if send("GET", COUNCIL.format(**walk.found) + f"/challenges/{one['id']}/ballot-paper")[0] == 200)
    walk.found["voted"] = next(voted)
    paper = walk.do("read_ballot_paper", challenge=walk.found["voted"])
    walk.found["options"] = [option["idea"] for option in paper["options"]]
    walk.do("read_result", challenge=walk.found["voted"])
    # Votes still come in.
    walk.do("read_published_ballots", challenge=walk.found["voted"], wanted=404)


def resident(walk):
    walk.do("register")
    walk.do("confirm_email", changed={"token": walk.mailed("robin@aldermoor.example")})
    session = walk.do("sign_in")
    walk.do("refresh_session", changed={"refresh_token": session["refresh_token"]})
    walk.do("read_own_account", "resident")
    walk.do("read_state", "resident", query=f"?ideas={walk.found['idea_id']}")
    walk.do("submit_idea", "resident", query="?dry_run=true", wanted=200)
    own = walk.do("submit_idea", "resident", wanted=201)
    walk.do("revise_idea", "resident", idea=own["id"], version=COUNCIL + "/ideas/{idea}")
    walk.do("withdraw_idea", "resident", idea=own["id"], version=COUNCIL + "/ideas/{idea}")
    said = walk.do("write_comment", "resident", idea=walk.found["talked"])
    walk.do("revise_comment", "resident", comment=said["id"], version=COUNCIL + "/comments/{comment}")
    walk.do("withdraw_comment", "resident", comment=said["id"], version=COUNCIL + "/comments/{comment}")
    walk.do("support_idea", "resident", idea=walk.found["other"])
    walk.do("withdraw_support", "resident", idea=walk.found["other"])
    voted, marks = walk.found["voted"], [{"idea": walk.found["options"][0]}]
    walk.do("cast_ballot", "resident", challenge=voted, changed={"marks": marks})
    walk.do("read_own_ballot", "resident", challenge=voted)
    walk.do("withdraw_ballot", "resident", challenge=voted)


def signing_in(walk):
    robin = "robin@aldermoor.example"
    password = walk.kept["operations"]["register"]["request"]["password"]
    proof = {"proof": {"password": password}}
    walk.do("mail_sign_in_code", changed={"email": robin})
    code = walk.mailed(robin, 'font-weight:700;margin:24px 0">')
    walk.tokens["robin"] = walk.do("sign_in_with_code", changed={"email": robin, "mailed_code": code})["access_token"]
    used = walk.mailed(robin, "sign-in#token=")
    walk.do("mail_sign_in_code", changed={"email": robin})
    walk.do("sign_in_with_link", changed={"token": walk.mailed(robin, "sign-in#token=", but=used)})
    other = next(one["id"] for one in walk.do("list_sessions", "robin")["items"] if not one["current"])
    walk.do("end_session", "robin", session=other)
    walk.do("end_other_sessions", "robin")
    walk.do("read_factors", "robin")
    secret = walk.do("begin_totp", "robin", changed=proof)["secret"]
    now = time.time()
    paper = walk.do("confirm_totp", "robin", changed={"code": totp(secret, now)})["codes"]
    paper = walk.do("renew_recovery_codes", "robin", changed={"proof": {"password": password, "code": paper[0]}})["codes"]
    walk.do("remove_totp", "robin", changed={"proof": {"password": password, "code": paper[0]}})
    # Browsers make passkeys for a site with a name only, and a demo has none.
    walk.do("begin_passkey", "robin", changed=proof, wanted=409)
    walk.do("add_passkey", "robin", wanted=409)
    walk.do("remove_passkey", "robin", passkey=other, changed=proof, wanted=404)
    walk.do("begin_sign_in_with_passkey", wanted=409)
    walk.do("sign_in_with_passkey", wanted=409)
    walk.do("change_password", "robin", changed={**proof, "password": password + " again"})
    walk.do("mail_password_reset", changed={"email": robin})
    used = walk.mailed(robin, "reset-password#token=")
    walk.do("redeem_password_reset", changed={"token": used, "password": password})
    session = walk.do("sign_in", changed={"email": robin, "password": password})
    walk.tokens["robin"] = session["access_token"]
    walk.do("change_address", "robin", changed={**proof, "email": "robin@elsewhere.example"})
    walk.do("confirm_new_address", changed={"token": walk.mailed("robin@elsewhere.example"), "password": password})
    walk.do("undo_new_address", changed={"token": walk.mailed(robin, "undo-new-address#token=")})
    walk.do("mail_password_reset", changed={"email": robin})
    again = walk.mailed(robin, "reset-password#token=", but=used)
    walk.do("redeem_password_reset", changed={"token": again, "password": password})
    session = walk.do("sign_in", changed={"email": robin, "password": password})
    walk.tokens["robin"] = session["access_token"]
    walk.do("copy_data", "robin", changed=proof)
    walk.do("erase_account", "robin", changed=proof)


def residency(walk):
    walk.do("upload_postcodes", "admin")
    walk.do("read_register_key", "admin")
    walk.do("upload_register", "admin")
    letters = walk.do("make_letters", "admin", changed={"wards": [{"ward": "Mill", "letters": 1}]})
    code = letters["csv"].splitlines()[1].split(",")[0]
    walk.do("read_means", "admin")
    walk.do("record_in_person", "admin", changed={"email": "resident7@aldermoor.example", "office": "Director of Place"})
    walk.do("verify_by_letter", "resident", changed={"code": code})
    walk.do("verify_by_postcode", "resident")
    # Nobody's entry is in the register that the contract shows.
    walk.do("verify_by_register", "resident", wanted=422)
    walk.do("read_own_verification", "resident")
    mine = walk.do("change_own_account", "resident", version=COUNCIL + "/me")
    walk.do("read_profile", profile=mine["profile"])
    guest = "guest@aldermoor.example"
    walk.do("ask_to_take_part", changed={"email": guest})
    walk.tokens["guest"] = walk.do("take_part", changed={"token": walk.mailed(guest)})["access_token"]
    walk.do("upgrade_account", "guest", changed={"display_name": "Gwen"})


def moderator(walk):
    # A withdrawn idea leaves its case; what is held by the story is decided.
    walk.found["case"] = walk.do("list_cases", "moderator")["items"][0]["id"]
    walk.do("read_case", "moderator")
    walk.do("read_work", "moderator")
    walk.do("list_answers_due", "officer")
    walk.do("claim_case", "moderator", version=COUNCIL + "/cases/{case}")
    walk.do("release_case", "moderator")
    version = send("GET", f"{COUNCIL.format(**walk.found)}/cases/{walk.found['case']}", token=walk.token("moderator"))[1]["version"]
    together = {"cases": [{"case": walk.found["case"], "version": version}]}
    walk.do("make_case_batch", "moderator", query="?dry_run=true", wanted=200, changed=together)
    walk.found["batch"] = walk.do("make_case_batch", "moderator", wanted=201, changed=together)["id"]
    walk.do("read_case_batch", "moderator")
    walk.do("take_back_case_batch", "moderator")
    walk.do("decide_case", "moderator", version=COUNCIL + "/cases/{case}")
    walk.do("report_idea", "resident", idea=walk.found["other"])
    walk.do("read_own_report", "resident", idea=walk.found["other"])
    reported = next(case for case in walk.do("list_cases", "moderator")["items"] if case["reports"])
    walk.do("read_case_reports", "moderator", case=reported["id"])
    walk.do("open_case", "moderator", idea=walk.found["idea"])
    walk.do("report_comment", "resident")
    walk.do("read_own_report_of_comment", "resident")
    walk.do("open_case_of_comment", "moderator")


def merges(walk):
    # What Gwen supports is to be merged into another one that waits as it does.
    council, gwen = COUNCIL.format(**walk.found), walk.tokens["guest"]
    place = f"{council}/challenges/{walk.found['challenge']}/ideas?status=awaiting_answer&limit=100"
    waiting = [one for one in send("GET", place)[1]["items"] if not one["overdue"]]
    into, idea = waiting[0]["number"], waiting[1]["number"]
    status, said, _ = send("PUT", f"{council}/ideas/{idea}/support", {}, gwen)
    if status not in (200, 201):
        raise Fault(f"support of what is to be merged: {status} {said}")
    merge = walk.do("propose_merge", "moderator", idea=into, changed={"ideas": [idea]})["id"]
    walk.do("list_merges", idea=into)
    walk.do("read_merge", merge=merge)
    walk.do("choose_by_link", changed={"token": walk.mailed("guest@aldermoor.example", "merge#token=")})
    walk.do("choose_in_merge", "guest", merge=merge)
    walk.do("read_own_merge_choice", "guest", merge=merge)
    walk.do("withdraw_merge", "moderator", merge=merge)
    # A week would have to pass before there is something to undo.
    walk.do("reverse_merge", "moderator", merge=merge, wanted=409)


def signals(walk):
    # Nobody in the demo votes as programs do, so there is nothing to decide about; what is sent has to be understood.
    signal = walk.kept["parameters"]["signal"]
    walk.do("list_signals", "moderator")
    walk.do("read_vote_checks")
    walk.do("list_own_signals", "guest")
    for name in ("read_signal", "list_contests", "quarantine_votes", "release_votes", "propose_invalidation",
                 "approve_invalidation", "reverse_invalidation"):
        walk.do(name, "moderator", signal=signal, wanted=404, version=COUNCIL + "/signals/{signal}")
    walk.do("contest_votes", "guest", signal=signal, wanted=404)
    walk.do("contest_by_link", wanted=422)


def appeals(walk):
    # Two ideas of Gwen's are hidden; she appeals by the mail of one and signed in against the other.
    council = COUNCIL.format(**walk.found)
    moderator = walk.token("moderator")
    for title in ("A lamp at the ford", "A bench at the ford"):
        place = f"{council}/challenges/{walk.found['challenge']}/ideas"
        status, idea, _ = send("POST", place, {"title": title, "body": "Ask at number 9."}, walk.tokens["guest"])
        if status != 201:
            raise Fault(f"an idea to appeal about: {status} {idea}")
        _, cases, _ = send("GET", f"{council}/cases?limit=100", token=moderator)
        case = next(case for case in cases["items"] if case["idea"] == idea["id"])
        decision = walk.kept["operations"]["decide_case"]["request"]
        path, version = f"{council}/cases/{case['id']}/decision", {"if-match": f'"{case["version"]}"'}
        status, said, _ = send("POST", path, decision, moderator, version)
        if status != 201:
            raise Fault(f"a decision to appeal against: {status} {said}")
    token = walk.mailed("guest@aldermoor.example", "appeal#token=")
    walk.do("appeal_by_link", changed={"token": token})
    statements = walk.do("list_own_statements", "guest")["items"]
    left = next(statement for statement in statements if not statement["appeal"])
    walk.do("read_own_statement", "guest", decision=left["id"])
    walk.do("make_appeal", "guest", decision=left["id"])
    # Kit, from outside, decides the other one of the two.
    walk.do("name_outside_reviewer", "admin")
    walk.do("read_outside_reviewer", "admin")
    walk.do("list_appeals", "admin")
    appeal = walk.do("list_appeals", "moderator")["items"][0]["appeal"]["id"]
    walk.do("read_appeal", "admin", appeal=appeal)
    decided = walk.do("decide_appeal", "admin", appeal=appeal, version=COUNCIL + "/appeals/{appeal}")
    walk.found["appeal"], walk.found["decision"], walk.found["gwens"] = appeal, left["id"], decided["against"]["idea"]
    other = next(one["appeal"]["id"] for one in walk.do("list_appeals", "moderator")["items"])
    walk.do("grant_review", "moderator", appeal=other)
    kit = "kit@thornby.example"
    token = walk.mailed(kit, "review#token=")
    walk.do("read_review", changed={"token": token})
    sanctions(walk, kit, token)


def sanctions(walk, kit, before):
    # Gwen is warned twice for what she wrote; one appeal is decided by an admin, the other by Kit.
    _, cases, _ = send("GET", f"{COUNCIL.format(**walk.found)}/cases?state=decided&idea={walk.found['gwens']}", token=walk.token("moderator"))
    case = cases["items"][0]["id"]
    for _ in range(2):
        warned = walk.do("sanction_author", "moderator", case=case)["id"]
        walk.do("list_own_sanctions", "guest")
        walk.do("appeal_against_sanction", "guest", sanction=warned)
    walk.do("list_sanctions_of_author", "moderator", case=case)
    first, second = (one["sanction"]["appeal"]["id"] for one in walk.do("list_sanction_appeals", "admin")["items"])
    walk.do("read_sanction_appeal", "admin", appeal=first)
    walk.do("decide_sanction_appeal", "admin", appeal=first)
    walk.do("grant_sanction_review", "moderator", appeal=second)
    token = walk.mailed(kit, "review#token=", but=before)
    walk.do("read_review", changed={"token": token})
    walk.do("decide_review", changed={"token": token})
    walk.do("withdraw_outside_reviewer", "admin")


def officer(walk):
    walk.do("answer_idea", "officer", version=COUNCIL + "/ideas/{idea}")
    many = send("GET", f"{COUNCIL.format(**walk.found)}/challenges/{walk.found['challenge']}/ideas?status=awaiting_answer")[1]["items"]
    named = [{"idea": one["number"], "version": one["version"]} for one in many[:2]]
    walk.do("answer_ideas", "officer", changed={"ideas": named})
    walk.found["template"] = walk.do("make_answer_template", "officer")["id"]
    walk.do("list_answer_templates", "officer")
    walk.do("read_answer_template", "officer")
    where = COUNCIL + "/answer-templates/{template}"
    walk.do("rewrite_answer_template", "officer", version=where)
    walk.do("remove_answer_template", "officer", version=where)
    walk.do("assign_idea", "officer")
    walk.do("read_assignment", "officer")
    walk.do("list_assignments", "officer")
    walk.do("unassign_idea", "officer")
    walk.do("read_replies")
    walk.do("list_office_replies")
    walk.do("list_reply_lines", "officer")
    # Only those who were asked reply, and only authors ask back: Gwen, whose idea is public again.
    gwens = walk.found["gwens"]
    walk.do("answer_idea", "officer", idea=gwens, version=COUNCIL + "/ideas/{idea}")
    answer = send("GET", f"{COUNCIL.format(**walk.found)}/ideas/{gwens}/answers")[1]["items"][0]["id"]
    walk.asked("guest", answer)
    walk.do("reply_by_link", changed={"token": walk.mailed("guest@aldermoor.example", "reply#token=")})
    walk.do("reply_to_answer", "guest", answer=answer)
    walk.do("read_own_reply", "guest", answer=answer)
    walk.do("follow_up", "guest", idea=gwens, version=COUNCIL + "/ideas/{idea}")
    walk.do("read_follow_up", "officer", idea=gwens)
    walk.do("write_note", "officer")
    walk.do("list_notes", "officer")
    made = walk.do("make_commitment", "officer")
    step = walk.do("plan_milestone", "officer", commitment=made["id"])["id"]
    walk.do("list_milestones", commitment=made["id"])
    walk.do("read_milestone", commitment=made["id"], milestone=step)
    where = COUNCIL + "/commitments/{commitment}/milestones/{milestone}"
    walk.do("reach_milestone", "officer", commitment=made["id"], milestone=step, version=where)
    walk.do("change_commitment", "officer", commitment=made["id"], version=COUNCIL + "/commitments/{commitment}")
    walk.do("make_campaign", "officer")
    # The oldest is the story's, and has brought something.
    walk.do("read_campaign", "officer", campaign=walk.do("list_campaigns", "officer")["items"][-1]["id"])
    drafted = walk.do("draft_challenge", "officer")["id"]
    where = COUNCIL + "/challenges/{challenge}"
    walk.do("rewrite_challenge", "officer", challenge=drafted, version=where)
    walk.do("write_promise", "officer", challenge=drafted, version=where)
    walk.do("begin_rehearsal", "officer", challenge=drafted)
    guest = send("GET", COUNCIL.format(**walk.found) + "/me", token=walk.token("resident"))[1]["id"]
    walk.do("change_rehearsal_audience", "officer", challenge=drafted, changed={"invited": [guest]})
    there = walk.do("read_rehearsal", "moderator", challenge=drafted)["address"]
    if send("GET", f"/v1/councils/{there}/challenges/{drafted}", token=walk.token("resident"))[1]["state"] != "open":
        raise Fault("whoever is invited does not get into the rehearsal")
    walk.do("end_rehearsal", "officer", challenge=drafted)
    walk.do("ask_for_acceptance", "officer", challenge=drafted)
    walk.do("accept_promise", changed={"token": walk.mailed("director@aldermoor.example")})
    walk.do("read_readiness", "officer", challenge=drafted)
    walk.do("open_challenge", "officer", challenge=drafted)
    later = time.strftime("%Y-%m-%d", time.gmtime(time.time() + 30 * 86_400))
    walk.do("change_promise", "officer", challenge=drafted, version=where)
    walk.do("pause_promise", "officer", challenge=drafted, version=where, changed={"until": later})
    walk.do("resume_promise", "officer", challenge=drafted, version=where)
    walk.do("close_challenge", "officer", challenge=drafted)
    walk.do("write_calendar", "officer", version=COUNCIL + "/calendar")
    quiet = walk.do("declare_quiet_period", "officer")
    walk.do("end_quiet_period", "officer", quiet_period=quiet["id"])
    # One that has begun, in which an update is held.
    today = time.strftime("%Y-%m-%d", time.gmtime())
    quiet = walk.do("declare_quiet_period", "officer", changed={"starts_on": today, "ends_on": later})
    held = walk.do("publish_update", "officer", wanted=202)["id"]
    walk.do("list_held_acts", "officer")
    walk.do("read_held_act", "officer", held_act=held)
    walk.do("withdraw_held_act", "officer", held_act=held)
    walk.do("end_quiet_period", "officer", quiet_period=quiet["id"])
    # Votes are taken there already.
    put = [{"idea": idea, "cost": 100} for idea in walk.found["options"]]
    walk.do("write_ballot_paper", "officer", challenge=walk.found["voted"], version=COUNCIL + "/challenges/{voted}/ballot-paper", changed={"options": put}, wanted=409)
    walk.do("set_threshold", "officer", version=COUNCIL + "/open-door")
    walk.do("read_open_door")
    waiting = walk.do("list_raised_ideas", query="?waiting=true")["items"][0]["number"]
    walk.do("take_up_idea", "officer", idea=waiting, version=COUNCIL + "/ideas/" + waiting)
    walk.found["update"] = walk.do("publish_update", "officer")["id"]
    walk.do("correct_update", "officer", version=where + "/updates/{update}")
    walk.do("list_updates")
    walk.do("read_update")
    walk.do("list_update_revisions")
    # The outcome of the challenge that is over is put in other words.
    finished, idea = walk.found["finished"], walk.found["finished_idea"]
    became = [{"idea": idea, "what_became_of_it": "The bench is being built."}]
    where = where + "/outcome"
    walk.do("publish_outcome", "officer", challenge=finished, version=where, changed={"ideas": became})


def admin(walk):
    walk.do("change_council", "admin", version=COUNCIL)
    walk.do("create_ground", "admin")
    walk.do("read_word_list", "admin", language="en")
    walk.do("write_word_list", "admin", version=COUNCIL + "/word-lists/en", language="en")
    in_half_a_year = time.strftime("%Y-%m-%dT00:00:00Z", time.gmtime(time.time() + 180 * 86_400))
    trial = {"expires_at": in_half_a_year, "mode": "test", "role": "resident", "scopes": ["public.read", "idea.submit"]}
    walk.do("make_key", "admin", changed=trial)
    walk.do("reset_sandbox", "admin")
    walk.found["key"] = walk.do("make_key", "admin", changed={"expires_at": in_half_a_year})["id"]
    walk.do("list_keys", "admin")
    walk.do("end_key", "admin")
    walk.found["office"] = walk.do("make_office", "admin")["id"]
    walk.do("list_offices")
    walk.do("read_office", "admin")
    walk.do("change_office", "admin", version=COUNCIL + "/offices/{office}")
    walk.do("list_audit_events", "admin", query="?limit=2")
    walk.do("publish_privacy_notice", "admin")
    walk.do("invite_staff", "admin")
    walk.do("accept_invitation", changed={"token": walk.mailed("kim@aldermoor.example")})
    walk.do("invite_staff", "admin")
    walk.do("withdraw_invitation", "admin", invitation=walk.do("list_invitations", "admin")["items"][0]["id"])
    walk.found["account"] = walk.do("list_staff", "admin", query="?limit=100")["items"][-1]["id"]
    walk.do("name_safeguarding_lead", "admin", changed={"account": walk.found["account"]})
    walk.do("read_safeguarding_lead", "admin")
    member = COUNCIL + "/staff/{account}"
    walk.do("read_staff_member", "admin")
    walk.do("change_role", "admin", version=member)
    # The day in the example is over some day; an end has to be to come.
    until = datetime.now(timezone.utc) + timedelta(days=30)
    walk.do("impose_sanction", "admin", changed={"until": until.isoformat()})
    walk.do("list_sanctions", "admin")
    walk.do("lift_suspension", "admin")
    walk.do("remove_from_staff", "admin", version=member)


def sign_on(walk):
    # The demo has no provider beside it: sso.mjs goes there and back. Here what is sent has to be understood.
    provider, identity = walk.kept["parameters"]["provider"], walk.kept["parameters"]["identity"]
    walk.do("list_sign_in_providers")
    walk.do("list_identity_providers", "admin")
    walk.do("list_identities", "resident")
    walk.do("make_identity_provider", "admin", wanted=422)
    walk.do("read_identity_provider", "admin", provider=provider, wanted=404)
    walk.do("change_identity_provider", "admin", provider=provider, version=COUNCIL, wanted=404)
    walk.do("remove_identity_provider", "admin", provider=provider, wanted=404)
    walk.do("start_sign_on", provider=provider, changed={"return_to": BASE + "/councils/aldermoor"}, wanted=404)
    walk.do("finish_sign_on", provider=provider, wanted=422)
    walk.do("make_account_of_sign_on", wanted=422)
    walk.do("link_identity", "resident", wanted=422)
    walk.do("unlink_identity", "resident", identity=identity, wanted=404)


def platform(walk):
    walk.tokens["platform"] = walk.do("sign_in_to_platform")["access_token"]
    walk.do("create_council", "platform")
    walk.do("list_councils", "platform")
    walk.do("invite_admin", "platform", council="elsewhere")


def ending(walk):
    walk.do("sign_in_to_demo")
    walk.do("sign_out", "analyst")
    walk.do("advance_demo_clock")


def main():
    walk = Walk()
    try:
        visitor(walk)
        _, page, _ = send("GET", f"/v1/councils/aldermoor/challenges/{walk.found['challenge']}/ideas?sort=newest")
        walk.found["other"] = page["items"][0]["number"]
        for part in (resident, signing_in, residency, moderator, merges, signals, appeals, officer, admin, sign_on, platform, ending):
            part(walk)
    except Fault as fault:
        sys.exit(f"examples: {fault}")
    left = sorted(set(walk.operations) - walk.done)
    if left:
        sys.exit(f"examples: left out: {', '.join(left)}")
    if RECORD:
        names = ("challenge", "idea", "commitment", "case", "appeal", "decision", "account", "office", "key", "update")
        walk.kept["parameters"] = {**walk.kept["parameters"], **{name: walk.found[name] for name in names}}
        KEPT.write_text(json.dumps(walk.kept, indent=1, ensure_ascii=False, sort_keys=True) + "\n")
    print(f"All {len(walk.done)} operations answer their examples as the contract says.")


if __name__ == "__main__":
    main()
