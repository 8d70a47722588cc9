//! One attribute for the test suite: run the same test on SQLite and on PostgreSQL.

use proc_macro::TokenStream;
use quote::quote;
use syn::{ExprPath, ItemFn, parse_macro_input};

/// Expands `async fn name(app: TestApp) { .. }` to a module `name` with one test for each database.
///
/// The test crate provides `crate::support::{Store, TestApp}`. Where PostgreSQL is not to be had,
/// `TestApp::start_with` says so loudly and answers `None`, and the test is skipped. An argument is a function that
/// changes the configuration: `#[on_both_databases(with_limits)]`.
#[proc_macro_attribute]
pub fn on_both_databases(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let change = if arguments.is_empty() {
        quote!(|_| {})
    } else {
        let function = parse_macro_input!(arguments as ExprPath);
        quote!(#function)
    };
    let ItemFn { attrs, sig, block, .. } = parse_macro_input!(item as ItemFn);
    let (name, inputs) = (&sig.ident, &sig.inputs);
    quote! {
        mod #name {
            use super::*;

            #(#attrs)*
            async fn behaviour(#inputs) #block

            #[actix_web::test]
            async fn sqlite() {
                if let Some(app) = crate::support::TestApp::start_with(crate::support::Store::Sqlite, #change).await {
                    behaviour(app).await;
                }
            }

            #[actix_web::test]
            async fn postgres() {
                if let Some(app) = crate::support::TestApp::start_with(crate::support::Store::Postgres, #change).await {
                    behaviour(app).await;
                }
            }
        }
    }
    .into()
}
