//! The handles of the interface: small, `Copy`, one layer of reactivity.
//!
//! Signals hold whole snapshots (levels, never differences), so a lost notification repairs itself
//! with the next. Only [`super::wiring`] writes what comes from the store; actions write what a
//! person does.

use std::rc::Rc;
use std::sync::Arc;

use crate::core::order::sort_by_key;
use crate::ui::dom::prelude::*;
use chrono::NaiveDate;

use crate::browser::away::Away;
use crate::browser::host::Host;
use crate::browser::location::Address;
use crate::browser::runtime::Runtime;
use crate::browser::store::Store;
use crate::browser::{clock, page};
use crate::core::case::{
    Account, Asset, Attachment, Authorization, Case, Comment, Contact, Customer, Entitlement,
    License, Offer, Product,
};
use crate::core::draft::{Draft, Recovered, State as DraftState};
use crate::core::embed::{Given, View};
use crate::core::error::Error;
use crate::core::flow::World;
use crate::core::knowledge::Index;
use crate::core::policy::Policy;
use crate::core::portal::Portal;
use crate::core::profile::{Profile, Session, download};
use crate::core::reader::Problem;
use crate::core::route::Route;
use crate::core::sync::Operation;
use crate::core::text::Catalogue;
use crate::ui::clocks::{Clocks, Dues};
use crate::ui::custody::Custody;
use crate::ui::pages::later::Arrival;

/// Everything of the backend that this device keeps for the account.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Records {
    /// The account one acts for.
    pub account: Account,
    /// The person signed in.
    pub me: Contact,
    /// All contacts of the account.
    pub contacts: Vec<Contact>,
    /// Its customers, of which there may be very many.
    pub customers: Arc<Vec<Customer>>,
    /// What the store says of when the customers last changed.
    pub customers_at: String,
    /// Its contracts.
    pub entitlements: Vec<Entitlement>,
    /// What the vendors support.
    pub products: Vec<Product>,
    /// What the account may sell.
    pub authorizations: Vec<Authorization>,
    /// Its licences.
    pub licenses: Vec<License>,
    /// Devices at its customers.
    pub assets: Vec<Asset>,
    /// What it can buy.
    pub offers: Vec<Offer>,
    /// Its cases, of which there may be very many, as what was said on them and their files.
    pub cases: Arc<Vec<Case>>,
    /// What was said on them.
    pub comments: Arc<Vec<Comment>>,
    /// Their files.
    pub attachments: Arc<Vec<Attachment>>,
    /// Whether the backend's records have arrived at least once, and all of them are read.
    pub arrived: bool,
    /// Whether more is kept here than is read so far.
    pub unread: bool,
    /// The mark of the last change that is in it; empty if none is known. See [`crate::core::news`].
    pub news: String,
    /// When they were last brought up to date, in milliseconds since 1970; 0 if never.
    pub as_of: i64,
}

/// The deployment's files, read once.
#[derive(Debug, Default)]
pub struct Deployment {
    /// `portal.json`.
    pub portal: Arc<Portal>,
    /// Its policies, in the portal's order; none before the engine has read them.
    pub policies: Vec<Arc<Policy>>,
    /// How its backend is spoken to; empty before the engine has read it.
    pub profile: Arc<Profile>,
    /// Whether the backend itself knows, by a cookie, who one is.
    pub cookie: bool,
}

/// Who one is, as far as is known.
#[derive(Clone, Debug, PartialEq)]
pub enum Identity {
    /// Not asked yet.
    Unknown,
    /// Nobody is signed in; the session may offer examples.
    Nobody(Session),
    /// Signed in.
    Here(Session),
    /// Known from the last time, but without a sign-in at the backend (no network, or it ended):
    /// everything on this device can be used.
    Remembered(Session),
}

impl Identity {
    /// The session of a known person.
    pub fn session(&self) -> Option<&Session> {
        match self {
            Identity::Here(session) | Identity::Remembered(session) => Some(session),
            _ => None,
        }
    }
}

/// Whether the open draft is kept.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Saved {
    /// Nothing was typed yet.
    #[default]
    Untouched,
    /// Being written.
    Saving,
    /// Durable since, in milliseconds since 1970.
    At(i64),
    /// Could not be written.
    Failed(Error),
}

/// What went wrong before the portal could begin.
#[derive(Clone, Debug, PartialEq)]
pub enum Failure {
    /// A file of the deployment could not be read.
    Error(Error),
    /// A file of the deployment has mistakes: its name and all of them.
    Problems(String, Vec<Problem>),
}

