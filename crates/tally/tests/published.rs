//! Real elections, counted as others have counted them.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test ends where something is not as it has to be")]

use folkmoot_tally::equal_shares::{Completion, Terms, Utility, equal_shares};
use folkmoot_tally::{Form, TieOrder, blt, pabulib, stv};

fn bought(file: &str, utility: Utility) -> Vec<String> {
    let election = pabulib::read(file.as_bytes()).unwrap();
    let (budget, unit) = (election.budget, election.unit);
    let terms = Terms {
        budget,
        unit,
        utility,
        completion: Completion::None,
        comparison: false,
        order: TieOrder::Lexicographic,
    };
    let winners = equal_shares(&election.profile, &terms, |_| {}).winners;
    let mut ids: Vec<String> = winners.into_iter().map(|one| election.profile.candidates()[one].id.clone()).collect();
    ids.sort();
    ids
}

#[test]
fn budgets_held_with_orders_and_with_points_come_out_as_pabutools_has_them() {
    let ordered = include_str!("data/Poland_Krakow_2018_Wzgorza_Krzeslawickie.pb");
    assert_eq!(bought(ordered, Utility::Borda), ["1", "4", "5", "6", "7"]);
    let pointed = include_str!("data/Poland_Katowice_2022_Osiedle_Paderewskiego_-_Muchowiec.pb");
    assert_eq!(bought(pointed, Utility::Score), ["L4/02/IX", "L4/03/IX", "L4/04/IX", "L4/10/IX"]);
}

#[test]
fn votes_and_points_add_up_to_what_the_files_say() {
    for file in [
        include_str!("data/Poland_Krakow_2018_Wzgorza_Krzeslawickie.pb"),
        include_str!("data/Poland_Katowice_2022_Osiedle_Paderewskiego_-_Muchowiec.pb"),
    ] {
        let election = pabulib::read(file.as_bytes()).unwrap();
        let (totals, supporters) = (election.profile.totals(), election.profile.supporters());
        for (n, told) in election.projects.iter().enumerate() {
            assert_eq!(
                (totals[n].to_string(), supporters[n].to_string()),
                (told["score"].clone(), told["votes"].clone())
            );
        }
    }
}

#[test]
fn a_ward_elects_whom_it_elected() {
    let election = blt::read(include_bytes!("data/aberdeenshire_2012_ward18.blt").as_slice()).unwrap();
    assert_eq!((election.profile.form(), election.seats), (Form::Ranked, 4));
    let counted = stv::stv(&election.profile, election.seats, &TieOrder::Lexicographic);
    let names: Vec<&str> =
        counted.outcome.winners.iter().map(|one| election.profile.candidates()[*one].id.as_str()).collect();
    assert_eq!(names, ["1", "4", "2", "3"]);
    assert!(counted.outcome.ties_broken.is_empty());
}

#[test]
fn what_is_wrong_with_a_file_is_told_with_its_line() {
    let file = include_str!("data/Poland_Krakow_2018_Wzgorza_Krzeslawickie.pb");
    let told = |file: &str| pabulib::read(file.as_bytes()).unwrap_err().to_string();
    assert_eq!(told(&file.replace("9;1,4,2;paper", "9;1,4,99;paper")), "line 33: there is no project \"99\"");
    assert_eq!(
        told(&file.replace("9;1,4,2;paper\n", "")),
        "META says num_votes 755, and there are 754: is the file whole?"
    );
    assert_eq!(told("META\nkey;value\n"), "there is no PROJECTS");
    assert_eq!(told(&file.replace("9;1,4,2;paper", "9;1,4,1;paper")), "line 33: it marks \"1\" twice");
    assert_eq!(told(&file.replace("23;3,1,8;paper", "9;3,1,8;paper")), "line 34: the voter \"9\" is there twice");
    assert_eq!(told(&file.replace("budget;128000", "budget;128000\nbudget;5")), "line 12: META says the budget twice");
    assert_eq!(
        told(&file.replace("budget;128000", "budget;1.1234567")),
        "META: \"1.1234567\" is no amount that can be counted"
    );
    let told = |file: &str| blt::read(file.as_bytes()).unwrap_err().to_string();
    assert_eq!(told("2 1\n3 1 2\n0\n"), "line 2: a ballot ends in 0");
    assert_eq!(told("2 1\n3 1=2 0\n0\n"), "line 2: it has to be whole numbers; equal ranks are not counted");
    assert_eq!(told("2 1\n3 1 0\n0\n\"A\"\n"), "the file ends before the last name");
    assert_eq!(told("2 1\n3 1 0\n0\n\"A\" \"B\"\n\"T\"\n"), "line 4: it has to be one name, in quotation marks");
    assert_eq!(told("2 x 1\n"), "line 1: it has to be the number of candidates and that of seats");
    assert_eq!(told("2 0\n"), "line 1: nobody is to be elected");
    assert_eq!(told("1 1\n-9223372036854775808\n"), "line 2: it names a candidate that there is not");
}

#[test]
fn who_has_withdrawn_is_on_no_ballot_any_more() {
    let file = "3 1\n-2\n4 2 1 0\n3 3 0\n0\n\"A\"\n\"B\"\n\"C\"\n\"T\"\n";
    let election = blt::read(file.as_bytes()).unwrap();
    let ids: Vec<&str> = election.profile.candidates().iter().map(|one| one.id.as_str()).collect();
    assert_eq!((election.withdrawn.as_slice(), ids.as_slice()), ([2].as_slice(), ["1", "3"].as_slice()));
    assert_eq!(election.profile.first_preferences(), [4, 3]);
    // Whoever has withdrawn takes no seat, however many there are.
    assert_eq!(stv::stv(&election.profile, 3, &TieOrder::Lexicographic).outcome.winners, [0, 1]);
}
