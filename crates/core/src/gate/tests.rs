use jiff::ToSpan as _;
use proptest::prelude::*;
use proptest::sample::select;

use super::dry_run::{Past, dry_run};
use super::*;
use crate::verification::program::Text;

fn asked(event: &str, amount: Option<i64>, category: Option<&str>) -> Asked {
    Asked {
        event: event.to_owned(),
        amount_cents: amount,
        currency: amount.map(|_| "CNY".to_owned()),
        category: category.map(str::to_owned),
        account: AccountKind::Buyer,
    }
}

fn verified(days: i64) -> Standing {
    Standing { verified_seconds: Some(days * 86_400), for_action_seconds: None }
}

fn names(rules: &RuleSet, asked: &Asked, standing: &Standing) -> Vec<String> {
    decide(rules, asked, standing).iter().map(|a| a.rule.name.clone()).collect()
}

fn rule(name: &str, when: &str) -> Rule {
    let because = Text { zh: "因为".to_owned(), en: "Because.".to_owned() };
    Rule {
        name: name.to_owned(),
        when: when.to_owned(),
        because,
        program: None,
        valid_days: None,
        for_action: false,
    }
}

fn set(rules: Vec<Rule>) -> Result<RuleSet, RulesError> {
    RuleSet::new(Draft { events: RuleSet::built_in().events().clone(), rules })
}

#[test]
fn the_built_in_rules_are_the_four_triggers() {
    let rules = RuleSet::built_in();
    assert_eq!(rules.draft().rules.len(), 4);
    let nobody = Standing::default();
    for (event, amount, category, expected) in [
        ("registration", None, None, &["first_registration"][..]),
        ("purchase", Some(500_000), Some("books"), &[]),
        ("purchase", Some(500_001), Some("books"), &["amount"]),
        ("purchase", Some(1), Some("food"), &["certain_goods"]),
        ("purchase", Some(900_000), Some("watches"), &["certain_goods", "amount"]),
        ("after_sales", None, None, &["after_sales"]),
        ("return", None, None, &["after_sales"]),
        ("go_live", None, None, &[]),
        // What is left out lets nobody through.
        ("purchase", None, None, &["certain_goods", "amount"]),
    ] {
        let asked = asked(event, amount, category);
        assert_eq!(asked.check(rules), Ok(()));
        assert_eq!(names(rules, &asked, &nobody), expected, "{event} {amount:?} {category:?}");
        assert_eq!(names(rules, &asked, &verified(4000)), Vec::<String>::new());
    }
    let dollars =
        Asked { currency: Some("USD".to_owned()), ..asked("purchase", Some(50_001), Some("books")) };
    assert_eq!(names(rules, &dollars, &nobody), ["amount"]);
}

#[test]
fn a_verification_answers_a_rule_for_as_long_as_the_rule_says() {
    let rules = set(vec![Rule { valid_days: Some(30), ..rule("r", "true") }]).unwrap();
    let asked = asked("purchase", None, None);
    let needs = |standing: Standing| decide(&rules, &asked, &standing).first().map(|a| a.needs);
    assert_eq!(needs(Standing::default()), Some(Needs::Verification));
    assert_eq!(needs(verified(30)), None);
    let second_more = Standing { verified_seconds: Some(30 * 86_400 + 1), ..verified(0) };
    assert_eq!(needs(second_more), Some(Needs::FresherVerification));
}

#[test]
fn a_rule_for_an_action_takes_a_verification_for_that_action_only() {
    let now = Timestamp::UNIX_EPOCH + 1000.hours();
    let rules =
        set(vec![Rule { for_action: true, valid_days: Some(1), ..rule("live", "event == 'go_live'") }])
            .unwrap();
    let asked = asked("go_live", None, None);
    let needs = |verified: &[(i64, Option<&str>)], action| {
        let verified = verified.iter().map(|(hours, of)| (now - hours.hours(), *of));
        decide(&rules, &asked, &Standing::of(verified, action, now)).first().map(|a| a.needs)
    };
    assert_eq!(needs(&[], Some("room-7")), Some(Needs::Verification));
    assert_eq!(needs(&[(1, None)], Some("room-7")), Some(Needs::VerificationForAction));
    assert_eq!(needs(&[(1, Some("room-8"))], Some("room-7")), Some(Needs::VerificationForAction));
    assert_eq!(needs(&[(1, None), (2, Some("room-7"))], Some("room-7")), None);
    assert_eq!(needs(&[(25, Some("room-7"))], Some("room-7")), Some(Needs::FresherVerification));
    // Who does not name the action was not verified for it.
    assert_eq!(needs(&[(1, Some("room-7"))], None), Some(Needs::VerificationForAction));
    assert_eq!(needs(&[(1, None)], None), Some(Needs::VerificationForAction));
}

