//! The formats that the feeds' publishers write.
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use drydock_domain::compliance::{Epss, FeedKind, Impact, Kev, Severity, Signals};
use flate2::read::MultiGzDecoder;
use serde::Deserialize;
use serde_json::Value;
use std::collections::HashMap;
use std::io::Read;

/// Of the largest feed, unpacked, many times over.
const LIMIT_BYTES: u64 = 512 << 20;

/// A feed's own words, by vulnerability.
#[derive(Debug, Default)]
pub struct Parsed {
    pub signals: HashMap<String, Signals>,
    pub dated: Option<DateTime<Utc>>,
    pub version: String,
}

/// # Errors
/// What is wrong with the file; a clause.
pub fn parse(kind: FeedKind, file: &[u8]) -> Result<Parsed, String> {
    let text = unpacked(file)?;
    let parsed = match kind {
        FeedKind::Kev => kev(&text)?,
        FeedKind::Epss => epss(&text)?,
        FeedKind::Vulnrichment => vulnrichment(&text)?,
    };
    match parsed.signals.is_empty() {
        true => Err("the file names no vulnerability".into()),
        false => Ok(parsed),
    }
}

/// Gzip announces itself by its first two bytes.
fn unpacked(file: &[u8]) -> Result<String, String> {
    let mut bytes = Vec::new();
    let read = match file.starts_with(&[0x1f, 0x8b]) {
        true => MultiGzDecoder::new(file)
            .take(LIMIT_BYTES)
            .read_to_end(&mut bytes),
        false => file.take(LIMIT_BYTES).read_to_end(&mut bytes),
    };
    let size = read.map_err(|error| format!("the file cannot be unpacked: {error}"))?;
    if size as u64 == LIMIT_BYTES {
        return Err(format!("the file has more than {LIMIT_BYTES} bytes"));
    }
    String::from_utf8(bytes).map_err(|_| "the file is not UTF-8".into())
}

fn midnight(day: &str) -> Option<DateTime<Utc>> {
    let day: NaiveDate = day.parse().ok()?;
    Some(day.and_time(NaiveTime::MIN).and_utc())
}

/// CISA's `known_exploited_vulnerabilities.json`.
fn kev(text: &str) -> Result<Parsed, String> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Catalogue {
        #[serde(default)]
        catalog_version: String,
        date_released: Option<DateTime<Utc>>,
        vulnerabilities: Vec<Listed>,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Listed {
        #[serde(rename = "cveID")]
        cve_id: String,
        date_added: String,
        #[serde(default)]
        due_date: String,
        #[serde(default)]
        known_ransomware_campaign_use: String,
    }
    let catalogue: Catalogue =
        serde_json::from_str(text).map_err(|error| format!("it is no KEV catalogue: {error}"))?;
    let mut signals = HashMap::new();
    for listed in catalogue.vulnerabilities {
        let added = midnight(&listed.date_added)
            .ok_or_else(|| format!("{}: `{}` is no day", listed.cve_id, listed.date_added))?;
        let kev = Kev {
            added,
            due: midnight(&listed.due_date),
            ransomware: listed.known_ransomware_campaign_use == "Known",
        };
        let signal = Signals {
            kev: Some(Some(kev)),
            ..Signals::default()
        };
        signals.insert(listed.cve_id, signal);
    }
    Ok(Parsed {
        signals,
        dated: catalogue.date_released,
        version: catalogue.catalog_version,
    })
}

