use jiff::civil::date;
use proptest::prelude::*;

use super::*;

const TODAY: Date = date(2026, 11, 22);
/// The specimens of Doc 9303 parts 4 to 7.
const TD3: [&str; 2] =
    ["P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10"];
const TD2: [&str; 2] = ["I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<", "D231458907UTO7408122F1204159<<<<<<<6"];
const TD1: [&str; 3] =
    ["I<UTOD231458907<<<<<<<<<<<<<<<", "7408122F1204159UTO<<<<<<<<<<<6", "ERIKSSON<<ANNA<MARIA<<<<<<<<<<"];
const TD1_LONG: [&str; 3] =
    ["I<UTOD23145890<7349<<<<<<<<<<<", "3407127M9507122UTO<<<<<<<<<<<2", "STEVENSON<<PETER<JOHN<<<<<<<<<"];
const MRV_A: [&str; 2] =
    ["V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L8988901C4XXX4009078F96121096ZE184226B<<<<<<"];
const MRV_B: [&str; 2] = ["V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<", "L8988901C4XXX4009078F9612109<<<<<<<<"];

fn read(lines: &[&str]) -> Mrz {
    parse(lines, TODAY).unwrap()
}

#[test]
fn the_published_specimens_hold_every_check_digit() {
    for (lines, format, checks) in [
        (&TD3[..], Format::Td3, 5),
        (&TD2, Format::Td2, 4),
        (&TD1, Format::Td1, 4),
        (&TD1_LONG, Format::Td1, 4),
        (&MRV_A, Format::MrvA, 3),
        (&MRV_B, Format::MrvB, 3),
    ] {
        let mrz = read(lines);
        assert_eq!((mrz.format, mrz.checks.len(), mrz.valid()), (format, checks, true), "{lines:?}");
    }
}

#[test]
fn the_passport_s_values_are_read() {
    let mrz = read(&TD3);
    assert_eq!(mrz.document_code, "P");
    assert_eq!((mrz.surname.as_str(), mrz.given_names.as_str()), ("ERIKSSON", "ANNA MARIA"));
    assert_eq!((mrz.birth_date, mrz.expiry_date), (Some(date(1974, 8, 12)), Some(date(2012, 4, 15))));
    assert_eq!((mrz.sex, mrz.names_truncated), (Sex::Female, false));
    let fields: Vec<_> = mrz.fields().into_iter().map(|(k, v)| format!("{}={v}", k.name())).collect();
    assert_eq!(
        fields.join(" "),
        "sex=F birth_date=1974-08-12 surname=ERIKSSON given_names=ANNA MARIA document_number=L898902C3 \
         nationality=UTO issuing_state=UTO expiry_date=2012-04-15 personal_number=ZE184226B"
    );
}

#[test]
fn a_long_number_of_a_card_is_put_together() {
    let mrz = read(&TD1_LONG);
    assert_eq!((mrz.document_number.as_str(), mrz.optional[0].as_str()), ("D23145890734", ""));
    assert_eq!(check_digit(b"D23145890734"), b'9');
}

#[test]
fn a_visa_has_no_personal_number() {
    assert!(!read(&MRV_A).fields().contains_key(&FieldKey::PersonalNumber));
}

#[test]
fn a_passport_without_optional_data_may_have_a_zero_or_a_filler_as_its_check_digit() {
    for digit in ["0", "<"] {
        let body = format!("L898902C36UTO7408122F1204159<<<<<<<<<<<<<<{digit}");
        let covered = [&body[..10], &body[13..20], &body[21..]].concat();
        let line = format!("{body}{}", char::from(check_digit(covered.as_bytes())));
        assert!(parse(&[TD3[0], &line], TODAY).unwrap().valid(), "{line}");
    }
}

#[test]
fn a_wrong_digit_fails_its_own_check_and_the_composite() {
    let line = TD3[1].replace("740812", "740813");
    let failed: Vec<_> = parse(&[TD3[0], &line], TODAY)
        .unwrap()
        .checks
        .into_iter()
        .filter(|c| !c.holds)
        .map(|c| c.of)
        .collect();
    assert_eq!(failed, [Checked::BirthDate, Checked::Composite]);
}