#[test]
fn what_cannot_be_asked_is_refused_with_its_field() {
    let rules = RuleSet::built_in();
    let sound = asked("purchase", Some(1), Some("food"));
    for (wrong, field) in [
        (Asked { event: "purchse".into(), ..sound.clone() }, "event"),
        (Asked { amount_cents: Some(-1), ..sound.clone() }, "amount_cents"),
        (Asked { amount_cents: Some(MOST_CENTS + 1), ..sound.clone() }, "amount_cents"),
        (Asked { amount_cents: None, ..sound.clone() }, "amount_cents"),
        (Asked { currency: None, ..sound.clone() }, "currency"),
        (Asked { currency: Some("cny".into()), ..sound.clone() }, "currency"),
        (Asked { currency: Some("XXX".into()), ..sound.clone() }, "currency"),
        (Asked { category: Some("Food & drink".into()), ..sound.clone() }, "category"),
        (Asked { category: Some(String::new()), ..sound.clone() }, "category"),
    ] {
        assert_eq!(wrong.check(rules).map_err(|e| e.field()), Err(field), "{wrong:?}");
    }
    assert!(sound_action(Some("live:room-7")).is_ok() && sound_action(None).is_ok());
    assert!(sound_action(Some("")).is_err() && sound_action(Some("a\nb")).is_err());
}

#[test]
fn rules_that_cannot_be_kept_are_refused_with_their_place() {
    let field = |rules: Vec<Rule>| set(rules).map(drop).map_err(|e| (e.field(), e.to_string()));
    assert_eq!(field(vec![]), Ok(()));
    for (wrong, of) in [
        (Rule { name: "Über".into(), ..rule("x", "true") }, "rules[1].name"),
        (rule("a", "true"), "rules[1].name"),
        (rule("b", "amout > 1"), "rules[1].when"),
        (rule("b", "event == 'purchse'"), "rules[1].when"),
        (rule("b", "currency == 'RMB'"), "rules[1].when"),
        (Rule { valid_days: Some(0), ..rule("b", "true") }, "rules[1].valid_days"),
        (Rule { because: Text { zh: " ".into(), en: "x".into() }, ..rule("b", "true") }, "rules[1].because"),
    ] {
        let (found, said) = field(vec![rule("a", "true"), wrong]).unwrap_err();
        assert_eq!(found, of, "{said}");
    }
    let (_, said) = field(vec![rule("a", "event == 'purchase' &&\n amout > 1")]).unwrap_err();
    assert!(said.starts_with("rule 0: line 2, character 2: there is no `amout`"), "{said}");
    let many = (0..=rules::MOST_RULES).map(|n| rule(&format!("r{n}"), "true")).collect();
    assert_eq!(field(many).unwrap_err().0, "rules");
    let draft = Draft { events: BTreeSet::from(["Buy it".to_owned()]), rules: vec![] };
    assert_eq!(RuleSet::new(draft).map_err(|e| e.field()), Err("events".to_owned()));
}

#[test]
fn a_dry_run_counts_who_is_asked_by_which_rule_and_what_changes() {
    let draft = set(vec![
        rule("amount", "event == 'purchase' && amount_cents > 100"),
        rule("new", "category == 'toys'"),
    ]);
    let past = [
        (asked("purchase", Some(200), Some("books")), Standing::default()),
        (asked("purchase", Some(900_000), Some("toys")), Standing::default()),
        (asked("purchase", Some(900_000), Some("toys")), verified(1)),
        (asked("registration", None, None), Standing::default()),
        (asked("purchase", Some(1), Some("food")), Standing::default()),
    ]
    .map(|(asked, standing)| Past { asked, standing });
    let draft = draft.unwrap();
    let run = dry_run(RuleSet::built_in(), &draft, past.iter().map(|past| (past, 1)));
    assert_eq!((run.total, run.now, run.draft, run.newly, run.no_longer), (5, 3, 3, 1, 1));
    let of = |name: &str| run.rules.get(name).map(|c| (c.now, c.draft, c.untold));
    assert_eq!(of("amount"), Some((1, 2, 0)));
    // Of the registration no category is known.
    assert_eq!(of("new"), Some((0, 2, 1)));
    assert_eq!(of("certain_goods"), Some((1, 0, 0)));
    assert_eq!(of("after_sales"), Some((0, 0, 0)));
    let many = dry_run(RuleSet::built_in(), &draft, past.iter().map(|past| (past, 7)));
    assert_eq!((many.total, many.now, many.draft, many.newly, many.no_longer), (35, 21, 21, 7, 7));
    assert_eq!(many.rules.get("new").map(|c| (c.draft, c.untold)), Some((14, 7)));
}

