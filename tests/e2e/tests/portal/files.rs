//! Files: kept with the draft, uploaded with the case, refused in words, and never more than text.

use std::fs::File;

use casement_e2e::pages::{CasePage, Flow, Review, SignIn, sign_in::SATO};
use casement_e2e::{behind_a_line, in_chromium};
use serde_json::json;

const HOSTILE: &str = "<img src=x onerror=document.title='hit'>.log";

#[test]
fn cms_15_a_file_attached_to_a_draft_survives_a_reload_and_is_uploaded() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        SignIn(&portal).open_as(SATO).await;
        let flow = Flow(&portal);
        flow.until_details("With its log").await;
        portal.see("Citrix Insight Services").await;
        let content: Vec<u8> = (0..700_000_u32).map(|n| (n % 251) as u8).collect();
        let log = desk.file("cdf-trace.etl", &content);
        portal.choose_files("#f-files", &[&log]).await;
        portal.read(".files li", Some("kept on this device")).await;
        portal.until_saved().await;
        portal.reload().await;
        portal.read(".files li", Some("cdf-trace.etl")).await;

        flow.severity("3").await;
        flow.go_on("How can the engineer reach you?").await;
        flow.go_on("Check and send").await;
        let files = Review(&portal).answer("Files").await;
        assert!(files.contains("cdf-trace.etl"), "{files}");
        let sent = Review(&portal).send().await;
        sent.number().await;
        portal.see_no_more("Files on their way").await;
        sent.open().await;
        let arrived = ".timeline a[download='cdf-trace.etl']";
        portal.read(arrived, None).await;

        let api = desk.api(SATO).await;
        let case = api.the_case_about("With its log").await;
        let id = case["id"].as_str().unwrap_or_default();
        let files = api.get(&format!("/cases/{id}/attachments")).await;
        assert_eq!(
            files["items"].as_array().map(Vec::len),
            Some(1),
            "{files:#}"
        );
        assert_eq!(files["items"][0]["name"], "cdf-trace.etl");
        let file = files["items"][0]["id"].as_str().unwrap_or_default();
        let arrived = api.bytes(&format!("/attachments/{file}/content")).await;
        assert_eq!(arrived, content);
    });
}

/// A drawing with a program in it, whose name reads as another from right to left.
const DRAWING: &str = "plan\u{202e}gol.svg";

#[test]
fn fault_24_hostile_names_and_contents_are_text_everywhere() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        SignIn(&portal).open_as(SATO).await;
        let flow = Flow(&portal);
        flow.until_details("A name like markup").await;
        let file = desk.file(HOSTILE, b"harmless");
        let script = b"<svg xmlns='http://www.w3.org/2000/svg' onload=\"document.title='hit'\"/>";
        let drawing = desk.file(DRAWING, script);
        portal.choose_files("#f-files", &[&file, &drawing]).await;
        portal.read(".file-name", Some(HOSTILE)).await;
        portal.read(".file-name", Some("plan⟨U+202E⟩gol.svg")).await;
        portal.see("Is sent as plangol.svg").await;
        // Its first lines are shown as what they are.
        portal.press(".files li:nth-of-type(2) summary", None).await;
        portal.read(".file-lines", Some("onload=")).await;
        flow.severity("3").await;
        flow.go_on("How can the engineer reach you?").await;
        flow.go_on("Check and send").await;
        let files = Review(&portal).answer("Files").await;
        assert!(files.contains(HOSTILE), "{files}");
        let sent = Review(&portal).send().await;
        sent.number().await;
        portal.see_no_more("Files on their way").await;
        sent.open().await;
        portal.until_count(".timeline a[download]", 2).await;
        portal.read(".timeline", Some(HOSTILE)).await;
        portal.read(".timeline", Some("plangol.svg")).await;
        let made = "return all('img, svg[onload]').length === 0 && document.title !== 'hit'
            && all('.timeline a[download]').length === 2;";
        assert_eq!(portal.eval(made, Vec::new()).await, json!(true));

        let api = desk.api(SATO).await;
        let case = api.the_case_about("A name like markup").await;
        let id = case["id"].as_str().unwrap_or_default();
        let files = api.get(&format!("/cases/{id}/attachments")).await;
        let names: Vec<&str> = files["items"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|file| file["name"].as_str())
            .collect();
        assert!(names.contains(&HOSTILE), "{names:?}");
        assert!(names.contains(&"plangol.svg"), "{names:?}");
    });
}

#[test]
fn fault_18_an_upload_cut_in_the_middle_goes_on_after_the_browser_was_killed() {
    behind_a_line(async |desk| {
        let portal = desk.portal();
        SignIn(&portal).open_as(SATO).await;
        portal.open("/cases/case-80999733").await;
        let content: Vec<u8> = (0..9_000_000_u32).map(|n| (n % 251) as u8).collect();
        let file = desk.file("collector.etl", &content);
        // The first piece arrives, the second is cut, and the next one never gets through.
        let piece = "PATCH /api/uploads";
        desk.line().script(
            0,
            &json!([
                {"on": piece, "fault": "hold", "skip": 2},
                {"on": piece, "fault": {"cut_body": 300_000}, "skip": 1},
            ]),
        );
        CasePage(&portal).add_files(&[&file]).await;
        desk.line().until_met(1).await;
        desk.browser.crash_and_start_again().await;

        // Begun again it would be another upload, which gets no further than this.
        desk.line().script(
            0,
            &json!([{"on": "POST /api/cases/case-80999733/uploads", "fault": "hold"}]),
        );
        let portal = desk.portal();
        portal.open("/cases/case-80999733").await;
        SignIn(&portal).again_after_a_crash().await;
        portal
            .read(".timeline a[download='collector.etl']", None)
            .await;
        let api = desk.api(SATO).await;
        let files = api.get("/cases/case-80999733/attachments").await;
        assert_eq!(
            files["items"].as_array().map(Vec::len),
            Some(1),
            "{files:#}"
        );
        let id = files["items"][0]["id"].as_str().unwrap_or_default();
        let arrived = api.bytes(&format!("/attachments/{id}/content")).await;
        assert!(arrived == content, "{} bytes", arrived.len());
    });
}

