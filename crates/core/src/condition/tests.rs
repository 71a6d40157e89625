use proptest::prelude::*;

use super::*;

fn words(names: &[(&'static str, Kind, &[&str])]) -> Vocabulary {
    let name = |(name, kind, values): &(&'static str, Kind, &[&str])| Name {
        name,
        kind: *kind,
        values: (!values.is_empty()).then(|| values.iter().map(|v| (*v).to_owned()).collect()),
    };
    Vocabulary(names.iter().map(name).collect())
}

fn vocabulary() -> Vocabulary {
    words(&[
        ("event", Kind::Text, &["purchase", "registration"]),
        ("amount_cents", Kind::Number, &[]),
        ("category", Kind::Text, &[]),
        ("account.kind", Kind::Text, &["buyer", "shop"]),
        ("verified", Kind::Truth, &[]),
    ])
}

/// An amount and a category that may not be known.
struct Purchase(Option<i64>, Option<&'static str>);

impl Facts for Purchase {
    fn fact(&self, name: &str) -> Option<Fact<'_>> {
        match name {
            "event" => Some(Fact::Text("purchase")),
            "amount_cents" => self.0.map(Fact::Number),
            "category" => self.1.map(Fact::Text),
            "account.kind" => Some(Fact::Text("buyer")),
            "verified" => Some(Fact::Truth(false)),
            _ => None,
        }
    }
}

fn read(text: &str) -> Result<Condition, ConditionError> {
    Condition::read(text, &vocabulary())
}

fn holds(text: &str, facts: &Purchase) -> Result<bool, NotTold> {
    read(text).unwrap_or_else(|e| panic!("{text}: {e}")).holds(facts)
}

#[test]
fn what_is_offered_has_the_answer_of_its_meaning() {
    let facts = Purchase(Some(500_001), Some("watches"));
    for (text, answer) in [
        ("true", true),
        ("event == 'purchase'", true),
        ("event == \"registration\"", false),
        ("event != 'registration' && account.kind == 'buyer'", true),
        ("amount_cents > 500000", true),
        ("amount_cents >= 500001 && amount_cents <= 500001", true),
        ("amount_cents < 500001", false),
        ("amount_cents > (account.kind == 'shop' ? 900000 : 400000)", true),
        ("category in ['food', 'watches']", true),
        ("!(category in ['food'])", true),
        ("category.startsWith('watch') || category.contains('zz')", true),
        ("category.endsWith('es') && !verified", true),
        ("amount_cents / 100 * 2 - 1 + -1 == 10000 - 2 && amount_cents % 2 == 1", true),
        ("verified ? true : false", false),
    ] {
        assert_eq!(holds(text, &facts), Ok(answer), "{text}");
    }
}

#[test]
fn what_is_not_known_has_no_answer_where_it_decides_and_matters_nowhere_else() {
    let unknown = Purchase(None, None);
    for text in
        ["amount_cents > 1", "category == 'food'", "category in ['food']", "verified || amount_cents > 1"]
    {
        assert!(holds(text, &unknown).is_err(), "{text}");
    }
    for (text, answer) in [
        ("event == 'registration' && amount_cents > 1", false),
        ("amount_cents > 1 && event == 'registration'", false),
        ("amount_cents > 1 || event == 'purchase'", true),
        ("event == 'purchase' || category == 'food'", true),
    ] {
        assert_eq!(holds(text, &unknown), Ok(answer), "{text}");
    }
}

#[test]
fn what_overflows_or_divides_by_zero_has_no_answer() {
    let facts = Purchase(Some(i64::MAX), Some(""));
    for text in [
        "amount_cents + 1 > 0",
        "amount_cents * 2 > 0",
        "amount_cents / 0 > 0",
        "amount_cents % 0 > 0",
        "-(-amount_cents - 1) > 0",
    ] {
        assert!(holds(text, &facts).is_err(), "{text}");
    }
}

#[test]
fn what_cannot_be_answered_is_refused_with_its_place() {
    for (text, line, column, problem) in [
        ("", 1, 1, "there is no condition"),
        ("amount_cent > 1", 1, 1, "there is no `amount_cent`"),
        ("event == 'purchase' &&\n  amout > 1", 2, 3, "there is no `amout`"),
        ("category == '食品' && amout > 1", 1, 21, "there is no `amout`"),
        ("account.id == '1'", 1, 8, "there is no `account.id`"),
        ("event == 'purchse'", 1, 10, "`event` is never \"purchse\"; it is one of purchase, registration"),
        ("event in ['purchase', 'x']", 1, 23, "is never \"x\""),
        ("amount_cents", 1, 1, "true or false is needed here, and this is a whole number"),
        ("amount_cents > '1'", 1, 16, "a whole number is needed here, and this is a text"),
        ("amount_cents > 1.5", 1, 16, "values are texts"),
        ("event + 'x' == 'y'", 1, 1, "a whole number is needed here"),
        ("amount_cents == verified", 1, 17, "a whole number is needed here, and this is true or false"),
        ("[1].exists(x, x == 1)", 1, 11, "not offered"),
        ("has(account.kind)", 1, 4, "not offered"),
        ("category.matches('a*')", 1, 17, "`matches` is not offered"),
        ("size(category) > 1", 1, 5, "`size` is not offered"),
        ("amount_cents > 1 &&", 1, 20, "Syntax error"),
        ("amount_cents = 1", 1, 14, "Syntax error"),
        ("category == '食品' = 1", 1, 18, "Syntax error"),
        ("category in category", 1, 13, "behind `in` stands a list"),
    ] {
        let error = read(text).expect_err(text);
        assert!(error.problem.contains(problem), "{text}: {error}");
        assert_eq!((error.line, error.column), (line, column), "{text}: {error}");
    }
}

#[test]
fn what_is_too_long_or_too_deep_is_refused_before_it_is_read() {
    let long = format!("{} || true", "true || ".repeat(200));
    let deep = |open: &str, close: &str, n| format!("{}true{}", open.repeat(n), close.repeat(n));
    for text in [long, deep("(", ")", 400), deep("[", "]", 400), deep("true ? true : ", "", 70)] {
        assert!(read(&text).is_err(), "{text}");
    }
    let sum = |n| format!("amount_cents > {}1", "1 + ".repeat(n));
    assert!(read(&sum(240)).is_err_and(|e| e.problem.contains("nested")));
    assert!(holds(&sum(22), &Purchase(Some(1), None)).is_ok_and(|holds| !holds));
    // Twice not is nothing, and the library says so.
    assert!(read(&deep("!", "", 900)).is_ok());
    let facts = Purchase(Some(0), None);
    let inner = format!("{}amount_cents{} < 1", "(1+(-".repeat(6), "))".repeat(6));
    assert_eq!(holds(&inner, &facts), Ok(true));
    assert_eq!(holds(&deep("(", ")", 12), &facts), Ok(true));
    assert_eq!(holds(&deep("verified ? false : ", "", 12), &facts), Ok(true));
    assert!(read("true && ".repeat(100).trim_end_matches("&& ")).is_ok());
}

proptest! {
    #[test]
    fn nothing_that_anybody_writes_makes_it_panic(text in "[ -~食\n]{0,120}") {
        let _ = read(&text);
    }

    #[test]
    fn what_is_put_together_at_random_is_read_or_refused_and_answered_the_same_twice(
        parts in prop::collection::vec(prop::sample::select(vec![
            "event", "amount_cents", "category", "verified", "account.kind", "'purchase'", "1", "-", "(", ")", "&&",
            "||", "!", "==", ">", "in", "['food']", "?", ":", "+", "true", ".startsWith('a')", "[", "]", ",",
        ]), 1..14),
        amount in prop::option::of(any::<i64>()),
    ) {
        if let Ok(condition) = read(&parts.join(" ")) {
            let facts = Purchase(amount, None);
            prop_assert_eq!(condition.holds(&facts), condition.holds(&facts));
        }
    }
}