fn any_asked() -> impl Strategy<Value = Asked> {
    let event = select(vec!["registration", "purchase", "after_sales", "return", "go_live"]);
    let category = prop::option::of(select(vec!["food", "watches", "books"]));
    let account = select(AccountKind::ALL.to_vec());
    (event, prop::option::of(0..=MOST_CENTS), select(vec!["CNY", "USD"]), category, account).prop_map(
        |(event, amount_cents, currency, category, account)| Asked {
            event: event.to_owned(),
            currency: amount_cents.map(|_| currency.to_owned()),
            amount_cents,
            category: category.map(str::to_owned),
            account,
        },
    )
}

fn any_standing() -> impl Strategy<Value = Standing> {
    let ago = || prop::option::of(0i64..400 * 86_400);
    (ago(), ago()).prop_map(|(verified, action)| Standing {
        verified_seconds: verified,
        // Whoever was verified for an action was verified.
        for_action_seconds: verified.and(action),
    })
}

fn any_rule() -> impl Strategy<Value = Rule> {
    let when = select(vec![
        "event == 'purchase'",
        "amount_cents > 100000",
        "amount_cents * amount_cents > 5",
        "category in ['food']",
        "verified_days > 30 || !verified",
        "account.kind == 'buyer' && currency != 'CNY'",
        "true",
        "false",
    ]);
    (when, prop::option::of(1u32..400), any::<bool>()).prop_map(|(when, valid_days, for_action)| Rule {
        valid_days,
        for_action,
        ..rule("r", when)
    })
}

proptest! {
    #[test]
    fn the_same_question_has_the_same_answer(rule in any_rule(), asked in any_asked(), standing in any_standing()) {
        let rules = set(vec![rule]).unwrap();
        prop_assert_eq!(decide(&rules, &asked, &standing), decide(&rules, &asked, &standing));
        prop_assert_eq!(asked.check(&rules), Ok(()));
    }

    #[test]
    fn no_rule_lets_through_who_is_not_verified_unless_its_condition_is_known_not_to_hold(
        rule in any_rule(), asked in any_asked(),
    ) {
        let rules = set(vec![rule.clone()]).unwrap();
        let standing = Standing::default();
        let condition = crate::condition::Condition::read(&rule.when, &vocabulary(rules.events())).unwrap();
        let known_not = condition.holds(&Known { asked: &asked, standing: &standing }) == Ok(false);
        prop_assert_eq!(decide(&rules, &asked, &standing).is_empty(), known_not);
    }

    #[test]
    fn who_is_let_through_is_verified_as_the_rule_says_or_not_meant_by_it(
        rule in any_rule(), asked in any_asked(), standing in any_standing(),
    ) {
        let rules = set(vec![rule.clone()]).unwrap();
        if !decide(&rules, &asked, &standing).is_empty() {
            return Ok(());
        }
        let counts = if rule.for_action { standing.for_action_seconds } else { standing.verified_seconds };
        let days = rule.valid_days.map_or(i64::MAX, |days| i64::from(days) * 86_400);
        let answered = counts.is_some_and(|seconds| seconds <= days);
        let condition = crate::condition::Condition::read(&rule.when, &vocabulary(rules.events())).unwrap();
        let known_not = condition.holds(&Known { asked: &asked, standing: &standing }) == Ok(false);
        prop_assert!(answered || known_not);
    }

    #[test]
    fn a_rule_more_asks_whoever_was_asked_before(
        rules in prop::collection::vec(any_rule(), 1..4), asked in any_asked(), standing in any_standing(),
    ) {
        let named = |rules: &[Rule]| {
            let named = rules.iter().enumerate().map(|(n, r)| Rule { name: format!("r{n}"), ..r.clone() });
            set(named.collect()).unwrap()
        };
        let (all, fewer) = (named(&rules), named(&rules[..rules.len() - 1]));
        let names_of = |rules: &RuleSet| names(rules, &asked, &standing);
        prop_assert!(names_of(&all).starts_with(&names_of(&fewer)));
    }
}