/// A short message with something one can do.
#[derive(Clone, Debug, PartialEq)]
pub struct Toast {
    /// What happened.
    pub text: String,
    /// A discarded draft that can be taken back.
    pub undo_draft: Option<String>,
}

/// What this device keeps for the account one is in.
#[derive(Clone)]
pub struct Kept {
    /// The database.
    pub store: Rc<Store>,
    /// Its name, which the tabs of the account share.
    pub name: String,
}

/// The portal's handles.
#[derive(Clone, Copy)]
pub struct App {
    /// How it was mounted.
    pub options: StoredValue<super::Options>,
    /// The page around it, if there is one.
    pub host: StoredValue<Option<Host>, LocalStorage>,
    /// What that page knows already.
    pub given: StoredValue<Given>,
    /// Whether nobody was signed in when it began.
    pub asked_to_sign_in: StoredValue<bool>,
    /// The address.
    pub address: StoredValue<Address, LocalStorage>,
    /// What is kept for the account, once one is known.
    pub kept: StoredValue<Option<Kept>, LocalStorage>,
    /// How often an account was opened, so that the engine hears of each time.
    pub opened: RwSignal<u32>,
    /// The account's runtime, once the engine has started it.
    pub runtime: StoredValue<Option<Rc<Runtime>>, LocalStorage>,
    /// The clocks, once the engine runs.
    pub clocks: StoredValue<Option<(Clocks, Memo<Dues>)>, LocalStorage>,
    /// Whether the engine runs for the account that is open.
    pub running: RwSignal<bool>,
    /// The deployment's files; none until `portal.json` is read.
    pub deployment: RwSignal<Option<Arc<Deployment>>>,
    /// What went wrong before the portal could begin.
    pub failure: RwSignal<Option<Failure>>,
    /// The interface's words.
    pub words: RwSignal<Arc<Catalogue>>,
    /// `auto`, `light` or `dark`.
    pub theme: RwSignal<String>,
    /// Where one is.
    pub route: RwSignal<Route>,
    /// Who one is.
    pub identity: RwSignal<Identity>,
    /// Whether the sign-in is asked for over the page.
    pub ask_sign_in: RwSignal<bool>,
    /// How often in a row the backend did not answer who one is.
    pub unanswered: RwSignal<u32>,
    /// What the backend knows, as kept here.
    pub records: RwSignal<Arc<Records>>,
    /// Whether all of it is being read, and whether it is to be read once more after that.
    pub reading: StoredValue<Option<bool>>,
    /// All drafts kept here.
    pub drafts: RwSignal<Arc<Vec<Recovered>>>,
    /// What has not been sent yet.
    pub outbox: RwSignal<Arc<Vec<Operation>>>,
    /// Articles, ready to be searched.
    pub index: RwSignal<Arc<Index>>,
    /// Whether the browser believes in a network.
    pub online: RwSignal<bool>,
    /// A short message.
    pub toast: RwSignal<Option<Toast>>,
    /// The customer in whose name one acts, outside of a draft, which has its own.
    pub acting_for: RwSignal<Option<String>>,
    /// Whether the search for that customer is open.
    pub choosing_customer: RwSignal<bool>,
    /// The policy of the vendor that is chosen in the context bar; empty for all.
    pub vendor: RwSignal<String>,
    /// The control that takes the focus on the next page, where an answer is to be mended.
    pub mend: StoredValue<Option<String>>,
    /// Something could not be kept on this device.
    pub problem: RwSignal<Option<Error>>,
    /// Whether the part of the program with the later pages is here.
    pub later: RwSignal<Arrival>,
    /// Whether a newer version of the portal waits to be used.
    pub update: RwSignal<bool>,
    /// The draft being written.
    pub editor: RwSignal<Option<Draft>>,
    /// That draft as this tab and the store last agreed on it.
    pub agreed: StoredValue<Option<Draft>>,
    /// What is kept of the account, and whether one is let in.
    pub custody: Custody,
    /// Whether it is kept.
    pub saved: RwSignal<Saved>,
    /// Whether a save is due or under way; see [`super::actions::save_draft`].
    pub saver: StoredValue<super::actions::save_draft::Saver>,
}

