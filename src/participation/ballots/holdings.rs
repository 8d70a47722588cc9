//! What the tables of ballots hold of people.

use crate::holds;

holds! {
    ballot_papers: "What is put to the vote in a challenge, and by what rule.", [], Kept::WithOwner => {
        Nothing: council_id, challenge_id, version, rule, terms;
        Time: updated_at;
    }
}

holds! {
    ballot_options: "Which ideas are put to the vote, and what they cost.",
    [Of::Through { column: "idea_id", table: "ideas", owner: "author_id" }], Kept::WithOwner => {
        Nothing: council_id, challenge_id, position, cost;
        Identifier: idea_id;
    }
}

holds! {
    ballot_results: "How a vote came out, and the ballots without voters where a hundred or more were cast.", [], Kept::WithOwner => {
        Nothing: council_id, challenge_id, ballots, outcomes, withheld, file, sha256;
        Time: counted_at;
    }
}

holds! {
    ballots: "What counts in a vote. That somebody voted is in a copy of their data; what their ballot says is in nobody's.",
    [Of::Through { column: "voter_id", table: "voters", owner: "account_id" }], Kept::WithOwner => {
        Nothing: council_id, challenge_id, number, state;
        Identifier: id, voter_id;
        Secret: marks, salt, commitment;
        Time: cast_at;
    }
}
