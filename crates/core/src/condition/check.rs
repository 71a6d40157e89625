//! Whether a condition can be answered: its size, its names, its types.

use cel::common::ast::{CallExpr, Expr, IdedExpr, LiteralValue, SelectExpr, SourceInfo, operators as op};
use cel::parser::ParseErrors;

use super::{BRACKETS, ConditionError, DEEPEST, Kind, LONGEST, Name, Vocabulary};

type Checked<T> = Result<T, ConditionError>;

/// Line and character of the n-th character.
fn at(text: &str, n: usize, problem: impl Into<String>) -> ConditionError {
    let before: Vec<char> = text.chars().take(n).collect();
    let line = before.iter().filter(|c| **c == '\n').count();
    let column = before.iter().rev().take_while(|c| **c != '\n').count();
    ConditionError { line: line + 1, column: column + 1, problem: problem.into() }
}

/// Length and nesting, before anything recurses over it.
pub(super) fn size(text: &str) -> Checked<()> {
    if text.trim().is_empty() {
        return Err(at(text, 0, "there is no condition"));
    }
    if text.chars().count() > LONGEST {
        return Err(at(text, LONGEST, format!("a condition has at most {LONGEST} characters")));
    }
    let mut open = 0usize;
    for (n, c) in text.chars().enumerate() {
        match c {
            // Every one of them may be nested into the ones before.
            '(' | '[' | '{' | '?' => open += 1,
            ')' | ']' | '}' => open = open.saturating_sub(1),
            _ => {}
        }
        if open > BRACKETS {
            return Err(at(text, n, format!("brackets and choices are nested more than {BRACKETS} deep")));
        }
    }
    Ok(())
}

/// It could not even be tried.
pub(super) fn unread(text: &str) -> ConditionError {
    at(text, 0, "this could not be read")
}

/// The first thing that is no CEL.
pub(super) fn syntax(text: &str, errors: &ParseErrors) -> ConditionError {
    let first = errors.errors.iter().filter(|e| e.pos.0 > 0).min_by_key(|e| e.pos);
    let whole = || at(text, 0, "this is no condition");
    first.map_or_else(whole, |e| ConditionError {
        line: usize::try_from(e.pos.0).unwrap_or(1),
        // The library counts characters of a line from 1.
        column: usize::try_from(e.pos.1).unwrap_or(1).max(1),
        problem: e.msg.lines().next().unwrap_or_default().to_owned(),
    })
}

/// Whether the whole is true or false.
pub(super) fn truth(
    text: &str,
    expression: &IdedExpr,
    places: &SourceInfo,
    vocabulary: &Vocabulary,
) -> Checked<()> {
    Check { text, places, vocabulary }.must(expression, Kind::Truth, 0)
}

struct Check<'a> {
    text: &'a str,
    places: &'a SourceInfo,
    vocabulary: &'a Vocabulary,
}

