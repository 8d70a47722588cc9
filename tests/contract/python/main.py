"""The main job of the platform, done with the generated client, which parses every answer and refusal as openapi.yaml says.

run.sh puts the client beside a copy of this file. An answer that lacks a required member, has a word that its enum does not
know, or comes with a status that its operation does not list, raises.
"""

from __future__ import annotations

import json
import os
import sys
import time
import uuid
from collections.abc import Mapping
from typing import Protocol, TypeVar, cast

from folkmoot_client import AuthenticatedClient, Client
from folkmoot_client.api.accounts import read_own_account, read_state
from folkmoot_client.api.challenges import list_challenges
from folkmoot_client.api.changes import list_changes
from folkmoot_client.api.answering import answer_idea
from folkmoot_client.api.feedback import list_answers, read_feedback_feed, read_promise
from folkmoot_client.api.ideas import list_ideas, read_form, read_idea, submit_idea, support_idea
from folkmoot_client.api.signing_in import sign_in, sign_out
from folkmoot_client.api.moderation import decide_case, list_cases
from folkmoot_client.models.account_view import AccountView
from folkmoot_client.models.answer_idea import AnswerIdea
from folkmoot_client.models.answer_kind import AnswerKind
from folkmoot_client.models.answer_view import AnswerView
from folkmoot_client.models.case_reason import CaseReason
from folkmoot_client.models.case_view import CaseView
from folkmoot_client.models.challenge_state import ChallengeState
from folkmoot_client.models.change import Change
from folkmoot_client.models.changes import Changes
from folkmoot_client.models.decide_case import DecideCase
from folkmoot_client.models.decision_kind import DecisionKind
from folkmoot_client.models.decision_view import DecisionView
from folkmoot_client.models.entry_kind import EntryKind
from folkmoot_client.models.idea_state import IdeaState
from folkmoot_client.models.idea_status import IdeaStatus
from folkmoot_client.models.idea_view import IdeaView
from folkmoot_client.models.kept_promise import KeptPromise
from folkmoot_client.models.case_state import CaseState
from folkmoot_client.models.idea_state import IdeaState
from folkmoot_client.models.page_answer_view import PageAnswerView
from folkmoot_client.models.page_case_view import PageCaseView
from folkmoot_client.models.page_challenge_summary import PageChallengeSummary
from folkmoot_client.models.page_idea_view import PageIdeaView
from folkmoot_client.models.problem_view import ProblemView
from folkmoot_client.models.role import Role
from folkmoot_client.models.session_view import SessionView
from folkmoot_client.models.sign_in import SignIn
from folkmoot_client.models.state_view import StateView
from folkmoot_client.models.submit_idea import SubmitIdea
from folkmoot_client.models.support_idea import SupportIdea
from folkmoot_client.models.support_view import SupportView
from folkmoot_client.models.would_be import WouldBe
from folkmoot_client.types import UNSET, Unset

COUNCIL = "aldermoor"
PASSWORD = os.environ.get("FOLKMOOT_PASSWORD", "seven herons over aldermoor-by-sea")
# What follows later, as numbers in the change feed, has to be there by then.
PATIENCE_S = 15.0

Model = TypeVar("Model")
steps = 0


class Answer(Protocol):
    """What every call gives. The generated type names the models of its operation, of which each step expects one."""

    @property
    def status_code(self) -> int: ...
    @property
    def content(self) -> bytes: ...
    @property
    def headers(self) -> Mapping[str, str]: ...
    @property
    def parsed(self) -> object: ...


class Failed(Exception):
    """A step did not go as the document says."""


def step(text: str) -> None:
    global steps
    steps += 1
    print(f"{steps:2}. {text}")


def must(condition: bool, otherwise: str) -> None:
    if not condition:
        raise Failed(otherwise)


