//! The number by which OpenSSL finds a certificate in a directory: a hash of its subject in
//! canonical form, as `X509_NAME_hash` computes it.
use sha1::{Digest, Sha1};

/// Eight hexadecimal digits, and the SHA-1 fingerprint of the certificate, from a file with
/// exactly one certificate in PEM; `None` where it is not that.
pub fn of_pem(pem: &[u8]) -> Option<(String, [u8; 20])> {
    let text = std::str::from_utf8(pem).ok()?;
    let (_, rest) = text.split_once("-----BEGIN CERTIFICATE-----")?;
    let (body, rest) = rest.split_once("-----END CERTIFICATE-----")?;
    if rest.contains("-----BEGIN CERTIFICATE-----") {
        return None;
    }
    let der = decode_base64(body)?;
    Some((of_der(&der)?, Sha1::digest(&der).into()))
}

fn of_der(der: &[u8]) -> Option<String> {
    let (certificate, _) = expect(der, SEQUENCE)?;
    let (mut fields, _) = expect(certificate, SEQUENCE)?;
    if fields.first() == Some(&VERSION) {
        (_, fields) = read(fields)?;
    }
    // Serial number, signature algorithm, issuer, validity; then the subject.
    for _ in 0..4 {
        (_, fields) = read(fields)?;
    }
    let (subject, _) = expect(fields, SEQUENCE)?;
    let digest = Sha1::digest(canonical_name(subject)?);
    let number = u32::from_le_bytes([digest[0], digest[1], digest[2], digest[3]]);
    Some(format!("{number:08x}"))
}

const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const OBJECT_ID: u8 = 0x06;
const VERSION: u8 = 0xa0;
const UTF8: u8 = 0x0c;

/// The sets of a name one after the other, without the sequence around them.
fn canonical_name(mut name: &[u8]) -> Option<Vec<u8>> {
    let mut canonical = Vec::new();
    while !name.is_empty() {
        let (mut set, rest) = expect(name, SET)?;
        let mut attributes = Vec::new();
        while !set.is_empty() {
            let (attribute, rest) = expect(set, SEQUENCE)?;
            attributes.push(canonical_attribute(attribute)?);
            set = rest;
        }
        // DER puts the members of a set in the order of their bytes.
        attributes.sort();
        canonical.extend(wrap(SET, &attributes.concat()));
        name = rest;
    }
    Some(canonical)
}

fn canonical_attribute(attribute: &[u8]) -> Option<Vec<u8>> {
    let (object, rest) = expect(attribute, OBJECT_ID)?;
    let (
        Element {
            tag,
            content,
            whole,
        },
        _,
    ) = read(rest)?;
    let mut canonical = wrap(OBJECT_ID, object);
    match decode_text(tag, content) {
        Some(text) => canonical.extend(wrap(UTF8, canonical_text(&text).as_bytes())),
        None => canonical.extend(whole),
    }
    Some(wrap(SEQUENCE, &canonical))
}

/// ASCII letters small, runs of blanks one blank, none at the ends.
fn canonical_text(text: &str) -> String {
    let is_blank = |c: char| matches!(c, ' ' | '\t' | '\n' | '\r' | '\x0b' | '\x0c');
    let words: Vec<&str> = text
        .split(is_blank)
        .filter(|word| !word.is_empty())
        .collect();
    words.join(" ").to_ascii_lowercase()
}

/// The text of the string types that OpenSSL makes canonical.
fn decode_text(tag: u8, content: &[u8]) -> Option<String> {
    match tag {
        UTF8 | 0x13 | 0x16 | 0x1a => String::from_utf8(content.to_vec()).ok(),
        // T61String, taken for Latin-1 as OpenSSL takes it.
        0x14 => Some(content.iter().map(|byte| char::from(*byte)).collect()),
        // BMPString.
        0x1e => {
            let units = content
                .chunks_exact(2)
                .map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
            char::decode_utf16(units).collect::<Result<_, _>>().ok()
        }
        // UniversalString.
        0x1c => content
            .chunks_exact(4)
            .map(|four| char::from_u32(u32::from_be_bytes([four[0], four[1], four[2], four[3]])))
            .collect(),
        _ => None,
    }
}

struct Element<'a> {
    tag: u8,
    content: &'a [u8],
    /// With tag and length.
    whole: &'a [u8],
}

