//! A file on its way: in pieces, resumed where it stood, stopped between two of them.
//!
//! What the upload has to remember is kept before each request that rests on it, so that a crash at
//! any time goes on from there. A pause, a loss of the lease or the end of the operation is seen
//! before the next piece.

use serde_json::Value;
use wasm_bindgen::JsValue;

use super::keep::memory_key;
use super::{Notice, Runtime};
use crate::browser::store::{Change, META};
use crate::browser::{clock, files, http};
use crate::core::draft::DraftFile;
use crate::core::error::Error;
use crate::core::profile::tus::{Tus, Upload};
use crate::core::profile::{Body, Conversation, Next, Request};
use crate::core::route::encode;
use crate::core::sync::{Answer, Operation, Progress};

impl Runtime {
    /// Uploads the file of an operation to a case.
    pub(super) async fn upload(
        &self,
        operation: &Operation,
        file: &DraftFile,
        case: &str,
    ) -> Answer {
        let sha256 = match files::digest(&self.store, file, |_| {}).await {
            Ok(Some(sha256)) => sha256,
            Ok(None) => return not_here(file),
            Err(error) => return self.later(error),
        };
        let memory = self.store.get(META, &memory_key(&operation.id)).await;
        let mut remembered: Option<Value> = match memory {
            Ok(text) => text.and_then(|text| serde_json::from_str(&text).ok()),
            Err(error) => return self.later(error),
        };
        let upload = Upload {
            create: format!("/cases/{}/uploads", encode(case)),
            base: self.base.clone(),
            key: operation.id.clone(),
            file: file.id.clone(),
            name: file.name.clone(),
            media_type: file.media_type.clone(),
            length: file.size,
            sha256,
        };
        let mut tus = Tus::new(upload, remembered.as_ref());
        let mut reply = None;
        loop {
            let next = tus.next(reply.take(), clock::now());
            if tus.memory() != remembered {
                remembered = tus.memory();
                if let Err(error) = self.remember(operation, remembered.as_ref()).await {
                    return self.later(error);
                }
            }
            let request = match next {
                Next::Ask(request) => request,
                Next::Done(answer) => return answer,
            };
            if !self.is_sending(&operation.id) {
                return Answer::Later(None);
            }
            self.note_upload(&operation.id, tus.done(), file.size);
            let payload = match self.piece(&request).await {
                Ok(Some(payload)) => payload,
                Ok(None) => return not_here(file),
                Err(error) => return self.later(error),
            };
            let csrf = self.csrf.borrow().clone();
            reply = Some(http::send(&self.base, &csrf, &request, payload).await);
        }
    }

    fn later(&self, error: Error) -> Answer {
        (self.notify)(Notice::Problem(error));
        Answer::Later(None)
    }

    async fn remember(&self, operation: &Operation, memory: Option<&Value>) -> Result<(), Error> {
        let key = memory_key(&operation.id);
        let change = match memory {
            Some(memory) => Change::Put(META, key, memory.to_string()),
            None => Change::Delete(META, key),
        };
        self.store.apply(vec![change], None).await.map(|_| ())
    }

    /// Whether an operation is still under way, and this tab still the one that sends.
    fn is_sending(&self, id: &str) -> bool {
        let state = self.state.borrow();
        let mut outbox = state.outbox.iter();
        let sending = outbox.any(|one| one.id == id && one.state == Progress::Sending);
        sending && !self.stopped.get() && self.leads()
    }

    /// The body of a request that carries a piece; nothing if its bytes are not here.
    async fn piece(&self, request: &Request) -> Result<Option<Option<JsValue>>, Error> {
        let Body::Slice { id, from, to, .. } = &request.body else {
            return Ok(Some(None));
        };
        let piece = files::slice(&self.store, id, *from, *to).await?;
        Ok(piece.map(|piece| Some(piece.into())))
    }
}

fn not_here(file: &DraftFile) -> Answer {
    let code = match file.is_kept() {
        true => "file_gone",
        false => "file_not_here",
    };
    Answer::Refused {
        code: code.into(),
        detail: file.name.clone(),
    }
}
