//! What is true of every page: no scripts, no frames, nothing kept, nothing of others believed.

use super::{ADA, PASSWORD, REDIRECT, ada, authorization, browser::Browser, query};

#[tokio::test]
async fn every_page_protects_itself() {
    let (registry, mut browser) = ada().await;
    let mut nobody = Browser::new(&registry);
    let pages = [
        nobody.get("/login").await,
        nobody.get("/oauth2/auth").await,
        nobody.post("/login", &[]).await,
        browser.get("/login").await,
        browser.get(&authorization(REDIRECT, "s")).await,
        browser.get("/device").await,
    ];
    for page in pages {
        let policy = page.header("content-security-policy");
        for part in ["default-src 'none'", "style-src 'self'", "frame-ancestors 'none'", "base-uri 'none'"] {
            assert!(policy.contains(part), "{policy}");
        }
        assert!(!policy.contains("unsafe") && !policy.contains("script"), "{policy}");
        for (name, value) in [
            ("content-type", "text/html; charset=utf-8"),
            ("cache-control", "no-store"),
            ("referrer-policy", "same-origin"),
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
        ] {
            assert_eq!(page.header(name), value, "{name}");
        }
        for (part, why) in
            [("<script", "no scripts"), (" style=", "no inline styles"), (" on", "no handlers")]
        {
            let tags = page.html.split('<').filter_map(|rest| rest.split('>').next());
            assert!(tags.map(|tag| format!("<{tag}")).all(|tag| !tag.contains(part)), "{why}: {}", page.html);
        }
        assert!(page.html.contains("<html lang=\"en\">") && page.html.matches("<h1>").count() == 1);
        for field in page.html.split("<input").skip(1).filter(|field| !field.contains("type=\"hidden\"")) {
            let id = field.split(" id=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("an id");
            assert!(page.html.contains(&format!("<label for=\"{id}\">")), "a label for {id}");
        }
    }
}

#[tokio::test]
async fn what_others_write_is_shown_as_text() {
    let (registry, mut browser) = ada().await;
    let mut nobody = Browser::new(&registry);
    let evil = "\"><script>alert(1)</script>";
    let page = nobody.get("/login").await;
    let answers = [
        nobody.submit(&page, &[("email", evil), ("password", PASSWORD)]).await,
        nobody.get(&query("/login", &[("return_to", &format!("/{evil}"))])).await,
        browser.get(&query("/device", &[("user_code", evil)])).await,
        browser.get(&authorization(&format!("{REDIRECT}/{evil}"), evil)).await,
        browser.get(&format!("/oauth2/auth?{evil}")).await,
    ];
    for answer in answers {
        assert!(!answer.html.contains("<script"), "{}", answer.html);
    }
}

#[tokio::test]
async fn pages_are_not_compressed_with_the_secrets_in_them() {
    let (_registry, mut browser) = ada().await;
    let request = browser
        .request(reqwest::Method::GET, &authorization(REDIRECT, "s"))
        .header("accept-encoding", "gzip");
    let page = browser.send(request).await;
    assert!(page.html.len() > 1400 && page.header("content-encoding").is_empty(), "{}", page.html.len());
    assert!(page.html.contains(ADA));
}

#[tokio::test]
async fn the_style_sheet_is_one_file_of_ours() {
    let (_registry, mut browser) = ada().await;
    let style = browser.get("/assets/login.css").await;
    assert_eq!((style.status, style.header("content-type")), (200, "text/css; charset=utf-8"));
    assert!(!style.html.contains("url(") && !style.html.contains("@import"));
}
