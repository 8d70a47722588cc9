//! What people in Aldermoor have written: residents their ideas, the council its answers. All of it is invented.

use super::deeds::{Asked, Days};
use crate::vocabulary::AnswerKind::{
    self, Accepted, AlreadyDone, Declined, NeedsInformation, OutOfScope, PartlyAccepted,
};
use crate::vocabulary::{Stance, ThemeEffect};

/// A title and what it is about.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wording {
    pub(super) title: &'static str,
    pub(super) body: &'static str,
}

/// A vote on what money is spent on.
pub(super) const SHARED: Asked = Asked {
    title: "Forty thousand pounds for Mill Lane",
    question: "What shall we spend forty thousand pounds on in Mill Lane?",
    body: "Twenty days for ideas, then fifteen to vote. Choose what you like for **forty thousand pounds in all**. Everybody has an equal share \
           of the money, and what is chosen is paid for from the shares of those who voted for it.",
    decided: "That forty thousand pounds are spent in Mill Lane this year. On what, you say.",
    answer_within_days: 40,
    days: Some(Days { ideation: 20, support: 35, outcome: 60, votes: true }),
};

/// What is put to the vote there, and what it costs in pence.
pub(super) const WORTH: [(Wording, i64); 4] = [
    (
        Wording {
            title: "A raised crossing in front of the bakery",
            body: "Where everybody crosses anyway, and where nobody can see round the parked vans.",
        },
        2_400_000,
    ),
    (
        Wording {
            title: "Six lime trees on the sunny side",
            body: "In August the pavement is too hot for dogs. Trees were there until 1971; the holes are under the tarmac still.",
        },
        1_100_000,
    ),
    (
        Wording {
            title: "Three benches, one of them with arms to get up by",
            body: "Between the surgery and the bus there is nowhere to sit, and it is half a mile.",
        },
        600_000,
    ),
    (
        Wording {
            title: "A water tap and a bowl for dogs",
            body: "At the corner of the green, where the old pump was.",
        },
        450_000,
    ),
];

/// What ballots choose there, over and over.
pub(super) const CHOSEN: [&[usize]; 7] = [&[0, 1], &[0, 2, 3], &[1, 2], &[0, 1, 3], &[2, 3], &[0], &[1, 2, 3]];

/// What nobody asked for is asked for all the time.
pub(super) const DOOR: Asked = Asked {
    title: "The open door",
    question: "What should we deal with that we have not asked you about?",
    body: "Write what is on your mind, and support what others write. **Twelve people are enough**: then we decide, within \
           twenty working days, and say here what we decided and why.",
    decided: "Nothing. That is what this door is for.",
    answer_within_days: 20,
    days: None,
};

/// What is settled before the others are asked.
pub(super) const DECIDED: &str =
    "That there is money for three of the things you ask for within a year. Which, is open.";

