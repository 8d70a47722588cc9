//! The faults of other platforms, kept as patches: whether the suite notices them `scripts/check-peer-bugs` finds out, which
//! takes a build for each; that each can still be brought back is seen here.

use std::path::Path;
use std::process::Command;

#[test]
fn every_fault_of_a_peer_can_still_be_brought_back_and_names_tests_that_there_are() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut patches = 0;
    for entry in std::fs::read_dir(root.join("tests/peer-bugs")).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let said = |word: &str| text.lines().filter_map(|line| line.strip_prefix(word)).collect::<Vec<_>>();
        assert!(!said("Peer: ").is_empty() && !said("Case: ").is_empty(), "{path:?} does not say whose fault it was");
        // A copy need not be a repository of its own, so it is applied to files and not to an index.
        let applies = Command::new("git").args(["apply", "--check"]).arg(&path).current_dir(root).output().unwrap();
        assert!(applies.status.success(), "{path:?}: {}", String::from_utf8_lossy(&applies.stderr));
        assert!(!said("Red: ").is_empty(), "{path:?} turns nothing red");
        for test in said("Red: ") {
            let (module, name) = test.split_once("::").unwrap();
            let tests = std::fs::read_to_string(root.join(format!("tests/api/{module}.rs"))).unwrap();
            assert!(tests.contains(&format!("async fn {name}(")), "{path:?}: there is no test {test}");
        }
        patches += 1;
    }
    assert_eq!(patches, 8);
}
