//! `/docs`: the page about the API (`native.md` §1).

use docket_testkit::on_both_engines;

on_both_engines! {
    async fn the_page_about_the_api_needs_nothing_from_elsewhere(server: Server) {
        for path in ["/docs", "/docs/", "/docs/style.css", "/docs/script.js"] {
            let answer = server.call("GET", path, &[("Authorization", "")], None).await;
            assert_eq!(answer.status, 200, "{path}");
            let policy = answer.headers["content-security-policy"].to_str().unwrap();
            assert!(policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self'"));
            assert!(!answer.text.contains("http://") && !answer.text.contains("https://"), "{path}");
        }
        let page = server.get("/docs").await;
        assert_eq!(page.headers["content-type"], "text/html; charset=utf-8");
        assert!(page.text.contains("/docs/style.css") && page.text.contains("/docs/script.js"));
        assert!(!page.text.contains("style=\"") && !page.text.contains("<script>"));
    }
}
