//! A case handed over as one file, from one company to another.

use casement_e2e::pages::sign_in::{LIN, SATO};
use casement_e2e::pages::{Drafts, SignIn};
use casement_e2e::{Portal, in_chromium};

/// Keeps what the page offers for download.
async fn keep_downloads(portal: &Portal) {
    let script = "
        const made = URL.createObjectURL;
        URL.createObjectURL = (blob) => { window.offered = blob; return made.call(URL, blob); };";
    portal.eval(script, Vec::new()).await;
}

/// The bytes of what was offered last.
async fn offered(portal: &Portal) -> Vec<u8> {
    let there = "return Boolean(window.offered);";
    portal
        .until("a file to be offered", there, Vec::new())
        .await;
    let script = "return [...new Uint8Array(await window.offered.arrayBuffer())];";
    let bytes = portal.eval_later(script).await;
    let bytes = bytes.as_array().expect("bytes are a list").iter();
    bytes
        .map(|byte| byte.as_u64().and_then(|byte| u8::try_from(byte).ok()))
        .collect::<Option<_>>()
        .expect("bytes are numbers below 256")
}

#[test]
fn new_07_a_case_goes_as_one_signed_file_from_one_company_to_another() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        SignIn(&portal).open_as(SATO).await;
        portal.open("/cases/case-80999117").await;
        portal.read(".timeline .file-name", None).await;
        keep_downloads(&portal).await;
        portal.button("Save as a case file").await;
        portal.see("The case file is made").await;
        let whole = offered(&portal).await;
        assert_eq!(&whole[..4], b"PK\x03\x04", "anybody can open it");
        let subject = desk.api(SATO).await.get("/cases/case-80999117").await;
        let subject = subject["subject"].as_str().unwrap_or_default().to_string();

        SignIn(&portal).out().await;
        SignIn(&portal).as_person(LIN).await;
        let mut changed = whole.clone();
        let end = whole.len();
        let place = whole
            .windows(10)
            .position(|bytes| bytes == b"\"signer\": ")
            .expect("the manifest names its signer");
        changed[place + 2] ^= 1;
        Drafts(&portal).open().await;
        portal.link("Open a case file").await;
        portal.heading("Open a case file").await;
        for (name, bytes, said) in [
            ("changed.casement", changed.as_slice(), "Where: "),
            ("cut.casement", &whole[..end - 9], "its end is missing"),
        ] {
            let path = desk.file(name, bytes);
            portal.choose_files("#case-file", &[&path]).await;
            portal.see("This file can’t be used").await;
            portal.see(said).await;
        }

        let path = desk.file("whole.casement", &whole);
        portal.choose_files("#case-file", &[&path]).await;
        portal.see("Signed, and unchanged since").await;
        portal.see("北斗システムズ株式会社").await;
        portal.see("Fingerprint of the key").await;
        portal.see("A new draft with").await;
        let files = portal.count(".card .file").await;
        assert!(files > 0, "the attachments are not in the file");
        portal.button("Make a draft of it").await;
        Drafts(&portal).open().await;
        let row = Drafts(&portal).row(&subject).await;
        assert!(row.contains("file"), "{row}");
    });
}
