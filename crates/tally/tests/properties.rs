//! What every rule promises, held against elections drawn by chance.
#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it has to be")]

use folkmoot_tally::equal_shares::{Completion, Terms, Utility, equal_shares};
use folkmoot_tally::greedy::{Turn, greedy};
use folkmoot_tally::ranking::schulze;
use folkmoot_tally::stv::{VOTE, irv, stv};
use folkmoot_tally::totals::totals;
use folkmoot_tally::{Ballot, Candidate, Form, Mark, Means, Profile, Rule, TieOrder, Told, Unfit, count};
use proptest::prelude::*;

const UTILITIES: [Utility; 2] = [Utility::Cost, Utility::Cardinality];
const COMPLETIONS: [Completion; 5] =
    [Completion::None, Completion::Add1, Completion::Add1u, Completion::Utilitarian, Completion::Phragmen];

/// Candidates with costs, ballots that are fit for any form, and a budget.
#[derive(Clone, Debug)]
struct Drawn {
    costs: Vec<u64>,
    ballots: Vec<Vec<(usize, u64)>>,
    budget: u64,
}

impl Drawn {
    fn candidates(&self) -> Vec<Candidate> {
        self.costs.iter().enumerate().map(|(n, cost)| Candidate::costing(format!("c{n}"), *cost)).collect()
    }

    fn profile(&self, form: Form) -> Profile {
        Profile::new(form, self.candidates(), self.ballots.iter().map(|one| Ballot::points(one.clone())).collect())
            .unwrap()
    }

    /// The same ballots in another order.
    fn turned(&self, by: usize) -> Self {
        let mut other = self.clone();
        other.ballots.rotate_left(by % self.ballots.len().max(1));
        other.ballots.reverse();
        other
    }
}

fn drawn() -> impl Strategy<Value = Drawn> {
    (2..8_usize).prop_flat_map(|count| {
        let mark = prop::collection::vec(1..6_u64, count);
        let order = Just((0..count).collect::<Vec<_>>()).prop_shuffle();
        let ballot = (order, mark, 0..=count)
            .prop_map(|(order, points, length)| order.into_iter().zip(points).take(length).collect::<Vec<_>>());
        let costs = prop::collection::vec(prop_oneof![1..20_u64, Just(10_u64)], count);
        (costs, prop::collection::vec(ballot, 0..40), 1..80_u64).prop_map(|(costs, ballots, budget)| Drawn {
            costs,
            ballots,
            budget,
        })
    })
}

fn terms(drawn: &Drawn, utility: Utility, completion: Completion) -> Terms {
    Terms { budget: drawn.budget, unit: 1, utility, completion, comparison: false, order: TieOrder::MoreVotes }
}

fn every_rule() -> Vec<(Form, Rule)> {
    let shares =
        |utility, completion| Rule::EqualShares { utility, completion, comparison: completion == Completion::Add1 };
    let mut rules = vec![
        (Form::Approval, Rule::Totals),
        (Form::Points, Rule::Totals),
        (Form::Ranked, Rule::Totals),
        (Form::Approval, Rule::Greedy),
        (Form::Score, Rule::GreedyNoSkip),
        (Form::Ranked, Rule::Stv),
        (Form::Ranked, Rule::Irv),
        (Form::Ranked, Rule::Schulze),
        (Form::Points, shares(Utility::Score, Completion::Add1u)),
        (Form::Ranked, shares(Utility::Borda, Completion::Utilitarian)),
    ];
    rules.extend(UTILITIES.iter().flat_map(|one| COMPLETIONS.map(|other| (Form::Approval, shares(*one, other)))));
    rules
}

