//! A page on which moderators and officers of a council without a tool of its own can do their day's work. It is a client of
//! the public API and of nothing else: whoever has a better one switches this off, and loses nothing.

pub mod routes;
