//! The rows of an import: JSON lines, or CSV with a head.

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde::Deserialize;
use shiren_core::account::shop::{Company, CompanyRole};
use shiren_core::account::staff::Role;
use shiren_core::account::zone::{UnknownZone, ZoneName};

use crate::error::Error;
use crate::sessions::invalid;

/// Most sub-accounts that a shop may have by an import.
const MOST_STAFF: u32 = 10_000;
/// Most rows of one import.
const MOST_ROWS: usize = 100_000;

/// How rows are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImportFormat {
    /// One JSON object on each line.
    JsonLines,
    /// Comma-separated values; the first line names the columns.
    Csv,
}

/// One row as it is written. Which fields it needs depends on `kind`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ImportRow {
    /// `shop` or `staff`.
    kind: String,
    /// The marketplace's own id.
    id: String,
    /// Of a shop: its type.
    #[serde(default, rename = "type")]
    shop_type: Option<String>,
    /// Of a shop: since when the marketplace knows it.
    #[serde(default)]
    registered_on: Option<String>,
    /// Of a shop: what it mostly sells.
    #[serde(default)]
    category: Option<String>,
    /// Of a shop: how grave its information leaks are.
    #[serde(default)]
    leak_severity: Option<u32>,
    /// Of a shop: `open` when it trades already, and goes on until its owner was asked and their time is over.
    #[serde(default)]
    status: Option<String>,
    /// Of a company's shop: its 统一社会信用代码.
    #[serde(default)]
    credit_code: Option<String>,
    /// Of a company's shop: the company's name.
    #[serde(default)]
    company_name: Option<String>,
    /// Of a company's shop: as whom its owner verifies.
    #[serde(default)]
    verifies_as: Option<String>,
    /// Of a shop: how many sub-accounts it may have at least.
    #[serde(default)]
    staff_quota: Option<u32>,
    /// Of a shop: in which time zone its days count.
    #[serde(default)]
    time_zone: Option<String>,
    /// The phone that is registered of the account, and a verification must agree with. Personal data: it is sealed.
    #[serde(default)]
    phone: Option<String>,
    /// The name of who is to verify: of a company its legal person or operator. Personal data: it is sealed.
    #[serde(default)]
    person_name: Option<String>,
    /// Of a sub-account: its shop.
    #[serde(default)]
    shop: Option<String>,
    /// Of a sub-account: its name.
    #[serde(default)]
    name: Option<String>,
    /// Of a sub-account: what its user does.
    #[serde(default)]
    role: Option<String>,
    /// Of a sub-account: the phone that guards sign-ins. Personal data: only a tag of it is kept.
    #[serde(default)]
    security_phone: Option<String>,
}

/// The fields that there are.
const FIELDS: [&str; 18] = [
    "kind",
    "id",
    "type",
    "registered_on",
    "category",
    "leak_severity",
    "status",
    "credit_code",
    "company_name",
    "verifies_as",
    "staff_quota",
    "time_zone",
    "phone",
    "person_name",
    "shop",
    "name",
    "role",
    "security_phone",
];

/// Why a row was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportProblem {
    /// Which, from 1; the head of CSV is not counted.
    pub row: u32,
    /// On which line of the file it begins, from 1.
    pub line: u32,
    /// Which field of it.
    pub field: Option<String>,
    /// The stable name of the problem.
    pub code: String,
    /// What is wrong, in English. Nothing of the row's values is in it.
    pub problem: String,
}

/// What a row makes.
#[derive(Clone)]
pub(super) enum Account {
    Shop(ShopRow),
    Staff(StaffRow),
}

impl std::fmt::Debug for Account {
    /// A phone may stand in it.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Shop(_) => "shop",
            Self::Staff(_) => "staff",
        })
    }
}

#[derive(Clone)]
pub(super) struct ShopRow {
    pub(super) id: String,
    pub(super) shop_type: String,
    pub(super) registered_on: Option<Date>,
    pub(super) category: Option<String>,
    pub(super) leak_severity: Option<u32>,
    pub(super) open: bool,
    pub(super) company: Option<Company>,
    pub(super) staff_quota: Option<u32>,
    pub(super) time_zone: Option<ZoneName>,
    pub(super) phone: Option<String>,
    pub(super) person_name: Option<String>,
}