fn counted(drawn: &Drawn, form: Form, rule: Rule, order: TieOrder) -> Told {
    let means = Means { budget: drawn.budget, unit: 1, seats: 2, order };
    count(&drawn.profile(form), rule, &means, |_| {}).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

    #[test]
    fn the_order_in_which_ballots_come_changes_nothing(drawn in drawn(), by in 0..40_usize) {
        for (form, rule) in every_rule() {
            for order in [TieOrder::LowerCost, TieOrder::DrawnLots("1f".into())] {
                let told = counted(&drawn, form, rule, order.clone());
                prop_assert_eq!(&told, &counted(&drawn.turned(by), form, rule, order), "{:?}", rule);
            }
        }
    }

    #[test]
    fn no_more_is_spent_than_there_is(drawn in drawn()) {
        for (form, rule) in every_rule() {
            if matches!(rule, Rule::Greedy | Rule::GreedyNoSkip | Rule::EqualShares { .. }) {
                let told = counted(&drawn, form, rule, TieOrder::MoreVotes);
                let spent: u64 = told.winners.iter().map(|id| drawn.costs[id[1..].parse::<usize>().unwrap()]).sum();
                prop_assert!(spent <= drawn.budget, "{:?} spends {} of {}", rule, spent, drawn.budget);
                let mut once = told.winners.clone();
                once.sort();
                once.dedup();
                prop_assert_eq!(once.len(), told.winners.len(), "{:?} pays twice", rule);
            }
        }
    }

    #[test]
    fn equal_shares_takes_from_no_voter_more_than_their_share_and_pays_exactly_what_things_cost(drawn in drawn()) {
        let profile = drawn.profile(Form::Approval);
        for utility in UTILITIES {
            let outcome = equal_shares(&profile, &terms(&drawn, utility, Completion::None), |_| {});
            // The same again in plain fractions, from the rounds alone: who pays the most, and who all they have.
            let voters = i128::from(profile.voters());
            let mut purses: Vec<Fraction> =
                drawn.ballots.iter().map(|_| Fraction::new(i128::from(drawn.budget), voters.max(1))).collect();
            for round in &outcome.rounds {
                let supporters: Vec<usize> = (0..drawn.ballots.len())
                    .filter(|n| drawn.ballots[*n].iter().any(|(candidate, _)| *candidate == round.candidate))
                    .collect();
                let cost = i128::from(drawn.costs[round.candidate]);
                let pays = fair_share(cost, supporters.iter().map(|n| purses[*n]).collect()).unwrap();
                let mut paid = Fraction::new(0, 1);
                for n in supporters {
                    let own = purses[n].min(pays);
                    purses[n] = purses[n].minus(own);
                    paid = paid.plus(own);
                    prop_assert!(purses[n] >= Fraction::new(0, 1));
                }
                prop_assert_eq!(paid, Fraction::new(cost, 1));
                prop_assert_eq!(round.most.hundredths(), pays.hundredths());
            }
            for left in &outcome.unfunded {
                let all = (0..drawn.ballots.len()).filter(|n| drawn.ballots[*n].iter().any(|(one, _)| *one == left.candidate));
                let sum = all.fold(Fraction::new(0, 1), |sum, n| sum.plus(purses[n]));
                prop_assert_eq!(left.left.hundredths(), sum.hundredths());
                prop_assert!(sum < Fraction::new(i128::from(left.cost), 1), "what they can pay for is bought");
            }
        }
    }

    #[test]
    fn transferable_votes_are_conserved_together_with_what_is_lost_by_truncating(drawn in drawn(), seats in 1..4_usize) {
        let profile = drawn.profile(Form::Ranked);
        let cast = VOTE * u64::try_from(drawn.ballots.iter().filter(|one| !one.is_empty()).count()).unwrap();
        for rounds in [stv(&profile, seats, &TieOrder::Lexicographic).outcome.rounds, irv(&profile, &TieOrder::Lexicographic).rounds] {
            let mut lost = 0;
            for stage in rounds {
                prop_assert_eq!(stage.votes.iter().sum::<u64>() + stage.exhausted + stage.lost, cast);
                prop_assert!(stage.lost >= lost && stage.lost - lost < VOTE);
                lost = stage.lost;
            }
        }
    }

    #[test]
    fn as_many_are_elected_as_there_are_seats_and_whoever_has_the_quota_is(drawn in drawn(), seats in 1..4_usize) {
        let profile = drawn.profile(Form::Ranked);
        let counted = stv(&profile, seats, &TieOrder::Lexicographic);
        let voted = drawn.ballots.iter().any(|ballot| !ballot.is_empty());
        prop_assert_eq!(counted.outcome.winners.len(), if voted { seats.min(drawn.costs.len()) } else { 0 });
        for (n, first) in profile.first_preferences().into_iter().enumerate() {
            prop_assert!(first < counted.quota || counted.outcome.winners.contains(&n));
        }
        prop_assert_eq!(irv(&profile, &TieOrder::Lexicographic).winners.len(), usize::from(voted));
    }

    #[test]
    fn more_support_never_hurts_by_votes_points_and_greedy(drawn in drawn(), voter in 0..40_usize) {
        for form in [Form::Approval, Form::Points] {
            let order = TieOrder::LowerCost;
            let sum = |drawn: &Drawn| totals(&drawn.profile(form), 2, &order).winners;
            let paid = |drawn: &Drawn| greedy(&drawn.profile(form), drawn.budget, true, &order).winners;
            let before = (sum(&drawn), paid(&drawn));
            for candidate in 0..drawn.costs.len() {
                let mut more = drawn.clone();
                let Some(ballot) = more.ballots.get_mut(voter) else { continue };
                if ballot.iter().any(|(one, _)| *one == candidate) {
                    continue;
                }
                ballot.push((candidate, 3));
                prop_assert!(!before.0.contains(&candidate) || sum(&more).contains(&candidate));
                prop_assert!(!before.1.contains(&candidate) || paid(&more).contains(&candidate));
            }
        }
    }

    #[test]
    fn whoever_beats_each_other_candidate_wins_by_schulze_and_raising_them_never_hurts(drawn in drawn(), voter in 0..40_usize) {
        let order = TieOrder::Lexicographic;
        let profile = drawn.profile(Form::Ranked);
        let preferred = folkmoot_tally::ranking::preferences(&profile);
        let Some(winner) = schulze(&profile, 1, &order).winners.first().copied() else { return Ok(()) };
        let best = (0..drawn.costs.len()).find(|one| {
            (0..drawn.costs.len()).all(|other| other == *one || preferred[*one][other] > preferred[other][*one])
        });
        prop_assert!(best.is_none_or(|best| best == winner));
        let mut raised = drawn.clone();
        if let Some(ballot) = raised.ballots.get_mut(voter) {
            ballot.retain(|(one, _)| *one != winner);
            ballot.insert(0, (winner, 1));
            let outcome = schulze(&raised.profile(Form::Ranked), 1, &order);
            prop_assert!(outcome.winners[0] == winner || !outcome.ties_broken.is_empty());
        }
    }

    #[test]
    fn greedy_pays_for_the_most_wanted_that_there_is_money_for(drawn in drawn()) {
        let profile = drawn.profile(Form::Approval);
        let totals = profile.totals();
        let outcome = greedy(&profile, drawn.budget, true, &TieOrder::LowerCost);
        let mut left = drawn.budget;
        for pair in outcome.rounds.windows(2) {
            prop_assert!(pair[0].total >= pair[1].total);
        }
        for round in &outcome.rounds {
            prop_assert_eq!(round.left, left);
            prop_assert_eq!(round.turn == Turn::Funded, round.cost <= left);
            left -= if round.turn == Turn::Funded { round.cost } else { 0 };
        }
        prop_assert_eq!(outcome.rounds.len(), totals.iter().filter(|votes| **votes > 0).count());
    }

    #[test]
    fn no_bytes_make_the_readers_fall_over(bytes in prop::collection::vec(any::<u8>(), 0..300), text in "[0-9 \\-\\n\"a-z;,.METAPROJECTSVOTES]{0,300}") {
        let _ = folkmoot_tally::pabulib::read(bytes.as_slice()).is_ok();
        let _ = folkmoot_tally::pabulib::read(text.as_bytes()).is_ok();
        let _ = folkmoot_tally::blt::read(bytes.as_slice()).is_ok();
        let _ = folkmoot_tally::blt::read(text.as_bytes()).is_ok();
    }

    #[test]
    fn what_is_written_is_read_again(drawn in drawn()) {
        for form in [Form::Approval, Form::Points, Form::Ranked] {
            let profile = drawn.profile(form);
            let mut file = Vec::new();
            let meta = [("description", "semi;colons \"and\" quotes")];
            folkmoot_tally::pabulib::write(&mut file, &meta, 5025, 100, &profile).unwrap();
            let read = folkmoot_tally::pabulib::read(file.as_slice()).unwrap();
            // Costs of whole units are read as such; what they are is the same.
            let same = |profile: &Profile| {
                profile.candidates().iter().map(|one| one.cost).collect::<Vec<_>>()
            };
            prop_assert_eq!((read.profile.ballots(), read.profile.form()), (profile.ballots(), form));
            prop_assert_eq!((read.budget, read.unit, same(&read.profile)), (5025, 100, same(&profile)));
            prop_assert_eq!(&read.meta["description"], "semi;colons \"and\" quotes");
        }
        let profile = drawn.profile(Form::Ranked);
        let mut file = Vec::new();
        folkmoot_tally::blt::write(&mut file, "A \"ward\"", 2, &profile).unwrap();
        let read = folkmoot_tally::blt::read(file.as_slice()).unwrap();
        prop_assert_eq!((read.profile.ballots(), read.title.as_str(), read.seats), (profile.ballots(), "A \"ward\"", 2));
    }
}

