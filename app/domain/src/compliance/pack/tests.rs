use super::*;
use crate::audit::{Body, Hash, Line, Position, Statement, chain_hash, document_bytes, entry_line};
use ed25519_dalek::{Signer as _, SigningKey};

fn trusting(key: PublicKey) -> PackTrust {
    PackTrust {
        keys: vec![key],
        witness: None,
    }
}

fn pack(key: u8) -> Vec<Member> {
    let files = vec![
        member("findings.csv", "\"id\"\r\n"),
        member("feeds.json", "[]\n"),
    ];
    pack_of(key, files)
}

fn member(name: &str, text: &str) -> Member {
    Member {
        name: name.to_owned(),
        bytes: text.as_bytes().to_vec(),
    }
}

fn pack_of(key: u8, files: Vec<Member>) -> Vec<Member> {
    let about = About {
        registry: "harbour".into(),
        filter: String::new(),
        profile: "internal".into(),
        as_of: "2026-11-21T08:00:00Z".into(),
        rows: 0,
        rows_sha256: String::new(),
        generated_at: "2026-11-21T08:00:00Z".into(),
        generator: "drydock 0.1.0".into(),
        chain_head: String::new(),
    };
    let index = index_of(about, Witness::Off, &files);
    let key = SigningKey::from_bytes(&[key; 32]);
    let signature = key.sign(&document_bytes(PACK_FORMAT, &index.bytes));
    let public = Bytes(key.verifying_key().to_bytes());
    let signature = signature_of(public, Bytes(signature.to_bytes()));
    let mut members = vec![index, signature];
    members.extend(files);
    members
}

#[test]
fn a_byte_that_changed_in_any_file_is_caught_and_its_file_named() {
    let whole = pack(1);
    let key = verify_pack(&whole, &PackTrust::default()).unwrap().key;
    assert!(verify_pack(&whole, &trusting(key)).is_ok());
    for (place, member) in whole.iter().enumerate() {
        for at in 0..member.bytes.len() {
            let mut changed = whole.clone();
            changed[place].bytes[at] ^= 1;
            let fault = verify_pack(&changed, &PackTrust::default()).unwrap_err();
            // A signature that changed does not fit the index any more: either is the wrong one.
            let named = fault.file == member.name || (place == 1 && fault.file == INDEX);
            assert!(named, "{} at {at}: {fault}", member.name);
        }
    }
}

#[test]
fn a_file_that_is_missing_added_or_elsewhere_is_named() {
    let check = |change: fn(&mut Vec<Member>), expected: &str| {
        let mut changed = pack(1);
        change(&mut changed);
        assert_eq!(
            verify_pack(&changed, &PackTrust::default())
                .unwrap_err()
                .file,
            expected
        );
    };
    check(|files| drop(files.pop()), "feeds.json");
    check(|files| files.swap(2, 3), "feeds.json");
    check(|files| files.push(files[2].clone()), "findings.csv");
    check(|files| files.swap(0, 1), "INDEX.sig.json");
    check(Vec::clear, INDEX);
}

#[test]
fn a_pack_of_another_key_is_not_of_the_one_that_is_trusted() {
    let (own, foreign) = (pack(1), pack(2));
    let trusted = verify_pack(&own, &PackTrust::default()).unwrap().key;
    assert!(verify_pack(&foreign, &PackTrust::default()).is_ok());
    let fault = verify_pack(&foreign, &trusting(trusted)).unwrap_err();
    assert_eq!(fault.file, SIGNATURE);
    // Nor does a signature of another pack fit.
    let mut mixed = own;
    mixed[0] = foreign[0].clone();
    mixed[0].bytes.push(b'\n');
    assert_eq!(
        verify_pack(&mixed, &PackTrust::default()).unwrap_err().file,
        INDEX
    );
}

const KEY: u8 = 1;

