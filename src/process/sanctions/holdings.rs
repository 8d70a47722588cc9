//! What the tables of sanctions hold of people.

use crate::holds;
use crate::platform::audit;

holds! {
    sanctions: "Why somebody was warned, or may for a time not use their account.", [Of::Goes("account_id"), Of::Office("decided_by")],
    Kept::Hours { after: "decided_at", hours: audit::KEPT_DAYS * 24 } => {
        Nothing: council_id, id;
        Identifier: account_id, case_id, decided_by;
        Standing: kind, ground_code, statement, until;
        Time: decided_at, ended_at;
    }
}

holds! {
    sanction_appeals: "What somebody says against a decision on themselves, and what came of it.",
    [Of::Goes("account_id"), Of::Office("barred_id"), Of::Office("decided_by"), Of::Office("lifted_by")],
    Kept::Hours { after: "made_at", hours: audit::KEPT_DAYS * 24 } => {
        Nothing: council_id, id, due_at;
        Identifier: sanction_id, account_id, barred_id, decided_by, lifted_by;
        Writing: text;
        Standing: result, reasons, until;
        Time: made_at, decided_at, lifted_at;
    }
}