/// What each pays so that together they pay a cost, and nobody more than they have.
fn fair_share(cost: i128, mut purses: Vec<Fraction>) -> Option<Fraction> {
    purses.sort();
    let mut rest = Fraction::new(cost, 1);
    for (n, purse) in purses.iter().enumerate() {
        let heads = i128::try_from(purses.len() - n).unwrap();
        let pays = Fraction::new(rest.0, rest.1 * heads);
        if pays <= *purse {
            return Some(pays);
        }
        rest = rest.minus(*purse);
    }
    None
}

/// A fraction in lowest terms, small enough for what is drawn here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Fraction(i128, i128);

impl Fraction {
    fn new(above: i128, below: i128) -> Self {
        let (mut one, mut other) = (above.abs(), below);
        while other != 0 {
            (one, other) = (other, one % other);
        }
        Self(above / one.max(1), below / one.max(1))
    }

    fn plus(self, other: Self) -> Self {
        Self::new(
            self.0.checked_mul(other.1).unwrap() + other.0.checked_mul(self.1).unwrap(),
            self.1.checked_mul(other.1).unwrap(),
        )
    }

    fn minus(self, other: Self) -> Self {
        self.plus(Self(-other.0, other.1))
    }

    fn hundredths(self) -> u64 {
        u64::try_from(self.0 * 100 / self.1).unwrap()
    }
}

