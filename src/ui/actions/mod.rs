//! What a person wants, one intent a file, each read from top to bottom.

pub mod act_for;
pub mod activate_contract;
pub mod add_comment;
pub mod add_report;
pub mod ask_on_case;
pub mod attach;
pub mod attach_to_case;
pub mod buy_incident;
pub mod choose_language;
pub mod discard_draft;
pub mod keep_back;
pub mod keep_choice;
pub mod keep_comment;
pub mod keep_copy;
pub mod keep_file;
pub mod keep_out;
pub mod link_contract;
pub mod new_draft;
pub mod save_all;
pub mod save_draft;
pub mod sign_in;
pub mod sign_out;
pub mod submit_case;
pub mod try_policy;
pub mod use_update;