def taken(what: str, answer: Answer, status: int, model: type[Model]) -> Model:
    """What was asked for; a refusal, another status or another model fails."""
    parsed = answer.parsed
    if answer.status_code != status or not isinstance(parsed, model):
        body = answer.content.decode(errors="replace")[:500]
        raise Failed(f"{what}: {int(answer.status_code)} instead of {status}: {body}")
    return parsed


def refused(what: str, answer: Answer, status: int, code: str) -> ProblemView:
    """The refusal that was expected; anything else fails."""
    problem = taken(what, answer, status, ProblemView)
    otherwise = f"{what}: {problem.status} {problem.code} instead of {status} {code}"
    must(problem.status == status and problem.code == code, otherwise)
    media_type = answer.headers.get("content-type", "")
    must(media_type == "application/problem+json", f"{what}: a refusal as {media_type}")
    return problem


class Platform:
    """The generated clients of everybody who takes part."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url
        # The generator demands an account even where the document lets one come without. A cast is what it leaves: an
        # AuthenticatedClient would send a token.
        self.visitor = cast(AuthenticatedClient, Client(base_url=base_url, raise_on_unexpected_status=True))

    def signed_in(self, name: str) -> AuthenticatedClient:
        body = SignIn(email=f"{name}@aldermoor.example", password=PASSWORD)
        answer = sign_in.sync_detailed(COUNCIL, client=self.visitor, body=body)
        session = taken(f"sign in as {name}", answer, 201, SessionView)
        must(session.token_type == "Bearer" and session.expires_in > 0, f"{name}: the token is good for nothing")
        return AuthenticatedClient(base_url=self.base_url, token=session.access_token, raise_on_unexpected_status=True)


def published_ideas(client: AuthenticatedClient, challenge: uuid.UUID) -> list[IdeaView]:
    ideas: list[IdeaView] = []
    cursor: str | Unset = UNSET
    while True:
        answer = list_ideas.sync_detailed(
            COUNCIL, challenge, client=client, limit=7, state=IdeaState.PUBLISHED, cursor=cursor
        )
        page = taken("list ideas", answer, 200, PageIdeaView)
        must(len(page.items) <= 7, "a page holds more than its limit")
        ideas += page.items
        if page.next_cursor is None:
            return ideas
        cursor = page.next_cursor


def case_of(client: AuthenticatedClient, idea: uuid.UUID) -> CaseView:
    cursor: str | Unset = UNSET
    while True:
        answer = list_cases.sync_detailed(COUNCIL, client=client, state=CaseState.OPEN, cursor=cursor)
        page = taken("list cases", answer, 200, PageCaseView)
        for case in page.items:
            if case.idea == idea:
                return case
        if page.next_cursor is None:
            raise Failed(f"the queue has no case of idea {idea}")
        cursor = page.next_cursor


def changes_after(client: AuthenticatedClient, after: int) -> tuple[list[Change], int]:
    changes: list[Change] = []
    while True:
        page = taken("list changes", list_changes.sync_detailed(COUNCIL, client=client, after=after, limit=500), 200, Changes)
        for change in page.items:
            must(change.number > after, f"change {change.number} comes after {after}")
            after = change.number
        changes += page.items
        must(page.next_after >= after, "next_after goes backwards")
        after = page.next_after
        if not page.items:
            return changes, after


def followed(client: AuthenticatedClient, after: int, idea: uuid.UUID, kinds: list[EntryKind]) -> int:
    """Asks the feed until it has told all of `kinds` of an idea, in that order."""
    deadline = time.monotonic() + PATIENCE_S
    seen: list[EntryKind] = []
    while True:
        changes, after = changes_after(client, after)
        seen += [change.kind for change in changes if change.subject == idea and change.kind in kinds]
        if len(seen) >= len(kinds):
            must(seen == kinds, f"the change feed tells {[kind.value for kind in seen]}")
            return after
        must(time.monotonic() < deadline, f"the change feed tells only {[kind.value for kind in seen]}")
        time.sleep(0.1)


def main() -> None:
    base_url = os.environ.get("FOLKMOOT_URL", "").rstrip("/")
    must(base_url != "", "FOLKMOOT_URL is needed: the address of a running demo server.")
    platform = Platform(base_url)
    anybody = platform.visitor

    resident = platform.signed_in("resident21")
    me = taken("read own account", read_own_account.sync_detailed(COUNCIL, client=resident), 200, AccountView)
    must(me.role == Role.RESIDENT, f"resident21 is {me.role}")
    step(f"A resident signs in: {me.display_name}.")

    challenges = taken("list challenges", list_challenges.sync_detailed(COUNCIL, client=anybody), 200, PageChallengeSummary)
    running = [one for one in challenges.items if one.state == ChallengeState.OPEN]
    must(len(running) > 0, "no challenge is open")
    challenge = running[0].id
    step(f"{len(challenges.items)} challenges; open is “{running[0].title}”.")

    earlier, after = changes_after(anybody, 0)
    step(f"The change feed is at {after}, after {len(earlier)} changes.")

    promise = taken("read promise", read_promise.sync_detailed(COUNCIL, challenge, client=anybody), 200, KeptPromise)
    ideas = published_ideas(anybody, challenge)
    must(len({idea.id for idea in ideas}) == len(ideas), "an idea is on two pages")
    must(len(ideas) == promise.figures.ideas, f"{len(ideas)} ideas listed, {promise.figures.ideas} promised an answer")
    step(f"{len(ideas)} ideas on pages of seven; {promise.figures.overdue_now} answers are overdue.")

    # Untyped in the document: the form is itself a schema, different for each challenge.
    form = json.loads(read_form.sync_detailed(COUNCIL, challenge, client=anybody).content)
    must("properties" in form, "the form has no properties")
    step("The form is a JSON Schema.")

    faulty = SubmitIdea(title="x", body="b" * 10_001)
    answer = submit_idea.sync_detailed(COUNCIL, challenge, client=resident, body=faulty)
    problem = refused("submit with faults", answer, 422, "invalid")
    faults = sorted((fault.pointer, fault.code) for fault in problem.errors or [])
    must(faults == [("/body", "too_long"), ("/title", "too_short")], f"not all faults are told: {faults}")
    step(f"Refused with all faults: {', '.join(' '.join(fault) for fault in faults)}.")

    body = SubmitIdea(title="A water tap in the market", body="For people **and** dogs.")
    answer = submit_idea.sync_detailed(COUNCIL, challenge, client=resident, body=body, dry_run=True)
    would_be = taken("try an idea", answer, 200, WouldBe)
    must(would_be.state == IdeaState.HELD, f"it would be {would_be.state}")
    step(f"Tried: it would be held, and answered by {would_be.answer_due_at.isoformat()}.")

    key = f"python-{uuid.uuid4()}"
    answer = submit_idea.sync_detailed(COUNCIL, challenge, client=resident, body=body, idempotency_key=key)
    idea = taken("submit", answer, 201, IdeaView)
    must(idea.state == IdeaState.HELD and idea.status == IdeaStatus.AWAITING_ANSWER, f"it is {idea.state}, {idea.status}")
    must(idea.title == body.title and idea.tombstone is UNSET, "it is not as submitted")
    must(answer.headers.get("location", "").endswith(str(idea.id)), "Location is not the idea")
    answer = submit_idea.sync_detailed(COUNCIL, challenge, client=resident, body=body, idempotency_key=key)
    must(taken("submit again", answer, 201, IdeaView).id == idea.id, "the same key made another idea")
    must(answer.headers.get("idempotency-replayed") == "true", "the replay does not say so")
    step(f"Submitted as {idea.number}; sent again with the same key it is the same.")

    refused("read a held idea", read_idea.sync_detailed(COUNCIL, str(idea.id), client=anybody), 404, "not_found")
    step("Nobody else sees it while it is held.")

    moderator = platform.signed_in("moderator")
    case = case_of(moderator, idea.id)
    must(case.reason == CaseReason.BEFORE_PUBLICATION and case.decision is None, "the case is not one that waits")
    decision = taken(
        "decide",
        decide_case.sync_detailed(
            COUNCIL,
            case.id,
            client=moderator,
            body=DecideCase(decision=DecisionKind.PUBLISH),
            if_match=f'"{case.version}"',
        ),
        201,
        DecisionView,
    )
    must(decision.item_state == IdeaState.PUBLISHED, f"it is {decision.item_state}")
    step("A moderator publishes it.")

    neighbour = platform.signed_in("resident22")
    first = support_idea.sync_detailed(COUNCIL, idea.number, client=neighbour, body=SupportIdea())
    must(taken("support", first, 201, SupportView).supports == 1, "the support is not counted")
    second = support_idea.sync_detailed(COUNCIL, idea.number, client=neighbour, body=SupportIdea())
    must(taken("support again", second, 200, SupportView).supports == 1, "one resident is counted twice")
    step("Another resident supports it, once however often it is sent.")

    officer = platform.signed_in("officer")
    read = read_idea.sync_detailed(COUNCIL, str(idea.id), client=officer)
    version = taken("read idea", read, 200, IdeaView).version
    etag = read.headers.get("etag", "")
    must(etag != "", "an idea has no ETag")
    words = AnswerIdea(kind=AnswerKind.ACCEPTED, office="Director of Place", reason="It will run **from May**.")
    stale = answer_idea.sync_detailed(COUNCIL, str(idea.id), client=officer, body=words, if_match=f'"{version + 1}"')
    refused("answer another version", stale, 412, "changed")
    fresh = answer_idea.sync_detailed(COUNCIL, str(idea.id), client=officer, body=words, if_match=etag)
    given = taken("answer", fresh, 201, AnswerView)
    must(given.kind == AnswerKind.ACCEPTED and given.idea == idea.id, "it is not the answer that was given")
    must(given.revision == 1, f"the first answer is revision {given.revision}")
    step("An officer answers the version that was read, and no other.")

    listed = list_answers.sync_detailed(COUNCIL, str(idea.id), client=resident)
    answers = taken("list answers", listed, 200, PageAnswerView)
    must(any(one.id == given.id and "<strong>" in one.reason_html for one in answers.items), "the answer is not listed")
    answered = taken("read idea", read_idea.sync_detailed(COUNCIL, str(idea.id), client=resident), 200, IdeaView)
    must(answered.status == IdeaStatus.ACCEPTED and answered.supports == 1, f"its status is {answered.status}")
    asked = read_state.sync_detailed(COUNCIL, client=resident, ideas=str(idea.id), challenges=str(challenge))
    standing = taken("read state", asked, 200, StateView).ideas[0]
    must(standing.mine and not standing.supported, "it is not the idea of its author")
    must(standing.can.support.allowed and standing.can.answer.code == "forbidden", "its author may not what residents may")
    step("Its author reads the answer, and what may be done now.")

    after = followed(anybody, after, idea.id, [EntryKind.IDEA_PUBLISHED, EntryKind.IDEA_ANSWERED])
    step(f"The change feed tells both, and is at {after}.")

    feed = taken("read feed", read_feedback_feed.sync_detailed(COUNCIL, client=anybody), 200, str)
    must("<feed" in feed, "the feed is no feed")
    step("The feed is Atom.")

    must(sign_out.sync_detailed(COUNCIL, client=resident).status_code == 204, "signing out fails")
    refused("read own account signed out", read_own_account.sync_detailed(COUNCIL, client=resident), 401, "bad_token")
    step("The resident signs out, and the token is good no more.")


if __name__ == "__main__":
    try:
        main()
    except Exception as error:  # Whatever it is, the step after which it came is worth more than a traceback.
        sys.exit(f"FAILED after step {steps}: {type(error).__name__}: {error}")