/// FIRST's `epss_scores-YYYY-MM-DD.csv`: a comment with the model and the date, names, and lines.
fn epss(text: &str) -> Result<Parsed, String> {
    let mut parsed = Parsed::default();
    for (index, line) in text.lines().enumerate() {
        if let Some(comment) = line.strip_prefix('#') {
            for part in comment.split(',') {
                match part.split_once(':') {
                    Some(("model_version", version)) => parsed.version = version.to_owned(),
                    Some(("score_date", date)) => parsed.dated = score_date(date),
                    _ => {}
                }
            }
            continue;
        }
        if line.is_empty() || line.starts_with("cve,") {
            continue;
        }
        let mut cells = line.split(',');
        let score = (|| {
            let (cve, score, percentile) = (cells.next()?, cells.next()?, cells.next()?);
            let epss = Epss {
                millionths: millionths(score)?,
                percentile_millionths: millionths(percentile)?,
            };
            cve.starts_with("CVE-").then_some((cve.to_owned(), epss))
        })();
        let (cve, epss) = score.ok_or_else(|| {
            format!(
                "line {}: a CVE, a score and a percentile are expected",
                index + 1
            )
        })?;
        let signal = Signals {
            epss: Some(epss),
            ..Signals::default()
        };
        parsed.signals.insert(cve, signal);
    }
    Ok(parsed)
}

/// `2026-11-21T00:00:00+0000`, as the feed writes it, or a day.
fn score_date(text: &str) -> Option<DateTime<Utc>> {
    midnight(text.get(..10)?)
}

/// A probability from 0 to 1, exactly as it is written, to six digits.
fn millionths(text: &str) -> Option<u32> {
    let score: f64 = text.trim().parse().ok()?;
    let is_probability = (0.0..=1.0).contains(&score);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a probability in millionths is a whole number up to a million"
    )]
    is_probability.then(|| (score * 1e6).round() as u32)
}

/// CVE records (JSON 5) with CISA's container: one record, a list of them, or one to a line.
fn vulnrichment(text: &str) -> Result<Parsed, String> {
    let mut parsed = Parsed::default();
    let stream = serde_json::Deserializer::from_str(text).into_iter::<Value>();
    for value in stream {
        let value = value.map_err(|error| format!("it is no JSON of CVE records: {error}"))?;
        match value {
            Value::Array(records) => {
                for record in &records {
                    add_record(&mut parsed, record)?;
                }
            }
            record => add_record(&mut parsed, &record)?,
        }
    }
    Ok(parsed)
}

