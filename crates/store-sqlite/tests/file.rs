//! What is special about a file: it outlives the process, however that ends, and other versions may have written it.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use jiff::Timestamp;
use rusqlite::Connection;
use shiren_app::port::{Store, StoreError};
use shiren_app::record::AuditEntry;
use shiren_core::id::AuditId;
use shiren_store_sqlite::SqliteStore;

/// Tells the child where to write.
const FILE: &str = "SHIREN_TEST_FILE";

async fn migrated(path: &Path) -> SqliteStore {
    let store = SqliteStore::open(path).await.expect("it opens");
    store.migrate().await.expect("it migrates");
    store
}

fn by_hand(path: &Path) -> Connection {
    Connection::open(path).expect("it opens")
}

fn entry(n: u64) -> AuditEntry {
    let mut random = [0; 10];
    random[..8].copy_from_slice(&n.to_be_bytes());
    AuditEntry {
        id: AuditId::new(Timestamp::UNIX_EPOCH, random),
        at: Timestamp::UNIX_EPOCH,
        actor: "system".to_owned(),
        action: "written".to_owned(),
        object: "child".to_owned(),
        purpose: n.to_string(),
    }
}

async fn write(store: &SqliteStore, n: u64) -> Result<(), StoreError> {
    let mut tx = store.begin().await?;
    tx.append_audit(&entry(n)).await?;
    tx.commit().await
}

async fn written(store: &SqliteStore) -> usize {
    let mut snapshot = store.snapshot().await.expect("it can be read");
    snapshot.audit_of("child").await.expect("it can be read").len()
}

/// No test: the child that the next one kills. It says what it has committed, and never ends by itself.
#[tokio::test]
#[ignore = "started and killed by a test"]
async fn child_that_writes_until_it_is_killed() {
    let Ok(path) = std::env::var(FILE) else { return };
    let store = migrated(path.as_ref()).await;
    for n in written(&store).await as u64.. {
        write(&store, n).await.unwrap();
        println!("\ncommitted {n}");
    }
}

#[tokio::test]
async fn what_was_committed_survives_the_death_of_the_process() {
    let room = tempfile::tempdir().unwrap();
    let path = room.path().join("shiren.db");
    let mut told = 0;
    // Again and again on the same file, so that death also meets a log that is written back.
    for _ in 0..5 {
        told = told.max(write_until_killed(&path, 300));
        let store = migrated(&path).await;
        let kept = written(&store).await;
        assert!(kept >= told, "{told} were acknowledged, {kept} are there");
        let sound: String = by_hand(&path).query_one("PRAGMA integrity_check", (), |row| row.get(0)).unwrap();
        assert_eq!(sound, "ok");
        // And it goes on.
        write(&store, kept as u64).await.unwrap();
        store.close().await;
    }
}

/// How many the child had acknowledged when it was killed (SIGKILL: it could say no more).
fn write_until_killed(path: &Path, commits: usize) -> usize {
    let mut child = Command::new(std::env::current_exe().expect("the test runs from a file"))
        .args(["--exact", "child_that_writes_until_it_is_killed", "--ignored", "--nocapture"])
        .env(FILE, path)
        .stdout(Stdio::piped())
        .spawn()
        .expect("the child starts");
    let mut lines = BufReader::new(child.stdout.take().expect("it is piped")).lines();
    let acknowledged = |line: std::io::Result<String>| line.ok()?.strip_prefix("committed ")?.parse().ok();
    let mut last: usize = lines.by_ref().filter_map(acknowledged).nth(commits).expect("it writes on");
    child.kill().expect("it lives");
    child.wait().expect("it is dead");
    // What was said before the kill and not read yet counts as well.
    for line in lines {
        last = acknowledged(line).unwrap_or(last);
    }
    last + 1
}

#[tokio::test]
async fn a_new_file_is_not_ready_before_it_is_migrated() {
    let room = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(room.path().join("shiren.db")).await.unwrap();
    assert_eq!(store.schema_version().await.unwrap(), 0);
    assert!(store.ready().await.is_err());
    store.migrate().await.unwrap();
    store.migrate().await.unwrap();
    assert_eq!(store.schema_version().await.unwrap(), 21);
    store.ready().await.unwrap();
}

#[tokio::test]
async fn a_file_of_a_newer_program_is_refused_with_the_reason() {
    let room = tempfile::tempdir().unwrap();
    let path = room.path().join("shiren.db");
    let store = migrated(&path).await;
    let newer = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
                 VALUES (9999, 'from the future', TRUE, x'00', 0)";
    by_hand(&path).execute(newer, ()).unwrap();
    let reason =
        "a row cannot be read: the schema has version 9999, and this program knows up to 21".to_owned();
    assert_eq!(SqliteStore::open(&path).await.unwrap_err().to_string(), reason);
    // Also when somebody else migrates it while this program runs.
    assert_eq!(store.ready().await.unwrap_err().to_string(), reason);
    assert_eq!(store.migrate().await.unwrap_err().to_string(), reason);
}

/// A file as it was before a migration: `new` is one of today's.
fn before(version: u32, new: &Path, old: &Path) {
    let file = by_hand(old);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
    let mut texts: Vec<_> = std::fs::read_dir(folder)
        .expect("the migrations")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    texts.sort();
    for text in &texts[..version as usize - 1] {
        file.execute_batch(&std::fs::read_to_string(text).expect("a migration")).expect("it runs");
    }
    let notes = "CREATE TABLE _sqlx_migrations AS SELECT * FROM new._sqlx_migrations WHERE version < ?";
    file.execute("ATTACH ? AS new", [new.to_str().expect("a path")]).expect("it is attached");
    file.execute(notes, [version]).expect("they are copied");
}

