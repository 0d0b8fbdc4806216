//! Somebody who works with the portal, one thing after the other, until they are cut off.

use std::path::{Path, PathBuf};
use std::time::Duration;

use casement_e2e::Portal;
use casement_e2e::pages::CasePage;
use sha2::{Digest, Sha256};
use thirtyfour::{WebElement, WindowHandle};

use crate::account::{Account, Kind, Typing, Words};
use crate::bench::FIELD;
use crate::dice::Dice;
use crate::hands::{Step, does};

/// Open cases of the example account.
const CASES: [&str; 5] = [
    "case-80999701",
    "case-80999733",
    "case-80999640",
    "case-80999117",
    "case-80999385",
];
/// The field of another tab, where it is another answer.
const OTHER_FIELD: &str = "#f-customer_name";

/// Somebody, and what they work on.
pub(crate) struct Hand<'a> {
    pub(crate) portal: &'a Portal,
    pub(crate) dice: &'a mut Dice,
    pub(crate) account: &'a mut Account,
    pub(crate) typing: &'a mut Typing,
    /// What was typed in two tabs.
    pub(crate) words: Words,
    pub(crate) without_report: &'a mut Vec<&'static str>,
    /// Where chosen files lie.
    pub(crate) folder: &'a Path,
    pub(crate) draft: &'a str,
    pub(crate) round: u64,
    pub(crate) types_by_script: bool,
}

/// A case that only has to be sent.
pub(crate) struct Prepared {
    subject: String,
    path: String,
    file: Chosen,
}

/// A file that somebody chooses.
struct Chosen {
    name: String,
    path: PathBuf,
    hash: String,
}

/// Fills in a case with a file up to the moment of sending it.
pub(crate) async fn prepare_case(hand: &mut Hand<'_>) -> Result<Prepared, String> {
    let subject = format!("Sent in round {}", hand.round);
    let steps = [
        Step::Press(".rail-first", None),
        Step::Mark("I have a technical issue"),
        Step::Press("form button[type=submit]", None),
        Step::Write("#f-brief", &subject),
        Step::Press("button", Some("Open a case")),
        // The one contract whose cases are never used up.
        Step::Mark("Partner Support Select"),
        Step::Press("form button[type=submit]", None),
        Step::Choose("#f-product", "cvad"),
        Step::Choose("#f-product_version", "2402-ltsr"),
        Step::Press("form button[type=submit]", None),
        Step::See("h1", Some("Describe the case")),
        Step::Mark("Severity 3:"),
        Step::Write("#f-customer_name", "Orient Precision"),
    ];
    does(hand.portal, &steps).await?;
    let file = hand.file();
    let input = hand.portal.element("input[type=file]", None).await;
    let chosen = input.send_keys(file.path.to_string_lossy()).await;
    chosen.map_err(|error| format!("no file could be chosen: {error}"))?;
    let steps = [
        Step::See("main", Some(&file.name)),
        Step::Saved,
        Step::Press("form button[type=submit]", None),
        Step::See("h1", Some("How can the engineer reach you?")),
        Step::Press("form button[type=submit]", None),
        Step::See("h1", Some("Check and send")),
        Step::Saved,
    ];
    let page = does(hand.portal, &steps).await?;
    Ok(Prepared {
        subject,
        path: page.path,
        file,
    })
}