#[test]
fn centuries_follow_from_today() {
    let line = |birth: &str, expiry: &str| format!("L898902C36UTO{birth}0F{expiry}0ZE184226B<<<<<10");
    for (birth, expiry, born, expires) in [
        ("261122", "361122", date(2026, 11, 22), date(2036, 11, 22)),
        ("261123", "561122", date(1926, 11, 23), date(2056, 11, 22)),
        ("270101", "570101", date(1927, 1, 1), date(1957, 1, 1)),
        ("000229", "991231", date(2000, 2, 29), date(1999, 12, 31)),
    ] {
        let mrz = parse(&[TD3[0], &line(birth, expiry)], TODAY).unwrap();
        assert_eq!((mrz.birth_date, mrz.expiry_date), (Some(born), Some(expires)), "{birth} {expiry}");
    }
}

#[test]
fn an_unknown_part_of_the_birth_date_leaves_it_open() {
    let line = TD3[1].replace("740812", "74<<<<");
    let mrz = parse(&[TD3[0], &line], TODAY).unwrap();
    assert_eq!(mrz.birth_date, None);
    assert!(!mrz.fields().contains_key(&FieldKey::BirthDate));
}

#[test]
fn a_name_may_lack_its_second_part_or_be_cut() {
    let one = read(&["P<UTOARKFREITH<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<", TD3[1]]);
    assert_eq!((one.surname.as_str(), one.given_names.as_str()), ("ARKFREITH", ""));
    let cut = read(&["P<UTONILAVADHANANANDA<<CHAYAPA<DEJTHAMRONG<K", TD3[1]]);
    assert_eq!((cut.given_names.as_str(), cut.names_truncated), ("CHAYAPA DEJTHAMRONG K", true));
}

#[test]
fn what_is_no_zone_says_why() {
    assert_eq!(parse(&[""; 0], TODAY), Err(MrzError::Lines(0)));
    assert_eq!(parse(&[TD3[0]], TODAY), Err(MrzError::Lines(1)));
    assert_eq!(parse(&["P<", "X"], TODAY), Err(MrzError::Length(1, 2)));
    assert_eq!(parse(&[TD3[0], "X"], TODAY), Err(MrzError::Length(2, 1)));
    assert_eq!(parse(&[TD3[0], &TD3[1].replace('L', "l")], TODAY), Err(MrzError::Character(2, 1)));
}

#[test]
fn what_ocr_confuses_is_repaired_and_counted() {
    for (name, lines, repairs) in [
        ("nothing wrong", [TD3[0], TD3[1]], 0),
        (
            "letters and digits by their places",
            ["P<UT0ER1KSS0N<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UT074O8I22F12O4I59ZE184226B<<<<<IO"],
            10,
        ),
        (
            "a number's look-alike by its check digit",
            ["P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L8989O2C36UTO7408122F1204159ZE184226B<<<<<10"],
            1,
        ),
        (
            "lower case, spaces, quotation marks",
            [
                "p<utoERIKSSON«ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
                "L898902C36UTO 7408122F 1204159 ZE184226B<<<<<10",
            ],
            0,
        ),
        (
            "runs of fillers miscounted",
            ["P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<10"],
            2,
        ),
        (
            "fillers read as letters after the name",
            [
                "PKUTOERIKSSON<<ANNA<MARIA<<<<<K<<<CC<<<<<<L<",
                "L898902C36UTO7408122F1204159ZE184226B<<<<<<<10",
            ],
            7,
        ),
        (
            "sex",
            ["P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122P1204159ZE184226B<<<<<10"],
            1,
        ),
    ] {
        let repaired = repair(&lines).unwrap();
        assert_eq!(repaired.lines, TD3, "{name}");
        assert_eq!((repaired.format, repaired.repairs), (Format::Td3, repairs), "{name}");
    }
}

#[test]
fn a_card_of_three_lines_and_visas_are_repaired_too() {
    let card =
        repair(&["1<UTOD23145890<7349<<<<<<<", "3407I27M9507122UTO<<<<<<<<<2", "STEVENSON<<PETER<J0HN"])
            .unwrap();
    assert_eq!((card.format, card.lines), (Format::Td1, TD1_LONG.map(String::from).to_vec()));
    for (lines, format) in [(MRV_A, Format::MrvA), (MRV_B, Format::MrvB), (TD2, Format::Td2)] {
        let repaired = repair(&lines).unwrap();
        assert_eq!((repaired.format, repaired.repairs), (format, 0));
    }
}

