//! The key that signs checkpoints and tombstones.
use crate::LedgerError;
use drydock_domain::audit::{
    Bytes, PublicKey, Signature, SignedStatement, Statement, document_bytes,
};
use ed25519_dalek::{Signer as _, SigningKey};
use rand::RngCore as _;
use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

/// 32 bytes in hexadecimal, for its owner alone.
const KEY: &str = "audit.key";
/// The public half, to be kept where whoever can write the ledger cannot.
const PUBLIC_KEY: &str = "audit.pub";

pub(crate) struct Signer(SigningKey);

impl Signer {
    /// The key in the folder; made there at the first start.
    pub fn open(folder: &Path) -> Result<Self, LedgerError> {
        let path = folder.join(KEY);
        let failed = |source| LedgerError::Key {
            path: path.display().to_string(),
            source,
        };
        let text = match fs::read_to_string(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                create(&path).map_err(failed)?;
                fs::read_to_string(&path).map_err(failed)?
            }
            read => read.map_err(failed)?,
        };
        let secret: Bytes<32> = text
            .trim()
            .parse()
            .map_err(|error| failed(io::Error::new(ErrorKind::InvalidData, error)))?;
        let signer = Self(SigningKey::from_bytes(&secret.0));
        let public = format!("{}\n", signer.public_key());
        if fs::read_to_string(folder.join(PUBLIC_KEY)).ok().as_ref() != Some(&public) {
            write_new(&folder.join(PUBLIC_KEY), &public, 0o644, Existing::Replace)
                .map_err(failed)?;
        }
        Ok(signer)
    }

    pub fn public_key(&self) -> PublicKey {
        Bytes(self.0.verifying_key().to_bytes())
    }

    pub fn sign_document(&self, format: &str, document: &[u8]) -> Signature {
        Bytes(self.0.sign(&document_bytes(format, document)).to_bytes())
    }

    pub fn sign(&self, statement: Statement) -> SignedStatement {
        SignedStatement {
            key: self.public_key(),
            signature: Bytes(self.0.sign(&statement.to_signed_bytes()).to_bytes()),
            statement,
        }
    }
}

fn create(path: &Path) -> io::Result<()> {
    let mut secret = [0; 32];
    rand::rng().fill_bytes(&mut secret);
    write_new(path, &format!("{}\n", Bytes(secret)), 0o600, Existing::Keep)
}

pub(crate) enum Existing {
    /// Two processes that start at once must end up with one key.
    Keep,
    Replace,
}

/// Writes a file that is complete from the moment that it has its name.
pub(crate) fn write_new(path: &Path, text: &str, mode: u32, existing: Existing) -> io::Result<()> {
    let draft = path.with_extension(format!("{:016x}.tmp", rand::random::<u64>()));
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(mode)
        .open(&draft)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    match existing {
        Existing::Replace => fs::rename(&draft, path),
        Existing::Keep => {
            let linked = fs::hard_link(&draft, path);
            fs::remove_file(&draft)?;
            match linked {
                Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
                linked => linked,
            }
        }
    }
}
