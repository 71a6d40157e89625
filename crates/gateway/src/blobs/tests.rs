use std::fs::{File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};
use std::time::Duration;

use super::*;

const CHILD_FOLDER: &str = "SHIREN_TEST_BLOBS";
/// Large enough that a kill often hits while it is written.
const LARGE: usize = 2 << 20;

fn opened() -> (tempfile::TempDir, LocalBlobs) {
    let folder = tempfile::tempdir().unwrap();
    let blobs = LocalBlobs::open(folder.path().join("blobs")).unwrap();
    (folder, blobs)
}

fn incoming(blobs: &LocalBlobs) -> usize {
    fs::read_dir(blobs.0.root.join(".incoming")).unwrap().count()
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

/// Writes half and then gets the system's own error for a full disk.
fn write_until_full(file: &mut File, bytes: &[u8]) -> io::Result<()> {
    file.write_all(&bytes[..bytes.len() / 2])?;
    OpenOptions::new().write(true).open("/dev/full")?.write_all(&bytes[bytes.len() / 2..])
}

#[tokio::test]
async fn what_is_kept_is_found_again_and_replaced_and_deleted() {
    let (_folder, blobs) = opened();
    blobs.put("evidence/vs_1/ev_1", b"one".to_vec()).await.unwrap();
    blobs.put("evidence/vs_1/ev_1", b"two".to_vec()).await.unwrap();
    assert_eq!(blobs.get("evidence/vs_1/ev_1").await.unwrap(), b"two");
    blobs.delete("evidence/vs_1/ev_1").await.unwrap();
    blobs.delete("evidence/vs_1/ev_1").await.unwrap();
    assert!(
        matches!(blobs.get("evidence/vs_1/ev_1").await, Err(BlobError::Missing(key)) if key.ends_with("ev_1"))
    );
}

#[tokio::test]
async fn blobs_outlive_the_process() {
    let (_folder, blobs) = opened();
    blobs.put("a", vec![7; 1000]).await.unwrap();
    let again = LocalBlobs::open(&blobs.0.root).unwrap();
    assert_eq!(again.get("a").await.unwrap(), vec![7; 1000]);
}

#[tokio::test]
async fn an_empty_blob_is_a_blob_and_a_key_may_begin_another() {
    let (_folder, blobs) = opened();
    blobs.put("a/b", b"inner".to_vec()).await.unwrap();
    blobs.put("a", Vec::new()).await.unwrap();
    assert_eq!(blobs.get("a").await.unwrap(), b"");
    assert_eq!(blobs.get("a/b").await.unwrap(), b"inner");
}

#[tokio::test]
async fn only_the_owner_can_read_folders_and_files() {
    let (_folder, blobs) = opened();
    blobs.put("a/b", b"x".to_vec()).await.unwrap();
    let root = &blobs.0.root;
    for folder in [root.clone(), root.join(".incoming"), root.join("a")] {
        assert_eq!(mode(&folder), 0o700);
    }
    assert_eq!(mode(&root.join("a/b.blob")), 0o600);
}

#[tokio::test]
async fn keys_that_lead_elsewhere_are_refused_by_every_method() {
    let (folder, blobs) = opened();
    fs::write(folder.path().join("outside.blob"), b"secret").unwrap();
    for key in ["../outside", "/outside", "a/../../outside", "", ".incoming/x", "a//b"] {
        assert!(matches!(blobs.put(key, vec![1]).await, Err(BlobError::Other(_))), "{key}");
        assert!(matches!(blobs.get(key).await, Err(BlobError::Other(_))), "{key}");
        assert!(matches!(blobs.delete(key).await, Err(BlobError::Other(_))), "{key}");
    }
    assert_eq!(fs::read(folder.path().join("outside.blob")).unwrap(), b"secret");
}

#[tokio::test]
async fn a_full_disk_is_told_and_neither_harms_what_was_there_nor_leaves_anything() {
    let (_folder, blobs) = opened();
    blobs.put("a", b"before".to_vec()).await.unwrap();
    let full = LocalBlobs::writing(blobs.0.root.clone(), write_until_full).unwrap();
    assert!(matches!(full.put("a", vec![1; 100]).await, Err(BlobError::Full)));
    assert!(matches!(full.put("b", vec![1; 100]).await, Err(BlobError::Full)));
    assert_eq!(full.get("a").await.unwrap(), b"before");
    assert!(matches!(full.get("b").await, Err(BlobError::Missing(_))));
    assert_eq!(incoming(&full), 0);
    blobs.put("b", b"there is space again".to_vec()).await.unwrap();
}

#[tokio::test]
async fn deleting_the_last_blob_leaves_no_folder() {
    let (_folder, blobs) = opened();
    blobs.put("a/b/c", vec![1]).await.unwrap();
    blobs.put("a/d", vec![1]).await.unwrap();
    blobs.delete("a/b/c").await.unwrap();
    assert!(!blobs.0.root.join("a/b").exists());
    assert_eq!(blobs.get("a/d").await.unwrap(), [1]);
    blobs.delete("a/d").await.unwrap();
    assert_eq!(fs::read_dir(&blobs.0.root).unwrap().count(), 1, "only .incoming is left");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn keeping_and_deleting_side_by_side_disturb_each_other_never() {
    let (_folder, blobs) = opened();
    let tasks: Vec<_> = (0..8).map(|i| tokio::spawn(put_and_delete(blobs.clone(), i))).collect();
    for task in tasks {
        task.await.unwrap();
    }
}

async fn put_and_delete(blobs: LocalBlobs, task: u32) {
    for _ in 0..25 {
        let key = format!("shared/folder/{task}");
        blobs.put(&key, vec![1; 10]).await.unwrap();
        assert_eq!(blobs.get(&key).await.unwrap().len(), 10);
        blobs.delete(&key).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_reader_sees_the_old_blob_or_the_new_one_and_nothing_between() {
    let (_folder, blobs) = opened();
    blobs.put("a", vec![0; LARGE]).await.unwrap();
    let writer = blobs.clone();
    let writing = tokio::spawn(async move {
        for i in 1..20 {
            writer.put("a", vec![i; LARGE]).await.unwrap();
        }
    });
    while !writing.is_finished() {
        assert!(is_whole(&blobs.get("a").await.unwrap()));
    }
    writing.await.unwrap();
}

fn is_whole(bytes: &[u8]) -> bool {
    bytes.len() == LARGE && bytes.iter().all(|byte| *byte == bytes[0])
}

#[tokio::test]
async fn what_a_crash_left_is_cleared_at_the_start_and_what_is_being_written_is_not() {
    let (_folder, blobs) = opened();
    fs::write(blobs.0.root.join(".incoming/0123"), b"half").unwrap();
    let being_written = blobs.0.incoming.write(b"whole").unwrap();
    let started = LocalBlobs::open(&blobs.0.root).unwrap();
    assert_eq!(incoming(&started), 1);
    drop(being_written);
    assert_eq!(incoming(&started), 0);
}

#[tokio::test]
async fn a_process_killed_at_any_moment_leaves_whole_blobs_only() {
    let (_folder, blobs) = opened();
    let mut seen = 0;
    for round in 0..16 {
        run_and_kill_writer(&blobs.0.root, Duration::from_millis(60 + 7 * round));
        let after = LocalBlobs::open(&blobs.0.root).unwrap();
        assert_eq!(incoming(&after), 0);
        match after.get("killed/a").await {
            Ok(bytes) => assert!(is_whole(&bytes)),
            Err(error) => assert!(matches!(error, BlobError::Missing(_))),
        }
        seen += usize::from(after.get("killed/a").await.is_ok());
    }
    assert!(seen > 0, "the writer never came to write");
}

fn run_and_kill_writer(root: &Path, after: Duration) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "blobs::tests::writer_for_the_test_that_kills", "--ignored"])
        .env(CHILD_FOLDER, root)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    std::thread::sleep(after);
    child.kill().unwrap();
    child.wait().unwrap();
}

#[tokio::test]
#[ignore = "run by a_process_killed_at_any_moment_leaves_whole_blobs_only in a process of its own"]
async fn writer_for_the_test_that_kills() {
    let Some(root) = std::env::var_os(CHILD_FOLDER) else { return };
    let blobs = LocalBlobs::open(root).unwrap();
    for i in (0..=u8::MAX).cycle() {
        blobs.put("killed/a", vec![i; LARGE]).await.unwrap();
    }
}
