//! Why a form posted without JavaScript was refused. leptos writes the error into the address of the
//! page that it sends the browser back to, where anybody could write another one. Here it stays on
//! the server: the address only names it, and whoever posted the form reads it once.
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use drydock_app::FormError;
use drydock_workflow::Caller;
use http::{HeaderValue, Method, header};
use rand::Rng as _;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use url::form_urlencoded;

/// Names the error in an address.
const NAME: &str = "refused";
/// Where leptos puts the server function's path and its encoded error.
const FUNCTION: &str = "__path";
const ERROR: &str = "__err";

/// Errors that nobody has come back for make room for newer ones.
const KEPT: usize = 256;

#[derive(Clone, Default)]
pub struct FormErrors(Arc<Mutex<VecDeque<Kept>>>);

struct Kept {
    name: String,
    actor: String,
    error: FormError,
}

/// Takes the error out of a redirect's address, and puts it into the request for the page that the
/// browser asks for next. An error that somebody wrote into an address never reaches a page.
pub async fn keep_form_errors(
    State(errors): State<FormErrors>,
    mut request: Request,
    next: Next,
) -> Response {
    let caller = request.extensions().get::<Caller>();
    let Some(actor) = caller.map(|caller| caller.actor.clone()) else {
        return next.run(request).await;
    };
    if matches!(*request.method(), Method::GET | Method::HEAD) {
        let query = Query::read(request.uri().query().unwrap_or_default());
        if query.error.is_some() {
            // Relative to the page itself: its path is the client's word, and may look like a host.
            return Redirect::to(&query.rest(None)).into_response();
        }
        let told = query.name.and_then(|name| errors.take(&name, &actor));
        if let Some(error) = told {
            request.extensions_mut().insert(error);
        }
    }
    let mut response = next.run(request).await;
    let location = response.headers().get(header::LOCATION);
    if let Some(address) = location.and_then(|value| value.to_str().ok())
        && let Some(address) = errors.keep(address, &actor)
        && let Ok(value) = HeaderValue::from_str(&address)
    {
        response.headers_mut().insert(header::LOCATION, value);
    }
    response
}

impl FormErrors {
    /// The address to send the browser to instead; `None` where there is nothing to take out of it.
    fn keep(&self, address: &str, actor: &str) -> Option<String> {
        let (page, query) = address.split_once('?')?;
        let query = Query::read(query);
        if query.error.is_none() && query.name.is_none() {
            return None;
        }
        let name = query.error.as_ref().map(|error| {
            let name = format!("{:032x}", rand::rng().random::<u128>());
            let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            if kept.len() == KEPT {
                kept.pop_front();
            }
            kept.push_back(Kept {
                name: name.clone(),
                actor: actor.to_owned(),
                error: error.clone(),
            });
            name
        });
        Some(format!("{page}{}", query.rest(name)))
    }

    /// The error of that name, once, for the one who was refused.
    fn take(&self, name: &str, actor: &str) -> Option<FormError> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_meant = |kept: &Kept| kept.name == name && kept.actor == actor;
        let index = kept.iter().position(is_meant)?;
        kept.remove(index).map(|kept| kept.error)
    }
}

/// An address's query, with what is ours and what is leptos's set apart.
struct Query {
    error: Option<FormError>,
    name: Option<String>,
    others: Vec<(String, String)>,
}

impl Query {
    fn read(query: &str) -> Self {
        let (mut function, mut error, mut name) = (None, None, None);
        let mut others = Vec::new();
        for (key, value) in form_urlencoded::parse(query.as_bytes()).into_owned() {
            match key.as_str() {
                FUNCTION => function = Some(value),
                ERROR => error = Some(value),
                NAME => name = Some(value),
                _ => others.push((key, value)),
            }
        }
        let error = error.map(|error| FormError {
            function: function.unwrap_or_default(),
            error,
        });
        Self {
            error,
            name,
            others,
        }
    }

    /// `?` and the other parameters, and the name of an error where there is one.
    fn rest(&self, name: Option<String>) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(&self.others);
        query.extend_pairs(name.map(|name| (NAME, name)));
        format!("?{}", query.finish())
    }
}
