//! `drydock audit`: the audit trail as a file, and whether such a file is whole.
use super::ledger::LedgerArguments;
use super::prune::{PruneArguments, prune};
use super::{Exit, block_on};
use crate::auth;
use crate::data_directory::DataDirectory;
use anyhow::{Context, Result, anyhow, ensure};
use clap::{Args, Subcommand};
use drydock_domain::audit::{
    Bytes, Kind, Outcome, Position, PublicKey, SignedStatement, Trust, Verification, Verifier,
    parse_witness,
};
use drydock_ledger::{ExportOptions, Happening, Ledger};
use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

#[derive(Debug, Subcommand)]
pub enum AuditCommand {
    /// Say whether an exported trail is whole, where it breaks, and what it does not cover
    Verify(VerifyArguments),
    /// Say whether an audit pack is whole, and name the first file that is not
    VerifyPack(VerifyPackArguments),
    /// Write the trail as NDJSON, with a fresh checkpoint at its end
    Export(ExportArguments),
    /// Remove old entries for good; a signed tombstone stands for them, and the rest still verifies
    Prune(PruneArguments),
}

#[derive(Args, Debug)]
pub struct VerifyArguments {
    /// What `drydock audit export` wrote; `-` for standard input
    #[arg(value_name = "FILE.ndjson")]
    file: PathBuf,
    /// A public key that may sign, or the file that holds it (`audit.pub`); may be repeated
    /// [default: any]
    #[arg(long = "key", value_name = "KEY|FILE")]
    keys: Vec<String>,
    /// A head that was published: the trail has to reach it, and agree
    #[arg(long, value_name = "SEQUENCE:HASH")]
    head: Option<String>,
    /// The same as the registry holds it: the document of drydock/audit-witness:head, fetched with a
    /// client of your own
    #[arg(long, value_name = "FILE", conflicts_with = "head")]
    witness: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub struct VerifyPackArguments {
    /// What the console's Compliance page handed out as an audit pack
    #[arg(value_name = "FILE.tar")]
    pub file: PathBuf,
    /// A public key that may sign, or the file that holds it (`audit.pub`); may be repeated
    /// [default: any]
    #[arg(long = "key", value_name = "KEY|FILE")]
    pub keys: Vec<String>,
    /// A published head that the trail inside has to agree with: the document of
    /// drydock/audit-witness:head, fetched with a client of your own
    #[arg(long, value_name = "FILE")]
    pub witness: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub struct ExportArguments {
    /// The data directory of the console [default: $XDG_DATA_HOME/drydock]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    #[command(flatten)]
    ledger: LedgerArguments,
    /// Write here instead of to standard output
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Leave out the entries up to this one
    #[arg(long, value_name = "SEQUENCE", default_value_t = 0)]
    after: u32,
    /// Say whom the pseudonyms stand for
    #[arg(long)]
    people: bool,
    #[command(flatten)]
    witness: WitnessArguments,
}

pub fn run(command: &AuditCommand) -> Result<Exit> {
    match command {
        AuditCommand::Verify(arguments) => verify(arguments),
        AuditCommand::VerifyPack(arguments) => super::pack::verify(arguments),
        AuditCommand::Export(arguments) => block_on(export(arguments)),
        AuditCommand::Prune(arguments) => block_on(prune(arguments)),
    }
}

fn verify(arguments: &VerifyArguments) -> Result<Exit> {
    let keys = arguments.keys.iter().map(|text| parse_key(text));
    let keys: Vec<PublicKey> = keys.collect::<Result<_>>()?;
    let witness = match (&arguments.head, &arguments.witness) {
        (Some(head), _) => Some(parse_head(head)?),
        (None, Some(path)) => Some(Position::from(&read_witness(path, &keys)?)),
        (None, None) => None,
    };
    let trust = Trust { keys, witness };
    let name = arguments.file.display().to_string();
    let input: Box<dyn BufRead> = if name == "-" {
        Box::new(io::stdin().lock())
    } else {
        let file = File::open(&arguments.file).with_context(|| format!("cannot read {name}"))?;
        Box::new(BufReader::with_capacity(1 << 20, file))
    };
    let found = read(input, &trust).with_context(|| format!("cannot read {name}"))?;
    write(&mut io::stdout().lock(), &name, &found, &trust)?;
    Ok(
        match found.broken.is_none() && !lacks_signature(&found, &trust) {
            true => Exit::Success,
            false => Exit::Broken,
        },
    )
}

/// A key was named, and it signed nothing here: anybody could have made the file.
fn lacks_signature(found: &Verification, trust: &Trust) -> bool {
    !trust.keys.is_empty() && found.signed_through.is_none() && found.pruned_through == 0
}

fn read(mut input: impl BufRead, trust: &Trust) -> io::Result<Verification> {
    let mut verifier = Verifier::new(trust);
    let mut line = Vec::new();
    while input.read_until(b'\n', &mut line)? > 0 {
        // What is not UTF-8 is no line of a trail, and the replacement makes it none either.
        let text = String::from_utf8_lossy(line.strip_suffix(b"\n").unwrap_or(&line));
        if !verifier.read(&text) {
            break;
        }
        line.clear();
    }
    Ok(verifier.finish())
}

fn write(
    output: &mut impl Write,
    name: &str,
    found: &Verification,
    trust: &Trust,
) -> io::Result<()> {
    if let Some(broken) = &found.broken {
        writeln!(output, "{name}: broken at {broken}")?;
        return writeln!(
            output,
            "    {} entries before it agree; what follows was not looked at",
            found.entries
        );
    }
    let range = match (found.first, found.last) {
        (Some(first), Some(last)) => format!("entries {first} to {last}"),
        _ => "no entries".to_owned(),
    };
    if lacks_signature(found, trust) {
        writeln!(
            output,
            "{name}: {range}, and no signature by a key that was named: this proves nothing"
        )?;
    } else {
        writeln!(output, "{name}: whole, {range}")?;
    }
    if let Some(Position { sequence, hash }) = found.head {
        writeln!(output, "    head {sequence}:{hash}")?;
    }
    if let Some(through) = found.signed_through {
        let count = found.checkpoints;
        writeln!(
            output,
            "    signed up to entry {through}; checkpoints: {count}"
        )?;
    }
    if let Some(sequence) = found.witnessed {
        writeln!(output, "    the published head, entry {sequence}, agrees")?;
    }
    for key in &found.keys {
        writeln!(output, "    signed with the key {key}")?;
    }
    if trust.keys.is_empty() && !found.keys.is_empty() {
        writeln!(
            output,
            "    whose key that is was not checked: name the one that you trust with --key"
        )?;
    }
    if found.open > 0 {
        writeln!(output, "    begun and not completed: {}", found.open)?;
    }
    for sentence in found.uncovered() {
        writeln!(output, "    not covered: {sentence}")?;
    }
    writeln!(
        output,
        "    whole means unchanged since it was written, not that what was written is true"
    )
}

/// What was published, where this machine does not know of it.
#[derive(Args, Debug)]
pub struct WitnessArguments {
    /// A published head to compare with before anything is signed: the document of
    /// drydock/audit-witness:head, fetched with a client of your own [default: the one that the
    /// console published last from this data directory]
    #[arg(long, value_name = "FILE")]
    witness: Option<PathBuf>,
}

impl WitnessArguments {
    /// The ledger signs nothing that contradicts it.
    pub fn tell(&self, ledger: &Ledger) -> Result<()> {
        if let Some(path) = &self.witness {
            let head = read_witness(path, &[ledger.public_key()])?;
            ledger.remember_published(&head)?;
        }
        Ok(())
    }
}

/// 64 hexadecimal digits, or a file that holds them.
pub fn parse_key(text: &str) -> Result<PublicKey> {
    if let Ok(key) = text.parse() {
        return Ok(key);
    }
    let content = std::fs::read_to_string(text)
        .with_context(|| format!("`{text}` is neither a public key nor a file that can be read"))?;
    content
        .trim()
        .parse()
        .with_context(|| format!("{text} holds no public key"))
}

fn parse_head(text: &str) -> Result<Position> {
    let head = text.split_once(':').and_then(|(sequence, hash)| {
        let (sequence, Bytes(hash)) = (sequence.parse().ok()?, hash.parse().ok()?);
        Some(Position {
            sequence,
            hash: Bytes(hash),
        })
    });
    head.ok_or_else(|| anyhow!("`{text}` is no head: say SEQUENCE:HASH, as in 1200:9f86d0…"))
}

/// A published head, its signature verified, and by a trusted key where any are named.
pub fn read_witness(path: &Path, keys: &[PublicKey]) -> Result<SignedStatement> {
    let name = path.display();
    let signed = parse_witness(&super::read_text(path)?)
        .with_context(|| format!("{name} is no published head"))?;
    ensure!(
        keys.is_empty() || keys.contains(&signed.key),
        "the head in {name} is signed with the key {}, which is not a trusted one",
        signed.key
    );
    Ok(signed)
}

async fn export(arguments: &ExportArguments) -> Result<Exit> {
    let data = DataDirectory::find(arguments.data.as_deref())?;
    let ledger = arguments.ledger.open_existing(&data).await?;
    arguments.witness.tell(&ledger)?;
    let actor = auth::operator();
    let happening = Happening {
        kind: Kind::Export,
        actor: &actor,
        client: None,
        operation: "export.created",
        object: "audit trail",
        detail: if arguments.people { "with people" } else { "" },
        outcome: Outcome::Succeeded,
    };
    // First, so that the file holds it too: an export that nobody recorded must not be.
    ledger.note(happening).await?;
    let options = ExportOptions {
        after: i64::from(arguments.after),
        people: arguments.people,
    };
    let why_unsigned = match &arguments.output {
        None => write_trail(&ledger, &options, io::stdout().lock()).await?,
        Some(path) => write_file(&ledger, &options, path)
            .await
            .with_context(|| format!("cannot write {}", path.display()))?,
    };
    match why_unsigned {
        None => Ok(Exit::Success),
        Some(why) => {
            eprintln!("drydock: the trail is written as it is, without a signature: {why}");
            Ok(Exit::Broken)
        }
    }
}

/// The file appears when it is complete.
async fn write_file(
    ledger: &Ledger,
    options: &ExportOptions,
    path: &Path,
) -> Result<Option<String>> {
    let mut draft = path.as_os_str().to_owned();
    draft.push(".partial");
    let file = File::create(&draft)?;
    let why_unsigned = write_trail(ledger, options, &file).await?;
    file.sync_all()?;
    std::fs::rename(&draft, path)?;
    Ok(why_unsigned)
}

/// Answers with the reason why the trail's end was not signed, where it was not.
async fn write_trail(
    ledger: &Ledger,
    options: &ExportOptions,
    output: impl Write,
) -> Result<Option<String>> {
    let mut output = BufWriter::new(output);
    let mut reader = ledger.export(options).await?;
    loop {
        let page = reader.next_page().await?;
        if page.is_empty() {
            output.flush()?;
            return Ok(reader.why_unsigned().map(ToString::to_string));
        }
        for line in page {
            writeln!(output, "{line}")?;
        }
    }
}
