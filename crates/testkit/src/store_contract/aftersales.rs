//! After-sales requests, and who may act for one.

use shiren_app::port::{AfterSalesQuery, StoreError};
use shiren_app::record::{AfterSalesPass, Stored};
use shiren_core::account::{Account, AccountKind};
use shiren_core::aftersales::attachment::{Attachment, AttachmentKind};
use shiren_core::aftersales::{AfterSales, AfterSalesRules, Kind, NewAfterSales, State};
use shiren_core::id::{AfterSalesId, AttachmentId, ClockId};
use shiren_core::review::Reviewer;
use shiren_core::verification::program::Mode;

use super::given::{at, hash, random, session_id};
use super::{Shared, Tested, assert_conflict, at_once};

fn id(n: u64) -> AfterSalesId {
    AfterSalesId::new(at(n), random(n))
}

fn request(n: u64, buyer: &str) -> AfterSales {
    let new = NewAfterSales {
        id: id(n),
        mode: Mode::Live,
        clock: Some(ClockId::new(at(1), random(1))),
        buyer: Account { kind: AccountKind::Buyer, id: buyer.to_owned() },
        order: "订单/4711".to_owned(),
        kind: Kind::Refund,
        amount_cents: 25_900,
        currency: "CNY".to_owned(),
    };
    AfterSales::create(new, &AfterSalesRules::default(), at(n)).expect("it is sound").0
}

/// Handed in at that second: the later, the later its deadline.
fn submitted(mut request: AfterSales, second: u64) -> AfterSales {
    request.wrote(at(second)).expect("it is the buyer's turn");
    request.submit(Some(session_id(1)), &AfterSalesRules::default(), at(second)).expect("nothing is missing");
    request
}

async fn keep(store: &Shared, requests: &[AfterSales]) -> Tested {
    let mut tx = store.begin().await?;
    for request in requests {
        tx.insert_aftersales(request).await?;
    }
    tx.commit().await
}

async fn listed(store: &Shared, query: AfterSalesQuery) -> Result<Vec<AfterSalesId>, StoreError> {
    let found = store.snapshot().await?.aftersales_list(&AfterSalesQuery { limit: 2, ..query }).await?;
    Ok(found.into_iter().map(|r| r.id).collect())
}

/// New, and with something in every field.
pub async fn it_comes_back_as_it_went_in(store: Shared) -> Tested {
    let mut value = request(1, "买家/7");
    keep(&store, std::slice::from_ref(&value)).await?;
    let mut tx = store.begin().await?;
    assert_eq!(tx.aftersales(&value.id).await?, Some(Stored { value: value.clone(), version: 1 }));
    let rules = AfterSalesRules::default();
    let attachment = Attachment {
        id: AttachmentId::new(at(1), random(2)),
        kind: AttachmentKind::Video,
        length: 90_000_000,
        sha256: "ab".repeat(32),
        pieces: vec![1 << 20],
        counted: None,
        handed_in: false,
        begun_at: at(1),
    };
    value.announce(attachment, &rules, at(2)).expect("it is the buyer's turn");
    let mut value = submitted(value, 3);
    value.take(Reviewer::Key("售后".to_owned()), &rules, at(4)).expect("it waits");
    tx.save_aftersales(&Stored { value: value.clone(), version: 1 }).await?;
    tx.commit().await?;
    let mut tx = store.snapshot().await?;
    assert_eq!(tx.aftersales(&value.id).await?, Some(Stored { value, version: 2 }));
    assert_eq!(tx.aftersales(&id(2)).await?, None);
    Ok(())
}

/// As everywhere.
pub async fn its_id_is_unique(store: Shared) -> Tested {
    keep(&store, &[request(1, "7")]).await?;
    assert_conflict(store.begin().await?.insert_aftersales(&request(1, "8")).await);
    Ok(())
}

/// Nobody decides on what the buyer withdrew meanwhile.
pub async fn saving_what_was_changed_meanwhile_is_a_conflict(store: Shared) -> Tested {
    let loaded = Stored { value: request(1, "7"), version: 1 };
    keep(&store, std::slice::from_ref(&loaded.value)).await?;
    let mut tx = store.begin().await?;
    tx.save_aftersales(&loaded).await?;
    assert_conflict(tx.save_aftersales(&loaded).await);
    Ok(())
}

