"""Elections drawn by chance and real ones, counted by Folkmoot and by programs of others, which must agree.

    python tests/tally/peers.py FOLKMOOT [--elections N] [--seed N] [FILE ...]

Equal Shares and greedy: pabutools (exact fractions), and for `add1` and `greedy_no_skip` plain ones below. STV: stvpoll. Instant runoff: pyrankvote. Schulze and Borda: votelib.
Where a count met a tie that the others break by lot, or not at all, it is not compared; how many were is told. Nor is STV compared where
two reached the quota at one stage: stvpoll then transfers to whoever is elected already, and the Order of 2007 only to those who are not.
"""

import argparse
import collections
import json
import pathlib
import random
import subprocess
import sys
import tempfile
from fractions import Fraction

import pyrankvote
import votelib.convert
import votelib.evaluate.condorcet
import votelib.evaluate.core
from pabutools.election import Additive_Borda_Sat, Additive_Cardinal_Sat, Cardinality_Sat, Cost_Sat, parse_pabulib
from pabutools.rules import completion_by_rule_combination, greedy_utilitarian_welfare, method_of_equal_shares, sequential_phragmen
from stvpoll.scottish_stv import calculate_scottish_stv

compared = collections.Counter()
left_out = collections.Counter()


def folkmoot(path, *options):
    said = subprocess.run([PROGRAM, "tally", str(path), "--json", *options], capture_output=True, text=True)
    if said.returncode:
        sys.exit(f"{path} {options}: {said.stderr}")
    return json.loads(said.stdout)


def agree(what, path, ours, theirs):
    compared[what] += 1
    if ours != theirs:
        sys.exit(f"{what} of {path}: {ours} here, {theirs} there\n{pathlib.Path(path).read_text()[:5_000]}")


def drawn_budget(chance, kind):
    """A small participatory budget; costs are few and round, so that there are ties."""
    projects, voters = chance.randint(2, 9), chance.randint(1, 30)
    costs = [chance.choice([1, 2, 3, 5, 8, 10, 12]) * chance.choice([1, 10]) for _ in range(projects)]
    meta = {"description": "drawn", "num_projects": projects, "num_votes": voters, "budget": chance.randint(5, 120), "vote_type": kind, "rule": "greedy"}
    lines = ["META", "key;value", *(f"{key};{value}" for key, value in meta.items()), "PROJECTS", "project_id;cost"]
    lines += [f"p{n};{cost}" for n, cost in enumerate(costs)]
    lines += ["VOTES", "voter_id;vote;points" if kind == "cumulative" else "voter_id;vote"]
    for voter in range(voters):
        chosen = chance.sample(range(projects), chance.randint(1, projects))
        row = f"{voter};{','.join(f'p{n}' for n in chosen)}"
        lines.append(row + (";" + ",".join(str(chance.randint(1, 5)) for _ in chosen) if kind == "cumulative" else ""))
    return "\n".join(lines) + "\n"


def budget(path, kind):
    election, ballots = parse_pabulib(str(path))
    names = lambda chosen: sorted(project.name for project in chosen)
    ours = lambda *options: sorted(folkmoot(path, "--ties", "lexicographic", *options)["winners"])
    shares = lambda completion, utility: ours("--rule", "equal_shares", "--completion", completion, "--utility", utility)
    if kind == "approval":
        agree("equal_shares/none/cost", path, shares("none", "cost"), names(method_of_equal_shares(election, ballots, Cost_Sat)))
        agree("equal_shares/none/cardinality", path, shares("none", "cardinality"), names(method_of_equal_shares(election, ballots, Cardinality_Sat)))
        for completion, rule, more in [("utilitarian", greedy_utilitarian_welfare, {"sat_class": Cost_Sat}), ("phragmen", sequential_phragmen, {})]:
            theirs = completion_by_rule_combination(election, ballots, [method_of_equal_shares, rule], [{"sat_class": Cost_Sat}, more])
            agree(f"equal_shares/{completion}/cost", path, shares(completion, "cost"), wanted_by_somebody(names(theirs), ballots))
        costs = {project.name: int(project.cost) for project in election}
        supporters = {name: [voter for voter, ballot in enumerate(ballots) if name in {project.name for project in ballot}] for name in costs}
        agree("equal_shares/add1/cost", path, shares("add1", "cost"), sorted(raised(costs, supporters, len(ballots), int(election.budget_limit))))
        agree("greedy_no_skip", path, ours("--rule", "greedy_no_skip"), sorted(stopping(costs, supporters, int(election.budget_limit))))
        agree("greedy", path, ours("--rule", "greedy"), wanted_by_somebody(names(greedy_utilitarian_welfare(election, ballots, Cost_Sat)), ballots))
    elif kind == "cumulative":
        agree("equal_shares/none/score", path, shares("none", "score"), names(method_of_equal_shares(election, ballots, Additive_Cardinal_Sat)))
    else:
        agree("equal_shares/none/borda", path, shares("none", "borda"), names(method_of_equal_shares(election, ballots, Additive_Borda_Sat)))