/// What the council made of an idea at the open door.
#[derive(Clone, Copy, Debug)]
pub(super) enum Became {
    /// It has not decided.
    Waits,
    /// It said so.
    Answered(AnswerKind, &'static str),
    /// A challenge is being drafted of it.
    TakenUp(&'static str),
}

/// An idea at the open door, and what came of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Unasked {
    pub(super) idea: Wording,
    pub(super) backers: usize,
    /// Days before now that it came.
    pub(super) before: u64,
    /// Days between the idea and the decision.
    pub(super) after: u64,
    pub(super) becomes: Became,
}

/// What came to the open door: five ideas, of which four were raised.
pub(super) const UNASKED: [Unasked; 5] = [
    Unasked {
        idea: Wording {
            title: "Toilets at the market that are open when the market is",
            body: "The market begins at seven, and the toilets in Church Street open at ten. Whoever sells there, or is old, or \
                   comes with children, has nowhere to go for three hours.",
        },
        backers: 23,
        before: 60,
        after: 12,
        becomes: Became::TakenUp(
            "So many want it, and there are several ways to do it, that we ask everybody which: open earlier, build at the \
             market, or pay cafés that let anybody in. The challenge is being drafted.",
        ),
    },
    Unasked {
        idea: Wording {
            title: "Say when there will be fireworks",
            body: "Dogs, horses and some people who have been in wars cannot bear them. Nobody asks that there be none. A list on \
                   the borough's page, a week before, would be enough.",
        },
        backers: 15,
        before: 40,
        after: 9,
        becomes: Became::Answered(
            PartlyAccepted,
            "Yes for those that need our leave: they have been on our page a week before since the first of the month. Of \
             fireworks in private gardens we know nothing beforehand.",
        ),
    },
    Unasked {
        idea: Wording {
            title: "A bus back from the hospital after nine in the evening",
            body: "Visiting ends at eight, and the last 14 leaves at twenty to nine. After that it is a taxi for eighteen pounds, \
                   or an hour's walk along the ring road.",
        },
        backers: 19,
        before: 33,
        after: 17,
        becomes: Became::Answered(
            Declined,
            "No, not from us: the county orders the 14, and an evening bus costs 90,000 pounds a year, which is twice what we \
             have for transport. We have asked the county for it in writing; their answer will stand here.",
        ),
    },
    Unasked {
        idea: Wording {
            title: "Let the library lend tools, too",
            body: "A drill is used for twelve minutes in its life. The library lends books, games and a sewing machine; a shelf of \
                   tools would be next to nothing.",
        },
        backers: 14,
        before: 6,
        after: 0,
        becomes: Became::Waits,
    },
    Unasked {
        idea: Wording {
            title: "Name the new footbridge after Ada Holt",
            body: "She counted the birds of the lower meadows for fifty years, and stood on the old bridge to do it.",
        },
        backers: 7,
        before: 5,
        after: 0,
        becomes: Became::Waits,
    },
];

/// An idea of the challenge that is over, and what the council said to it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Answered {
    pub(super) idea: Wording,
    pub(super) kind: AnswerKind,
    pub(super) reason: &'static str,
    /// Days between the idea and its answer.
    pub(super) after: u64,
}

const fn answered(
    title: &'static str,
    body: &'static str,
    kind: AnswerKind,
    after: u64,
    reason: &'static str,
) -> Answered {
    Answered { idea: Wording { title, body }, kind, reason, after }
}