impl Hand<'_> {
    /// One thing after the other, without end.
    pub(crate) async fn do_everything(&mut self) -> Result<(), String> {
        loop {
            match self.dice.below(16) {
                0..=4 => self.type_on().await?,
                5..=9 => self.comment().await?,
                10..=13 => self.attach().await?,
                14 => self.add_report().await?,
                _ => self.change_tab().await,
            }
        }
    }

    /// Sends a case, and then what belongs to it.
    pub(crate) async fn send(&mut self, case: Prepared) -> Result<(), String> {
        let about = format!("about:{}", case.subject);
        let deed = self.account.about_to(Kind::Case, "", &case.subject, "");
        let Chosen { name, hash, .. } = &case.file;
        let of_file = self.account.about_to(Kind::File, &about, name, hash);
        let send = Step::Press("form button[type=submit]", None);
        does(self.portal, &[send, Step::Leave(&case.path)]).await?;
        self.account.taken(deed);
        self.account.taken(of_file);
        let field = Step::Reach("#comment-text", "a", "Open the case");
        does(self.portal, &[field]).await?;
        loop {
            self.comment_on(&about).await?;
        }
    }

    /// Types words into one draft, now in one tab and now in another.
    pub(crate) async fn write_in_two_tabs(&mut self, same: bool) -> Result<(), String> {
        let session = self.portal.session().clone();
        let problem = |error: thirtyfour::error::WebDriverError| format!("no tab: {error}");
        let first = session.window().await.map_err(problem)?;
        let second = session.new_tab().await.map_err(problem)?;
        let other = if same { FIELD } else { OTHER_FIELD };
        session
            .switch_to_window(second.clone())
            .await
            .map_err(problem)?;
        self.portal.open(self.draft).await;
        loop {
            self.write_words(&second, other).await?;
            self.write_words(&first, FIELD).await?;
        }
    }

    async fn write_words(&mut self, tab: &WindowHandle, field: &str) -> Result<(), String> {
        let session = self.portal.session();
        let there = session.switch_to_window(tab.clone()).await;
        there.map_err(|error| format!("no tab: {error}"))?;
        for _ in 0..1 + self.dice.below(3) {
            let word = format!("<{:x}>", self.dice.any());
            // The page is built anew when two tabs gave the same answer; whoever meets that moment
            // has typed nothing.
            if does(self.portal, &[Step::Add(field, &word)]).await.is_ok() {
                self.words.typed(word);
            }
            self.think().await;
        }
        Ok(())
    }

    /// A pause for thought, at times longer than what saving waits for.
    async fn think(&mut self) {
        let pause = self.dice.one_of(&[0, 0, 0, 30, 90, 200]);
        tokio::time::sleep(Duration::from_millis(pause)).await;
    }

    async fn type_on(&mut self) -> Result<(), String> {
        does(self.portal, &[Step::Go(self.draft), Step::See(FIELD, None)]).await?;
        let mut field = self.portal.element(FIELD, None).await;
        for _ in 0..2 + self.dice.below(7) {
            let key = self
                .dice
                .one_of(&["a", "k", "日", "本 ", "ok ", "。", "7", "x"]);
            self.typing.about_to(key);
            self.press(&mut field, key).await?;
            self.typing.pressed();
            self.think().await;
        }
        Ok(())
    }

    async fn press(&self, field: &mut WebElement, key: &str) -> Result<(), String> {
        if self.types_by_script {
            does(self.portal, &[Step::Write(FIELD, &self.typing.text)]).await?;
            return Ok(());
        }
        while field.send_keys(key).await.is_err() {
            // A page that asks to sign in lies over the field, perhaps again and again.
            does(self.portal, &[Step::Gone("dialog[open]")]).await?;
            *field = self.portal.element(FIELD, None).await;
        }
        Ok(())
    }

    async fn comment(&mut self) -> Result<(), String> {
        let case = self.dice.one_of(&CASES);
        does(self.portal, &[Step::Go(&format!("/cases/{case}"))]).await?;
        for _ in 0..1 + self.dice.below(4) {
            self.comment_on(case).await?;
        }
        Ok(())
    }

    /// Comments on the case that is open.
    async fn comment_on(&mut self, case: &str) -> Result<(), String> {
        let text = format!("Comment {:016x} of round {}", self.dice.any(), self.round);
        let deed = self.account.about_to(Kind::Comment, case, &text, "");
        let steps = [
            Step::Write("#comment-text", &text),
            Step::Press(".reply button[type=submit]", None),
            Step::See(".timeline, .rows", Some(&text)),
        ];
        does(self.portal, &steps).await?;
        self.account.taken(deed);
        Ok(())
    }

    /// A file of random length, a few of them large enough to go in several pieces.
    fn file(&mut self) -> Chosen {
        let name = format!("file-{:016x}-{}.log", self.dice.any(), self.round);
        let most = self.dice.one_of(&[200, 20_000, 20_000, 400_000]);
        let (length, salt) = (1 + self.dice.below(most), self.dice.any());
        let bytes: Vec<u8> = (0..length).map(|at| (at * 31 + salt % 251) as u8).collect();
        let path = self.folder.join(&name);
        std::fs::write(&path, &bytes).expect("the browser's folder can be written");
        let hash = Sha256::digest(&bytes);
        let hash = hash.iter().map(|byte| format!("{byte:02x}")).collect();
        Chosen { name, path, hash }
    }

    async fn attach(&mut self) -> Result<(), String> {
        let case = self.dice.one_of(&CASES);
        let page = format!("/cases/{case}");
        does(self.portal, &[Step::Go(&page), Step::See(".reply", None)]).await?;
        let files: Vec<Chosen> = (0..1 + self.dice.below(3)).map(|_| self.file()).collect();
        let about_to = |file: &Chosen| {
            let account = &mut self.account;
            account.about_to(Kind::File, case, &file.name, &file.hash)
        };
        let deeds: Vec<usize> = files.iter().map(about_to).collect();
        let paths: Vec<&Path> = files.iter().map(|file| file.path.as_path()).collect();
        CasePage(self.portal).add_files(&paths).await;
        for (file, deed) in files.iter().zip(deeds) {
            does(self.portal, &[Step::See(".timeline", Some(&file.name))]).await?;
            self.account.taken(deed);
        }
        Ok(())
    }

    /// Adds its report to a case that has none, once each.
    async fn add_report(&mut self) -> Result<(), String> {
        let Some(case) = self.without_report.pop() else {
            return self.comment().await;
        };
        let text = format!("Report {:016x} of round {}", self.dice.any(), self.round);
        let page = format!("/cases/{case}");
        let open = [
            Step::Go(&page),
            Step::Press("summary", Some("Add the fault report")),
            Step::Write("#case-report", &text),
        ];
        does(self.portal, &open).await?;
        let deed = self.account.about_to(Kind::Edit, case, &text, "");
        let add = Step::Press("button", Some("Add to the description"));
        does(self.portal, &[add, Step::Gone("#case-report")]).await?;
        self.account.taken(deed);
        Ok(())
    }

    /// Goes to another tab, or opens one.
    async fn change_tab(&mut self) {
        let session = self.portal.session();
        let Ok(tabs) = session.windows().await else {
            return;
        };
        let tab = match tabs.len() {
            1 => session.new_tab().await.ok(),
            _ => Some(tabs[usize::from(self.dice.once_in(2))].clone()),
        };
        if let Some(tab) = tab {
            let _ = session.switch_to_window(tab).await;
            let case = self.dice.one_of(&CASES);
            self.portal.open(&format!("/cases/{case}")).await;
        }
    }
}
