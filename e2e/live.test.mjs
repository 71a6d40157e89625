// The live capture, in a browser before whose camera a moving test subject obeys.
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { frames, stage } from "./puppet.mjs";
import { begin, browser, models } from "./service.mjs";
import { accessible, at, desktop, give, handIn, phone, toPictures } from "./steps.mjs";

let service;
let himself;
let drawn;

before(async () => {
  service = await begin();
  // The only sample that looks straight into the camera; its smile is too broad to open the mouth any further.
  drawn = frames(join(models, "samples/obama.jpg"));
  himself = await browser(join(models, "samples/obama2.jpg"));
});
after(async () => {
  await himself?.close();
  await service?.stop();
});

/** Somebody who has given both sides of the card, before the selfie; `obeys` only with a puppet. */
async function beforeSelfie(shop, camera, entered = { name: "", id_number: "" }) {
  const context = await himself.newContext({ ...phone, locale: "zh-CN" });
  if (camera) await stage(context, drawn, camera.obeys, camera.cannot);
  const page = await context.newPage();
  const { id, link } = await service.session(shop);
  await toPictures(page, service, link, entered);
  await give(page, "front", service.front);
  await give(page, "back", service.back);
  await page.waitForURL("**/verify/step/selfie");
  return { context, page, id };
}

test("who does what is asked is verified, and the decision says what was done", async () => {
  const began = Date.now();
  const { context, page, id } = await beforeSelfie("live-shop", { obeys: true, cannot: "open_mouth" }, service.fields);
  await accessible(page);
  // Who is too slow is told, and tries again.
  for (let tries = 0; !page.url().endsWith("/preview"); tries += 1) {
    assert.ok(tries < 3, await page.locator("[data-live-message]").innerText());
    await at(page, "live-open").click();
    const refused = page.locator("[data-live-message]:visible").waitFor({ timeout: 45000 });
    await Promise.any([page.waitForURL("**/verify/step/selfie/preview", { timeout: 45000 }), refused]);
  }
  await at(page, "use").click();
  await handIn(page);
  await at(page, "verified").waitFor({ timeout: 20000 });
  assert.ok(Date.now() - began < 60000, "the whole way takes less than a minute");
  const { decision } = await service.api("GET", `/v1/verification_sessions/${id}`);
  const { actions } = decision.assurance.rests_on.liveness;
  assert.ok(actions.length >= 2, JSON.stringify(decision.assurance));
  await context.close();
});

for (const [who, camera] of [["a puppet that does nothing", { obeys: false }], ["a photograph held before the camera", null]]) {
  test(`${who} does not get through`, async () => {
    const { context, page } = await beforeSelfie("still-shop", camera);
    await at(page, "live-open").click();
    const message = page.locator("[data-live-message]");
    await message.waitFor({ timeout: 90000 });
    assert.match(await message.innerText(), camera ? /没有在时间内完成/ : /静止不动/);
    assert.match(page.url(), /step\/selfie$/);
    await context.close();
  });
}

test("begun at a desk, gone on with on a phone that knows the number; the desk follows", async () => {
  const desk = await himself.newContext({ ...desktop, locale: "zh-CN" });
  const page = await desk.newPage();
  const { id, link } = await service.session("desk-shop");
  await page.goto(link);
  await at(page, "to-phone").click();
  await accessible(page);
  // Another site cannot send the form, even with the right number: the code stays as it was.
  const forged = await fetch(await at(page, "qr").getAttribute("data-link"), { method: "POST", redirect: "manual", body: new URLSearchParams({ number: await at(page, "number").innerText() }) });
  assert.equal(forged.status, 403);
  // A wrong number uses the code up.
  const number = await at(page, "number").innerText();
  const stranger = await himself.newContext({ ...phone, locale: "zh-CN" });
  const strange = await stranger.newPage();
  await strange.goto(await at(page, "qr").getAttribute("data-link"));
  await accessible(strange);
  await strange.locator(`button[name="number"]:not([value="${number}"])`).first().click();
  await at(strange, "failure-link_number").waitFor();
  // Another code, the right number: the phone goes on where the desk was.
  await at(page, "new-code").click();
  await page.waitForFunction((n) => document.querySelector('[data-test="number"]').textContent !== n, number).catch(() => null);
  const hand = await himself.newContext({ ...phone, locale: "zh-CN" });
  const held = await hand.newPage();
  await held.goto(await at(page, "qr").getAttribute("data-link"));
  await at(held, `number-${await at(page, "number").innerText()}`).click();
  await at(held, "start").waitFor();
  await toPictures(held, service, `${service.url}/verify`, { name: "", id_number: "" });
  await page.locator('[data-test="follow-method"].done').waitFor();
  await give(held, "front", service.front);
  assert.ok((await service.api("GET", `/v1/verification_sessions/${id}`)).status === "requires_input");
  // The desk's own page goes on too, with what the phone has done.
  await at(page, "stay").click();
  await page.waitForURL("**/verify/step/back");
  for (const context of [desk, stranger, hand]) await context.close();
});