fn position(text: &str) -> Position {
    let line = text.lines().rfind(|line| line.contains("entry")).unwrap();
    let Some(Line::Entry { body, hash, .. }) = Line::parse(line) else {
        panic!("{line}");
    };
    let sequence = Body::parse(body).unwrap().sequence;
    Position { sequence, hash }
}

/// A trail of so many entries about an object; each is the same whoever writes it.
fn trail(entries: i64, object: &str) -> String {
    let mut previous = Hash::NONE;
    let line = |sequence| {
        let body = Body::parse(r#"{"at":10,"kind":"view","outcome":"succeeded","sequence":1}"#);
        let body = Body {
            sequence,
            object: object.into(),
            ..body.unwrap()
        };
        let body = body.to_canonical();
        let before = previous;
        previous = chain_hash(&before, &body);
        entry_line(&body, &previous, &before)
    };
    let lines: Vec<String> = (1..=entries).map(line).collect();
    lines.join("\n")
}

/// The head of a trail, as it was published at an instant.
fn head(trail: &str, key: u8, at: &str) -> SignedStatement {
    let Position { sequence, hash } = position(trail);
    let at = chrono::DateTime::parse_from_rfc3339(at).unwrap();
    let statement = Statement::Checkpoint {
        at: at.timestamp_micros(),
        hash,
        sequence,
    };
    let key = SigningKey::from_bytes(&[key; 32]);
    SignedStatement {
        key: Bytes(key.verifying_key().to_bytes()),
        signature: Bytes(key.sign(&statement.to_signed_bytes()).to_bytes()),
        statement,
    }
}

const BEFORE: &str = "2026-11-21T07:00:00Z";
const AFTER: &str = "2026-11-21T09:00:00Z";

fn against(witness: SignedStatement, text: &str) -> Result<Comparison, PackFault> {
    let pack = pack_of(KEY, vec![member("audit.ndjson", text)]);
    let trust = PackTrust {
        keys: Vec::new(),
        witness: Some(witness),
    };
    verify_pack(&pack, &trust).map(|pack| pack.comparison)
}

#[test]
fn a_pack_is_compared_with_the_head_that_its_reader_brought() {
    let text = trail(5, "web");
    let published = head(&trail(3, "web"), KEY, BEFORE);
    let agrees = Comparison::Agrees { head: 3 };
    assert_eq!(against(published.clone(), &text), Ok(agrees));

    let fault = against(published, &trail(5, "api")).unwrap_err();
    assert_eq!(fault.file, "audit.ndjson");
    assert!(
        fault
            .why
            .contains("the head that was published gives it another hash")
    );
    // Cut off before the pack was made; of what came after it, the pack says nothing.
    let fault = against(head(&trail(6, "web"), KEY, BEFORE), &text).unwrap_err();
    assert!(fault.why.contains("is missing"), "{fault}");
    let later = Comparison::Later { head: 6, last: 5 };
    assert_eq!(
        against(head(&trail(6, "web"), KEY, AFTER), &text),
        Ok(later)
    );
    let fault = against(head(&text, 2, BEFORE), &text).unwrap_err();
    assert!(fault.why.contains("is signed with the key"), "{fault}");
}

#[test]
fn the_head_inside_a_pack_is_compared_too() {
    let check = |head: &SignedStatement, object: &str| {
        let trail = member("audit.ndjson", &trail(5, object));
        let pack = pack_of(KEY, vec![published_head_of(head), trail]);
        verify_pack(&pack, &PackTrust::default()).map(|pack| pack.published)
    };
    let published = head(&trail(3, "web"), KEY, BEFORE);
    assert_eq!(check(&published, "web"), Ok(Some(3)));
    assert_eq!(check(&published, "api").unwrap_err().file, "audit.ndjson");
    let foreign = head(&trail(3, "web"), 2, BEFORE);
    assert_eq!(
        check(&foreign, "web").unwrap_err().file,
        "published-head.json"
    );
}