#[tokio::test]
async fn what_buyers_hold_of_identities_is_their_own_after_the_gate_came() {
    use shiren_core::verification::program::Mode;
    let room = tempfile::tempdir().unwrap();
    let path = room.path().join("shiren.db");
    drop(migrated(&path).await);
    before(10, &path, &room.path().join("old.db"));
    let claims = "PRAGMA foreign_keys = OFF;
        INSERT INTO claims (kind, mode, key_version, tag, account_kind, account_id, session, at) VALUES
            ('identity', 'live', 1, x'01', 'buyer', 'b', 's', 0), ('identity', 'live', 1, x'02', 'shop', 's', 's', 0)";
    let path = room.path().join("old.db");
    by_hand(&path).execute_batch(claims).unwrap();
    let store = migrated(&path).await;
    let mut tx = store.snapshot().await.unwrap();
    let tags: [(u32, Vec<u8>); 2] = [(1, vec![1]), (1, vec![2])];
    let holder = tx.holder("identity:buyer", Mode::Live, &tags).await.unwrap();
    assert_eq!(holder.map(|account| account.to_string()), Some("buyer:b".to_owned()));
    let holder = tx.holder("identity", Mode::Live, &tags).await.unwrap();
    assert_eq!(holder.map(|account| account.to_string()), Some("shop:s".to_owned()));
}

#[tokio::test]
async fn what_is_no_database_is_refused() {
    let room = tempfile::tempdir().unwrap();
    let path = room.path().join("shiren.db");
    std::fs::write(&path, "这不是数据库".repeat(100)).unwrap();
    let refused = SqliteStore::open(&path).await;
    assert!(matches!(refused, Err(StoreError::Unreadable(_))), "{refused:?}");
}

#[tokio::test]
async fn a_damaged_row_is_told_as_such() {
    let room = tempfile::tempdir().unwrap();
    let path = room.path().join("shiren.db");
    let store = migrated(&path).await;
    write(&store, 1).await.unwrap();
    by_hand(&path).execute("UPDATE audit SET id = 'nothing'", ()).unwrap();
    let read = store.snapshot().await.unwrap().audit_of("child").await;
    assert!(matches!(read, Err(StoreError::Unreadable(_))), "{read:?}");
}

#[tokio::test]
async fn a_backup_holds_what_was_committed_and_replaces_nothing() {
    let room = tempfile::tempdir().unwrap();
    let store = migrated(&room.path().join("shiren.db")).await;
    write(&store, 1).await.unwrap();
    // Neither a writer nor a reader is in its way.
    let mut open = store.begin().await.unwrap();
    open.append_audit(&entry(2)).await.unwrap();
    let copy = room.path().join("it's a copy.db");
    store.backup(&copy).await.unwrap();
    open.commit().await.unwrap();
    assert!(matches!(store.backup(&copy).await, Err(StoreError::Conflict)));
    let restored = SqliteStore::open(&copy).await.unwrap();
    restored.ready().await.unwrap();
    assert_eq!(written(&restored).await, 1);
    assert_eq!(written(&store).await, 2);
}

#[tokio::test]
async fn what_was_shredded_is_gone_from_the_disk() {
    use shiren_app::record::DataKeyRecord;
    use shiren_vault::{Purpose, WrappedKey};
    let room = tempfile::tempdir().unwrap();
    let path = room.path().join("shiren.db");
    let store = migrated(&path).await;
    let bytes = b"a wrapped key that must not be found any more".to_vec();
    let on_disk = || {
        let files = std::fs::read_dir(room.path()).unwrap();
        let mut contents = files.map(|file| std::fs::read(file.unwrap().path()).unwrap());
        contents.any(|content| content.windows(bytes.len()).any(|window| window == bytes))
    };
    let wrapped = WrappedKey { master: 1, bytes: bytes.clone() };
    let mut tx = store.begin().await.unwrap();
    let key = DataKeyRecord { owner: "vs_1".to_owned(), purpose: Purpose::Face, wrapped };
    tx.insert_data_key(&key).await.unwrap();
    tx.commit().await.unwrap();
    assert!(on_disk());
    let mut tx = store.begin().await.unwrap();
    assert!(tx.shred_data_key("vs_1", Purpose::Face).await.unwrap());
    tx.commit().await.unwrap();
    store.scrub().await.unwrap();
    assert!(!on_disk());
}

#[tokio::test]
async fn two_processes_may_write_to_one_file() {
    let room = tempfile::tempdir().unwrap();
    let path = room.path().join("shiren.db");
    let (one, other) = (migrated(&path).await, migrated(&path).await);
    // Each looks first: whoever had only begun to read when the other one wrote could not write any more.
    let writing = |store: SqliteStore| async move {
        for _ in 0..50 {
            let mut tx = store.begin().await.unwrap();
            let there = tx.audit_of("child").await.unwrap().len();
            tx.append_audit(&entry(there as u64)).await.unwrap();
            tx.commit().await.unwrap();
        }
    };
    tokio::join!(writing(one.clone()), writing(other));
    assert_eq!(written(&one).await, 100);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_processes_may_begin_on_a_new_file_at_once() {
    let room = tempfile::tempdir().unwrap();
    let path = room.path().join("shiren.db");
    let starting: tokio::task::JoinSet<_> = (0..8)
        .map(|n| {
            let path = path.clone();
            async move { write(&migrated(&path).await, n).await.unwrap() }
        })
        .collect();
    starting.join_all().await;
    assert_eq!(written(&migrated(&path).await).await, 8);
}
