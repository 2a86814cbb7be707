use super::*;
use ed25519_dalek::{Signer as _, SigningKey};

/// Four entries (a change, a denial), a checkpoint behind the third, as an export writes them.
fn trail() -> Vec<String> {
    written(&bodies(), 0, Hash::NONE)
}

fn bodies() -> Vec<Body<'static>> {
    let begin = Body {
        actor: "p1".into(),
        at: 10,
        begun_at: None,
        client: "".into(),
        detail: "7d → \"1d\"\n".into(),
        imported: false,
        kind: Kind::Begin,
        object: "harbour".into(),
        of: None,
        operation: "workflow.update".into(),
        outcome: None,
        sequence: 1,
    };
    let complete = Body {
        actor: "".into(),
        at: 20,
        begun_at: Some(10),
        kind: Kind::Complete,
        object: "".into(),
        of: Some(1),
        operation: "".into(),
        outcome: Some(Outcome::Succeeded),
        sequence: 2,
        ..begin.clone()
    };
    let denial = |sequence| Body {
        kind: Kind::Denial,
        outcome: Some(Outcome::Denied),
        sequence,
        ..begin.clone()
    };
    vec![begin.clone(), complete, denial(3), denial(4)]
}

fn written(bodies: &[Body<'_>], skipped: usize, mut previous: Hash) -> Vec<String> {
    let mut lines = Vec::new();
    for (index, body) in bodies.iter().enumerate() {
        let text = body.to_canonical();
        let hash = chain_hash(&previous, &text);
        if index >= skipped {
            lines.push(entry_line(&text, &hash, &previous));
        }
        if body.sequence == 3 {
            lines.push(statement_line(&signed(7, checkpoint(3, hash))));
        }
        previous = hash;
    }
    lines
}

fn checkpoint(sequence: i64, hash: Hash) -> Statement {
    Statement::Checkpoint {
        at: 30,
        hash,
        sequence,
    }
}

fn signed(seed: u8, statement: Statement) -> SignedStatement {
    let key = SigningKey::from_bytes(&[seed; 32]);
    SignedStatement {
        key: Bytes(key.verifying_key().to_bytes()),
        signature: Bytes(key.sign(&statement.to_signed_bytes()).to_bytes()),
        statement,
    }
}

fn hash_of(line: &str) -> Hash {
    let Some(Line::Entry { hash, .. }) = Line::parse(line) else {
        panic!("{line} is no entry");
    };
    hash
}

fn check(lines: &[String], sequence: i64, fault: Fault) {
    let broken = verify(lines, &Trust::default()).broken.unwrap();
    assert_eq!((broken.sequence, broken.fault), (Some(sequence), fault));
}

#[test]
fn a_whole_trail_says_what_its_checkpoints_cover_and_what_not() {
    let found = verify(trail(), &Trust::default());
    assert_eq!(found.broken, None);
    assert_eq!(
        (found.entries, found.first, found.last),
        (4, Some(1), Some(4))
    );
    assert_eq!((found.signed_through, found.open), (Some(3), 0));
    let hash = hash_of(&trail()[4]);
    assert_eq!(found.head, Some(Position { sequence: 4, hash }));
    let uncovered = found.uncovered();
    assert_eq!(uncovered.len(), 2);
    assert!(uncovered[0].contains("entries 4 to 4"), "{uncovered:?}");
}

#[test]
fn a_body_is_canonical_json() {
    let text = bodies()[0].to_canonical();
    assert_eq!(
        text,
        r#"{"actor":"p1","at":10,"detail":"7d → \"1d\"\n","kind":"begin","object":"harbour","operation":"workflow.update","sequence":1}"#
    );
    assert_eq!(Body::parse(&text).unwrap(), bodies()[0]);
    for body in bodies() {
        let text = body.to_canonical();
        let mut value: serde_json::Map<String, serde_json::Value> =
            serde_json::from_str(&text).unwrap();
        value.sort_keys();
        assert_eq!(serde_json::to_string(&value).unwrap(), text);
    }
}

#[test]
fn a_hash_can_be_made_again_with_other_tools() {
    // (head -c 32 /dev/zero; printf '{}') | sha256sum
    assert_eq!(
        chain_hash(&Hash::NONE, "{}").to_string(),
        "fb1634c4e6cd4b1f1afe3ce2d6ef080f7ac5d1f357d723ad4dfca782733b62db"
    );
}

#[test]
fn an_edited_entry_is_named() {
    let mut lines = trail();
    lines[1] = lines[1].replace("succeeded", "failed");
    check(&lines, 2, Fault::Edited);
}

#[test]
fn an_edited_entry_with_a_hash_to_fit_breaks_the_next() {
    let mut edited = bodies();
    edited[0].object = "elsewhere".into();
    let mut lines = trail();
    lines[0] = written(&edited, 0, Hash::NONE).swap_remove(0);
    check(&lines, 2, Fault::Unlinked);
}

#[test]
fn a_trail_written_anew_contradicts_its_checkpoint() {
    let mut edited = bodies();
    edited[0].object = "elsewhere".into();
    let mut lines = written(&edited, 0, Hash::NONE);
    lines[3] = trail().swap_remove(3);
    check(&lines, 3, Fault::Contradicted { by_witness: false });
}

#[test]
fn a_member_that_nobody_knows_is_refused_even_with_a_hash_to_fit() {
    let text = bodies()[0].to_canonical().replace("{", r#"{"a":1,"#);
    let hash = chain_hash(&Hash::NONE, &text);
    check(
        &[entry_line(&text, &hash, &Hash::NONE)],
        1,
        Fault::Unreadable,
    );
}

#[test]
fn a_deleted_entry_is_named() {
    let mut lines = trail();
    lines.remove(1);
    check(&lines, 2, Fault::Missing { through: 2 });
    let mut lines = trail();
    lines.remove(0);
    check(&lines, 1, Fault::Missing { through: 1 });
}

#[test]
fn entries_that_changed_places_are_named() {
    let mut lines = trail();
    lines.swap(0, 1);
    check(&lines, 1, Fault::Missing { through: 1 });
    let mut lines = trail();
    lines.insert(1, lines[0].clone());
    check(&lines, 2, Fault::OutOfOrder { found: 1 });
}

#[test]
fn a_lost_end_is_caught_by_a_checkpoint_or_by_a_witness() {
    let mut lines = trail();
    lines.remove(2);
    lines.truncate(3);
    let (through, by_witness) = (3, false);
    check(
        &lines,
        3,
        Fault::Truncated {
            through,
            by_witness,
        },
    );

    let mut lines = trail();
    let hash = hash_of(&lines[4]);
    let trust = Trust {
        witness: Some(Position { sequence: 4, hash }),
        ..Trust::default()
    };
    let found = verify(&lines, &trust);
    assert_eq!((found.broken, found.witnessed), (None, Some(4)));
    lines.pop();
    let broken = verify(&lines, &trust).broken.unwrap();
    assert_eq!(broken.sequence, Some(4));
    let mut edited = bodies();
    edited[3].object = "elsewhere".into();
    let broken = verify(written(&edited, 0, Hash::NONE), &trust)
        .broken
        .unwrap();
    assert_eq!(broken.fault, Fault::Contradicted { by_witness: true });
}

#[test]
fn a_statement_counts_only_with_its_own_signature_and_a_trusted_key() {
    let mut lines = trail();
    let mut forged = signed(7, checkpoint(3, hash_of(&lines[2])));
    let trust = Trust {
        keys: vec![forged.key],
        ..Trust::default()
    };
    assert_eq!(verify(&lines, &trust).broken, None);

    let other = signed(8, forged.statement.clone());
    lines[3] = statement_line(&other);
    let broken = verify(&lines, &trust).broken.unwrap();
    assert_eq!(broken.fault, Fault::Untrusted { key: other.key });

    forged.signature.0[0] ^= 1;
    lines[3] = statement_line(&forged);
    check(&lines, 3, Fault::Forged);
}

#[test]
fn a_tombstone_stands_for_what_was_pruned() {
    let whole = trail();
    let hash = hash_of(&whole[1]);
    let tombstone = |sequence| {
        let statement = Statement::Tombstone {
            at: 40,
            before: 25,
            count: sequence,
            hash,
            sequence,
        };
        statement_line(&signed(7, statement))
    };
    let mut lines = vec![tombstone(2)];
    lines.extend_from_slice(&whole[2..]);
    let found = verify(&lines, &Trust::default());
    assert_eq!((found.broken.clone(), found.pruned_through), (None, 2));
    assert!(found.uncovered()[0].contains("1 to 2 were pruned"));

    lines[0] = tombstone(1);
    check(&lines, 2, Fault::Missing { through: 2 });
    lines.remove(0);
    check(&lines, 1, Fault::Missing { through: 2 });
}

#[test]
fn an_excerpt_says_that_it_is_one() {
    let header = Trail {
        after: 2,
        exported_at: 50,
        format: FORMAT.into(),
        generator: "test".into(),
    };
    let mut lines = vec![trail_line(&header)];
    lines.extend_from_slice(&trail()[2..]);
    let found = verify(&lines, &Trust::default());
    assert_eq!((found.broken.clone(), found.first), (None, Some(3)));
    assert!(found.uncovered()[0].contains("excerpt"));
}

#[test]
fn a_completion_needs_an_entry_that_is_under_way() {
    let mut bodies = bodies();
    bodies[2] = Body {
        sequence: 3,
        ..bodies[1].clone()
    };
    let lines = written(&bodies, 0, Hash::NONE);
    check(&lines, 3, Fault::CompletesNothing { of: 1 });
}

#[test]
fn what_is_said_of_a_person_fits_the_pseudonym_or_is_named() {
    let salt = Bytes([5; 16]);
    let mut ada = Personal {
        id: Personal::pseudonym(&salt, "ada").into(),
        data: "ada".into(),
        salt,
    };
    let mut lines = trail();
    lines.push(personal_line(&ada));
    assert_eq!(verify(&lines, &Trust::default()).broken, None);
    ada.data = "eve".into();
    lines[5] = personal_line(&ada);
    let broken = verify(&lines, &Trust::default()).broken.unwrap();
    assert!(matches!(broken.fault, Fault::Pseudonym { .. }));
}

#[test]
fn a_published_head_is_an_authentic_checkpoint_and_nothing_else() {
    let lines = trail();
    let mut head = signed(7, checkpoint(3, hash_of(&lines[2])));
    let document = statement_line(&head) + "\n";
    assert_eq!(parse_witness(&document), Ok(head.clone()));
    assert_eq!(parse_witness(&lines[0]), Err(WitnessError::Unreadable));
    head.signature.0[0] ^= 1;
    let forged = parse_witness(&statement_line(&head));
    assert_eq!(forged, Err(WitnessError::Forged));
}

#[test]
fn what_no_head_vouches_for_is_said() {
    let lines = trail();
    let uncovered = |sequence: i64, hash| {
        let witness = Some(Position { sequence, hash });
        let trust = Trust {
            witness,
            ..Trust::default()
        };
        verify(&lines, &trust).uncovered().pop().unwrap()
    };
    let behind = uncovered(3, hash_of(&lines[2]));
    assert!(behind.contains("head is entry 3"), "{behind}");
    let last = uncovered(4, hash_of(&lines[4]));
    assert!(!last.contains("published head"), "{last}");
    let none = verify(&lines, &Trust::default()).uncovered().pop();
    assert!(none.unwrap().contains("no published head"));
}
