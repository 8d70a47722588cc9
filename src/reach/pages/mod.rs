//! Plain pages for whoever follows a link and has no other frontend: from a mail, a feed or a neighbour. They show what
//! everybody may read, and let mailed links be used; everything else is for the clients of the API.
//!
//! A council with a site of its own (`site_url`) has its links lead there instead.

mod feedback;
pub mod render;
pub mod routes;