/// By mode, state and buyer; pages cover all of them.
pub async fn they_are_listed_newest_first_on_pages(store: Shared) -> Tested {
    let test = AfterSales { mode: Mode::Test, ..request(4, "7") };
    let all = [request(1, "7"), submitted(request(2, "8"), 2), request(3, "7"), test];
    keep(&store, &all).await?;
    let live = || AfterSalesQuery { mode: Some(Mode::Live), ..AfterSalesQuery::default() };
    assert_eq!(listed(&store, live()).await?, [3, 2].map(id));
    assert_eq!(listed(&store, AfterSalesQuery { after: Some(id(2)), ..live() }).await?, [id(1)]);
    let drafts = AfterSalesQuery { state: Some(State::Draft), ..live() };
    assert_eq!(listed(&store, drafts).await?, [3, 1].map(id));
    let of = AfterSalesQuery { buyer: Some("8".to_owned()), ..live() };
    assert_eq!(listed(&store, of).await?, [id(2)]);
    assert_eq!(listed(&store, AfterSalesQuery::default()).await?, [4, 3].map(id));
    Ok(())
}

/// Those of which a deadline runs, and no others; also after they were saved.
pub async fn those_to_be_reviewed_are_listed_soonest_deadline_first(store: Shared) -> Tested {
    let waiting =
        [submitted(request(1, "7"), 30), submitted(request(2, "7"), 10), submitted(request(3, "7"), 20)];
    keep(&store, &waiting).await?;
    keep(&store, &[request(4, "7")]).await?;
    let query = || AfterSalesQuery { to_review: true, ..AfterSalesQuery::default() };
    assert_eq!(listed(&store, query()).await?, [2, 3].map(id));
    assert_eq!(listed(&store, AfterSalesQuery { after: Some(id(3)), ..query() }).await?, [id(1)]);
    let mut over = waiting[1].clone();
    over.withdraw(at(40)).expect("it is not decided");
    let mut tx = store.begin().await?;
    tx.save_aftersales(&Stored { value: over, version: 1 }).await?;
    tx.commit().await?;
    assert_eq!(listed(&store, query()).await?, [3, 1].map(id));
    Ok(())
}

fn pass(n: u64, expires: u64) -> AfterSalesPass {
    AfterSalesPass {
        hash: hash(n),
        aftersales: id(1),
        is_link: n % 2 == 1,
        expires_at: at(expires),
        used_at: None,
    }
}

async fn kept_passes(store: &Shared, passes: &[AfterSalesPass]) -> Tested {
    keep(store, &[request(1, "7")]).await?;
    let mut tx = store.begin().await?;
    for pass in passes {
        tx.insert_pass(pass).await?;
    }
    tx.commit().await
}

/// Used or not, until it is swept.
pub async fn a_pass_comes_back_as_it_went_in_until_it_is_over(store: Shared) -> Tested {
    kept_passes(&store, &[pass(1, 10), pass(2, 11)]).await?;
    let mut tx = store.begin().await?;
    assert_eq!(tx.pass(hash(1)).await?, Some(pass(1, 10)));
    assert!(tx.use_pass(hash(1), at(3)).await?);
    assert_eq!(tx.pass(hash(1)).await?, Some(AfterSalesPass { used_at: Some(at(3)), ..pass(1, 10) }));
    assert_eq!(tx.pass(hash(2)).await?, Some(pass(2, 11)));
    assert_eq!(tx.pass(hash(3)).await?, None);
    assert_eq!(tx.sweep(at(10)).await?, 1);
    assert_eq!((tx.pass(hash(1)).await?, tx.pass(hash(2)).await?), (None, Some(pass(2, 11))));
    Ok(())
}

/// In its time; exactly one of a hundred who try.
pub async fn a_pass_is_used_once(store: Shared) -> Tested {
    kept_passes(&store, &[pass(1, 10), pass(2, 10)]).await?;
    assert!(!store.begin().await?.use_pass(hash(2), at(10)).await?, "too late");
    assert!(!store.begin().await?.use_pass(hash(9), at(1)).await?, "there is none");
    let all = at_once(100, &store, |store, _| async move {
        let mut tx = store.begin().await?;
        let used = tx.use_pass(hash(1), at(5)).await?;
        tx.commit().await?;
        Ok(used)
    });
    assert_eq!(all.await?.into_iter().filter(|used| *used).count(), 1);
    Ok(())
}