/// The challenge that is over; the first two lead to commitments, and one answer came late.
pub(super) const FINISHED: [Answered; 12] = [
    answered(
        "A zebra crossing outside Mill Lane School",
        "Two hundred children cross Mill Lane between half past eight and nine, and **nobody stops for them**. A zebra \
         crossing at the school gate would do.",
        Accepted,
        17,
        "Yes. Our count in May found 212 children and 640 cars in that half hour, which is well above what we ask for. The \
         crossing is paid for from this year's road safety money.",
    ),
    answered(
        "Benches along the canal path",
        "From the lock to the station there is nowhere to sit for over a mile. My mother would walk it again if she could \
         rest half way. Four benches, please.",
        PartlyAccepted,
        15,
        "In part. We can put up **two** benches now, at the lock and at Tanner's Bridge, on ground that is ours. The other \
         two places belong to the canal's owner, who has not agreed so far.",
    ),
    answered(
        "Let the library stay open until eight on Thursdays",
        "Those who work until half past five never see the inside of the library. One late evening a week would be enough.",
        Declined,
        18,
        "No, not this year. A late evening needs two more members of staff, about £21,000 a year, and the library's budget is \
         spent. We looked at opening later in the morning instead, but the mornings are when families come. We will look again \
         when the budget is made in February.",
    ),
    answered(
        "Build a second doctors' surgery in Harbour ward",
        "It takes three weeks to see a doctor. With all the new homes on the quay we need another surgery.",
        OutOfScope,
        9,
        "The borough does not run surgeries or pay for them, and cannot promise one. We have sent this idea, with the number of \
         homes that are planned on the quay, to those in the health service who decide.",
    ),
    answered(
        "Dog bins at both ends of Priory Meadow",
        "There is not one bin on the whole meadow, and you can see it.",
        AlreadyDone,
        6,
        "This is done: both bins were put up in the week before you wrote, one at the stile and one at the car park. They are \
         emptied on Mondays and Fridays.",
    ),
    answered(
        "Something for teenagers to do at the weekend",
        "There is a playground for the little ones and bowls for the old. For those in between there is the bus shelter.",
        NeedsInformation,
        19,
        "We would like to, and do not know yet what would be used. Please tell us what and where: the youth workers are in the \
         Market Hall on the first Saturday of each month to hear it. A new idea that names a place will be answered as such.",
    ),
    answered(
        "Brighter lamps in the underpass at the station",
        "The underpass is so dark that many of us walk along the main road instead.",
        Accepted,
        16,
        "Yes. The old lamps have been replaced by brighter ones, which also need less electricity. It was done in one night \
         with what the workshop had in store, so there is nothing left to promise.",
    ),
    answered(
        "More allotments: the waiting list is six years long",
        "The field behind Cooper's Yard has been empty since I was a child. Could it be allotments?",
        PartlyAccepted,
        20,
        "In part. The field floods each winter and cannot be dug. But forty plots are larger than one family needs: when one \
         becomes free we now halve it, and the list becomes shorter by about ten people a year.",
    ),
    answered(
        "Close the High Street to cars on Saturdays",
        "Other towns do it, and their shops are full.",
        Declined,
        18,
        "No. We asked the traders and the bus company: the four buses an hour have no other way that a bus can turn into, and \
         they bring more people on Saturdays than cars do. The decision would be another if the buses could go by Dock Road, \
         which needs a new junction.",
    ),
    answered(
        "A skate park on the old tennis courts",
        "Nobody has played tennis there since the nets went. The ground is flat and there are lamps already.",
        Declined,
        17,
        "No, not there: twelve homes are within thirty metres of the courts, and the noise would be above what we allow. A place \
         beside the leisure centre has no such neighbours; we would be glad to hear what skaters think of it.",
    ),
    answered(
        "Bus shelters with a seat and a roof in Dock Road",
        "Three stops, no shelter at any of them, and the wind comes straight off the water.",
        Accepted,
        45,
        "Yes, and we are sorry that this answer is late: we waited for the bus company and should have told you so. The three \
         shelters are in the programme of the company that puts them up for us.",
    ),
    answered(
        "Water fountains in the parks",
        "One tap in each park to fill a bottle, as there used to be.",
        PartlyAccepted,
        14,
        "In part. Castle Park has a water main and gets a fountain with the new paths. In the other two parks the pipe alone \
         would cost £18,000, and we would rather keep their toilets open.",
    ),
];

/// What was heard, what changed, and what did not.
pub(super) const OUTCOME: &str = "You sent twelve ideas. Most were about **getting about safely on foot** and about **places to \
    sit, meet and wait**.\n\n**What changed.** The two benches on the canal path are there. The lamps in the underpass are new, \
    and large allotments are halved when they become free.\n\n**What is still to come.** The crossing at Mill Lane School is \
    late: a water pipe lies where its posts were to stand. Shelters in Dock Road and a fountain in Castle Park follow.\n\n**What \
    did not change, and why.** The library stays as it is, for want of £21,000 a year; the High Street stays open, for the sake of \
    its buses; and the tennis courts are too near to people's homes for a skate park. Doctors are not ours to decide about.\n\n\
    One answer came late. It should not have.";

