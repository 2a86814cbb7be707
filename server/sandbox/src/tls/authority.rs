//! The authority: one key and one certificate, in one file that only its owner can read.
use super::leaf::Leaf;
use crate::store::files;
use rcgen::{
    BasicConstraints, CertificateParams, CidrSubnet, DistinguishedName, DnType,
    ExtendedKeyUsagePurpose, GeneralSubtree, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    NameConstraints,
};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};
use serde::{Deserialize, Serialize};
use std::{fmt::Display, fs, io, path::Path};
use time::{Duration, OffsetDateTime};

/// Signs what the listener shows. It may only ever speak for loopback: its certificate says so,
/// and clients refuse anything else of it, so trusting it risks nothing beyond this machine.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    certificate: CertificateDer<'static>,
    pem: String,
    /// Names that a leaf gets, `localhost` and the addresses among them.
    names: Vec<String>,
}

/// Key and certificate together, so that one rename makes both: mode 0600.
const PRIVATE_FILE: &str = "authority.json";
/// The certificate alone: what clients are told to trust.
pub const PUBLIC_FILE: &str = "ca.pem";
const LIFETIME: Duration = Duration::days(3650);
/// An authority that would end within this is replaced at the next start.
const REMAINING: Duration = Duration::days(365);
/// Clocks of virtual machines run behind each other.
const SKEW: Duration = Duration::days(1);

/// `authority.json`.
#[derive(Serialize, Deserialize)]
struct Kept {
    certificate_pem: String,
    key_pem: String,
    /// Seconds since 1970, as in the certificate.
    not_after: i64,
}