/// From here on the device has room for so many bytes of files, and then for nothing at all until the
/// ballast is given up.
const FILL: &str = "
    const stores = IDBObjectStore.prototype;
    const [put, remove] = [stores.put, stores.delete];
    let room = arguments[0];
    window.isFull = false;
    stores.delete = function (key) {
      if (key === 'ballast') window.isFull = false;
      return remove.call(this, key);
    };
    stores.put = function (...given) {
      if (this.name === 'chunks') room -= given[0].byteLength ?? 0;
      window.isFull ||= room < 0;
      if (room < 0) room = 0;
      if (window.isFull) throw new DOMException('full', 'QuotaExceededError');
      return put.apply(this, given);
    };
    return true;";

#[test]
fn fault_03_a_disk_filled_by_a_file_still_takes_every_keystroke() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        SignIn(&portal).open_as(SATO).await;
        let flow = Flow(&portal);
        flow.until_details("A full disk").await;
        portal.until_saved().await;
        portal.eval(FILL, vec![json!(8_000_000)]).await;
        let file = desk.file("dump.bin", &vec![7; 12_000_000]);
        portal.choose_files("#f-files", &[&file]).await;
        // It is not copied, and said not to be.
        portal.read(".files li", Some("no room for a copy")).await;
        let text = "Written when there was no room left on the disk.";
        portal.write("#f-description", text).await;
        portal.until_saved().await;
        portal.reload().await;
        portal.until_value("#f-description", text).await;
        portal.read(".files li", Some("needs you")).await;
        let other = desk.file("other.bin", &vec![8; 12_000_000]);
        let again = ".files .file-pick input";
        portal.choose_files(again, &[&other]).await;
        portal.read(".files li", Some("That is another file")).await;
        portal.choose_files(again, &[&file]).await;
        portal.read(".files li", Some("Keep this page open")).await;

        flow.severity("3").await;
        flow.go_on("How can the engineer reach you?").await;
        flow.go_on("Check and send").await;
        let sent = Review(&portal).send().await;
        sent.number().await;
        portal.see_no_more("Files on their way").await;
        sent.open().await;
        portal.read(".timeline a[download='dump.bin']", None).await;
    });
}

#[test]
fn a_file_of_two_gigabytes_is_refused_in_words_and_the_draft_goes_on() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        SignIn(&portal).open_as(SATO).await;
        let flow = Flow(&portal);
        flow.until_details("Two gigabytes").await;
        let path = desk.file("dump.vmem", b"");
        let file = File::create(&path).expect("the file is there");
        // A hole takes no space.
        file.set_len(2 << 30).expect("a file can have a hole");
        let small = desk.file("small.log", b"a line");
        let empty = desk.file("empty.log", b"");
        portal
            .choose_files("#f-files", &[&path, &small, &empty])
            .await;
        let row = portal.read(".file-error", Some("dump.vmem")).await;
        assert!(row.contains("Not added: the file has 2"), "{row}");
        assert!(row.contains("is the most for one"), "{row}");
        assert!(row.contains("Compress it, split it"), "{row}");
        portal
            .read(".file-error", Some("Not added: the file is empty."))
            .await;
        portal.read(".files li", Some("small.log")).await;
        flow.severity("3").await;
        flow.go_on("How can the engineer reach you?").await;
    });
}

#[test]
fn a_file_taken_out_of_the_draft_is_not_sent() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        SignIn(&portal).open_as(SATO).await;
        let flow = Flow(&portal);
        flow.until_details("Without the wrong file").await;
        let wrong = desk.file("wrong.log", b"another customer's");
        let right = desk.file("right.log", b"this customer's");
        portal.choose_files("#f-files", &[&wrong, &right]).await;
        portal.until_count(".files li", 2).await;
        portal.button("Remove wrong.log").await;
        portal.until_count(".files li", 1).await;
        flow.severity("3").await;
        flow.go_on("How can the engineer reach you?").await;
        flow.go_on("Check and send").await;
        let sent = Review(&portal).send().await;
        sent.number().await;
        portal.see_no_more("Files on their way").await;
        sent.open().await;
        portal.read(".timeline a[download='right.log']", None).await;
        assert!(!portal.text().await.contains("wrong.log"));
    });
}

#[test]
fn cms_15_a_file_joins_a_case_that_exists() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        SignIn(&portal).open_as(SATO).await;
        portal.open("/cases/case-80999733").await;
        let file = desk.file("radius.log", b"Access-Accept");
        CasePage(&portal).add_files(&[&file]).await;
        let arrived = ".timeline a[download='radius.log']";
        portal.read(arrived, None).await;
        let files = desk
            .api(SATO)
            .await
            .get("/cases/case-80999733/attachments")
            .await;
        assert_eq!(files["items"][0]["name"], "radius.log");
    });
}
