//! The sign-in at an OpenID provider, in a window of its own, so that nobody leaves the page.
//!
//! [`crate::core::oidc`] decides; here are the window, the requests and the tokens, which live in
//! this module's memory and nowhere else. The provider sends the person back to `signed-in.html` of
//! this portal, which hands the answer to all pages of the portal's origin and closes itself when it
//! was taken; only the page whose attempt it answers can use it, since the proof of the attempt never
//! leaves its memory.

use std::cell::RefCell;
use std::rc::Rc;

use gloo_net::http::RequestBuilder;
use js_sys::{Function, Promise, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{RequestCache, RequestCredentials, RequestRedirect, Window};

use super::page::Channel;
use super::{clock, credentials};
use crate::core::base64;
use crate::core::error::{Error, Kind};
use crate::core::oidc::{self, Attempt, Client, Identity, Provider, Return, Tokens};

/// The page that the provider sends one back to, beside the portal's own files.
pub const RETURN: &str = "signed-in.html";
/// The channel on which that page tells what came.
const CHANNEL: &str = "casement-signed-in";
/// Said on it when another attempt begins, and when an answer was taken.
const ANOTHER: &str = "another attempt";
const HEARD: &str = "heard";

/// Makes the headers that an access token goes out in.
pub type Proof = Rc<dyn Fn(&str) -> Vec<(String, String)>>;

/// Who is signed in with which tokens.
struct Session {
    provider: Provider,
    client: Client,
    proof: Proof,
    refresh: Option<String>,
}

thread_local! {
    static SESSION: RefCell<Option<Session>> = const { RefCell::new(None) };
}

/// Sends a person to the provider; `window` was opened by the person's own press, which browsers ask
/// for. `login` is whom one expects back. Nobody, if a later attempt has taken the place of this one.
pub async fn send(
    client: &Client,
    login: Option<&str>,
    window: Window,
) -> Result<Option<Return>, Error> {
    let provider = described(client).await?;
    let attempt = Attempt {
        state: random()?,
        nonce: random()?,
        verifier: random()?,
    };
    let challenge = challenge(&attempt.verifier).await?;
    let address = oidc::authorize_address(&provider, client, &attempt, &challenge, login);
    let answered = answer_to(&attempt.state);
    window
        .location()
        .set_href(&address)
        .map_err(|_| Error::new(Kind::Refused, "sign-in: the window was closed"))?;
    let query = answered.await;
    Ok(query.map(|query| Return { attempt, query }))
}

/// Finishes the sign-in with what the person came back with.
pub async fn finish(client: Client, proof: Proof, returned: &Return) -> Result<Identity, Error> {
    let provider = described(&client).await?;
    let Return { attempt, query } = returned;
    let code = oidc::code(&provider, &client, attempt, query)?;
    let form = oidc::redeem(&client, attempt, &code);
    let (status, body) = ask(&provider.token, Some(form)).await;
    let tokens = oidc::tokens(&client, Some(&attempt.nonce), status, &body, clock::now())?;
    let nobody = || Error::new(Kind::Refused, "sign-in: the provider names nobody");
    let identity = tokens.identity.clone().ok_or_else(nobody)?;
    keep(provider, client, proof, tokens);
    Ok(identity)
}

async fn described(client: &Client) -> Result<Provider, Error> {
    let (status, body) = ask(&oidc::description_address(&client.issuer), None).await;
    oidc::provider(&client.issuer, status, &body)
}

/// Ends the sign-in here, and at the provider where it takes tokens back.
pub async fn sign_out() {
    let session = SESSION.take();
    credentials::forget();
    if let Some(session) = session
        && let (Some(address), Some(refresh)) = (&session.provider.revoke, &session.refresh)
    {
        // Without network the token ends by itself; it is known to nobody any more.
        ask(address, Some(oidc::revoke(&session.client, refresh))).await;
    }
}

fn keep(provider: Provider, client: Client, proof: Proof, tokens: Tokens) {
    let headers = proof(&tokens.access);
    let at = tokens.renew_at.unwrap_or(i64::MAX);
    credentials::hold(headers, Some((at, Rc::new(|| Box::pin(renew())))));
    SESSION.replace(Some(Session {
        provider,
        client,
        proof,
        refresh: tokens.refresh,
    }));
}

/// Brings the next tokens for the refresh token, which is good for one time.
async fn renew() -> bool {
    let Some(session) = SESSION.take() else {
        return false;
    };
    let Some(refresh) = &session.refresh else {
        return false;
    };
    let form = oidc::renew(&session.client, refresh);
    let (status, body) = ask(&session.provider.token, Some(form)).await;
    match oidc::tokens(&session.client, None, status, &body, clock::now()) {
        Ok(mut tokens) => {
            // A provider that does not change its refresh token goes on with the old one.
            tokens.refresh = tokens.refresh.or(session.refresh);
            keep(session.provider, session.client, session.proof, tokens);
            true
        }
        Err(error) => {
            // Nobody answered: the same token is tried again with the next request.
            if error.is_retryable() {
                SESSION.replace(Some(session));
            } else {
                credentials::forget();
            }
            false
        }
    }
}

/// The query with which the provider sent the person back in this attempt; none once another attempt
/// has begun. Whether the window is still open can't be seen: a page that is kept apart from its
/// openers, as sign-in pages and this portal are, looks closed to them. Whoever has closed it presses
/// the button again.
async fn answer_to(state: &str) -> Option<String> {
    let mine = format!("state={}", crate::core::route::encode(state));
    let done = Rc::new(RefCell::new(None::<Function>));
    let heard = Rc::new(RefCell::new(None));
    let promise = Promise::new(&mut |resolve, _| {
        done.replace(Some(resolve));
    });
    let end = move || {
        if let Some(resolve) = done.take() {
            // Resolving a promise can't fail.
            let _ = resolve.call0(&JsValue::UNDEFINED);
        }
    };
    let channel = {
        let (heard, end) = (heard.clone(), end.clone());
        Channel::open(CHANNEL, move |said| {
            let is_answer = said.starts_with('?');
            if is_answer && said[1..].split('&').any(|field| field == mine) {
                heard.replace(Some(said));
                end();
            } else if said == ANOTHER {
                end();
            }
        })?
    };
    // An attempt that waits in this page or in another tab gives way to this one.
    channel.say(ANOTHER);
    // A promise that nothing rejects.
    let _ = JsFuture::from(promise).await;
    channel.say(HEARD);
    heard.take()
}

/// 32 random bytes as text.
fn random() -> Result<String, Error> {
    let mut bytes = [0; 32];
    let crypto = web_sys::window().and_then(|window| window.crypto().ok());
    crypto
        .and_then(|crypto| crypto.get_random_values_with_u8_array(&mut bytes).ok())
        .ok_or_else(|| {
            Error::new(
                Kind::Configuration,
                "sign-in: the browser gives no randomness",
            )
        })?;
    Ok(base64_url(&bytes))
}

async fn challenge(verifier: &str) -> Result<String, Error> {
    let insecure = || {
        Error::new(
            Kind::Configuration,
            "sign-in: the page must be served over https",
        )
    };
    let subtle = web_sys::window()
        .and_then(|window| window.crypto().ok())
        .map(|crypto| crypto.subtle())
        .filter(|subtle| !subtle.is_undefined())
        .ok_or_else(insecure)?;
    let bytes = Uint8Array::from(verifier.as_bytes());
    let digest = subtle
        .digest_with_str_and_buffer_source("SHA-256", &bytes)
        .map_err(|_| insecure())?;
    let digest = JsFuture::from(digest).await.map_err(|_| insecure())?;
    Ok(base64_url(&Uint8Array::new(&digest).to_vec()))
}

fn base64_url(bytes: &[u8]) -> String {
    let plain = base64::encode(bytes);
    plain
        .trim_end_matches('=')
        .replace('+', "-")
        .replace('/', "_")
}

/// Asks the provider; status 0 without an answer. Nothing of the portal's origin goes with it.
async fn ask(address: &str, form: Option<String>) -> (u16, String) {
    let builder = RequestBuilder::new(address)
        .cache(RequestCache::NoStore)
        .credentials(RequestCredentials::Omit)
        .redirect(RequestRedirect::Error);
    let built = match form {
        Some(form) => builder
            .method(gloo_net::http::Method::POST)
            .header("Content-Type", "application/x-www-form-urlencoded")
            .body(form),
        None => builder.build(),
    };
    let Ok(request) = built else {
        return (0, String::new());
    };
    let Ok(response) = request.send().await else {
        return (0, String::new());
    };
    (response.status(), response.text().await.unwrap_or_default())
}

/// Opens the window in which one signs in; none if the browser keeps windows shut. It begins with a
/// page of this portal, because a provider is asked first where its sign-in is.
pub fn open_window(address: &str) -> Option<Window> {
    let opened = web_sys::window()?.open_with_url_and_target_and_features(
        address,
        "casement-sign-in",
        "popup,width=520,height=680",
    );
    opened.ok().flatten().filter(|window| window.is_truthy())
}

trait Truth {
    fn is_truthy(&self) -> bool;
}

impl Truth for Window {
    fn is_truthy(&self) -> bool {
        let value: &JsValue = self.unchecked_ref();
        value.is_truthy()
    }
}
