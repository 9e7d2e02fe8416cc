//! Who may know whom: the rooms of the house, checked over the manifests and the sources.
//!
//! The compiler already refuses an import without a dependency; these tests refuse the dependency.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// A room: what it may use of the other rooms, and what it must never see of the world.
struct Room {
    name: &'static str,
    rooms: &'static [&'static str],
    never: &'static [&'static str],
}

const ENGINES: &[&str] = &["rusqlite", "tokio-postgres", "deadpool-postgres"];

const ROOMS: &[Room] = &[
    Room {
        name: "docket-domain",
        rooms: &[],
        never: &["tokio", "serde", "serde_json", "axum", "hyper", "tracing", "ring", "rand"],
    },
    Room {
        name: "docket-store",
        rooms: &["docket-domain"],
        never: &["axum", "hyper", "utoipa", "reqwest"],
    },
    Room {
        name: "docket-service",
        rooms: &["docket-domain", "docket-store"],
        never: &["axum", "hyper", "utoipa", "reqwest", "lettre"],
    },
    Room { name: "docket-wire", rooms: &["docket-domain"], never: &["axum", "hyper", "tokio"] },
    Room {
        name: "docket-api",
        rooms: &["docket-domain", "docket-service", "docket-wire"],
        never: &["reqwest", "lettre"],
    },
    Room {
        name: "docket-courier",
        rooms: &["docket-domain", "docket-service", "docket-wire"],
        never: &["axum"],
    },
    Room {
        name: "docket-server",
        rooms: &[
            "docket-api",
            "docket-courier",
            "docket-domain",
            "docket-service",
            "docket-store",
            "docket-wire",
        ],
        never: &[],
    },
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// Every crate of the workspace with the crates that it is built with; those of tests do not count.
fn dependencies() -> BTreeMap<String, Vec<String>> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--format-version=1", "--offline"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap().iter();
    let built_with = |package: &Value| {
        let all = package["dependencies"].as_array().unwrap().iter();
        all.filter(|dependency| dependency["kind"] != "dev")
            .map(|dependency| dependency["name"].as_str().unwrap().to_owned())
            .collect()
    };
    packages
        .map(|package| (package["name"].as_str().unwrap().to_owned(), built_with(package)))
        .collect()
}

/// The sources of a crate that are shipped: path and text.
fn sources(name: &str) -> Vec<(PathBuf, String)> {
    let folder = root().join("crates").join(name.trim_start_matches("docket-")).join("src");
    let mut sources = Vec::new();
    let mut folders = vec![folder];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = fs::read_dir(&folder) else { continue };
        for path in entries.map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                sources.push((path, text));
            }
        }
    }
    sources
}

/// The lines that are code, with their numbers: no comments, and no unit tests at the foot.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let shipped = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
    let lines = shipped.lines().zip(1..).map(|(line, number)| (number, line));
    lines.filter(|(_, line)| !line.trim_start().starts_with("//"))
}

/// Fails with every line of these sources that `is_wrong`.
fn no_line(room: &str, rule: &str, is_wrong: impl Fn(&Path, &str) -> bool) {
    let mut wrong = Vec::new();
    for (path, text) in sources(room) {
        for (number, line) in code(&text).filter(|(_, line)| is_wrong(&path, line)) {
            wrong.push(format!("{}:{number}: {}", path.display(), line.trim()));
        }
    }
    assert!(wrong.is_empty(), "{room}: {rule}:\n{}", wrong.join("\n"));
}

#[test]
fn rooms_open_only_the_doors_that_they_have() {
    let mut known = dependencies();
    // What is never shipped may see everything.
    known.remove("docket-testkit");
    known.remove("docket-bench");
    for (name, uses) in known {
        let room = ROOMS.iter().find(|room| room.name == name);
        let room = room.unwrap_or_else(|| panic!("{name} is a new room: say what it may see"));
        for used in &uses {
            let is_room = used.starts_with("docket-");
            assert!(!is_room || room.rooms.contains(&used.as_str()), "{name} must not use {used}");
            assert!(!room.never.contains(&used.as_str()), "{name} must not use {used}");
            let is_engine = ENGINES.contains(&used.as_str());
            assert!(!is_engine || name == "docket-store", "{name} must not know {used}");
        }
    }
}

#[test]
fn imports_go_through_the_same_doors() {
    for room in ROOMS {
        let banned = |crate_name: &str| crate_name.replace('-', "_") + "::";
        let others = ROOMS.iter().map(|other| other.name);
        let rooms = others.filter(|other| *other != room.name && !room.rooms.contains(other));
        let engines = ENGINES.iter().filter(|_| room.name != "docket-store");
        let banned: Vec<String> =
            rooms.chain(room.never.iter().copied()).chain(engines.copied()).map(banned).collect();
        no_line(room.name, "imports what it must not", |_, line| {
            let words = line.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':'));
            words.into_iter().any(|word| banned.iter().any(|banned| word.starts_with(banned)))
        });
    }
}

#[test]
fn only_the_store_speaks_sql() {
    const SQL: [&str; 4] = ["SELECT ", "INSERT INTO", "DELETE FROM", "CREATE TABLE"];
    for room in ROOMS.iter().filter(|room| room.name != "docket-store") {
        no_line(room.name, "SQL belongs into the store", |_, line| {
            SQL.iter().any(|word| line.contains(word))
        });
    }
}

#[test]
fn use_cases_and_surfaces_name_no_engine() {
    for room in ["docket-domain", "docket-service", "docket-wire", "docket-api"] {
        no_line(room, "nobody outside the store names an engine", |_, line| {
            let line = line.to_lowercase();
            line.contains("sqlite") || line.contains("postgres")
        });
    }
}

#[test]
fn rules_ask_neither_for_the_time_nor_for_chance() {
    no_line("docket-domain", "time and chance come in as arguments", |_, line| {
        ["::now()", "new_v4", "now_v7", "SystemTime"].iter().any(|call| line.contains(call))
    });
}

#[test]
fn surfaces_do_not_call_each_other() {
    let surfaces = ["fusionauth", "waldur", "native"];
    for room in ["docket-api", "docket-wire"] {
        no_line(room, "a surface translates to and from the domain alone", |path, line| {
            let is_in = |name: &&&str| {
                let file = format!("{name}.rs");
                path.components().any(|part| part.as_os_str() == **name)
                    || path.file_name().is_some_and(|part| part == file.as_str())
            };
            let Some(own) = surfaces.iter().find(is_in) else { return false };
            let others = surfaces.iter().filter(|other| other != &own);
            others.into_iter().any(|other| line.contains(&format!("crate::{other}")))
        });
    }
}

#[test]
fn files_have_a_size_and_a_name_that_says_what_is_in_them() {
    const VAGUE: [&str; 6] = ["utils", "util", "helpers", "helper", "common", "manager"];
    for room in ROOMS {
        for (path, text) in sources(room.name) {
            let stem = path.file_stem().unwrap().to_string_lossy().into_owned();
            assert!(!VAGUE.contains(&stem.as_str()), "{}: what is in it?", path.display());
            assert_ne!(stem, "mod", "{}: modules are named after themselves", path.display());
            let lines = text.lines().count();
            assert!(lines <= 600, "{} has {lines} lines", path.display());
            assert!(text.starts_with("//!"), "{} does not say what it is for", path.display());
        }
    }
}