def bought(costs, supporters, voters, share):
    """Equal Shares with cost utility in plain fractions: what is bought, in order; ties by id."""
    left, open_ = [share] * voters, {name for name in costs if supporters[name]}
    chosen = []
    while True:
        offers = []
        for name in open_:
            purses = sorted(left[voter] for voter in supporters[name])
            rest, heads = Fraction(costs[name]), len(purses)
            for purse in purses:
                if purse * heads >= rest:
                    offers.append((rest / heads / costs[name], name, rest / heads))
                    break
                rest, heads = rest - purse, heads - 1
        if not offers:
            return chosen
        _, name, pays = min(offers)
        for voter in supporters[name]:
            left[voter] -= min(left[voter], pays)
        chosen.append(name)
        open_.discard(name)


def raised(costs, supporters, voters, budget):
    """Equal Shares with add1, for which no program of others is at hand here: whole units, until nothing more fits or it is too much."""
    cost = lambda chosen: sum(costs[name] for name in chosen)
    chosen, share = bought(costs, supporters, voters, Fraction(budget, voters)), budget // voters
    while any(supporters[name] and name not in chosen and cost(chosen) + costs[name] <= budget for name in costs):
        share += 1
        more = bought(costs, supporters, voters, Fraction(share))
        if cost(more) > budget:
            break
        chosen = more
    return chosen


def stopping(costs, supporters, budget):
    """Greedy that ends at the first that costs too much; ties by id."""
    chosen = []
    for name in sorted((name for name in costs if supporters[name]), key=lambda name: (-len(supporters[name]), name)):
        if costs[name] > budget:
            break
        budget -= costs[name]
        chosen.append(name)
    return chosen


def wanted_by_somebody(chosen, ballots):
    """Others pay, where money is left, also for what nobody voted for."""
    wanted = {project.name for ballot in ballots for project in ballot}
    return [name for name in chosen if name in wanted]


def drawn_ranking(chance):
    candidates, seats = chance.randint(2, 7), chance.randint(1, 3)
    lines = [f"{candidates} {seats}"]
    for _ in range(chance.randint(3, 60)):
        ranked = chance.sample(range(1, candidates + 1), chance.randint(1, candidates))
        lines.append(f"{chance.randint(1, 9)} {' '.join(map(str, ranked))} 0")
    return "\n".join([*lines, "0", *(f'"Candidate {n + 1}"' for n in range(candidates)), '"drawn"']) + "\n"


def read_ranking(path):
    lines = [line.strip() for line in pathlib.Path(path).read_text().splitlines() if line.strip()]
    candidates, seats = map(int, lines[0].split())
    ballots = collections.Counter()
    for line in lines[1 : lines.index("0")]:
        weight, *ranked, _ = line.split()
        ballots[tuple(ranked)] += int(weight)
    return [str(n + 1) for n in range(candidates)], seats, ballots


def ranking(path):
    candidates, seats, ballots = read_ranking(path)

    def ours(rule, seats=seats):
        counted = folkmoot(path, "--rule", rule, *([] if rule == "irv" else ["--seats", str(min(seats, len(candidates)))]))
        at_once = any(len(stage["elected"]) > 1 and stage["next"] for stage in counted["rounds"]) if rule == "stv" else False
        apart = bool(counted["ties_broken"]) or (at_once and "drawn" in pathlib.Path(path).read_text())
        left_out[rule] += apart
        return None if apart else counted["winners"]

    elected = ours("stv")
    if elected is not None and seats < len(candidates):
        theirs = calculate_scottish_stv(candidates, [(ranked, weight) for ranked, weight in ballots.items()], seats, allow_random=False)
        agree("stv", path, sorted(elected), sorted(theirs.elected_as_tuple()))
    winner = ours("irv")
    if winner is not None:
        people = {name: pyrankvote.Candidate(name) for name in candidates}
        papers = [pyrankvote.Ballot([people[name] for name in ranked]) for ranked, weight in ballots.items() for _ in range(weight)]
        theirs = pyrankvote.instant_runoff_voting(list(people.values()), papers).get_winners()
        agree("irv", path, winner, [one.name for one in theirs])
    best = ours("schulze", 1)
    if best is not None:
        pairs = votelib.convert.RankedToCondorcetVotes().convert(dict(ballots))
        agree("schulze", path, best, [votelib.evaluate.condorcet.Schulze().evaluate(pairs, 1)[0]])
    best = ours("borda", 1)
    if best is not None:
        scorer = votelib.component.rankscore.Borda(base=1)
        scorer.set_n_candidates(len(candidates))
        points = collections.Counter()
        for ranked, weight in ballots.items():
            for name, point in zip(ranked, scorer.scores(len(candidates))):
                points[name] += point * weight
        agree("borda", path, best, [max(points, key=points.get)])


def main():
    global PROGRAM
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("files", nargs="*")
    parser.add_argument("--elections", type=int, default=20)
    parser.add_argument("--seed", type=int, default=random.randrange(2**32))
    chosen = parser.parse_args()
    PROGRAM = chosen.program
    print(f"Seed {chosen.seed}.", flush=True)
    chance = random.Random(chosen.seed)
    with tempfile.TemporaryDirectory() as place:
        for n in range(chosen.elections):
            for kind in ["approval", "cumulative", "ordinal"]:
                path = pathlib.Path(place, f"{n}-{kind}.pb")
                path.write_text(drawn_budget(chance, kind))
                budget(path, kind)
            path = pathlib.Path(place, f"{n}.blt")
            path.write_text(drawn_ranking(chance))
            ranking(path)
    for path in chosen.files:
        ranking(path)
    for what, many in sorted(compared.items()):
        print(f"{what}: {many} agree" + (f", {left_out[what]} were not compared" if left_out[what] else ""))


main()
