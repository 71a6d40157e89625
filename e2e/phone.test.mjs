// A buyer proves that a phone is theirs, in live mode: the code goes through an SMS gateway of the marketplace's.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { begin, browser, models } from "./service.mjs";
import { accessible, at, enter, phone, desktop } from "./steps.mjs";

const entered = { name: "王芳", id_number: "11010519491231002X" };
const messages = [];
let gateway;
let service;
let someone;

before(async () => {
  gateway = createServer((request, response) => {
    let body = "";
    request.on("data", (part) => { body += part; });
    request.on("end", () => {
      messages.push(JSON.parse(body));
      response.end();
    });
  });
  gateway.unref();
  await new Promise((resolve) => gateway.listen(0, "127.0.0.1", resolve));
  const secret = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;
  service = await begin(() => ({ sections: `[send]\nsms_url = "http://127.0.0.1:${gateway.address().port}/"\nsms_secret = "${secret}"\n` }));
  someone = await browser(join(models, "samples/obama2.jpg"));
});
after(async () => {
  await someone?.close();
  await service?.stop();
  gateway?.close();
});

/** The digits of the message that comes after so many others. */
async function arrived(before) {
  for (let tries = 0; messages.length <= before; tries += 1) {
    assert.ok(tries < 200, "no message comes");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const { template, parameters, text } = messages[messages.length - 1];
  assert.equal(template, "phone_code");
  assert.ok(text.includes(parameters.code));
  return parameters.code;
}

/** From the link to the page that asks for the code. */
async function toCode(page, account, number) {
  const answer = await service.api("POST", "/v1/verification_sessions", { program: "buyer", account: { kind: "buyer", id: account } }, "live");
  const fill = (page, here) => at(page, here).waitFor().then(() => here === "details-submit" && at(page, "phone").fill(number));
  await enter(page, service, answer.link.url, entered, fill);
  await at(page, "code").waitFor();
  return answer.id;
}

for (const [name, view, locale, number] of [["phone, Chinese", phone, "zh-CN", "13800138000"], ["desktop, English", desktop, "en-GB", "13800138001"]]) {
  test(`a code proves the phone (${name})`, async () => {
    const context = await someone.newContext({ ...view, locale });
    const page = await context.newPage();
    const before = messages.length;
    await toCode(page, `buyer-${number}`, number);
    const code = await arrived(before);
    await accessible(page);
    const field = at(page, "code");
    assert.deepEqual([await field.getAttribute("autocomplete"), await field.getAttribute("inputmode")], ["one-time-code", "numeric"]);
    assert.ok(await at(page, "code-send").isDisabled(), "another one only after a minute");
    const wait = async () => Number((await at(page, "code-wait").textContent()).match(/\d+/)[0]);
    const first = await wait();
    await page.waitForTimeout(2100);
    assert.ok(first <= 60 && (await wait()) < first, "the seconds are counted down");
    // Reloading sends nothing, and the page stays.
    await page.reload();
    await field.fill(String((Number(code) + 1) % 1e6).padStart(6, "0"));
    await field.press("Enter");
    await at(page, "code-error").waitFor();
    await accessible(page);
    assert.equal(await page.locator("#code").getAttribute("aria-invalid"), "true");
    assert.equal(messages.length, before + 1);
    await field.fill(`${code.slice(0, 3)} ${code.slice(3)}`);
    await at(page, "code-submit").click();
    await page.waitForURL("**/verify/step/front");
    await context.close();
  });
}

test("another phone than the registered one is told before any picture, and both phones prove the change", async () => {
  const context = await someone.newContext({ ...phone, locale: "zh-CN" });
  const page = await context.newPage();
  const before = messages.length;
  const path = "/v1/accounts/buyer/buyer-4/references";
  await service.api("POST", path, { phone: "13800138010" }, "live");
  const answer = await service.api("POST", "/v1/verification_sessions", { program: "buyer", account: { kind: "buyer", id: "buyer-4" } }, "live");
  const fill = (page, here) => at(page, here).waitFor().then(() => here === "details-submit" && at(page, "phone").fill("13800138011"));
  await enter(page, service, answer.link.url, entered, fill);
  await at(page, "drift").waitFor();
  await accessible(page);
  assert.equal(messages.length, before, "nothing is sent before the person says that it changed");
  assert.equal(await page.locator("#phone").inputValue(), "13800138011");
  await at(page, "change").click();
  await at(page, "code").fill(await arrived(before));
  await at(page, "code-submit").click();
  await at(page, "code-lost").waitFor();
  await accessible(page);
  await at(page, "code-send").click();
  const code = await arrived(before + 1);
  assert.equal(messages[messages.length - 1].to, "+8613800138010");
  await at(page, "code").fill(code);
  await at(page, "code-submit").click();
  await page.waitForURL("**/verify/step/front");
  assert.equal((await service.api("GET", path, undefined, "live")).phone, "+861******8010", "nothing changes before it passes");
  await context.close();
});

test("it works without scripts, and another phone can be given", async () => {
  const context = await someone.newContext({ ...phone, locale: "zh-CN" });
  const page = await context.newPage();
  const before = messages.length;
  await toCode(page, "buyer-3", "13800138002");
  await arrived(before);
  const plain = await someone.newContext({ ...phone, locale: "zh-CN", javaScriptEnabled: false });
  await plain.addCookies(await context.cookies());
  const still = await plain.newPage();
  await still.goto(`${service.url}/verify`);
  await at(still, "code-send").click();
  await at(still, "code-error").waitFor();
  assert.match(await at(still, "code-wait").textContent(), /\d+/);
  await at(still, "code-change").click();
  await at(still, "phone").fill("13800138003");
  await at(still, "details-submit").click();
  const code = await arrived(before + 1);
  assert.equal(messages[messages.length - 1].to, "+8613800138003");
  await at(still, "code").fill(code);
  await at(still, "code-submit").click();
  await still.waitForURL("**/verify/step/front");
  await plain.close();
  await context.close();
});
