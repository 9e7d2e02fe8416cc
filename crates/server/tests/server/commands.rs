//! The other commands.

use crate::support::{KEY, Server, complaint, docket, folder, run, said};

#[test]
fn every_command_explains_itself_with_examples() {
    let folder = folder();
    for command in [
        vec![],
        vec!["serve"],
        vec!["demo"],
        vec!["migrate"],
        vec!["config"],
        vec!["key", "create"],
        vec!["key", "list"],
        vec!["key", "revoke"],
        vec!["user", "create"],
    ] {
        let arguments = [command.as_slice(), &["--help"]].concat();
        let help = said(&run(folder.path(), &arguments));
        assert!(help.contains("Usage: docket"), "{help}");
        assert!(help.contains("Example"), "{command:?} shows no example");
    }
    let version = said(&run(folder.path(), &["--version"]));
    assert_eq!(version.trim(), format!("docket {}", env!("CARGO_PKG_VERSION")));
}

#[test]
fn an_option_that_there_is_not_is_refused_with_the_nearest() {
    let folder = folder();
    let output = run(folder.path(), &["serve", "--databse", "sqlite://a.db"]);
    assert_eq!(output.status.code(), Some(2));
    let complaint = String::from_utf8(output.stderr).unwrap();
    assert!(complaint.contains("--database"), "{complaint}");
}

#[test]
fn keys_are_made_listed_and_revoked_while_the_server_runs() {
    let folder = folder();
    let server = Server::start(folder.path(), &[]);
    let create = |options: &[&str]| {
        let arguments = [&["key", "create"], options].concat();
        said(&run(folder.path(), &arguments)).trim().to_owned()
    };
    let may = |key: &str, method: &str, path: &str| {
        let body = serde_json::json!({});
        server.ask(key, method, path, (method != "GET").then_some(&body)).status != 401
    };
    let all = create(&["--name", "Everything"]);
    let some = create(&["--name", "some", "--allow", "GET /api/user-action", "--expires", "1d"]);
    let manager = create(&["--name", "manager", "--key-manager"]);
    assert!(may(&all, "GET", "/api/user-action") && may(&all, "POST", "/api/user-action"));
    assert!(may(&some, "GET", "/api/user-action") && !may(&some, "POST", "/api/user-action"));
    assert!(may(&manager, "POST", "/api/api-key") && !may(&all, "POST", "/api/api-key"));

    let listed = said(&run(folder.path(), &["key", "list"]));
    assert_eq!(listed.lines().count(), 4, "{listed}");
    for (name, fact) in
        [("some", "1 endpoint"), ("some", "expires 20"), ("manager", "manages keys")]
    {
        assert!(listed.lines().any(|l| l.contains(name) && l.contains(fact)), "{listed}");
    }
    for secret in [KEY, &all, &some, &manager] {
        assert!(!listed.contains(secret));
    }

    said(&run(folder.path(), &["key", "revoke", "everything"]));
    let until = std::time::Instant::now() + std::time::Duration::from_secs(10);
    while may(&all, "GET", "/api/user-action") {
        assert!(std::time::Instant::now() < until, "the server believes a revoked key");
        std::thread::yield_now();
    }
    let again = complaint(&run(folder.path(), &["key", "revoke", "everything"]));
    assert!(again.contains("there is no key"), "{again}");
    let twice = complaint(&run(folder.path(), &["key", "create", "--name", "SOME"]));
    assert!(twice.contains("name is already taken"), "{twice}");
}

#[test]
fn users_are_made_with_a_password_of_their_own_or_a_made_up_one() {
    let folder = folder();
    let server = Server::start(folder.path(), &[]);
    let staff = &["user", "create", "--email", "Kim@example.com", "--staff"];
    let password = said(&run(folder.path(), staff));
    assert!(password.trim().len() >= 16, "{password}");
    std::fs::write(folder.path().join("password.txt"), "correct horse battery\n").unwrap();
    let output = docket(folder.path())
        .args(["user", "create", "--username", "alex", "--password-stdin"])
        .stdin(std::fs::File::open(folder.path().join("password.txt")).unwrap())
        .output()
        .unwrap();
    assert_eq!(said(&output), "");
    let twice = complaint(&run(folder.path(), staff));
    assert!(twice.contains("email is already taken"), "{twice}");
    server.stop();
}

#[test]
fn a_mistyped_path_does_not_become_a_database() {
    let folder = folder();
    let arguments = ["key", "list", "--database", "sqlite://dokcet.db"];
    let complaint = complaint(&run(folder.path(), &arguments));
    assert!(complaint.contains("no database at dokcet.db"), "{complaint}");
    assert!(!folder.path().join("dokcet.db").exists());
}