#[derive(Clone)]
pub(super) struct StaffRow {
    pub(super) id: String,
    pub(super) shop: String,
    pub(super) name: String,
    pub(super) role: Role,
    pub(super) security_phone: Option<String>,
    pub(super) phone: Option<String>,
    pub(super) person_name: Option<String>,
}

/// A row with its number and line.
pub(super) struct Numbered {
    pub(super) row: u32,
    pub(super) line: u32,
    pub(super) account: Result<Account, ImportProblem>,
}

/// The rows of a file.
///
/// # Errors
/// When there are too many, or the head of CSV names a column that there is not.
pub(super) fn rows(format: ImportFormat, bytes: &[u8]) -> Result<Vec<Numbered>, Error> {
    // Spreadsheets put a mark before what they write as UTF-8.
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let rows = match format {
        ImportFormat::JsonLines => json_lines(bytes),
        ImportFormat::Csv => csv_rows(bytes)?,
    };
    if rows.len() > MOST_ROWS {
        return Err(invalid("body", format!("at most {MOST_ROWS} rows at once")));
    }
    let number = |(n, (line, row)): (usize, (u32, Read))| {
        let n = u32::try_from(n + 1).unwrap_or(u32::MAX);
        let refused = |(field, problem): (Option<String>, String)| ImportProblem {
            row: n,
            line,
            field,
            code: "invalid".to_owned(),
            problem,
        };
        let account = row.and_then(|row| row.account().map_err(|(field, p)| (Some(field.to_owned()), p)));
        Numbered { row: n, line, account: account.map_err(refused) }
    };
    Ok(rows.into_iter().enumerate().map(number).collect())
}

type Read = Result<ImportRow, (Option<String>, String)>;

fn json_lines(bytes: &[u8]) -> Vec<(u32, Read)> {
    let lines = (1..).zip(bytes.split(|b| *b == b'\n')).filter(|(_, line)| !line.trim_ascii().is_empty());
    lines
        .map(|(number, line)| {
            let read = serde_json::from_slice(line).map_err(|e| match e.classify() {
                // What serde says of data names fields and kinds, and of a value only what it is: a phone may stand there.
                serde_json::error::Category::Data => (None, without_values(&e.to_string())),
                _ => (None, "this is no JSON object".to_owned()),
            });
            (number, read)
        })
        .collect()
}

/// Serde's sentence up to the value that it quotes.
fn without_values(said: &str) -> String {
    match said.split_once("invalid type: ").or_else(|| said.split_once("invalid value: ")) {
        Some((_, rest)) => {
            format!("another type is needed: {}", rest.split_once("expected ").map_or("", |(_, e)| e))
        }
        None => said.to_owned(),
    }
}

fn csv_rows(bytes: &[u8]) -> Result<Vec<(u32, Read)>, Error> {
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(bytes);
    let head = reader.headers().map_err(|_| invalid("body", "the head is no CSV in UTF-8"))?.clone();
    let mut seen = BTreeSet::new();
    for column in &head {
        if !FIELDS.contains(&column) {
            return Err(invalid(
                "body",
                format!("there is no column {column:?}; there are {}", FIELDS.join(", ")),
            ));
        }
        if !seen.insert(column) {
            return Err(invalid("body", format!("the column {column:?} stands twice")));
        }
    }
    if !seen.contains("kind") || !seen.contains("id") {
        return Err(invalid("body", "the first line names the columns; `kind` and `id` are needed"));
    }
    let read = |record: csv::StringRecord| -> Read {
        record.deserialize(Some(&head)).map_err(|e| {
            let field = match e.kind() {
                csv::ErrorKind::Deserialize { err, .. } => {
                    err.field().and_then(|n| head.get(usize::try_from(n).ok()?))
                }
                _ => None,
            };
            (field.map(str::to_owned), "another type is needed, or it is missing".to_owned())
        })
    };
    let numbered = |row: csv::Result<csv::StringRecord>| match row {
        Ok(record) => (line_of(record.position()), read(record)),
        Err(e) => (line_of(e.position()), Err((None, of_csv(&e)))),
    };
    Ok(reader.into_records().map(numbered).collect())
}

