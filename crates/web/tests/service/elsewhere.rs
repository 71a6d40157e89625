//! Links that are opened in an app's own browser.

use super::*;

const WECHAT: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 9_3 like Mac OS X) AppleWebKit/601.1.46 (KHTML, like Gecko) Mobile/13E233 MicroMessenger/6.3.15 NetType/WIFI Language/zh_CN";
const SAFARI: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 9_3 like Mac OS X) AppleWebKit/601.1.46 (KHTML, like Gecko) Version/9.0 Mobile/13E233 Safari/601.1";

/// Status, the cookie that came, and the page.
async fn look(world: &World, agent: &str, path: &str) -> (StatusCode, Option<String>, String) {
    let request = Request::get(path).header(header::USER_AGENT, agent).body(Body::empty()).unwrap();
    answered(world, request).await
}

async fn answered(world: &World, request: Request<Body>) -> (StatusCode, Option<String>, String) {
    let answer = world.router.clone().oneshot(request).await.unwrap();
    let mut cookie =
        answer.headers().get_all(header::SET_COOKIE).iter().map(|c| c.to_str().unwrap().to_owned());
    let cookie = cookie.find(|c| !c.starts_with("shiren_device"));
    let status = answer.status();
    let body = to_bytes(answer.into_body(), 1_000_000).await.unwrap();
    (status, cookie, String::from_utf8(body.to_vec()).unwrap())
}

async fn link(world: &World) -> String {
    let (_, session) = world.post("/v1/verification_sessions", new("a")).await;
    let url = session["link"]["url"].as_str().unwrap();
    url.strip_prefix("https://verify.example").unwrap().to_owned()
}

#[tokio::test]
async fn in_an_app_a_link_is_explained_and_not_used_up() {
    let world = World::new().await;
    let link = link(&world).await;
    for _ in 0..2 {
        let (status, cookie, page) = look(&world, WECHAT, &link).await;
        assert_eq!((status, cookie), (StatusCode::OK, None));
        assert!(page.contains("微信") && page.contains(&format!("value=\"https://verify.example{link}\"")));
    }
    let (status, cookie, _) = look(&world, SAFARI, &link).await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    assert!(cookie.is_some());
    // What was used is said at once, there too.
    let (status, _, page) = look(&world, WECHAT, &link).await;
    assert_eq!(status, StatusCode::GONE);
    assert!(page.contains("link_used"));
}

#[tokio::test]
async fn who_stays_in_the_app_goes_on_there() {
    let world = World::new().await;
    let link = link(&world).await;
    let (status, cookie, _) = look(&world, WECHAT, &format!("{link}?here=1")).await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    let cookie = cookie.unwrap();
    let request = Request::get("/verify").header(header::USER_AGENT, WECHAT).header(header::COOKIE, &cookie);
    let (status, _, page) = answered(&world, request.body(Body::empty()).unwrap()).await;
    assert_eq!(status, StatusCode::OK);
    assert!(page.contains("data-test=\"start\""));
}

#[tokio::test]
async fn who_cannot_go_on_here_gets_a_fresh_link_for_another_browser() {
    let world = World::new().await;
    let (_, cookie, _) = look(&world, SAFARI, &link(&world).await).await;
    let cookie = cookie.unwrap().split(';').next().unwrap().to_owned();
    let ask = |csrf: String| {
        Request::post("/verify/browser")
            .header(header::COOKIE, &cookie)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(format!("csrf={csrf}")))
            .unwrap()
    };
    assert_eq!(answered(&world, ask("0".repeat(32))).await.0, StatusCode::FORBIDDEN);
    let value = cookie.split('=').nth(1).unwrap();
    let csrf: String =
        shiren_app::hash(&format!("csrf\n{value}")).0[..16].iter().map(|b| format!("{b:02x}")).collect();
    let (status, _, page) = answered(&world, ask(csrf)).await;
    assert_eq!(status, StatusCode::OK);
    let fresh = page.split("value=\"https://verify.example").nth(1).unwrap().split('"').next().unwrap();
    let (status, cookie, _) = look(&world, SAFARI, fresh).await;
    assert_eq!((status, cookie.is_some()), (StatusCode::SEE_OTHER, true));
}

#[tokio::test]
async fn how_long_people_take_is_told_for_each_part_and_never_for_one_of_them() {
    let world = World::new().await;
    let app = &world.service.app;
    let wait = |seconds| world.service.clock.turn(jiff::SignedDuration::from_secs(seconds));
    let secret = link(&world).await.split_off("/v/".len());
    wait(600);
    let (id, _) = app.open_link(&secret, None, None).await.unwrap();
    wait(10);
    world.agree(&id).await;
    wait(20);
    app.declare(&id, Declared::default(), shiren_app::Insists::default()).await.unwrap();
    for (step, bytes, took) in
        [("front", &b"card"[..], 30), ("back", b"back", 5), ("selfie", b"bob", 40), ("back", b"back", 7)]
    {
        wait(took);
        app.take_picture(&id, step, bytes.to_vec(), TakenBy::Camera).await.unwrap();
    }
    wait(3);
    app.submit(&id, None).await.unwrap();
    world.service.work().await.unwrap();
    // The second time they are asked for less, and it is not counted.
    app.take_picture(&id, "selfie", b"ann".to_vec(), TakenBy::Camera).await.unwrap();
    app.submit(&id, None).await.unwrap();
    let told = app.paces(Mode::Test, 30).await.unwrap();
    let told: Vec<_> = told.iter().map(|p| (p.part.as_str(), p.count, p.p95.as_secs())).collect();
    let parts = [
        (":consent", 1, 10),
        (":entries", 1, 20),
        (":sending", 1, 3),
        (":whole", 1, 115),
        ("back", 1, 7),
        ("front", 1, 30),
        // The picture of the back that counts is the second: the selfie follows the front.
        ("selfie", 1, 45),
    ];
    assert_eq!(told, parts);
    assert_eq!(app.paces(Mode::Live, 30).await.unwrap(), []);
}