/// The first element, and what follows it.
fn read(der: &[u8]) -> Option<(Element<'_>, &[u8])> {
    let (tag, length) = (*der.first()?, *der.get(1)?);
    let (start, length) = if length < 0x80 {
        (2, usize::from(length))
    } else {
        let bytes = usize::from(length & 0x7f);
        if bytes == 0 || bytes > 4 {
            return None;
        }
        let digits = der.get(2..2 + bytes)?;
        (
            2 + bytes,
            digits
                .iter()
                .fold(0, |value, digit| value << 8 | usize::from(*digit)),
        )
    };
    let whole = der.get(..start.checked_add(length)?)?;
    Some((
        Element {
            tag,
            content: &whole[start..],
            whole,
        },
        &der[whole.len()..],
    ))
}

fn expect(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (element, rest) = read(der)?;
    (element.tag == tag).then_some((element.content, rest))
}

fn wrap(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut wrapped = vec![tag];
    let length = u32::try_from(content.len())
        .expect("a name is far below 4 GiB")
        .to_be_bytes();
    match content.len() {
        short @ 0..0x80 => wrapped.push(short as u8),
        _ => {
            let digits = &length[length.iter().position(|byte| *byte != 0).unwrap_or(3)..];
            wrapped.push(0x80 | digits.len() as u8);
            wrapped.extend(digits);
        }
    }
    wrapped.extend(content);
    wrapped
}

fn decode_base64(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let (mut bits, mut count) = (0u32, 0);
    for byte in text
        .bytes()
        .filter(|byte| !byte.is_ascii_whitespace())
        .take_while(|byte| *byte != b'=')
    {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        bits = bits << 6 | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count & 0xff) as u8);
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Made by `openssl req` with blanks, capitals, letters beyond ASCII and a part of two
    /// attributes in its subject.
    const CERTIFICATE: &str = "\
-----BEGIN CERTIFICATE-----
MIICAzCCAamgAwIBAgIUWvwLPPriQIadnMGHROXy9UTDtwEwCgYIKoZIzj0EAwIw
VjELMAkGA1UEBhMCWFgxGjAYBgNVBAoMESAgRHJ5ZG9jayAgIFRlc3QgMRUwEwYD
VQQDDAzDnG7Dr2NvZGUgQ0ExFDAIBgNVBAsMAWEwCAYDVQQLDAFiMCAXDTI2MTEy
MTA4NTMyMloYDzIxMjYxMDI4MDg1MzIyWjBWMQswCQYDVQQGEwJYWDEaMBgGA1UE
CgwRICBEcnlkb2NrICAgVGVzdCAxFTATBgNVBAMMDMOcbsOvY29kZSBDQTEUMAgG
A1UECwwBYTAIBgNVBAsMAWIwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAASHDGeX
bOxJyFEAyi6AiC9jcFRlP0bww3Gh/Yr34+2iknpsKOPcgrJHS92T80eMrNvr+PeT
nu62r25d93bOfUuso1MwUTAdBgNVHQ4EFgQUGcpo4u94YZX9ejkJ+kae1PfX2HUw
HwYDVR0jBBgwFoAUGcpo4u94YZX9ejkJ+kae1PfX2HUwDwYDVR0TAQH/BAUwAwEB
/zAKBggqhkjOPQQDAgNIADBFAiBdJZxxS7DvU+ZZ7zh9KmB4E/LRW+z5roLrADZy
gFYSmAIhAPBYO7CkH6LNDK02pcqNYL0MsavTxWECYW0i52Ggm71u
-----END CERTIFICATE-----
";

    #[test]
    fn the_hash_is_the_one_that_openssl_prints() {
        let (hash, _) = of_pem(CERTIFICATE.as_bytes()).unwrap();
        assert_eq!(hash, "fee31eaf");
    }

    #[test]
    fn two_certificates_in_a_file_have_no_hash_nor_has_damage() {
        assert_eq!(
            of_pem(format!("{CERTIFICATE}{CERTIFICATE}").as_bytes()),
            None
        );
        assert_eq!(
            of_pem(b"-----BEGIN CERTIFICATE-----\nMIIC\n-----END CERTIFICATE-----\n"),
            None
        );
        assert_eq!(of_pem(b""), None);
    }
}