impl Check<'_> {
    fn wrong<T>(&self, of: &IdedExpr, problem: impl Into<String>) -> Checked<T> {
        // The library counts bytes here.
        let start = self.places.offset_for(of.id).map_or(0, |(start, _)| start);
        let before = self.text.get(..usize::try_from(start).unwrap_or(0)).unwrap_or_default();
        Err(at(self.text, before.chars().count(), problem))
    }

    fn must(&self, of: &IdedExpr, kind: Kind, depth: usize) -> Checked<()> {
        match self.kind(of, depth)? {
            found if found == kind => Ok(()),
            found => self.wrong(of, format!("{kind} is needed here, and this is {found}")),
        }
    }

    /// What an expression is.
    fn kind(&self, of: &IdedExpr, depth: usize) -> Checked<Kind> {
        if depth > DEEPEST {
            return self.wrong(of, format!("nested more than {DEEPEST} deep"));
        }
        match &of.expr {
            Expr::Literal(LiteralValue::Boolean(_)) => Ok(Kind::Truth),
            Expr::Literal(LiteralValue::Int(_)) => Ok(Kind::Number),
            Expr::Literal(LiteralValue::String(_)) => Ok(Kind::Text),
            Expr::Literal(_) => self.wrong(of, "values are texts, whole numbers, true and false"),
            Expr::Ident(_) | Expr::Select(_) => Ok(self.name(of)?.kind),
            Expr::Call(call) => self.call(of, call, depth + 1),
            Expr::List(_) => self.wrong(of, "a list stands behind `in` only"),
            Expr::Comprehension(_) => self.wrong(of, "`all`, `exists`, `map` and the like are not offered"),
            _ => self.wrong(of, "this is not offered in conditions"),
        }
    }

    /// The fact that is named.
    fn name(&self, of: &IdedExpr) -> Checked<&Name> {
        let Some(name) = written(of) else {
            return self.wrong(of, "this is not offered in conditions");
        };
        let Some(known) = self.vocabulary.find(&name) else {
            let all: Vec<&str> = self.vocabulary.0.iter().map(|n| n.name).collect();
            return self.wrong(of, format!("there is no `{name}`; there are {}", all.join(", ")));
        };
        Ok(known)
    }

    fn call(&self, of: &IdedExpr, call: &CallExpr, depth: usize) -> Checked<Kind> {
        use Kind::{Number, Text, Truth};
        let all = |kind| call.args.iter().try_for_each(|arg| self.must(arg, kind, depth));
        match (call.func_name.as_str(), &call.target, call.args.as_slice()) {
            (op::LOGICAL_AND | op::LOGICAL_OR | op::LOGICAL_NOT, None, _) => all(Truth).map(|()| Truth),
            (op::LESS | op::LESS_EQUALS | op::GREATER | op::GREATER_EQUALS, None, _) => {
                all(Number).map(|()| Truth)
            }
            (op::ADD | op::SUBSTRACT | op::MULTIPLY | op::DIVIDE | op::MODULO | op::NEGATE, None, _) => {
                all(Number).map(|()| Number)
            }
            (op::EQUALS | op::NOT_EQUALS, None, [a, b]) => {
                self.must(b, self.kind(a, depth)?, depth)?;
                self.possible(a, b)?;
                self.possible(b, a).map(|()| Truth)
            }
            (op::CONDITIONAL, None, [condition, a, b]) => {
                self.must(condition, Truth, depth)?;
                let kind = self.kind(a, depth)?;
                self.must(b, kind, depth).map(|()| kind)
            }
            (op::IN, None, [a, list]) => self.one_of(a, list, depth).map(|()| Truth),
            ("startsWith" | "endsWith" | "contains", Some(target), [_]) => {
                self.must(target, Text, depth)?;
                all(Text).map(|()| Truth)
            }
            (name, ..) => {
                let name = name.trim_matches(['_', '@']);
                self.wrong(of, format!("`{name}` is not offered in conditions"))
            }
        }
    }

    fn one_of(&self, of: &IdedExpr, list: &IdedExpr, depth: usize) -> Checked<()> {
        let kind = self.kind(of, depth)?;
        let Expr::List(values) = &list.expr else {
            return self.wrong(list, "behind `in` stands a list, as [\"a\", \"b\"]");
        };
        values.elements.iter().try_for_each(|value| {
            self.must(value, kind, depth)?;
            self.possible(of, value)
        })
    }

    /// A fact that is compared with a text that it never is.
    fn possible(&self, fact: &IdedExpr, with: &IdedExpr) -> Checked<()> {
        let Expr::Literal(LiteralValue::String(text)) = &with.expr else { return Ok(()) };
        let Some(values) = written(fact).and_then(|n| self.vocabulary.find(&n)?.values.as_ref()) else {
            return Ok(());
        };
        let text = text.inner();
        if values.iter().any(|v| v == text) {
            return Ok(());
        }
        let few =
            if values.len() <= 12 { format!("; it is one of {}", values.join(", ")) } else { String::new() };
        self.wrong(with, format!("`{}` is never {text:?}{few}", written(fact).unwrap_or_default()))
    }
}

/// A name, as `account.kind`.
fn written(of: &IdedExpr) -> Option<String> {
    match &of.expr {
        Expr::Ident(name) => Some(name.clone()),
        Expr::Select(SelectExpr { operand, field, test: false }) => {
            Some(format!("{}.{field}", written(operand)?))
        }
        _ => None,
    }
}