/// What was heard, whether it was asked about, and what it changed.
pub(super) const THEMES: [(&str, &str, bool, ThemeEffect, &str); 4] = [
    (
        "Getting about safely on foot",
        "Five of twelve ideas: the road at the school, the underpass in the dark, the High Street full of cars.",
        true,
        ThemeEffect::PartlyChanged,
        "The crossing comes first, before the lamps that were planned, and the underpass is lit. The High Street stays open for its buses.",
    ),
    (
        "Places to sit, meet and wait",
        "Benches, shelters, a fountain: most of them from people who wait with children or cannot walk far.",
        true,
        ThemeEffect::Changed,
        "Two benches more than we had planned, and shelters in Dock Road, which were not planned at all.",
    ),
    (
        "Longer hours",
        "The library in the evening, by people who work until six.",
        true,
        ThemeEffect::NotChanged,
        "It would cost £21,000 a year, which is not there. We ask again with the next budget.",
    ),
    (
        "Doctors",
        "That there are too few, and none with room for newcomers.",
        false,
        ThemeEffect::PassedOn,
        "This is for the health service to decide. It has what you wrote, and has promised us an answer by February.",
    ),
];

/// What happens next.
pub(super) const NEXT: &str = "The crossing is drawn anew by March and built by August; the shelters follow in autumn. What is \
    late is shown as late on this page, and every change of it.";

/// What became of the first ideas, in their order.
pub(super) const BECAME: [(usize, &str); 5] = [
    (0, "It is being planned anew around a water pipe, and will be built after that. It is late."),
    (1, "Two benches stand, at the lock and at Tanner's Bridge. The other two places are not ours."),
    (2, "Nothing changed: there is no money for it this year."),
    (6, "The lamps were replaced in one night."),
    (9, "Not on the tennis courts. A place beside the leisure centre is being looked at."),
];

/// The commitments, each on the idea of its place: what, and why it stands as it does.
pub(super) const PROMISED: &str = "A zebra crossing at the gate of Mill Lane School";
pub(super) const PROMISED_LATE: &str = "A water pipe was found where the posts were to stand. It has to be moved first, which the water company does in spring.";
pub(super) const DELIVERED: &str = "Two benches on the canal path, at the lock and at Tanner's Bridge";

const fn wording(title: &'static str, body: &'static str) -> Wording {
    Wording { title, body }
}

/// What somebody says of an idea.
pub(super) struct Said {
    /// Whether it answers the one before.
    pub(super) answers: bool,
    pub(super) stance: Stance,
    pub(super) body: &'static str,
}

/// What is said of the first idea of the challenge that runs.
pub(super) const TALK: [Said; 4] = [
    Said {
        answers: false,
        stance: Stance::For,
        body: "I walk home from that train three times a week. In winter it is **forty minutes in the dark**.",
    },
    Said {
        answers: true,
        stance: Stance::Neutral,
        body: "Would a shared taxi at half past nine do, if the bus company says no?",
    },
    Said {
        answers: true,
        stance: Stance::For,
        body: "If it is there every evening and costs what the bus costs: yes.",
    },
    Said {
        answers: false,
        stance: Stance::Against,
        body: "Two people sit in the ten past nine already. I would rather have the early bus on Sundays.",
    },
];