#[test]
fn a_wrong_check_digit_stays_wrong() {
    for (from, to) in [("L898902C36", "L898902C37"), ("7408122", "7408123"), ("<<<<<10", "<<<<<11")] {
        let line = TD3[1].replace(from, to);
        let repaired = repair(&[TD3[0], &line]).unwrap();
        assert!(!parse(&repaired.lines, TODAY).unwrap().valid(), "{line}");
        assert_eq!(repaired.repairs, 0, "{line}");
    }
}

#[test]
fn what_is_far_from_any_format_is_not_repaired() {
    assert_eq!(repair(&["公民身份号码", "11010519491231002X"]), None);
    assert_eq!(repair(&["P<UTO"]), None);
    assert_eq!(repair(&[TD3[0], TD3[1], TD3[1], TD3[1]]), None);
    let long = "<".repeat(100_000);
    assert_eq!(repair(&[&long, &long]), None);
}

prop_compose! {
    /// A passport's zone of a made-up person, with right check digits.
    fn passport()(names in "[A-Z]{2,12}<<[A-Z]{2,10}(<[A-Z]{2,10})?", number in "[A-Z0-9]{9}", state in "[A-Z]{3}",
                  birth in 0u32..36_500, expiry in 0u32..9_000, sex in "[MF<]", optional in "[A-Z0-9]{0,14}")
                  -> [String; 2] {
        let day = |first: Date, n: u32| {
            let d = first.checked_add(jiff::Span::new().days(i64::from(n))).unwrap();
            format!("{:02}{:02}{:02}", d.year() % 100, d.month(), d.day())
        };
        let with_digit = |s: String| { let c = char::from(check_digit(s.as_bytes())); format!("{s}{c}") };
        let first = format!("{:<<44}", format!("P<{state}{names}"));
        let body = format!("{}{state}{}{sex}{}{}", with_digit(number), with_digit(day(date(1926, 11, 23), birth)),
            with_digit(day(date(2020, 1, 1), expiry)), with_digit(format!("{optional:<<14}")));
        let covered = [&body[..10], &body[13..20], &body[21..]].concat();
        let composite = char::from(check_digit(covered.as_bytes()));
        [first, format!("{body}{composite}")]
    }
}

proptest! {
    #[test]
    fn generated_passports_are_read_and_need_no_repair(lines in passport()) {
        let mrz = parse(&lines, TODAY).unwrap();
        prop_assert!(mrz.valid(), "{lines:?}");
        prop_assert!(mrz.birth_date.is_some_and(|d| d <= TODAY) && mrz.expiry_date.is_some());
        let repaired = repair(&lines).unwrap();
        prop_assert_eq!((repaired.lines, repaired.repairs), (lines.to_vec(), 0));
    }

    #[test]
    fn letters_in_the_dates_always_come_back(lines in passport(), at in 13usize..20) {
        let mut seen = lines.clone();
        let digit = char::from(seen[1].as_bytes()[at]);
        let letter = crate::identity::confusion::letter_for(digit).unwrap_or(digit);
        seen[1].replace_range(at..=at, &letter.to_string());
        prop_assert_eq!(repair(&seen).unwrap().lines, lines.to_vec());
    }

    #[test]
    fn a_changed_digit_of_a_date_is_caught(lines in passport(), at in 13usize..19, by in 1u8..10) {
        let mut changed = lines[1].clone().into_bytes();
        changed[at] = b'0' + (changed[at] - b'0' + by) % 10;
        let changed = String::from_utf8(changed).unwrap();
        prop_assert!(!parse(&[&lines[0], &changed], TODAY).unwrap().valid());
    }

    #[test]
    fn no_text_makes_them_panic(lines in prop::collection::vec(any::<String>(), 0..5)) {
        let _ = parse(&lines, TODAY);
        let _ = repair(&lines);
    }

    #[test]
    fn nothing_like_a_zone_makes_them_panic(lines in prop::collection::vec("[A-Z0-9<a-z«く ]{20,50}", 2..4)) {
        if let Some(r) = repair(&lines) {
            prop_assert!(parse(&r.lines, TODAY).is_ok());
        }
    }
}
