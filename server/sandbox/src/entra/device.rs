//! Signing in on another screen (RFC 8628): a program shows a code, and a person types it into a
//! page, with their own name and password. The password is what makes it safe: no other page in
//! the browser knows it, so none can confirm a code in the person's name.
use super::{EntraError, form_page};
use crate::{State, acr::token::Form};
use chrono::{DateTime, TimeDelta, Utc};
use rand::Rng;
use serde_json::{Value, json};
use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};
use uuid::Uuid;

/// Codes that were shown and not yet used.
#[derive(Default)]
pub struct DeviceCodes(Mutex<HashMap<String, Pending>>);

struct Pending {
    user_code: String,
    client_id: String,
    expires_at: DateTime<Utc>,
    confirmed: bool,
}

const LIFETIME: TimeDelta = TimeDelta::minutes(15);
/// Seconds that a client waits between two questions.
const INTERVAL_SECONDS: u32 = 5;
/// More would only be somebody who asks in a loop; the oldest go.
const MOST: usize = 100;
/// Without vowels, so that no code is a word, and without what is read as something else.
const ALPHABET: &[u8] = b"BCDFGHJKLMNPQRSTVWXZ";

impl DeviceCodes {
    fn open(&self, now: DateTime<Utc>) -> MutexGuard<'_, HashMap<String, Pending>> {
        // Entries are put in and taken out whole.
        let mut codes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // A client that asks a little late is told that its code expired, and not that it never was.
        codes.retain(|_, pending| now < pending.expires_at + LIFETIME);
        codes
    }
}

/// `POST …/devicecode`: what a program shows to a person.
pub(super) fn begin(state: &State, form: &Form) -> Result<Value, EntraError> {
    let client_id = super::token::public_client(form)?.to_owned();
    let (device_code, user_code) = (Uuid::new_v4().to_string(), user_code());
    let now = state.clock.now();
    let mut codes = state.device_codes.open(now);
    if codes.len() >= MOST {
        let oldest = codes.iter().min_by_key(|(_, pending)| pending.expires_at);
        if let Some(oldest) = oldest.map(|(code, _)| code.clone()) {
            codes.remove(&oldest);
        }
    }
    let pending = Pending {
        user_code: user_code.clone(),
        client_id,
        expires_at: now + LIFETIME,
        confirmed: false,
    };
    codes.insert(device_code.clone(), pending);
    let page = format!("{}common/oauth2/deviceauth", state.endpoints.authority);
    Ok(json!({
        "user_code": user_code,
        "device_code": device_code,
        "verification_uri": page,
        "verification_url": page,
        "expires_in": LIFETIME.num_seconds(),
        "interval": INTERVAL_SECONDS,
        "message": format!(
            "To sign in, use a web browser to open the page {page} and enter the code {user_code} to authenticate."
        ),
    }))
}

/// `POST …/token` with a device code. Returns once the code was confirmed; it is then used up.
pub(super) fn redeem(state: &State, form: &Form) -> Result<(), EntraError> {
    let client_id = super::token::public_client(form)?;
    let code = match (form.get("device_code"), form.get("code")) {
        ("", "") => return Err(EntraError::ParameterMissing("device_code")),
        ("", code) | (code, _) => code,
    };
    let now = state.clock.now();
    let mut codes = state.device_codes.open(now);
    let pending = codes
        .get(code)
        .filter(|pending| pending.client_id.eq_ignore_ascii_case(client_id));
    match pending {
        None => Err(EntraError::DeviceCodeUnknown),
        Some(pending) if now >= pending.expires_at => Err(EntraError::DeviceCodeExpired),
        Some(pending) if !pending.confirmed => Err(EntraError::AuthorizationPending),
        Some(_) => {
            codes.remove(code);
            Ok(())
        }
    }
}

/// `POST …/deviceauth`: the form of the page. Returns the page that answers it.
pub(super) fn confirm(state: &State, form: &Form) -> String {
    if super::token::check_user(state, form.get("username"), form.get("password")).is_err() {
        return form_page("The name and the password do not fit.");
    }
    let typed: String = form
        .get("user_code")
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|letter| letter.to_ascii_uppercase())
        .collect();
    let now = state.clock.now();
    let mut codes = state.device_codes.open(now);
    let pending = codes
        .values_mut()
        .find(|pending| pending.user_code == typed && now < pending.expires_at);
    match pending {
        None => form_page("There is no such code; it may have expired."),
        Some(pending) => {
            pending.confirmed = true;
            super::message_page("You have signed in. Go back to the program that showed the code.")
        }
    }
}

fn user_code() -> String {
    let mut random = rand::rng();
    let letter = |_| char::from(ALPHABET[random.random_range(0..ALPHABET.len())]);
    (0..9).map(letter).collect()
}
