// The live capture, in a browser before whose camera a moving test subject obeys.
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { frames, stage } from "./puppet.mjs";
import { begin, browser, models } from "./service.mjs";
import { at, give, phone, toPictures, accessible, handIn } from "./steps.mjs";

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
