//! Bytes in and out of the age format. The only file that calls age's encryption; it maps every
//! error of age to ours without ever displaying one (`DecryptError::ExcessiveWork` panics when it is).

use std::io::{BufReader, Read, Write};
use std::iter;
use std::path::Path;

use age::armor::{ArmoredReader, ArmoredWriter, Format};
use age::{DecryptError, Decryptor, Encryptor, scrypt, x25519};
use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

use super::VaultError;
use super::identity::Key;

const ARMOR: &[u8] = b"-----BEGIN AGE ENCRYPTED FILE-----";
const BINARY: &[u8] = b"age-encryption.org/";

/// Whether the bytes begin like an age file, armored or not.
pub(super) fn looks_like_age(bytes: &[u8]) -> bool {
    let start = bytes.trim_ascii_start();
    start.starts_with(ARMOR) || start.starts_with(BINARY)
}

/// Whether the age file is encrypted by a passphrase rather than to keys.
pub(super) fn wants_passphrase(bytes: &[u8], path: &Path) -> Result<bool, VaultError> {
    Ok(decryptor(bytes, path)?.is_scrypt())
}

/// Encrypts to all of these recipients, armored.
pub(super) fn encrypt_to(plaintext: &[u8], recipients: &[x25519::Recipient]) -> Result<Vec<u8>, VaultError> {
    encrypt_to_all(plaintext, recipients.iter().map(|r| r as &dyn age::Recipient))
}

/// The same to recipients of any kind.
pub(super) fn encrypt_to_all<'a>(
    plaintext: &[u8],
    recipients: impl Iterator<Item = &'a dyn age::Recipient>,
) -> Result<Vec<u8>, VaultError> {
    let encryptor = Encryptor::with_recipients(recipients)
        .map_err(|_| VaultError::NotEncrypted { cause: "the list of recipients cannot be used" })?;
    armored(encryptor, plaintext)
}

/// Encrypts by a passphrase with that work factor, armored.
pub(super) fn encrypt_by_passphrase(
    plaintext: &[u8],
    passphrase: &SecretString,
    work_factor: u8,
) -> Result<Vec<u8>, VaultError> {
    if passphrase.expose_secret().is_empty() {
        return Err(VaultError::EmptyPassphrase);
    }
    let mut recipient = scrypt::Recipient::new(passphrase.clone());
    // The constructor chose a factor by timing this machine; age panics outside 1..=63.
    recipient.set_work_factor(work_factor.clamp(1, 22));
    let encryptor = Encryptor::with_recipients(iter::once(&recipient as &dyn age::Recipient))
        .map_err(|_| VaultError::NotEncrypted { cause: "the passphrase cannot be used" })?;
    armored(encryptor, plaintext)
}

fn armored(encryptor: Encryptor, plaintext: &[u8]) -> Result<Vec<u8>, VaultError> {
    let write = || -> std::io::Result<Vec<u8>> {
        let armor = ArmoredWriter::wrap_output(Vec::with_capacity(plaintext.len() * 2 + 512), Format::AsciiArmor)?;
        let mut writer = encryptor.wrap_output(armor)?;
        writer.write_all(plaintext)?;
        writer.finish()?.finish()
    };
    write().map_err(|_| VaultError::NotEncrypted { cause: "the encrypted text could not be written to memory" })
}

/// Decrypts the whole file before any of it is used: age hands out plaintext before it has seen that
/// the end is missing.
pub(super) fn decrypt(
    bytes: &[u8],
    key: &Key,
    path: &Path,
    max_work_factor: u8,
) -> Result<Zeroizing<Vec<u8>>, VaultError> {
    let decryptor = decryptor(bytes, path)?;
    let reader = match key {
        Key::Identities(keys) => decryptor.decrypt(keys.iter().map(|k| k as &dyn age::Identity)),
        Key::Passphrase(passphrase) => {
            let mut identity = scrypt::Identity::new(passphrase.clone());
            identity.set_max_work_factor(max_work_factor);
            decryptor.decrypt(iter::once(&identity as &dyn age::Identity))
        }
    };
    let mut reader = reader.map_err(|error| explain(&error, key, path, max_work_factor))?;
    let mut plaintext = Zeroizing::new(Vec::with_capacity(bytes.len()));
    reader.read_to_end(&mut plaintext).map_err(|_| damaged(path, "its end is missing or its content was altered"))?;
    Ok(plaintext)
}

/// Decrypts a file that somebody shared, with whatever keys there are.
pub(super) fn decrypt_shared(
    bytes: &[u8],
    keys: &[&dyn age::Identity],
    path: &Path,
) -> Result<Zeroizing<Vec<u8>>, VaultError> {
    let reader = decryptor(bytes, path)?.decrypt(keys.iter().copied());
    let mut reader = reader.map_err(|error| match error {
        DecryptError::DecryptionFailed | DecryptError::KeyDecryptionFailed | DecryptError::NoMatchingKeys => {
            VaultError::NotForYou { path: path.to_owned() }
        }
        DecryptError::InvalidMac => damaged(path, "the check sum of its header is wrong"),
        _ => damaged(path, "its header is cut short or altered"),
    })?;
    let mut plaintext = Zeroizing::new(Vec::with_capacity(bytes.len()));
    reader.read_to_end(&mut plaintext).map_err(|_| damaged(path, "its end is missing or its content was altered"))?;
    Ok(plaintext)
}

fn decryptor<'a>(bytes: &'a [u8], path: &Path) -> Result<Decryptor<ArmoredReader<BufReader<&'a [u8]>>>, VaultError> {
    if bytes.is_empty() {
        return Err(VaultError::Empty { path: path.to_owned() });
    }
    if !looks_like_age(bytes) {
        return Err(VaultError::NotAge { path: path.to_owned() });
    }
    Decryptor::new_buffered(ArmoredReader::new(bytes.trim_ascii_start())).map_err(|error| header_problem(&error, path))
}

fn header_problem(error: &DecryptError, path: &Path) -> VaultError {
    match error {
        DecryptError::UnknownFormat => damaged(path, "its version of the age format is unknown"),
        _ => damaged(path, "its header is cut short or altered"),
    }
}

fn explain(error: &DecryptError, key: &Key, path: &Path, allowed: u8) -> VaultError {
    match (error, key) {
        (DecryptError::ExcessiveWork { required, .. }, _) => {
            VaultError::TooMuchWork { path: path.to_owned(), required: *required, allowed }
        }
        (
            DecryptError::DecryptionFailed | DecryptError::KeyDecryptionFailed | DecryptError::NoMatchingKeys,
            Key::Passphrase(_),
        ) => VaultError::WrongPassphrase { path: path.to_owned() },
        (
            DecryptError::DecryptionFailed | DecryptError::KeyDecryptionFailed | DecryptError::NoMatchingKeys,
            Key::Identities(_),
        ) => VaultError::WrongKey { path: path.to_owned(), source_name: "memory".to_owned() },
        (DecryptError::InvalidMac, _) => damaged(path, "the check sum of its header is wrong"),
        _ => damaged(path, "its header is cut short or altered"),
    }
}

fn damaged(path: &Path, cause: &'static str) -> VaultError {
    VaultError::Damaged { path: path.to_owned(), cause }
}