impl PartialOrd for Fraction {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Fraction {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.checked_mul(other.1).unwrap().cmp(&other.0.checked_mul(self.1).unwrap())
    }
}

#[test]
fn what_cannot_be_counted_is_refused_by_name() {
    use folkmoot_tally::Fault;
    let two = || vec![Candidate::free("a"), Candidate::free("b")];
    let refused = |form, ballots| Profile::new(form, two(), ballots).unwrap_err();
    assert_eq!(refused(Form::Approval, vec![Ballot::of([0, 0])]), Fault::Twice { ballot: 0, id: "a".into() });
    assert_eq!(
        refused(Form::Approval, vec![Ballot::of([0]), Ballot::of([2])]),
        Fault::NoCandidate { ballot: 1, candidate: 2, candidates: 2 }
    );
    let many = Ballot { marks: vec![Mark { candidate: 0, points: 1 << 40 }], weight: 1 };
    assert_eq!(refused(Form::Points, vec![many]), Fault::TooManyPoints(0));
    let crowd = Ballot { weight: 1 << 40, ..Ballot::of([0]) };
    assert_eq!(refused(Form::Approval, vec![crowd]), Fault::TooManyVoters);
    let twins = vec![Candidate::free("a"), Candidate::free("a")];
    assert_eq!(Profile::new(Form::Approval, twins, vec![]).unwrap_err(), Fault::SameId("a".into()));
    let many = Profile::with_places(Form::Ranked, two(), vec![Ballot::of([0])], u64::MAX).unwrap_err();
    assert_eq!(many, Fault::TooManyPlaces(u64::MAX));
    let approval = Profile::new(Form::Approval, two(), vec![Ballot::of([1])]).unwrap();
    let means = Means { budget: 0, unit: 1, seats: 1, order: TieOrder::Lexicographic };
    assert_eq!(count(&approval, Rule::Stv, &means, |_| {}).unwrap_err(), Unfit::Form(Form::Approval));
}

