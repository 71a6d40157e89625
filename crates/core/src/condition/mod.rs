//! Conditions that an operator writes: expressions of CEL over facts of documented types.
//!
//! What cannot be answered is found when a condition is kept, not when it is asked: unknown names, values of the wrong
//! type, texts that a fact never has. What is left is small enough that it cannot run away: no loops, no regular
//! expressions, nothing that makes texts longer, and bounds on length and depth. A fact that is not known where it
//! decides, an overflow and a division by zero have no answer: [`Condition::holds`] says so, and whoever asked decides
//! what that means.
//!
//! To extend it: a fact is a [`Name`] of a [`Vocabulary`]; an operator is a line in `check.rs`.

mod check;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::{Arc, LazyLock};

use cel::common::types::{CelBool, CelInt, CelString};
use cel::common::value::CowVal;
use cel::context::VariableResolver;
use cel::parser::{Expression, Parser};
use cel::{Context, Env, Value};

/// Longest condition, in characters.
pub const LONGEST: usize = 1000;
/// Deepest nesting of brackets and choices.
pub const BRACKETS: usize = 12;
/// Deepest nesting altogether: `1 + 1 + 1` is two deep.
pub const DEEPEST: usize = 24;

/// Stack for reading one, in bytes. The library's parser takes up to 400 kB for each bracket where it is not optimised
/// (measured: `(1+(-` six times over overflows 2 MB), which no thread of a server has.
const STACK: usize = 32 << 20;

/// What a fact is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// True or false.
    Truth,
    /// A whole number.
    Number,
    /// A text.
    Text,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Truth => "true or false",
            Self::Number => "a whole number",
            Self::Text => "a text",
        })
    }
}

/// A fact that conditions may name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    /// How it is written.
    pub name: &'static str,
    /// What it is.
    pub kind: Kind,
    /// The texts that it can be, if they are known: comparing it with another one is a mistake.
    pub values: Option<Vec<String>>,
}

/// The facts that conditions of one sort may name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vocabulary(pub Vec<Name>);

impl Vocabulary {
    fn find(&self, name: &str) -> Option<&Name> {
        self.0.iter().find(|n| n.name == name)
    }
}

/// A fact's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fact<'a> {
    /// True or false.
    Truth(bool),
    /// A whole number.
    Number(i64),
    /// A text.
    Text(&'a str),
}

/// What is known.
pub trait Facts: Sync {
    /// The value of a fact, if it is known.
    fn fact(&self, name: &str) -> Option<Fact<'_>>;
}

/// A condition that is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, character {column}: {problem}")]
pub struct ConditionError {
    /// In which line, from 1.
    pub line: usize,
    /// At which character of it, from 1.
    pub column: usize,
    /// What is wrong.
    pub problem: String,
}

/// What is known does not tell whether the condition holds.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it cannot be told: {0}")]
pub struct NotTold(pub String);

/// A condition, ready to be asked.
#[derive(Clone, Debug, PartialEq)]
pub struct Condition {
    text: String,
    expression: Expression,
}

impl Condition {
    /// Reads one, and checks that every fact in it is known and used as what it is.
    ///
    /// # Errors
    /// Where and why it is none.
    pub fn read(text: &str, vocabulary: &Vocabulary) -> Result<Self, ConditionError> {
        check::size(text)?;
        let reading = || Self::parse(text, vocabulary);
        std::thread::scope(|threads| {
            let reader = std::thread::Builder::new().stack_size(STACK).spawn_scoped(threads, reading);
            reader.ok().and_then(|reader| reader.join().ok()).unwrap_or_else(|| Err(check::unread(text)))
        })
    }

    fn parse(text: &str, vocabulary: &Vocabulary) -> Result<Self, ConditionError> {
        let (expression, places) =
            Parser::default().parse_with_source_info(text).map_err(|e| check::syntax(text, &e))?;
        check::truth(text, &expression, &places, vocabulary)?;
        Ok(Self { text: text.to_owned(), expression })
    }

    /// As it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether it holds. The same facts have the same answer.
    ///
    /// # Errors
    /// When that cannot be told.
    pub fn holds(&self, facts: &dyn Facts) -> Result<bool, NotTold> {
        static LANGUAGE: LazyLock<Arc<Env>> = LazyLock::new(|| Arc::new(Env::stdlib()));
        let known = Known(facts);
        let mut context = Context::with_env(Arc::clone(&LANGUAGE));
        context.set_variable_resolver(&known);
        match context.resolve(&self.expression) {
            Ok(Value::Bool(holds)) => Ok(holds),
            Ok(other) => Err(NotTold(format!("{:?} is neither true nor false", other.type_of()))),
            Err(error) => Err(NotTold(error.to_string())),
        }
    }
}

struct Known<'a>(&'a dyn Facts);

impl VariableResolver for Known<'_> {
    fn resolve<'b>(&'b self, name: &str) -> Option<CowVal<'b, 'b>> {
        Some(match self.0.fact(name)? {
            Fact::Truth(truth) => CowVal::owned(CelBool::from(truth)),
            Fact::Number(number) => CowVal::owned(CelInt::from(number)),
            Fact::Text(text) => CowVal::owned(CelString::from(text)),
        })
    }
}
