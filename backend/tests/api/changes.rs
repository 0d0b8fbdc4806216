//! The change feed: whoever follows it misses nothing.

use crate::support::{
    CASE, Client, LIN, SATO, Service, body, on_database, on_empty_database, problem, text, usual,
};
use casement_backend::store::Store;
use reqwest::StatusCode;
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashSet};

#[test]
fn following_the_feed_gives_what_the_listings_give() {
    on_database(async |database| {
        let service = Service::example(database).await;
        let sato = service.client(SATO).await;
        let mut copy = Copy::default();
        copy.follow(&sato, 7).await;
        for (kind, path) in [
            ("contact", "contacts"),
            ("customer", "customers"),
            ("entitlement", "entitlements"),
            ("product", "products"),
            ("authorization", "authorizations"),
            ("case", "cases"),
            ("article", "articles"),
        ] {
            let listed = sato.read(&format!("/api/{path}?limit=500")).await;
            let listed = listed["items"].as_array().expect("a list").clone();
            assert!(!listed.is_empty(), "{kind}");
            for record in &listed {
                assert_eq!(copy.record(kind, &text(record, "id")), Some(record));
            }
            assert_eq!(copy.count(kind), listed.len(), "{kind}");
        }
        assert_eq!(
            copy.record("account", "acc-hokuto"),
            Some(&sato.read("/api/account").await)
        );
        service.stop().await;
    });
}

#[test]
fn a_new_case_appears_with_the_entitlement_it_used() {
    on_database(async |database| {
        let service = Service::example(database).await;
        let sato = service.client(SATO).await;
        let mut copy = Copy::default();
        copy.follow(&sato, 500).await;
        let mut case = crate::support::new_case("新着");
        case["entitlement_id"] = json!("ent-hokuto-priority");
        let case = body(sato.create("/api/cases", "key-00000001", &case).await).await;

        let news = copy.follow(&sato, 500).await;
        let kinds: Vec<String> = news.iter().map(|item| text(item, "kind")).collect();
        assert_eq!(kinds, ["entitlement", "case"]);
        assert_eq!(copy.record("case", &text(&case, "id")), Some(&case));
        assert!(copy.follow(&sato, 500).await.is_empty());
        service.stop().await;
    });
}

#[test]
fn a_deleted_record_leaves_a_tombstone_and_can_come_back() {
    on_database(async |database| {
        let service = Service::example(database).await;
        let sato = service.client(SATO).await;
        let mut copy = Copy::default();
        copy.follow(&sato, 500).await;
        let store = Store::open(&database.url)
            .await
            .expect("the database opens");
        let mut work = store.write().await.expect("the database answers");
        work.delete("customer", "cu-aozora")
            .await
            .expect("the database answers");
        work.commit().await.expect("the database answers");
        store.close().await;

        let news = copy.follow(&sato, 500).await;
        assert_eq!(
            news,
            [json!({"kind": "customer", "id": "cu-aozora", "deleted": true})]
        );
        let gone = sato.get("/api/customers/cu-aozora").await;
        assert_eq!(problem(gone).await, (404, "not_found".to_owned()));
        let listed = sato.read("/api/customers?limit=500").await;
        assert_eq!(listed["items"].as_array().map(Vec::len), Some(24));
        service.stop().await;
    });
}

/// The case they are on comes again with each of them.
fn comments(items: Vec<Value>) -> Vec<Value> {
    items
        .into_iter()
        .filter(|item| item["kind"] == "comment")
        .collect()
}

#[test]
fn a_reader_misses_nothing_while_many_write_through_two_services() {
    on_database(async |database| {
        let services = [
            Service::example(database).await,
            Service::example(database).await,
        ];
        let sato = services[0].client(SATO).await;
        let mut copy = Copy::default();
        copy.follow(&sato, 500).await;

        let writers: Vec<_> = (0..6)
            .map(|writer| {
                let sato = sato.at(services[writer % 2].address);
                tokio::spawn(async move {
                    let mut written = Vec::new();
                    for number in 0..10 {
                        let key = format!("key-{writer}-{number}-0000");
                        let comment = json!({"body": format!("{writer}.{number}")});
                        let path = format!("/api/cases/{CASE}/comments");
                        let answer = sato.create(&path, &key, &comment).await;
                        assert_eq!(answer.status(), StatusCode::CREATED);
                        written.push(text(&body(answer).await, "id"));
                    }
                    written
                })
            })
            .collect();
        let mut seen = HashSet::new();
        while !writers.iter().all(|writer| writer.is_finished()) {
            for item in comments(copy.follow(&sato, 3).await) {
                let fresh = seen.insert(text(&item, "id"));
                assert!(fresh, "a comment that nobody edits comes once");
            }
        }
        let last = comments(copy.follow(&sato, 500).await);
        seen.extend(last.iter().map(|item| text(item, "id")));
        let mut written = HashSet::new();
        for writer in writers {
            written.extend(writer.await.expect("the writer ends"));
        }
        assert_eq!(written.len(), 60);
        assert_eq!(seen, written);
        for service in services {
            service.stop().await;
        }
    });
}

