//! `drydock audit verify-pack`: whether an audit pack is as it was signed, with nothing but the file.
use super::Exit;
use super::audit::{VerifyPackArguments, parse_key, read_witness};
use anyhow::{Context, Result, ensure};
use drydock_domain::audit::{WITNESS_REPOSITORY, witness_tag};
use drydock_domain::compliance::{Comparison, Member, Pack, PackTrust, verify_pack};
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;

/// An audit trail of ten million entries is below this.
const LIMIT_BYTES: u64 = 8 << 30;

pub fn verify(arguments: &VerifyPackArguments) -> Result<Exit> {
    let name = arguments.file.display().to_string();
    let keys = arguments.keys.iter().map(|text| parse_key(text));
    let keys = keys.collect::<Result<Vec<_>>>()?;
    let witness = arguments.witness.as_deref();
    let witness = witness.map(|path| read_witness(path, &keys)).transpose()?;
    let trust = PackTrust { keys, witness };
    let members = read(&arguments.file).with_context(|| format!("cannot read {name}"))?;
    let mut output = io::stdout().lock();
    match verify_pack(&members, &trust) {
        Ok(pack) => {
            write(&mut output, &name, &pack, trust.keys.is_empty())?;
            Ok(Exit::Success)
        }
        Err(fault) => {
            writeln!(output, "{name}: broken at {fault}")?;
            Ok(Exit::Broken)
        }
    }
}

fn read(path: &Path) -> Result<Vec<Member>> {
    let file = File::open(path)?;
    let size = file.metadata()?.len();
    ensure!(
        size <= LIMIT_BYTES,
        "it has {size} bytes; the limit is {LIMIT_BYTES}"
    );
    let mut archive = tar::Archive::new(file);
    let mut members = Vec::new();
    for entry in archive.entries()? {
        let mut entry = entry?;
        let name = entry.path()?.display().to_string();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes)?;
        members.push(Member { name, bytes });
    }
    Ok(members)
}

fn write(output: &mut impl Write, name: &str, pack: &Pack, any_key: bool) -> io::Result<()> {
    let about = &pack.index.about;
    writeln!(output, "{name}: whole, {} files", pack.index.files.len())?;
    writeln!(output, "    {} findings of {}", about.rows, about.registry)?;
    let filter = match about.filter.as_str() {
        "" => "none",
        filter => filter,
    };
    writeln!(
        output,
        "    filter: {filter}; deadlines by {}",
        about.profile
    )?;
    writeln!(
        output,
        "    as of {}, made {} by {}",
        about.as_of, about.generated_at, about.generator
    )?;
    writeln!(output, "    audit trail's head {}", about.chain_head)?;
    if let Some(trail) = &pack.trail {
        writeln!(output, "    audit trail: whole, {} entries", trail.entries)?;
    }
    if let Some(sequence) = pack.published {
        writeln!(
            output,
            "    the published head in it, entry {sequence}, agrees"
        )?;
    }
    match pack.comparison {
        Comparison::Agrees { head } => {
            writeln!(output, "    the published head, entry {head}, agrees")?;
        }
        Comparison::Later { head, last } => writeln!(
            output,
            "    not compared: the published head, entry {head}, is younger than the pack, whose trail \
             ends with entry {last}; fetch an earlier one, such as {WITNESS_REPOSITORY}:{} or a tag \
             below it",
            witness_tag(last)
        )?,
        Comparison::Pruned { head } => writeln!(
            output,
            "    not compared: the published head is entry {head}, which was pruned; fetch a later one"
        )?,
        Comparison::None => writeln!(
            output,
            "    no published head was compared: name one that you fetched yourself with --witness, for \
             whoever holds the key can make a pack"
        )?,
    }
    writeln!(output, "    signed with the key {}", pack.key)?;
    if any_key {
        writeln!(
            output,
            "    whose key that is was not checked: name the one that you trust with --key"
        )?;
    }
    writeln!(
        output,
        "    whole means unchanged since it was signed, not that what was written is true"
    )
}
