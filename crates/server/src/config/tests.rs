//! The settings file: its defaults, its mistakes.

use std::path::Path;

use super::*;

fn parse(text: &str) -> Result<Config, String> {
    file::parse(Path::new("docket.toml"), text).map_err(|error| error.to_string())
}

#[test]
fn the_default_file_says_what_the_program_does_without_one() {
    assert_eq!(parse(DEFAULT_FILE).unwrap(), Config::default());
    assert_eq!(parse("").unwrap(), Config::default());
    assert!(parse("[log]\nlevel = \"warn,docket_store=debug\"").is_ok());
}

#[test]
fn the_default_file_lists_every_setting() {
    let all = toml::Table::try_from(Config::default()).unwrap();
    let mut expected: Vec<String> = Vec::new();
    for (key, value) in &all {
        match value.as_table() {
            Some(table) => expected.extend(table.keys().map(|name| format!("{key}.{name}"))),
            None => expected.push(key.clone()),
        }
    }
    let mut listed = file::known_keys();
    expected.sort();
    listed.sort();
    assert_eq!(listed, expected);
}

#[test]
fn the_default_file_explains_every_setting() {
    let mut explained = false;
    for line in DEFAULT_FILE.lines() {
        if line.contains(" = ") && !line.starts_with('#') {
            assert!(explained, "nothing explains {line}");
        }
        explained = line.starts_with('#');
    }
}

#[test]
fn an_unknown_key_is_refused_with_the_nearest_one() {
    for (text, line, key, nearest) in [
        ("listn = \"a\"", 1, "listn", "listen"),
        ("\n[databse]\nurl = \"a\"", 3, "databse.url", "database.url"),
        ("[requests]\nlargest_bdy = 1", 2, "requests.largest_bdy", "requests.largest_body"),
        ("allowed_networks = []", 1, "allowed_networks", "webhooks.allowed_networks"),
        ("[webhok]", 1, "webhok", "webhooks"),
    ] {
        let error = parse(text).unwrap_err();
        assert!(error.contains(&format!("docket.toml:{line}: ")), "{error}");
        assert!(error.contains(&format!("`{key}`")), "{error}");
        assert!(error.contains(&format!("did you mean `{nearest}")), "{error}");
    }
    assert!(parse("x = 1").unwrap_err().contains("`docket config` prints them all"));
}

#[test]
fn a_value_of_the_wrong_kind_is_refused_with_its_line() {
    for text in [
        "\nlisten = 9011",
        "\ndatabase = \"sqlite://a\"",
        "[log]\nformat = \"loud\"",
        "[database]\nwrite_connections = -1",
        "\nlisten = ",
        "[database.url]\nof = \"a\"",
    ] {
        let error = parse(text).unwrap_err();
        assert!(error.starts_with("docket.toml:"), "{error}");
        assert!(!error.contains("no setting"), "{error}");
    }
}

#[test]
fn what_makes_no_sense_is_refused() {
    for (text, named) in [
        ("[webhooks]\nallowed_networks = [\"10.0.0.1/8\"]", "10.0.0.0/8 is the network"),
        ("[webhooks]\nallowed_networks = [\"localhost\"]", "not an IP address"),
        ("[log]\nlevel = \"loud\"", "log.level"),
        ("[log]\nlevel = \"info,docket_store=loud\"", "log.level"),
        ("[database]\nread_connections = 0", "database.read_connections"),
        ("[requests]\ntimeout_seconds = 0", "requests.timeout_seconds"),
        ("[mail]\nhost = \"smtp.example.com\"", "mail.from_email"),
        ("[mail]\nhost = \"a\"\nport = 0\nfrom_email = \"a@example.com\"", "mail.port"),
        ("[mail]\ntimeout_seconds = 0", "mail.timeout_seconds"),
    ] {
        let error = parse(text).unwrap_err();
        assert!(error.contains(named), "{error}");
    }
}