#[test]
fn a_cursor_that_was_not_made_here_is_gone() {
    on_database(async |database| {
        let service = Service::example(database).await;
        let sato = service.client(SATO).await;
        let cursor = text(&sato.read("/api/changes?limit=1").await, "cursor");
        let (epoch, _) = cursor.split_once('-').expect("two parts");
        for cursor in [
            "",
            "nonsense",
            "0123456789ab-1",
            &format!("{epoch}-99999999"),
            &format!("{epoch}--1"),
            &format!("{epoch}-"),
            "%00",
        ] {
            let answer = sato.get(&format!("/api/changes?since={cursor}")).await;
            assert_eq!(
                problem(answer).await,
                (410, "cursor_gone".to_owned()),
                "{cursor:?}"
            );
        }
        service.stop().await;
    });
}

#[test]
fn the_feed_of_one_account_never_tells_of_another() {
    on_database(async |database| {
        let service = Service::example(database).await;
        let mut copies = [Copy::default(), Copy::default()];
        let [sato, lin] = [service.client(SATO).await, service.client(LIN).await];
        copies[0].follow(&sato, 500).await;
        copies[1].follow(&lin, 500).await;
        let shared: HashSet<&(String, String)> = copies[0]
            .records
            .keys()
            .filter(|key| copies[1].records.contains_key(*key))
            .collect();
        assert!(!shared.is_empty());
        assert!(
            shared
                .iter()
                .all(|(kind, _)| ["product", "article"].contains(&kind.as_str()))
        );
        sato.file("key-00000001", "内密").await;
        assert!(copies[1].follow(&lin, 500).await.is_empty());
        service.stop().await;
    });
}

#[test]
fn articles_of_the_portal_are_brought_up_to_date_at_every_start() {
    on_empty_database(async |database| {
        let portal = database.folder().join("portal");
        let file = portal.join("knowledge/articles.json");
        std::fs::create_dir_all(portal.join("knowledge")).expect("a folder can be made");
        let article = |id: &str, title: &str| {
            json!({
                "id": id, "policy": "citrix", "lang": "en", "title": title, "summary": "s",
                "body": "b", "products": ["cvad"], "tags": [], "url": "",
            })
        };
        let mut config = usual(database);
        config.portal = Some(portal);
        let mut copy = Copy::default();
        for (articles, expected) in [
            (
                json!([article("a", "one"), article("b", "two")]),
                json!(["a", "b"]),
            ),
            (
                json!([article("b", "two"), article("c", "three")]),
                json!(["c", "a"]),
            ),
            (
                json!([article("b", "two!"), article("c", "three")]),
                json!(["b"]),
            ),
        ] {
            std::fs::write(&file, articles.to_string()).expect("the file can be written");
            let service = Service::start(config.clone()).await;
            let sato = service.client(SATO).await;
            let news = copy.follow(&sato, 500).await;
            let changed: Value = news
                .iter()
                .filter(|item| item["kind"] == "article")
                .map(|item| item["id"].clone())
                .collect();
            assert_eq!(changed, expected);
            service.stop().await;
        }
        assert_eq!(copy.count("article"), 2);
    });
}

/// What a client has after following the feed.
#[derive(Default)]
struct Copy {
    cursor: Option<String>,
    records: BTreeMap<(String, String), Value>,
}

impl Copy {
    /// Reads all pages and gives what was in them, in order.
    async fn follow(&mut self, client: &Client, limit: u32) -> Vec<Value> {
        let mut news = Vec::new();
        loop {
            let since = match &self.cursor {
                Some(cursor) => format!("&since={cursor}"),
                None => String::new(),
            };
            let page = client
                .read(&format!("/api/changes?limit={limit}{since}"))
                .await;
            self.cursor = Some(text(&page, "cursor"));
            for item in page["items"].as_array().expect("a list") {
                self.apply(item);
                news.push(item.clone());
            }
            if page["more"] == false {
                return news;
            }
        }
    }

    fn apply(&mut self, item: &Value) {
        let key = (text(item, "kind"), text(item, "id"));
        match item["deleted"] == true {
            true => self.records.remove(&key),
            false => self.records.insert(key, item["record"].clone()),
        };
    }

    fn record(&self, kind: &str, id: &str) -> Option<&Value> {
        self.records.get(&(kind.to_owned(), id.to_owned()))
    }

    fn count(&self, kind: &str) -> usize {
        self.records
            .keys()
            .filter(|(found, _)| found == kind)
            .count()
    }
}
