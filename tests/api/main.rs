//! The behaviour of the whole, told by those who use it, on both databases.

#[cfg(test)]
mod support;

#[cfg(test)]
mod abuse;
#[cfg(test)]
mod answers;
#[cfg(test)]
mod appeals;
#[cfg(test)]
mod audit;
#[cfg(test)]
mod backup;
#[cfg(test)]
mod ballots;
#[cfg(test)]
mod batches;
#[cfg(test)]
mod bundles;
#[cfg(test)]
mod changes;
#[cfg(test)]
mod clocks;
#[cfg(test)]
mod commands;
#[cfg(test)]
mod comments;
#[cfg(test)]
mod contract;
#[cfg(test)]
mod crash;
#[cfg(test)]
mod decisions;
#[cfg(test)]
mod demo;
#[cfg(test)]
mod doctor;
#[cfg(test)]
mod documents;
#[cfg(test)]
mod domains;
#[cfg(test)]
mod due_process;
#[cfg(test)]
mod guests;
#[cfg(test)]
mod held;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod identity;
#[cfg(test)]
mod imports;
#[cfg(test)]
mod journeys;
#[cfg(test)]
mod kept;
#[cfg(test)]
mod keys;
#[cfg(test)]
mod limits;
#[cfg(test)]
mod manners;
#[cfg(test)]
mod merges;
#[cfg(test)]
mod migrations;
#[cfg(test)]
mod milestones;
#[cfg(test)]
mod offices;
#[cfg(test)]
mod open_door;
#[cfg(test)]
mod pages;
#[cfg(test)]
mod passkeys;
#[cfg(test)]
mod peer_bugs;
#[cfg(test)]
mod permissions;
#[cfg(test)]
mod privacy;
#[cfg(test)]
mod promises;
#[cfg(test)]
mod proof_of_work;
#[cfg(test)]
mod races;
#[cfg(test)]
mod rehearsals;
#[cfg(test)]
mod replies;
#[cfg(test)]
mod reports;
#[cfg(test)]
mod reviews;
#[cfg(test)]
mod sanctions;
#[cfg(test)]
mod sandbox;
#[cfg(test)]
mod screening;
#[cfg(test)]
mod signals;
#[cfg(test)]
mod signing_in;
#[cfg(test)]
mod sso;
#[cfg(test)]
mod staff;
#[cfg(test)]
mod standing;
#[cfg(test)]
mod streams;
#[cfg(test)]
mod supports;
#[cfg(test)]
mod tokens;
#[cfg(test)]
mod updates;
#[cfg(test)]
mod verification;
#[cfg(test)]
mod work;