/// On which line a record begins, as spreadsheets count; a value may go over several.
fn line_of(position: Option<&csv::Position>) -> u32 {
    position.map_or(0, |p| u32::try_from(p.line()).unwrap_or(u32::MAX))
}

fn of_csv(error: &csv::Error) -> String {
    match error.kind() {
        csv::ErrorKind::Utf8 { .. } => "this is not UTF-8: save the file as CSV UTF-8".to_owned(),
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            format!("{len} values, and the head names {expected_len} columns")
        }
        _ => "this is no CSV".to_owned(),
    }
}

type Wrong = (&'static str, String);

impl ImportRow {
    fn account(self) -> Result<Account, Wrong> {
        match self.kind.as_str() {
            "shop" => self.into_shop().map(Account::Shop),
            "staff" => self.into_staff().map(Account::Staff),
            _ => Err(("kind", "shop or staff".to_owned())),
        }
    }

    fn into_shop(self) -> Result<ShopRow, Wrong> {
        let none = [
            ("shop", self.shop.is_some()),
            ("name", self.name.is_some()),
            ("role", self.role.is_some()),
            ("security_phone", self.security_phone.is_some()),
        ];
        nothing_else(&none, "a shop")?;
        let company =
            company(self.credit_code.as_deref(), self.company_name.as_deref(), self.verifies_as.as_deref())?;
        let open = match self.status.as_deref() {
            None | Some("registered") => false,
            Some("open") => true,
            Some(_) => return Err(("status", "open or registered".to_owned())),
        };
        if self.staff_quota.is_some_and(|most| most > MOST_STAFF) {
            return Err(("staff_quota", format!("at most {MOST_STAFF}")));
        }
        let day =
            |text: String| text.parse().map_err(|_| ("registered_on", "a day, as 2019-05-01".to_owned()));
        let zone = |text: String| text.parse().map_err(|e: UnknownZone| ("time_zone", e.to_string()));
        Ok(ShopRow {
            id: self.id,
            shop_type: needed("type", self.shop_type)?,
            registered_on: self.registered_on.map(day).transpose()?,
            category: self.category,
            leak_severity: self.leak_severity,
            open,
            company,
            staff_quota: self.staff_quota,
            time_zone: self.time_zone.map(zone).transpose()?,
            phone: self.phone,
            person_name: self.person_name,
        })
    }

    fn into_staff(self) -> Result<StaffRow, Wrong> {
        let none = [
            ("type", self.shop_type.is_some()),
            ("registered_on", self.registered_on.is_some()),
            ("category", self.category.is_some()),
            ("leak_severity", self.leak_severity.is_some()),
            ("status", self.status.is_some()),
            ("credit_code", self.credit_code.is_some()),
            ("company_name", self.company_name.is_some()),
            ("verifies_as", self.verifies_as.is_some()),
            ("staff_quota", self.staff_quota.is_some()),
            ("time_zone", self.time_zone.is_some()),
        ];
        nothing_else(&none, "a sub-account")?;
        let role = needed("role", self.role)?;
        let known = || Role::ALL.map(|r| r.name()).join(", ");
        let role = Role::ALL.into_iter().find(|r| r.name() == role).ok_or_else(|| ("role", known()))?;
        Ok(StaffRow {
            id: self.id,
            shop: needed("shop", self.shop)?,
            name: needed("name", self.name)?,
            role,
            security_phone: self.security_phone,
            phone: self.phone,
            person_name: self.person_name,
        })
    }
}

fn company(
    credit_code: Option<&str>,
    name: Option<&str>,
    verifies_as: Option<&str>,
) -> Result<Option<Company>, Wrong> {
    let Some(code) = credit_code else {
        let given = [("company_name", name.is_some()), ("verifies_as", verifies_as.is_some())];
        return match given.iter().find(|(_, there)| *there) {
            Some((field, _)) => Err((field, "only of a company's shop, with its credit_code".to_owned())),
            None => Ok(None),
        };
    };
    let role = match verifies_as {
        Some("legal_person") => CompanyRole::LegalPerson,
        Some("operator") => CompanyRole::Operator,
        _ => return Err(("verifies_as", "legal_person or operator".to_owned())),
    };
    let company = Company::new(code, role).map_err(|why| ("credit_code", why.to_string()))?;
    let named = name.map(|name| company.clone().named(name)).unwrap_or(Ok(company));
    named.map(Some).map_err(|why| ("company_name", why.to_string()))
}

fn needed(field: &'static str, value: Option<String>) -> Result<String, Wrong> {
    value.ok_or_else(|| (field, "it is needed".to_owned()))
}

fn nothing_else(fields: &[(&'static str, bool)], of: &str) -> Result<(), Wrong> {
    match fields.iter().find(|(_, there)| *there) {
        Some((field, _)) => Err((field, format!("{of} has none"))),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What a row makes, or its number, the field and what is wrong.
    type Told = Result<&'static str, (u32, Option<String>, String)>;

    fn read(format: ImportFormat, text: &str) -> Vec<Told> {
        let rows = rows(format, text.as_bytes()).unwrap();
        let told = |row: Numbered| match row.account {
            Ok(Account::Shop(_)) => Ok("shop"),
            Ok(Account::Staff(_)) => Ok("staff"),
            Err(p) => Err((p.row, p.field, p.problem)),
        };
        rows.into_iter().map(told).collect()
    }

    #[test]
    fn both_forms_are_read_and_each_row_is_judged_by_itself() {
        let csv = "\u{feff}kind,id,type,shop,name,role,leak_severity\n\
                   shop,1,c2c,,,,7\nstaff,a,,1,客服小王,customer_service,\nshop,2,,,,,\nstaff,b,,1,x,boss,\nshop,3,c2c,,,,grave\n\
                   cat,4,,,,,\nstaff,c,b2c,1,x,other,\nshop,5\n";
        let found = read(ImportFormat::Csv, csv);
        let fields: Vec<_> =
            found.iter().map(|f| f.as_ref().err().map(|(n, field, _)| (*n, field.as_deref()))).collect();
        let expected = [
            None,
            None,
            Some((3, Some("type"))),
            Some((4, Some("role"))),
            Some((5, Some("leak_severity"))),
            Some((6, Some("kind"))),
            Some((7, Some("type"))),
            Some((8, None)),
        ];
        assert_eq!(fields, expected, "{found:?}");
        let json = "{\"kind\":\"shop\",\"id\":\"1\",\"type\":\"c2c\",\"registered_on\":\"2019-05-01\"}\n\n\
                    {\"kind\":\"shop\",\"id\":\"2\",\"type\":\"c2c\",\"registered_on\":\"May\"}\r\n{\"kind\":\"shop\",\"id\":\"3\",\"typ\":\"c2c\"}\n\
                    {\"kind\":\"staff\",\"id\":\"a\",\"shop\":\"1\",\"name\":\"x\",\"role\":\"other\",\"security_phone\":13800138000}\n[]\n{";
        let found = read(ImportFormat::JsonLines, json);
        assert_eq!(found[0], Ok("shop"));
        assert_eq!(found[1].as_ref().unwrap_err().1.as_deref(), Some("registered_on"));
        assert!(found[2].as_ref().unwrap_err().2.contains("unknown field `typ`"), "{found:?}");
        assert!(found[3..].iter().all(Result::is_err));
        assert!(!format!("{found:?}").contains("13800138000"), "a phone is told nobody");
    }

    #[test]
    fn a_head_that_cannot_be_is_refused_as_a_whole() {
        for head in ["", "id,type", "kind,id,phones", "kind,id,id", "1,2,3"] {
            let text = format!("{head}\nshop,1,c2c\n");
            assert!(rows(ImportFormat::Csv, text.as_bytes()).is_err(), "{head}");
        }
        let gbk = b"kind,id,type,shop,name,role\nstaff,a,,1,\xbf\xcd\xb7\xfe,other\n";
        let found = rows(ImportFormat::Csv, gbk).unwrap();
        assert!(found[0].account.as_ref().is_err_and(|p| p.problem.contains("UTF-8")));
    }

    proptest! {
        #[test]
        fn nothing_that_is_sent_makes_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..300), csv: bool) {
            let head = b"kind,id,type\n".to_vec();
            let (format, bytes) = if csv {
                (ImportFormat::Csv, [head, bytes].concat())
            } else {
                (ImportFormat::JsonLines, bytes)
            };
            let _ = rows(format, &bytes);
        }
    }
}
