//! The pages of the portal, each with what a person does there. The words are those of the English
//! interface unless a method says otherwise.

pub mod call_sheet;
pub mod case_act;
pub mod case_page;
pub mod cases;
pub mod context_bar;
pub mod customers;
pub mod drafts;
pub mod entitlements;
pub mod flow;
pub mod knowledge;
pub mod link_contract;
pub mod pending;
pub mod review;
pub mod sent;
pub mod sign_in;

pub use call_sheet::CallSheet;
pub use case_act::CaseAct;
pub use case_page::CasePage;
pub use cases::Cases;
pub use context_bar::ContextBar;
pub use customers::Customers;
pub use drafts::Drafts;
pub use entitlements::Entitlements;
pub use flow::Flow;
pub use knowledge::Knowledge;
pub use link_contract::LinkContract;
pub use pending::Pending;
pub use review::Review;
pub use sent::Sent;
pub use sign_in::SignIn;