impl Authority {
    /// Reads the authority in `directory`, or makes one there. Leaves get the names of `localhost`
    /// and these further ones below it; `id` tells this sandbox's authority from others in a bundle.
    ///
    /// # Errors
    /// The folder cannot be used, or the file in it is no authority.
    pub fn load_or_create(directory: &Path, id: &str, names: &[String]) -> io::Result<Self> {
        files::create_directory(directory)?;
        let path = directory.join(PRIVATE_FILE);
        let now = OffsetDateTime::now_utc();
        let kept = match fs::read(&path) {
            Ok(bytes) => {
                Some(serde_json::from_slice(&bytes).map_err(|error| unusable(&path, error))?)
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        let lasts = |kept: &Kept| kept.not_after > (now + REMAINING).unix_timestamp();
        let kept = match kept.filter(lasts) {
            Some(kept) => kept,
            None => {
                let made = generate(id, now)?;
                files::write_private(&path, &serde_json::to_vec_pretty(&made)?)?;
                made
            }
        };
        let authority = Self::read(kept, id, names).map_err(|error| unusable(&path, error))?;
        let public = directory.join(PUBLIC_FILE);
        if fs::read(&public).ok().as_deref() != Some(authority.pem.as_bytes()) {
            files::write_private(&public, authority.pem.as_bytes())?;
        }
        Ok(authority)
    }

    /// One that no file holds, for servers that live as long as a test.
    ///
    /// # Errors
    /// The system gave no random numbers.
    pub fn ephemeral() -> io::Result<Self> {
        let kept = generate("ephemeral", OffsetDateTime::now_utc())?;
        Self::read(kept, "ephemeral", &[])
    }

    fn read(kept: Kept, id: &str, further: &[String]) -> io::Result<Self> {
        let key = KeyPair::from_pem(&kept.key_pem).map_err(io::Error::other)?;
        let certificate = CertificateDer::from_pem_slice(kept.certificate_pem.as_bytes())
            .map_err(io::Error::other)?;
        let not_after =
            OffsetDateTime::from_unix_timestamp(kept.not_after).map_err(io::Error::other)?;
        Ok(Self {
            issuer: Issuer::new(parameters(id, not_after), key),
            certificate,
            pem: kept.certificate_pem,
            names: ["localhost", "127.0.0.1", "::1"]
                .map(str::to_owned)
                .into_iter()
                .chain(further.iter().cloned())
                .collect(),
        })
    }

    /// The certificate that clients trust, in PEM.
    pub fn pem(&self) -> &str {
        &self.pem
    }

    /// A fresh key and its certificate, valid for `lifetime` from `now`.
    pub(super) fn issue(&self, now: OffsetDateTime, lifetime: Duration) -> io::Result<Leaf> {
        let mut leaf = CertificateParams::new(self.names.clone()).map_err(io::Error::other)?;
        leaf.distinguished_name = DistinguishedName::new();
        leaf.distinguished_name
            .push(DnType::CommonName, "localhost");
        leaf.not_before = now - SKEW;
        leaf.not_after = now + lifetime;
        leaf.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        // Python's strict verification asks for it.
        leaf.use_authority_key_identifier_extension = true;
        let key = KeyPair::generate().map_err(io::Error::other)?;
        let signed = leaf
            .signed_by(&key, &self.issuer)
            .map_err(io::Error::other)?;
        Ok(Leaf {
            chain: vec![signed.der().clone(), self.certificate.clone()],
            key: PrivateKeyDer::Pkcs8(key.serialize_der().into()),
            not_after: now + lifetime,
        })
    }
}

fn unusable(path: &Path, why: impl Display) -> io::Error {
    let path = path.display();
    io::Error::other(format!(
        "{path} is no authority ({why}); delete it, and a new one is made that clients have to trust again"
    ))
}

fn generate(id: &str, now: OffsetDateTime) -> io::Result<Kept> {
    let key = KeyPair::generate().map_err(io::Error::other)?;
    let not_after = now + LIFETIME;
    let certificate = parameters(id, not_after)
        .self_signed(&key)
        .map_err(io::Error::other)?;
    Ok(Kept {
        certificate_pem: certificate.pem(),
        key_pem: key.serialize_pem(),
        not_after: not_after.unix_timestamp(),
    })
}

fn parameters(id: &str, not_after: OffsetDateTime) -> CertificateParams {
    let mut authority = CertificateParams::default();
    authority.distinguished_name = DistinguishedName::new();
    authority
        .distinguished_name
        .push(DnType::OrganizationName, "Drydock");
    authority
        .distinguished_name
        .push(DnType::CommonName, format!("Drydock sandbox {id}"));
    authority.not_before = not_after - LIFETIME - SKEW;
    authority.not_after = not_after;
    authority.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    authority.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    authority.name_constraints = Some(NameConstraints {
        permitted_subtrees: vec![
            GeneralSubtree::DnsName("localhost".to_owned()),
            GeneralSubtree::IpAddress(CidrSubnet::V4([127, 0, 0, 0], [255, 0, 0, 0])),
            GeneralSubtree::IpAddress(CidrSubnet::V6(
                std::net::Ipv6Addr::LOCALHOST.octets(),
                [255; 16],
            )),
        ],
        excluded_subtrees: Vec::new(),
    });
    authority
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn an_authority_is_made_once_and_its_key_is_for_its_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let open = || Authority::load_or_create(folder.path(), "id", &[]).unwrap();
        let first = open();
        assert_eq!(open().pem(), first.pem());
        let private = folder.path().join(PRIVATE_FILE);
        let mode = fs::metadata(private).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let public = fs::read_to_string(folder.path().join(PUBLIC_FILE)).unwrap();
        assert!(public.starts_with("-----BEGIN CERTIFICATE-----"));
        assert!(!public.contains("PRIVATE"), "the key left its file");
    }

    #[test]
    fn a_file_that_is_no_authority_is_named() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(PRIVATE_FILE), "nothing").unwrap();
        let Err(error) = Authority::load_or_create(folder.path(), "id", &[]) else {
            panic!("it was taken for an authority");
        };
        assert!(error.to_string().contains(PRIVATE_FILE), "{error}");
    }
}
