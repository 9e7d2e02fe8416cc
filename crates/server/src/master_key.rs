//! Finds the master key, which seals secrets in the database, or makes one for a new database.
//!
//! Invariant: a key is made only for a database that no key was ever used with. A second key for
//! the same database would only hide that the first one is lost.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use docket_service::vault::{self, Vault};
use docket_store::Db;

use crate::config::{self, Config};

/// The name of a key file that nobody named.
const USUAL_FILE: &str = "docket.key";

/// The vault of this database.
pub(crate) async fn vault(config: &Config, db: &Db) -> anyhow::Result<Vault> {
    if let Some(key) = config::master_key() {
        return Vault::new(&key).context("DOCKET_MASTER_KEY cannot be used");
    }
    let path = path(config);
    let key = match read(&path)? {
        Some(key) => key,
        None if !vault::is_sealed(db).await? => make(&path)?,
        // Another node, started at the same time, may have made the file since.
        None => match read(&path)? {
            Some(key) => key,
            None => bail!(
                "the master key of this database is not there: set DOCKET_MASTER_KEY, or put the \
                 key file back as {}",
                path.display()
            ),
        },
    };
    Vault::new(&key).with_context(|| format!("the key in {} cannot be used", path.display()))
}

/// Where the key file is: as the settings say, else beside the SQLite database, else here.
fn path(config: &Config) -> PathBuf {
    if config.master_key_file != Path::new("") {
        return config.master_key_file.clone();
    }
    let database = config.database.url.strip_prefix("sqlite://").map(Path::new);
    let folder = database.and_then(Path::parent).unwrap_or(Path::new(""));
    folder.join(USUAL_FILE)
}

fn read(path: &Path) -> anyhow::Result<Option<String>> {
    match fs::read_to_string(path) {
        Ok(key) => {
            warn_if_open(path);
            Ok(Some(key))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => {
            Err(error).with_context(|| format!("the key file {} cannot be read", path.display()))
        }
    }
}

fn warn_if_open(path: &Path) {
    let mode = fs::metadata(path).map(|metadata| metadata.permissions().mode());
    if mode.is_ok_and(|mode| mode & 0o077 != 0) {
        tracing::warn!(file = %path.display(), "others may read the master key: chmod 600 it");
    }
}

/// Makes a key file, or gives the key of whoever was faster.
fn make(path: &Path) -> anyhow::Result<String> {
    let key = Vault::new_master_key();
    let made = write_whole(path, &key);
    match made {
        Ok(()) => {
            tracing::warn!(
                file = %path.display(),
                "a master key was made; without it the secrets in the database are lost, so keep \
                 a copy of it, elsewhere than the copies of the database"
            );
            Ok(key)
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            read(path)?.with_context(|| format!("the key file {} went away", path.display()))
        }
        Err(error) => {
            Err(error).with_context(|| format!("no key file can be made at {}", path.display()))
        }
    }
}

/// Writes the file under another name and then gives it its own, so that it is never there in part
/// and never replaced.
fn write_whole(path: &Path, key: &str) -> io::Result<()> {
    let folder = path.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new("."));
    let draft = path.with_extension(format!("{}.new", std::process::id()));
    let written = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft);
    let linked = written.and_then(|mut file| {
        writeln!(file, "{key}")?;
        file.sync_all()?;
        fs::hard_link(&draft, path)?;
        File::open(folder)?.sync_all()
    });
    drop(fs::remove_file(&draft));
    linked
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(url: &str, file: &str) -> Config {
        let mut config = Config { master_key_file: file.into(), ..Config::default() };
        config.database.url = url.to_owned();
        config
    }

    #[test]
    fn the_key_file_lies_beside_the_database() {
        let path = |url, file| path(&config(url, file)).display().to_string();
        assert_eq!(path("sqlite:///var/lib/docket/docket.db", ""), "/var/lib/docket/docket.key");
        assert_eq!(path("sqlite://docket.db", ""), "docket.key");
        assert_eq!(path("postgres://docket@db/docket", ""), "docket.key");
        assert_eq!(path("sqlite:///var/lib/docket.db", "/etc/key"), "/etc/key");
    }

    #[test]
    fn a_key_file_is_for_its_owner_alone_and_never_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("docket.key");
        let key = make(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(make(&path).unwrap().trim(), key);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
