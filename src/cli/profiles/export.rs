//! `profiles export`: chosen profiles as a file for other people.

use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use serde_json::json;

use super::{Select, own, unlock};
use crate::cli::{CliError, Context, Exit, Out};
use crate::profile::model::Profile;
use crate::profile::share::{ShareError, export};
use crate::profile::vault::Recipient;
use crate::text::format::number_of;

/// The longest file of recipients.
const LONGEST: u64 = 1 << 20;

/// What to export.
#[derive(Debug, clap::Args)]
pub(super) struct Export {
    /// Names of profiles; none means all that the flags select
    names: Vec<String>,
    #[command(flatten)]
    select: Select,
    /// Write to this file instead of stdout; it must not exist yet
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Replace the file if it exists
    #[arg(long, requires = "output")]
    force: bool,
    /// Take stored keys along; the file is then encrypted to the recipients
    #[arg(long)]
    with_secrets: bool,
    /// Who can open the file: age1... or 'ssh-ed25519 AAAA...'; may be repeated
    #[arg(long, value_name = "KEY", requires = "with_secrets")]
    recipient: Vec<String>,
    /// File with recipients, one in a line, e.g. somebody's id_ed25519.pub
    #[arg(long, value_name = "FILE", requires = "with_secrets")]
    recipients_file: Vec<PathBuf>,
}

impl Export {
    /// Writes the file.
    ///
    /// # Errors
    /// An unknown profile, a recipient that cannot be used, why the file could not be written.
    pub(super) fn run(&self, json: bool, context: &Context, out: &mut Out) -> Result<Exit, CliError> {
        if json && self.output.is_none() {
            let why = "--json tells what was exported, and the file itself is TOML: give its path with --output FILE.";
            return Err(CliError::Usage(why.to_owned()));
        }
        // What is wrong with the words is said before a passphrase is asked for.
        let recipients = self.recipients()?;
        let vault = unlock::vault(context)?;
        let all = vault.profiles()?;
        let profiles: Vec<Profile> = match self.names.as_slice() {
            [] => all.into_iter().filter(|profile| self.select.selects(profile)).collect(),
            names => names.iter().map(|name| own(&vault, name, context)).collect::<Result<_, _>>()?,
        };
        let exported = export(&profiles, &recipients)?;
        for left in exported.left.iter().filter(|_| !json) {
            out.note(&format!("{left}."));
        }
        match &self.output {
            Some(path) => self.write(path, &exported.bytes)?,
            None if out.is_terminal() => {
                for line in String::from_utf8_lossy(&exported.bytes).lines() {
                    out.line(line)?;
                }
            }
            None => out.raw(&exported.bytes)?,
        }
        if json {
            let left = exported.left.iter();
            let left = left.map(|left| json!({ "profile": left.profile, "field": left.field, "why": left.why }));
            out.json(&json!({
                "file": self.output.as_ref().map(|path| path.display().to_string()),
                "profiles": exported.count,
                "secrets": exported.secrets,
                "recipients": recipients.len(),
                "left_out": left.collect::<Vec<_>>(),
            }))?;
            return Ok(Exit::Done);
        }
        let secrets = match (self.with_secrets, exported.secrets) {
            (false, _) => "without secrets".to_owned(),
            (true, n) => {
                format!("with {}, encrypted to {}", number_of(n, "secret"), number_of(recipients.len(), "recipient"))
            }
        };
        out.note(&format!("exported {}, {secrets}.", number_of(exported.count, "profile")));
        Ok(Exit::Done)
    }

    fn recipients(&self) -> Result<Vec<Recipient>, CliError> {
        let mut recipients = Vec::new();
        for text in &self.recipient {
            recipients.push(read_recipient(text)?);
        }
        for path in &self.recipients_file {
            recipients.extend(read_recipients_file(path)?);
        }
        if self.with_secrets && recipients.is_empty() {
            return Err(ShareError::NoRecipients.into());
        }
        Ok(recipients)
    }

    fn write(&self, path: &Path, bytes: &[u8]) -> Result<(), CliError> {
        let failed = |cause: std::io::Error| {
            let path = path.display();
            CliError::Usage(match cause.kind() {
                std::io::ErrorKind::AlreadyExists => {
                    format!(
                        "{path} is there already, so nothing was written. Choose another file, or replace it with --force."
                    )
                }
                _ => format!("{path} could not be written: {cause}. Choose another file."),
            })
        };
        let mut options = std::fs::OpenOptions::new();
        // Names and addresses of databases are nobody else's business, even without keys.
        options.write(true).mode(0o600);
        if self.force {
            options.create(true).truncate(true)
        } else {
            options.create_new(true)
        };
        let mut file = options.open(path).map_err(failed)?;
        file.write_all(bytes).and_then(|()| file.sync_all()).map_err(failed)
    }
}

fn read_recipient(text: &str) -> Result<Recipient, ShareError> {
    Recipient::parse(text).map_err(|why| {
        // A secret key given by mistake is not repeated.
        let head: String = text.trim().chars().take(if text.contains("SECRET") { 0 } else { 24 }).collect();
        ShareError::Recipient { shown: format!("{head}..."), why }
    })
}

/// Recipients of a file, one in a line, with comments.
fn read_recipients_file(path: &Path) -> Result<Vec<Recipient>, CliError> {
    use std::io::Read;
    let failed = |cause: std::io::Error| CliError::Input { what: path.display().to_string(), cause: cause.to_string() };
    let mut text = String::new();
    std::fs::File::open(path).map_err(failed)?.take(LONGEST).read_to_string(&mut text).map_err(failed)?;
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let recipients = lines.map(read_recipient).collect::<Result<Vec<_>, _>>()?;
    if recipients.is_empty() {
        return Err(ShareError::EmptyRecipientsFile { path: path.display().to_string() }.into());
    }
    Ok(recipients)
}
