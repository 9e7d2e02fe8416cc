//! Where settings come from, and what is said of mistakes.

use std::fs;
use std::path::Path;

use crate::support::{Server, complaint, docket, folder, run, said};

#[test]
fn the_printed_settings_are_the_default_file_and_can_be_used() {
    let folder = folder();
    let printed = said(&run(folder.path(), &["config"]));
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docket.default.toml");
    assert_eq!(printed, fs::read_to_string(root).unwrap());
    fs::write(folder.path().join("all.toml"), printed).unwrap();
    said(&run(folder.path(), &["migrate", "--config", "all.toml"]));
    assert!(folder.path().join("docket.db").exists());
}

#[test]
fn a_mistake_in_the_file_is_told_with_its_line_and_the_nearest_key() {
    let folder = folder();
    fs::write(folder.path().join("docket.toml"), "[database]\nurll = \"sqlite://a.db\"\n").unwrap();
    let complaint = complaint(&run(folder.path(), &["serve"]));
    assert!(complaint.contains("docket.toml:2: "), "{complaint}");
    assert!(complaint.contains("did you mean `database.url`?"), "{complaint}");
}

#[test]
fn a_file_that_is_named_must_be_there() {
    let folder = folder();
    let complaint = complaint(&run(folder.path(), &["migrate", "--config", "nothing.toml"]));
    assert!(complaint.contains("nothing.toml"), "{complaint}");
}

#[test]
fn the_command_line_wins_over_the_environment_and_that_over_the_file() {
    let folder = folder();
    let settings = "listen = \"127.0.0.2:0\"\n[database]\nurl = \"sqlite://file.db\"\n";
    fs::write(folder.path().join("docket.toml"), settings).unwrap();
    let start = |arguments: &[&str], variables: &[(&str, &str)]| {
        let mut command = docket(folder.path());
        command.arg("serve").args(arguments).envs(variables.iter().copied());
        let server = Server::spawn(command);
        let address = server.address.ip().to_string();
        server.stop();
        let databases = ["file.db", "variable.db", "option.db"];
        let made = databases.map(|name| folder.path().join(name).exists());
        (address, made)
    };
    let variables =
        [("DOCKET_LISTEN", "127.0.0.3:0"), ("DOCKET_DATABASE_URL", "sqlite://variable.db")];
    let options = ["--listen", "127.0.0.4:0", "--database", "sqlite://option.db"];
    assert_eq!(start(&[], &[]), ("127.0.0.2".to_owned(), [true, false, false]));
    let empty = [("DOCKET_LISTEN", ""), ("DOCKET_DATABASE_URL", ""), ("DOCKET_CONFIG", "")];
    assert_eq!(start(&[], &empty), ("127.0.0.2".to_owned(), [true, false, false]));
    // Each new database needs a key of its own, or that of the folder.
    assert_eq!(start(&[], &variables), ("127.0.0.3".to_owned(), [true, true, false]));
    assert_eq!(start(&options, &variables), ("127.0.0.4".to_owned(), [true, true, true]));
}

#[test]
fn a_broker_that_cannot_be_one_ends_the_start() {
    let folder = folder();
    let complain = |settings: &str| {
        fs::write(folder.path().join("docket.toml"), settings).unwrap();
        complaint(&run(folder.path(), &["serve", "--listen", "127.0.0.1:0"]))
    };
    let said = complain("[events]\nnats = \"http://user:sesame@broker\"\n");
    assert!(said.contains("events.nats is no address"), "{said}");
    assert!(!said.contains("sesame"), "{said}");
    let said = complain("[events]\nnats = \"broker\"\nnats_stream = \"a.b\"\n");
    assert!(said.contains("events.nats_stream cannot be the name of a stream"), "{said}");
    let said = complain("[events]\nnats = \"broker\"\nnats_certificate = \"none.pem\"\n");
    assert!(said.contains("none.pem"), "{said}");
    assert!(!folder.path().join("docket.db").exists());
}

#[test]
fn a_url_that_names_no_engine_is_not_a_database() {
    let folder = folder();
    let output = run(folder.path(), &["migrate", "--database", "docket.db"]);
    let complaint = complaint(&output);
    assert!(complaint.contains("sqlite://path"), "{complaint}");
}