fn approvals(costs: &[u64], ballots: &[&[usize]]) -> Profile {
    let candidates = costs.iter().enumerate().map(|(n, cost)| Candidate::costing(format!("c{n}"), *cost)).collect();
    Profile::new(Form::Approval, candidates, ballots.iter().map(|one| Ballot::of(one.iter().copied())).collect())
        .unwrap()
}

#[test]
fn a_tie_is_told_where_it_decided_something_and_only_there() {
    let ties = |profile: &Profile, budget, skip| greedy(profile, budget, skip, &TieOrder::Lexicographic).ties_broken;
    // One costs too much for all: the other two are both had, whoever comes first.
    assert_eq!(ties(&approvals(&[100, 5, 5], &[&[0], &[1], &[2]]), 10, true), []);
    let decides = ties(&approvals(&[6, 6, 100], &[&[0], &[1], &[2]]), 10, true);
    assert_eq!((decides[0].tied.as_slice(), decides[0].chosen), ([0, 1].as_slice(), 0));
    // Here the first that costs too much ends it all.
    assert_eq!(ties(&approvals(&[100, 5], &[&[0], &[1]]), 10, false)[0].chosen, 0);
    let ranked = |lines: &[(&[usize], u64)]| {
        let ballots =
            lines.iter().map(|(ranked, weight)| Ballot { weight: *weight, ..Ballot::of(ranked.iter().copied()) });
        Profile::new(Form::Ranked, (0..3).map(|n| Candidate::free(format!("c{n}"))).collect(), ballots.collect())
            .unwrap()
    };
    let all = ranked(&[(&[0], 2), (&[1], 2), (&[2], 2)]);
    assert_eq!(stv(&all, 3, &TieOrder::Lexicographic).outcome.ties_broken, [], "everybody is elected");
    assert_eq!(schulze(&all, 3, &TieOrder::Lexicographic).ties_broken, []);
    assert_eq!(schulze(&all, 2, &TieOrder::Lexicographic).ties_broken.len(), 2);
}

#[test]
fn nobody_wins_where_nobody_voted() {
    let profile = Profile::new(Form::Ranked, vec![Candidate::free("a")], vec![Ballot::of([])]).unwrap();
    let order = TieOrder::Lexicographic;
    assert!(stv(&profile, 1, &order).outcome.winners.is_empty() && irv(&profile, &order).winners.is_empty());
    assert!(schulze(&profile, 1, &order).winners.is_empty() && totals(&profile, 1, &order).winners.is_empty());
}

