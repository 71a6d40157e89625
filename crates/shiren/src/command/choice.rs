//! Values to choose from on the command line, by the names that they have everywhere.

use clap::builder::{PossibleValuesParser, TypedValueParser};
use shiren_app::record::Scope;
use shiren_core::verification::program::Mode;

/// `test` or `live`.
pub(crate) fn mode() -> impl TypedValueParser<Value = Mode> {
    PossibleValuesParser::new(Mode::ALL.map(Mode::name)).try_map(|name| name.parse::<Mode>())
}

/// What an API key may do.
pub(crate) fn scope() -> impl TypedValueParser<Value = Scope> {
    PossibleValuesParser::new(Scope::ALL.map(Scope::name))
        .try_map(|name| Scope::named(&name).ok_or_else(|| format!("there is no scope {name:?}")))
}

/// What an API key may do; all of it by `all`.
#[derive(Clone, Debug)]
pub(crate) struct Scopes(pub(crate) Vec<Scope>);

/// A scope, or `all`.
pub(crate) fn scopes() -> impl TypedValueParser<Value = Scopes> {
    let names = Scope::ALL.map(Scope::name).into_iter().chain(["all"]);
    PossibleValuesParser::new(names).map(|name| match Scope::named(&name) {
        Some(scope) => Scopes(vec![scope]),
        None => Scopes(Scope::ALL.into()),
    })
}
