//! Attributes for handlers, in place of actix's of the same names: they also write down, as a type, whom a handler asks for, and refuse
//! a query string where the handler reads none.

use proc_macro::TokenStream;
use quote::quote;
use syn::{FnArg, Ident, ItemFn, Type, parse_macro_input, parse_quote};

/// The arguments that name a row of the permission table, or an exception. That one of this name really is what it says,
/// the bound of `Door::Asks` sees to.
const CALLERS: [&str; 3] = ["Allowed", "PlatformAdmin", "Anybody"];

/// The first argument that says who may come in.
fn caller(handler: &ItemFn) -> Option<&Type> {
    handler.sig.inputs.iter().find_map(|argument| {
        let FnArg::Typed(argument) = argument else { return None };
        let Type::Path(path) = &*argument.ty else { return None };
        let last = path.path.segments.last()?;
        CALLERS.contains(&last.ident.to_string().as_str()).then_some(&*argument.ty)
    })
}

/// Whether the handler reads the query string: as `Query`, or by itself from the request.
fn reads_query(handler: &ItemFn) -> bool {
    handler.sig.inputs.iter().any(|argument| {
        let FnArg::Typed(argument) = argument else { return false };
        let Type::Path(path) = &*argument.ty else { return false };
        path.path.segments.last().is_some_and(|last| last.ident == "Query" || last.ident == "HttpRequest")
    })
}

fn door(method: &str, arguments: TokenStream, item: TokenStream) -> TokenStream {
    let arguments = proc_macro2::TokenStream::from(arguments);
    let mut handler = parse_macro_input!(item as ItemFn);
    // A parameter that nobody reads is a mistake of whoever sent it, and they are told.
    if caller(&handler).is_some() && !reads_query(&handler) {
        handler.sig.inputs.push(parse_quote!(_: ::folkmoot::platform::http::NoQuery));
    }
    let (name, method) = (&handler.sig.ident, Ident::new(method, handler.sig.ident.span()));
    let asks = caller(&handler).map(|caller| {
        quote! {
            impl ::folkmoot::platform::http::doors::Door for #name {
                type Asks = #caller;
            }
        }
    });
    quote! {
        #[::actix_web::#method(#arguments)]
        #handler
        #asks
    }
    .into()
}

macro_rules! methods {
    ($($method:ident)+) => {
        $(
            /// A handler for this method, as in `actix_web`, that is a door as soon as one of its arguments says whom it is for.
            #[proc_macro_attribute]
            pub fn $method(arguments: TokenStream, item: TokenStream) -> TokenStream {
                door(stringify!($method), arguments, item)
            }
        )+
    };
}

methods! { get post put patch delete }
