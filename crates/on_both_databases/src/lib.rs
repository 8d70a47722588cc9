//! One attribute for the test suite: run the same test on SQLite and on PostgreSQL.

use proc_macro::TokenStream;
use quote::quote;
use syn::{ItemFn, parse_macro_input};

/// Expands `async fn name(app: TestApp) { .. }` to a module `name` with one test for each database.
///
/// The test crate provides `crate::support::{Store, TestApp}`. Where PostgreSQL is not to be had,
/// `TestApp::start` says so loudly and answers `None`, and the test is skipped.
#[proc_macro_attribute]
pub fn on_both_databases(_arguments: TokenStream, item: TokenStream) -> TokenStream {
    let ItemFn { attrs, sig, block, .. } = parse_macro_input!(item as ItemFn);
    let (name, inputs) = (&sig.ident, &sig.inputs);
    quote! {
        mod #name {
            use super::*;

            #(#attrs)*
            async fn behaviour(#inputs) #block

            #[actix_web::test]
            async fn sqlite() {
                if let Some(app) = crate::support::TestApp::start(crate::support::Store::Sqlite).await {
                    behaviour(app).await;
                }
            }

            #[actix_web::test]
            async fn postgres() {
                if let Some(app) = crate::support::TestApp::start(crate::support::Store::Postgres).await {
                    behaviour(app).await;
                }
            }
        }
    }
    .into()
}
