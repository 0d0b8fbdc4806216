//! The controls and small views that pages are made of, each a function in a file of its own kind.
//!
//! They take what they show as values or closures and say what a person did through callbacks; only
//! [`field`] knows the open draft. Each ends with its examples, which
//! [`super::pages::gallery`] shows.

pub mod arriving;
pub mod article;
pub mod asked;
pub mod case_acts;
pub mod case_row;
pub mod case_way;
pub mod clock;
pub mod clock_line;
pub mod clock_panel;
pub mod comment_box;
pub mod copy;
pub mod customer_search;
pub mod disagreement;
pub mod draft_row;
pub mod entitlement;
pub mod error_summary;
pub mod example;
pub mod field;
pub mod file_drop;
pub mod file_list;
pub mod findings;
pub mod icon;
pub mod kept_aside;
pub mod link;
pub mod notice;
pub mod operation;
pub mod page_head;
pub mod redaction;
pub mod saved;
pub mod severity;
pub mod status;
pub mod summary;
pub mod timeline;
pub mod trouble;
pub mod upload;
pub mod use_chart;