impl App {
    /// Fresh handles, owned by the current owner.
    pub fn new(options: super::Options, host: Option<Host>, given: Given) -> App {
        let address = Address::new(options.mode, options.start.clone());
        let route = address.current();
        let theme = options.theme.clone().or_else(|| page::preference("theme"));
        let policy = options.embed.as_ref().map(|embed| embed.policy.clone());
        let policy = policy.filter(|policy| !policy.is_empty());
        App {
            options: StoredValue::new(options),
            host: StoredValue::new_local(host),
            given: StoredValue::new(given),
            asked_to_sign_in: StoredValue::new(false),
            address: StoredValue::new_local(address),
            kept: StoredValue::new_local(None),
            opened: RwSignal::new(0),
            runtime: StoredValue::new_local(None),
            clocks: StoredValue::new_local(None),
            running: RwSignal::new(false),
            deployment: RwSignal::new(None),
            failure: RwSignal::new(None),
            words: RwSignal::new(Arc::default()),
            theme: RwSignal::new(theme.unwrap_or_else(|| "auto".into())),
            route: RwSignal::new(route),
            identity: RwSignal::new(Identity::Unknown),
            ask_sign_in: RwSignal::new(false),
            unanswered: RwSignal::new(0),
            records: RwSignal::new(Arc::default()),
            reading: StoredValue::new(None),
            drafts: RwSignal::new(Arc::default()),
            outbox: RwSignal::new(Arc::default()),
            index: RwSignal::new(Arc::default()),
            online: RwSignal::new(page::online()),
            toast: RwSignal::new(None),
            acting_for: RwSignal::new(None),
            choosing_customer: RwSignal::new(false),
            vendor: RwSignal::new(
                policy
                    .or_else(|| page::preference("vendor"))
                    .unwrap_or_default(),
            ),
            mend: StoredValue::new(None),
            problem: RwSignal::new(None),
            later: RwSignal::new(Arrival::default()),
            update: RwSignal::new(false),
            editor: RwSignal::new(None),
            agreed: StoredValue::new(None),
            custody: Custody::fresh(),
            saved: RwSignal::new(Saved::default()),
            saver: StoredValue::new(Default::default()),
        }
    }

    /// The words of the interface, tracked: whoever reads them is built anew in another language.
    pub fn words(&self) -> Words {
        Words(self.words.get())
    }

    /// The words as they are, for event handlers.
    pub fn words_now(&self) -> Words {
        Words(self.words.get_untracked())
    }

    /// The language of the interface, untracked.
    pub fn lang(&self) -> String {
        self.words.with_untracked(|words| words.lang.clone())
    }

    /// The deployment; empty until it is read, which no page is built before.
    pub fn deployment(&self) -> Arc<Deployment> {
        self.deployment.get_untracked().unwrap_or_default()
    }

    /// Where the backend's API begins.
    pub fn api(&self) -> String {
        self.deployment().portal.api.clone()
    }

    /// How the bytes of an attachment are brought; none where they can't be.
    pub fn away(&self, id: &str, case: &str) -> Option<Away> {
        let download = download(&self.deployment().profile, id, case)?;
        let base = self.api();
        Some(Away { base, download })
    }

    /// What of the portal is shown, where it is a part of another page.
    pub fn view(&self) -> Option<View> {
        self.options
            .with_value(|options| options.embed.as_ref().map(|embed| embed.view))
    }

    /// Whether it stands in a frame of another page.
    pub fn in_frame(&self) -> bool {
        self.options
            .with_value(|options| options.embed.as_ref().is_some_and(|embed| embed.frame))
    }

    /// Whether there is a page around it that listens.
    pub fn has_host(&self) -> bool {
        self.host.with_value(Option::is_some)
    }

    /// Tells the page around it, if there is one.
    pub fn tell(&self, what: &str, detail: &serde_json::Value) {
        self.host.with_value(|host| {
            if let Some(host) = host {
                host.tell(what, detail);
            }
        });
    }

    /// Asks something of the page around it; false if nothing comes of it.
    pub fn ask(&self, what: &str) -> impl Future<Output = bool> + use<> {
        let answer = self
            .host
            .with_value(|host| host.as_ref().map(|host| host.ask(what)));
        async move {
            match answer {
                Some(answer) => answer.await,
                None => false,
            }
        }
    }

    /// Goes to a route.
    pub fn go(&self, route: Route) {
        self.address.with_value(|address| address.go(&route, false));
        self.route.set(route);
    }

    /// Goes to a route in place of the present one.
    pub fn replace(&self, route: Route) {
        self.address.with_value(|address| address.go(&route, true));
        self.route.set(route);
    }

    /// What a link to a route says.
    pub fn href(&self, route: &Route) -> String {
        self.address.with_value(|address| address.href(route))
    }