/// The challenge that runs: the first is overdue, the second due soon.
pub(super) const RUNNING: [Wording; 24] = [
    wording(
        "A later last bus from the station",
        "The last bus leaves at ten past nine, and the train from the city arrives at half past.",
    ),
    wording(
        "Mend the lamp on the steps at Chapel Hill",
        "It has been out since the summer. The steps are steep, and in the evening one feels one's way down.",
    ),
    wording("Plant trees along Foundry Street", "There is not one tree in it, and in July there is not one shadow."),
    wording(
        "A repair café in the Market Hall",
        "One Saturday a month, with people who can mend toasters, bicycles and trousers.",
    ),
    wording("Bins that the gulls cannot open", "On Tuesdays the whole quay is covered with what was in our bags."),
    wording("A footpath from Heron Close to the school", "It is two hundred metres over the field and a mile by road."),
    wording("Open the toilets in Castle Park in winter too", "We go there in winter too, and so do our children."),
    wording("Somewhere dry to lock bicycles at the station", "Twenty stands under a roof. Mine has rusted twice."),
    wording(
        "Slower cars in Brewery Road",
        "Twenty miles an hour, and something in the road that makes people keep to it.",
    ),
    wording(
        "A quiet hour at the swimming pool",
        "Once a week without music and waves, for those who cannot bear the noise.",
    ),
    wording(
        "Wild flowers instead of mown verges",
        "Mow them twice a year instead of ten times; it is cheaper and much prettier.",
    ),
    wording(
        "Swap shelves for children's clothes",
        "In the libraries, next to the picture books. They grow out of everything.",
    ),
    wording(
        "A ramp at the side door of the Market Hall",
        "With a pushchair or in a wheelchair one has to go round by the yard.",
    ),
    wording("Borrow tools at the library", "Nobody needs a drill more than twice a year."),
    wording("A place to leave litter after picking it", "We clean the beach every month and then drive the bags home."),
    wording(
        "Music in the bandstand on Sundays",
        "It was built for that. The school's band has nowhere to play in summer.",
    ),
    wording("Salt bins at the top of steep streets", "We would spread it ourselves if there were any."),
    wording("A market that begins after work", "One Thursday a month until nine, with something to eat."),
    wording("Say at the stop when the next bus comes", "A small screen would do, or a number to send a message to."),
    wording("Table tennis in Priory Meadow", "Two tables of concrete. They last for ever and everybody can play."),
    wording(
        "Let us book the village halls on the internet",
        "At present one telephones between two and four on Wednesdays.",
    ),
    wording(
        "Warm rooms for those who live alone",
        "The halls are heated in the morning for the playgroups and stand empty after.",
    ),
    wording("Lower kerbs in Tanner's Row", "Four of them are too high for my scooter, so I drive in the road."),
    wording(
        "An orchard that belongs to everybody",
        "Apple trees on the green at Cooper's Yard, and whoever comes by may pick.",
    ),
];

/// Ideas of the challenge that runs, by their place in [`RUNNING`], which the council has answered within days.
pub(super) const SAID: [(usize, AnswerKind, &str); 3] = [
    (
        3,
        Accepted,
        "Yes. The Market Hall is free on the last Saturday of each month, and we let you have it for nothing. The first repair \
         café is in four weeks; those who can mend things may write to the hall's office.",
    ),
    (
        5,
        PartlyAccepted,
        "In part. The first half of the way is ours, and we mark and drain it before the winter. The other half crosses a \
         field that is farmed; we have asked the owner for leave, and will say here what came of it.",
    ),
    (
        7,
        AlreadyDone,
        "This was begun before you wrote: the railway puts up forty roofed stands on the north side, and they are to be ready \
         by the spring.",
    ),
];

/// What waits for a moderator.
pub(super) const HELD: Wording = wording(
    "A crossing at Dock Road by the bakery",
    "Everybody crosses there anyway, and last week it nearly went wrong.",
);

/// What was hidden, and what its author was told.
pub(super) const HIDDEN: Wording = wording(
    "Make the man at 14 Heron Close cut his hedge",
    "Mr Wetherby's hedge covers half of the pavement. Somebody should go to number 14 and make him cut it.",
);
pub(super) const STATEMENT: &str = "Your idea names a neighbour and the house he lives in, and he has not agreed to that. The hedge is \
    a fair thing to write about: please send the idea again and say where the pavement is blocked, without the name and the number.";

/// First names of the residents: the first is `resident1`.
pub(super) const RESIDENTS: [&str; 45] = [
    "Alma", "Bashir", "Carys", "Dev", "Elspeth", "Femi", "Greta", "Hana", "Idris", "Joan", "Kofi", "Lena", "Magnus",
    "Nadia", "Owen", "Priya", "Quentin", "Rhona", "Samir", "Tess", "Umar", "Vera", "Wilf", "Ximena", "Yusuf", "Zadie",
    "Arthur", "Bronwen", "Chidi", "Doris", "Emre", "Flora", "Gwilym", "Hettie", "Imran", "Jess", "Kamala", "Luis",
    "Maeve", "Noor", "Olive", "Piotr", "Rosa", "Stan", "Thea",
];
