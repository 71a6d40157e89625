// What was not right: a card for each picture, the bad place large, one sentence, one tap.
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { begin, browser, models } from "./service.mjs";
import { accessible, at, give, handIn, phone, reviewer, shoot, toPictures } from "./steps.mjs";

let service;
let himself;

before(async () => {
  service = await begin();
  himself = await browser(join(models, "samples/obama2.jpg"));
});
after(async () => {
  await himself?.close();
  await service?.stop();
});

test("a name that differs is shown where it stands on the card, and only what may be wrong is asked again", async () => {
  const context = await himself.newContext({ ...phone, locale: "zh-CN" });
  const page = await context.newPage();
  const { id, link } = await service.session("fix-shop");
  await toPictures(page, service, link, { ...service.fields, name: "林小雨" });
  await give(page, "front", service.front);
  await give(page, "back", service.back);
  await shoot(page);
  await at(page, "use").click();
  await handIn(page);
  const card = at(page, "fix-front");
  await card.waitFor({ timeout: 20000 });
  await accessible(page);
  const cards = await page.locator('[data-test^="fix-"]').evaluateAll((all) => all.map((one) => one.dataset.test));
  assert.deepEqual(cards, ["fix-details", "fix-front"]);
  // The crop is a part of the picture, and the marked place lies inside it.
  const crop = await card.locator("svg.crop").evaluate((svg) => {
    const [view, image, mark] = [svg.viewBox.baseVal, svg.querySelector("image"), svg.querySelector("polygon").getBBox()];
    const box = svg.getBoundingClientRect();
    return {
      share: view.width / image.width.baseVal.value,
      inside: mark.x >= view.x && mark.y >= view.y && mark.x + mark.width <= view.x + view.width && mark.y + mark.height <= view.y + view.height,
      wide: box.width,
      seen: box.left >= 0 && box.right <= innerWidth,
    };
  });
  assert.ok(crop.share < 0.7 && crop.inside && crop.seen && crop.wide > 300, JSON.stringify(crop));
  const picture = await card.locator("image").getAttribute("href");
  assert.equal(await page.evaluate((path) => fetch(path).then((r) => r.status), picture), 200);
  // One thing is said, and one thing can be done.
  assert.equal(await card.locator(".what").count(), 1);
  assert.equal(await card.locator("a.button").count(), 1);
  // One tap, one shot: everything else stays.
  await at(page, "retake-front").click();
  await page.waitForURL("**/verify/step/front");
  await give(page, "front", service.front);
  await page.goto(`${service.url}/verify?show=details`);
  await page.locator('input[name="name"]').fill(service.fields.name);
  await at(page, "details-submit").click();
  await handIn(page);
  await at(page, "verified").waitFor({ timeout: 20000 });
  assert.equal((await service.api("GET", `/v1/verification_sessions/${id}`)).status, "verified");
  await context.close();
});

test("the console shows how long people take, and nobody's name", async () => {
  const desk = await reviewer(himself, service);
  await at(desk, "nav-pace").click();
  await at(desk, "pace-none").waitFor();
  await at(desk, "pace-test").click();
  const whole = desk.locator("tr.whole");
  assert.match(await whole.innerText(), /全程\s+1\s+\d+:\d\d\s+\d+:\d\d/);
  await accessible(desk);
  const parts = await desk.locator("tbody tr td:nth-child(2)").allInnerTexts();
  assert.deepEqual(parts, ["全程", "了解和同意", "选证件、填写", "身份证人像面", "身份证国徽面", "自拍", "确认和提交"]);
  assert.ok(!(await desk.content()).includes(service.fields.name));
  await desk.context().close();
});
