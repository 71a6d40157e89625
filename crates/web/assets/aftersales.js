// @ts-check
// Sends files in pieces, and goes on after a broken line from where the server stands. Without it the form sends them.

/** Bytes of a piece; failures in a row, with pauses, before the person is told. */
const PIECE = 512 * 1024;
const TRIES = 24;

const form = /** @type {HTMLFormElement | null} */ (document.querySelector("form[data-files]"));
// Without a secure connection there is no checksum: the form does it.
if (form && globalThis.crypto?.subtle) begin(form);

/** @param {HTMLFormElement} root */
function begin(root) {
  const words = root.dataset;
  const input = /** @type {HTMLInputElement} */ (root.querySelector("input[type=file]"));
  const said = /** @type {HTMLElement} */ (root.querySelector("[data-said]"));
  const bar = /** @type {HTMLProgressElement} */ (root.querySelector("progress"));
  const csrf = /** @type {HTMLInputElement} */ (root.querySelector("input[name=csrf]")).value;
  const button = /** @type {HTMLButtonElement} */ (root.querySelector("button"));
  button.hidden = true;
  input.addEventListener("change", () => void all());
  root.addEventListener("submit", (event) => event.preventDefault());

  /** @param {string | undefined} text */
  function say(text) {
    said.textContent = text ?? "";
    said.hidden = !text;
  }

  async function all() {
    const files = [...(input.files ?? [])];
    if (!files.length) return;
    input.disabled = true;
    bar.hidden = false;
    for (const file of files) {
      const problem = await deliver(file);
      if (problem !== null) {
        say(problem || words.lost);
        bar.hidden = true;
        input.disabled = false;
        input.value = "";
        return;
      }
    }
    location.assign("/aftersales");
  }

  /** @param {File} file @returns {Promise<string | null>} what is wrong; null when it is there */
  async function deliver(file) {
    const sum = new Uint8Array(await crypto.subtle.digest("SHA-256", await file.arrayBuffer()));
    const checksum = `sha256 ${btoa(String.fromCharCode(...sum))}`;
    const kind = file.type.startsWith("video/") ? "video" : "photo";
    /** @type {string | null} */
    let place = null;
    /** Where the server stands; unknown below 0. */
    let offset = 0;
    for (let failures = 0; failures < TRIES; ) {
      say(failures ? words.waiting : words.sending);
      bar.value = file.size ? (100 * Math.max(offset, 0)) / file.size : 0;
      const got = await turn();
      if (got?.ok) {
        if (got.status === 200 && offset >= 0) return null;
        if (got.status === 201) place = got.headers.get("location");
        else offset = Number(got.headers.get("upload-offset"));
        if (got.status === 204) failures = 0;
        continue;
      }
      const body = got && (await got.json().catch(() => null));
      const busy = !got || got.status === 408 || (got.status >= 500 && got.status !== 507);
      if (!busy && !["upload_offset", "upload_broken_off", "conflict", "too_many_requests"].includes(body?.code)) {
        if ([401, 403].includes(got?.status ?? 0)) location.assign("/aftersales");
        return body?.title ?? "";
      }
      if (place) offset = -1;
      await new Promise((done) => setTimeout(done, Math.min(15_000, 500 * 2 ** ++failures)));
    }
    return "";

    /** The next request. @returns {Promise<Response | null>} null when nothing came back */
    function turn() {
      /** @type {Record<string, string>} */
      const headers = { "x-csrf": csrf };
      const signal = AbortSignal.timeout(70_000);
      if (!place) {
        Object.assign(headers, { "upload-kind": kind, "upload-length": String(file.size), "upload-checksum": checksum });
        return fetch(words.uploads ?? "", { method: "POST", headers, signal }).catch(() => null);
      }
      if (offset < 0) return fetch(place, { method: "HEAD", headers, signal }).catch(() => null);
      Object.assign(headers, { "upload-offset": String(offset), "content-type": "application/offset+octet-stream" });
      const body = file.slice(offset, offset + PIECE);
      return fetch(place, { method: "PATCH", headers, body, signal }).catch(() => null);
    }
  }
}