fn add_record(parsed: &mut Parsed, record: &Value) -> Result<(), String> {
    let head = &record["cveMetadata"];
    let cve = head["cveId"]
        .as_str()
        .ok_or("a record has no cveMetadata.cveId: it is no CVE record of version 5")?;
    let updated = head["dateUpdated"].as_str().and_then(instant);
    parsed.dated = parsed.dated.max(updated);
    parsed.version = record["dataVersion"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    let mut signal = Signals {
        published: head["datePublished"].as_str().and_then(instant),
        ..Signals::default()
    };
    let containers = &record["containers"];
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    // What the vulnerability's own authority scored comes before what others did.
    let metrics = list(&containers["cna"]["metrics"]).into_iter().chain(
        list(&containers["adp"])
            .into_iter()
            .flat_map(|it| list(&it["metrics"])),
    );
    for metric in metrics {
        for name in ["cvssV4_0", "cvssV3_1", "cvssV3_0"] {
            let word = metric[name]["baseSeverity"].as_str();
            signal.severity = signal.severity.or_else(|| Severity::find(word?));
        }
        if metric["other"]["type"] == "ssvc" {
            for option in list(&metric["other"]["content"]["options"]) {
                read_option(&mut signal, &option);
            }
        }
    }
    parsed.signals.insert(cve.to_owned(), signal);
    Ok(())
}

fn read_option(signal: &mut Signals, option: &Value) {
    match option["Automatable"].as_str() {
        Some("yes") => signal.automatable = Some(true),
        Some("no") => signal.automatable = Some(false),
        _ => {}
    }
    match option["Technical Impact"].as_str() {
        Some("total") => signal.impact = Some(Impact::Total),
        Some("partial") => signal.impact = Some(Impact::Partial),
        _ => {}
    }
}

/// With or without a zone; without, it is UTC.
fn instant(text: &str) -> Option<DateTime<Utc>> {
    text.parse()
        .ok()
        .or_else(|| format!("{text}Z").parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::{Compression, write::GzEncoder};
    use std::io::Write;

    const KEV: &str = r#"{"title": "CISA Catalog", "catalogVersion": "2026.11.20",
        "dateReleased": "2026-11-20T15:00:05.1234Z", "count": 1, "vulnerabilities": [
        {"cveID": "CVE-2026-1", "dateAdded": "2026-11-03", "dueDate": "2026-11-24",
         "knownRansomwareCampaignUse": "Known", "cwes": []}]}"#;
    const EPSS: &str = "#model_version:v2026.03.14,score_date:2026-11-20T00:00:00+0000\n\
        cve,epss,percentile\nCVE-2026-1,0.00043,0.12345\nCVE-2026-2,1.0,0.99999\n";
    const RECORD: &str = r#"{"dataType": "CVE_RECORD", "dataVersion": "5.1",
        "cveMetadata": {"cveId": "CVE-2026-1", "datePublished": "2026-11-02T10:00:00.000Z"},
        "containers": {"cna": {"metrics": []}, "adp": [{"metrics": [
            {"cvssV3_1": {"baseSeverity": "HIGH"}},
            {"other": {"type": "ssvc", "content": {"options": [
                {"Exploitation": "active"}, {"Automatable": "yes"}, {"Technical Impact": "partial"}]}}}]}]}}"#;

    #[test]
    fn a_catalogue_lists_what_is_exploited() {
        let parsed = parse(FeedKind::Kev, KEV.as_bytes()).unwrap();
        let kev = parsed.signals["CVE-2026-1"].kev.clone().unwrap().unwrap();
        assert_eq!(kev.added, midnight("2026-11-03").unwrap());
        assert_eq!(kev.due, midnight("2026-11-24"));
        assert!(kev.ransomware);
        assert_eq!(parsed.version, "2026.11.20");
        assert!(parsed.dated.is_some());
    }

    #[test]
    fn scores_are_read_exactly_and_gzipped_too() {
        let check = |file: &[u8]| {
            let parsed = parse(FeedKind::Epss, file).unwrap();
            let epss = parsed.signals["CVE-2026-1"].epss.unwrap();
            assert_eq!(
                (epss.score(), epss.percentile()),
                ("0.000430".into(), "0.123450".into())
            );
            assert_eq!(
                parsed.signals["CVE-2026-2"].epss.unwrap().score(),
                "1.000000"
            );
            assert_eq!(parsed.version, "v2026.03.14");
            assert_eq!(parsed.dated, midnight("2026-11-20"));
        };
        check(EPSS.as_bytes());
        let mut packed = GzEncoder::new(Vec::new(), Compression::default());
        packed.write_all(EPSS.as_bytes()).unwrap();
        check(&packed.finish().unwrap());
    }

    #[test]
    fn records_come_one_by_one_as_a_list_or_line_by_line() {
        let line = RECORD.replace('\n', " ");
        for file in [
            RECORD.to_owned(),
            format!("[{RECORD}]"),
            format!("{line}\n{line}\n"),
        ] {
            let parsed = parse(FeedKind::Vulnrichment, file.as_bytes()).unwrap();
            let signal = &parsed.signals["CVE-2026-1"];
            assert_eq!(signal.severity, Some(Severity::High));
            assert_eq!(signal.automatable, Some(true));
            assert_eq!(signal.impact, Some(Impact::Partial));
            assert!(signal.published.is_some());
        }
    }

    #[test]
    fn another_file_is_refused_and_says_why() {
        let check = |kind, file: &[u8], expected: &str| {
            let why = parse(kind, file).unwrap_err();
            assert!(why.contains(expected), "{why}");
        };
        check(FeedKind::Kev, b"cve,epss", "no KEV catalogue");
        check(
            FeedKind::Kev,
            br#"{"vulnerabilities": []}"#,
            "names no vulnerability",
        );
        check(FeedKind::Epss, b"CVE-2026-1,2.0,0.1\n", "line 1");
        check(FeedKind::Epss, b"", "names no vulnerability");
        check(FeedKind::Vulnrichment, KEV.as_bytes(), "no CVE record");
        check(FeedKind::Epss, b"\x1f\x8bnot gzip", "cannot be unpacked");
        check(FeedKind::Epss, b"\xff", "not UTF-8");
    }
}