#[test]
fn lots_are_the_same_for_a_seed_wherever_they_are_drawn() {
    // As Python's hashlib has it.
    let profile = approvals(&[1, 1, 1, 1, 1], &[&[0, 1, 2, 3, 4]]);
    let first = |seed: &str| totals(&profile, 5, &TieOrder::DrawnLots(seed.into())).winners;
    assert_eq!(first("Aldermoor, 12 March 2027"), [1, 4, 3, 2, 0]);
    assert_ne!(first("Aldermoor, 13 March 2027"), [1, 4, 3, 2, 0]);
}

#[test]
fn the_mean_of_scores_is_of_all_who_gave_one_and_a_score_of_nothing_is_one() {
    let ballots = vec![Ballot::points([(0, 0)]), Ballot::points([(0, 4)]), Ballot::points([])];
    let profile = Profile::new(Form::Score, vec![Candidate::free("a")], ballots).unwrap();
    let line = totals(&profile, 1, &TieOrder::Lexicographic).rounds.remove(0);
    assert_eq!((line.total, line.supporters, line.mean_thousandths), (4, 1, Some(2_000)));
}

#[test]
fn shares_are_raised_no_further_where_nothing_more_fits_and_never_without_end() {
    let shares = |profile: &Profile, budget| {
        let terms = Terms {
            budget,
            unit: 1,
            utility: Utility::Cost,
            completion: Completion::Add1,
            comparison: false,
            order: TieOrder::MoreVotes,
        };
        equal_shares(profile, &terms, |_| {})
    };
    let costly = approvals(&[100, 9_000_000_000], &[&[0], &[1]]);
    assert_eq!(shares(&costly, 100).raised, 50, "then the first is bought, and for the other there is no money");
    let alone = approvals(&[10, 2_000_000], &[&[0], &[0], &[1]]);
    let outcome = shares(&alone, 2_000_010);
    assert_eq!(
        (outcome.winners.as_slice(), outcome.raised),
        ([0].as_slice(), folkmoot_tally::equal_shares::MAX_RAISES)
    );
}

#[test]
fn where_more_voters_have_more_of_the_greedy_outcome_it_wins_and_both_counts_are_told() {
    let profile = approvals(&[60, 50, 50], &[&[0], &[0], &[0], &[1], &[2]]);
    let terms = Terms {
        budget: 100,
        unit: 1,
        utility: Utility::Cost,
        completion: Completion::None,
        comparison: true,
        order: TieOrder::MoreVotes,
    };
    let outcome = equal_shares(&profile, &terms, |_| {});
    let compared = outcome.compared.unwrap();
    assert_eq!(
        (compared.equal_shares.as_slice(), compared.greedy.winners.as_slice()),
        ([0].as_slice(), [0].as_slice())
    );
    let costly = approvals(&[90, 30, 30], &[&[0, 1], &[0, 1], &[0, 2], &[0], &[1]]);
    let outcome = equal_shares(&costly, &Terms { budget: 90, ..terms }, |_| {});
    let compared = outcome.compared.unwrap();
    assert!(compared.prefer_greedy > compared.prefer_equal_shares, "{compared:?}");
    assert_eq!((outcome.winners.as_slice(), compared.greedy.rounds[0].candidate), ([0].as_slice(), 0));
    assert_ne!(outcome.rounds[0].candidate, 0, "what Equal Shares did is told all the same");
}

#[test]
fn whoever_gives_a_score_of_nothing_pays_for_nothing() {
    let candidates = vec![Candidate::costing("a", 10), Candidate::costing("b", 10)];
    let ballots = vec![Ballot::points([(0, 5), (1, 0)]), Ballot::points([(1, 0)])];
    let profile = Profile::new(Form::Score, candidates, ballots).unwrap();
    for completion in COMPLETIONS {
        for utility in UTILITIES {
            let terms =
                Terms { budget: 20, unit: 1, utility, completion, comparison: false, order: TieOrder::Lexicographic };
            assert_eq!(equal_shares(&profile, &terms, |_| {}).winners, [0], "{utility:?} {completion:?}");
        }
    }
}