    /// The policy of an id; cases of a policy that is no longer offered have none.
    pub fn policy(&self, id: &str) -> Option<Arc<Policy>> {
        of_id(&self.deployment().policies, id).cloned()
    }

    /// The policies of the vendors the account is a partner of, in the portal's order.
    pub fn own_policies(&self) -> Vec<Arc<Policy>> {
        let policies = self.deployment.get().unwrap_or_default().policies.clone();
        self.records.with(|records| {
            let own = &records.account.policies;
            let is_own = |one: &Arc<Policy>| own.is_empty() || own.contains(&one.id);
            policies.into_iter().filter(is_own).collect()
        })
    }

    /// The policies one works with: of the vendor that is chosen, else all of the account's own.
    pub fn chosen_policies(&self) -> Vec<Arc<Policy>> {
        let vendor = self.vendor.get();
        let mut own = self.own_policies();
        if own.iter().any(|one| one.id == vendor) {
            own.retain(|one| one.id == vendor);
        }
        own
    }

    /// Decides something about a draft, given all that is known.
    pub fn with_world<T>(&self, policy: &str, decide: impl FnOnce(World) -> T) -> Option<T> {
        let deployment = self.deployment.get_untracked()?;
        let policy = deployment.policies.iter().find(|one| one.id == policy)?;
        let records = self.records.get_untracked();
        Some(decide(world(policy, &records, clock::today())))
    }

    /// As [`App::with_world`] for the draft being written; tracks the draft and the records.
    pub fn with_editor<T>(&self, decide: impl FnOnce(World, &Draft) -> T) -> Option<T> {
        let deployment = self.deployment.get()?;
        let records = self.records.get();
        self.editor.with(|draft| {
            let draft = draft.as_ref()?;
            let policy = deployment
                .policies
                .iter()
                .find(|one| one.id == draft.policy)?;
            Some(decide(world(policy, &records, clock::today()), draft))
        })
    }

    /// The account's database, if one is open.
    pub fn store(&self) -> Option<Rc<Store>> {
        self.kept
            .with_value(|kept| kept.as_ref().map(|kept| kept.store.clone()))
    }

    /// The runtime of the account, if one is known.
    pub fn runtime(&self) -> Option<Rc<Runtime>> {
        self.runtime.with_value(Clone::clone)
    }

    /// The drafts that are being written, latest first.
    pub fn open_drafts(&self) -> Vec<Draft> {
        self.drafts_where(|state| matches!(state, DraftState::Open))
    }

    /// The drafts in some states, latest first.
    pub fn drafts_where(&self, fits: impl Fn(&DraftState) -> bool) -> Vec<Draft> {
        let mut drafts: Vec<Draft> = self
            .drafts
            .get()
            .iter()
            .filter_map(|one| match one {
                Recovered::Draft(draft) if fits(&draft.state) => Some(draft.clone()),
                _ => None,
            })
            .collect();
        sort_by_key(&mut drafts, |draft| std::cmp::Reverse(draft.updated_at));
        drafts
    }
}

/// The policy of an id. Where there is only one, it is also that of what names none, as much of what
/// comes from backends that know of no policies.
pub fn of_id<'a>(policies: &'a [Arc<Policy>], id: &str) -> Option<&'a Arc<Policy>> {
    let found = policies.iter().find(|policy| policy.id == id);
    found.or(match policies {
        [only] if id.is_empty() => Some(only),
        _ => None,
    })
}

fn world<'a>(policy: &'a Policy, records: &'a Records, today: NaiveDate) -> World<'a> {
    World {
        policy,
        account: &records.account,
        contact: &records.me,
        entitlements: &records.entitlements,
        products: &records.products,
        customers: &records.customers,
        contacts: &records.contacts,
        cases: &records.cases,
        today,
    }
}

/// The interface's words in the language of the moment.
#[derive(Clone)]
pub struct Words(pub Arc<Catalogue>);

impl Words {
    /// The language.
    pub fn lang(&self) -> &str {
        &self.0.lang
    }

    /// A text.
    pub fn t(&self, key: &str) -> String {
        self.0.get(key).to_string()
    }

    /// A text with its placeholders filled.
    pub fn with(&self, key: &str, values: &[(&str, &str)]) -> String {
        self.0.with(key, values)
    }

    /// A text in the form of a number; `{n}` is the number as the language writes it.
    pub fn count(&self, key: &str, count: u64) -> String {
        let category = clock::plural(self.lang(), count);
        let number = clock::number(self.lang(), count);
        self.0.plural(key, &category, &[("n", &number)])
    }
}
