// @ts-check
// Takes a picture with the camera, or a file, and sends it as it is. Without this script the form below does it.

/** Bytes of a piece: five seconds at 400 kbit/s. Failures in a row, with pauses up to 15 s, before the person is asked. */
const PIECE = 256 * 1024;
const TRIES = 24;

/** @typedef {{ status: number, body: any, offset: number, place?: string }} Reply */

/** What a form of its own would say, and where it would go. */
const shoot = /** @type {HTMLElement | null} */ (document.querySelector(".shoot"));
if (shoot) begin(shoot);

/** @param {HTMLElement} root */
function begin(root) {
  /** @template {Element} T @param {string} selector @returns {T} */
  const get = (selector) => {
    const found = root.querySelector(selector);
    if (!found) throw new Error(`the page lacks ${selector}`);
    return /** @type {T} */ (/** @type {unknown} */ (found));
  };
  const words = root.dataset;
  const dialog = /** @type {HTMLDialogElement} */ (get("[data-camera]"));
  const video = /** @type {HTMLVideoElement} */ (get("video"));
  const hint = /** @type {HTMLElement} */ (get("[data-hint]"));
  const shutter = /** @type {HTMLButtonElement} */ (get("[data-shutter]"));
  const message = /** @type {HTMLElement} */ (get("[data-message]"));
  const sending = /** @type {HTMLElement} */ (get("[data-sending]"));
  const what = /** @type {HTMLElement} */ (get("[data-what]"));
  const bar = /** @type {HTMLProgressElement} */ (get("progress"));
  const again = /** @type {HTMLButtonElement} */ (get("[data-again]"));
  const open = /** @type {HTMLButtonElement} */ (get("[data-open]"));
  const plain = /** @type {HTMLFormElement | null} */ (root.querySelector("form.plain"));
  const actions = /** @type {HTMLElement} */ (get(".scripted"));

  /** @type {MediaStream | null} */
  let stream = null;
  let facing = words.facing ?? "environment";
  /** Counts up whenever the camera is opened or closed: an answer to an earlier call is dropped. */
  let turn = 0;
  /** @type {number | undefined} */
  let watch;
  /** @type {{ blob: Blob, takenBy: string, place?: string } | null} */
  let taken = null;

  actions.hidden = false;
  if (plain) plain.hidden = true;
  // A browser without a camera interface, or without a secure connection, still has the phone's own camera.
  if (!navigator.mediaDevices?.getUserMedia || typeof dialog.showModal !== "function") {
    open.hidden = true;
    otherWays();
  }

  open.addEventListener("click", () => void start());
  get("[data-close]").addEventListener("click", () => dialog.close());
  get("[data-turn]").addEventListener("click", () => {
    facing = facing === "user" ? "environment" : "user";
    void start();
  });
  shutter.addEventListener("click", () => void take());
  dialog.addEventListener("close", stop);
  window.addEventListener("pagehide", stop);
  again.addEventListener("click", () => void send());
  for (const file of /** @type {NodeListOf<HTMLInputElement>} */ (actions.querySelectorAll("input"))) {
    file.addEventListener("change", () => {
      const chosen = file.files?.[0];
      file.value = "";
      if (!chosen) return;
      taken = { blob: chosen, takenBy: "file" };
      void send();
    });
  }

  /** @param {string | undefined} text */
  function say(text) {
    message.textContent = text ?? "";
    message.hidden = !text;
  }

  async function start() {
    stop();
    const mine = ++turn;
    say("");
    sending.hidden = true;
    shutter.disabled = true;
    hint.textContent = hint.dataset.first ?? "";
    if (!dialog.open) dialog.showModal();
    try {
      const got = await navigator.mediaDevices.getUserMedia({
        audio: false,
        video: { facingMode: { ideal: facing }, width: { ideal: 3840 }, height: { ideal: 2160 } },
      });
      if (mine !== turn || !dialog.open) return end(got);
      stream = got;
      got.getVideoTracks()[0].addEventListener("ended", () => mine === turn && lost("gone"));
      video.srcObject = got;
      video.classList.toggle("mirror", facing === "user");
      await video.play();
      shutter.disabled = false;
      shutter.focus();
      watch = window.setInterval(look, 600);
      if (words.guide) guide(words.guide, mine);
    } catch (error) {
      if (mine !== turn) return;
      lost(error instanceof DOMException ? error.name : "denied");
    }
  }

  /** Without the camera: why, and the other ways. @param {string} fault */
  function lost(fault) {
    dialog.close();
    say(sentence(fault));
    otherWays();
  }

  /** @param {MediaStream | null} one */
  function end(one) {
    one?.getTracks().forEach((track) => track.stop());
  }

  function stop() {
    turn += 1;
    window.clearInterval(watch);
    line?.close();
    line = null;
    guided = false;
    end(stream);
    stream = null;
    video.srcObject = null;
    last = null;
  }

  /** The guide's channel, and whether it speaks: the page's own hints are for when it does not.
   * @type {WebSocket | null} */
  let line = null;
  let guided = false;

  /**
   * Sends small frames and says what the server sees; takes the shot when it is good. Without it the shutter is there.
   * @param {string} path @param {number} mine
   */
  function guide(path, mine) {
    const address = new URL(path, location.href);
    address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
    const opened = new WebSocket(address);
    const frames = document.createElement("canvas");
    line = opened;
    const isOpen = () => mine === turn && opened.readyState === WebSocket.OPEN;
    const next = async () => {
      if (!isOpen() || !video.videoWidth) return;
      const scale = Math.min(1, 640 / Math.max(video.videoWidth, video.videoHeight));
      frames.width = Math.round(video.videoWidth * scale);
      frames.height = Math.round(video.videoHeight * scale);
      frames.getContext("2d")?.drawImage(video, 0, 0, frames.width, frames.height);
      const blob = await new Promise((/** @type {(b: Blob | null) => void} */ done) => frames.toBlob(done, "image/jpeg", 0.85));
      if (blob && isOpen()) opened.send(blob);
    };
    opened.onopen = () => {
      opened.send(JSON.stringify({ csrf: words.csrf ?? "" }));
      void next();
    };
    opened.onmessage = (event) => {
      if (mine !== turn) return;
      const told = JSON.parse(event.data);
      if (!told.hint) return;
      guided = true;
      if (hint.textContent !== told.say) hint.textContent = told.say;
      dialog.dataset.hint = told.hint;
      if (told.hint === "take") void take();
      // One frame under way: a slow line sees fewer of them, not older ones.
      else window.setTimeout(() => void next(), 180);
    };
    opened.onclose = () => {
      if (mine === turn) guided = false;
    };
  }

  // Live hints: brightness and movement of a thumbnail. The server looks properly; this only saves a round.
  const small = document.createElement("canvas");
  small.width = 48;
  small.height = 36;
  const pen = small.getContext("2d", { willReadFrequently: true });
  /** @type {Float32Array | null} */
  let last = null;

  function look() {
    if (!pen || !video.videoWidth) return;
    pen.drawImage(video, 0, 0, small.width, small.height);
    const { data } = pen.getImageData(0, 0, small.width, small.height);
    const grey = new Float32Array(data.length / 4);
    let sum = 0;
    let moved = 0;
    for (let i = 0; i < grey.length; i++) {
      grey[i] = 0.299 * data[4 * i] + 0.587 * data[4 * i + 1] + 0.114 * data[4 * i + 2];
      sum += grey[i];
      if (last) moved += Math.abs(grey[i] - last[i]);
    }
    const light = sum / grey.length;
    const motion = last ? moved / grey.length : 0;
    last = grey;
    if (guided) return;
    const text =
      light < 45 ? words.wordDark : light > 225 ? words.wordBright : motion > 18 ? words.wordStill : hint.dataset.first;
    if (hint.textContent !== text) hint.textContent = text ?? "";
  }

  async function take() {
    if (!stream || shutter.disabled) return;
    shutter.disabled = true;
    window.clearInterval(watch);
    const mine = turn;
    const blob = (await still(stream).catch(() => null)) ?? (await frame().catch(() => null));
    if (mine !== turn) return;
    if (!blob) return lost("memory");
    taken = { blob, takenBy: "camera" };
    dialog.close();
    void send();
  }

  /**
   * The camera's own photo, which has more pixels than its video.
   * @param {MediaStream} from
   * @returns {Promise<Blob | null>}
   */
  async function still(from) {
    const Maker = /** @type {any} */ (window).ImageCapture;
    if (!Maker) return null;
    // Some phones never answer.
    const late = new Promise((resolve) => window.setTimeout(() => resolve(null), 4000));
    return Promise.race([new Maker(from.getVideoTracks()[0]).takePhoto(), late]);
  }

  /** @returns {Promise<Blob | null>} */
  function frame() {
    const canvas = document.createElement("canvas");
    canvas.width = video.videoWidth;
    canvas.height = video.videoHeight;
    canvas.getContext("2d")?.drawImage(video, 0, 0);
    return new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.95));
  }

  /** Goes on at once when the line is back, and else after a while.
   * @param {number} failures */
  function pause(failures) {
    return new Promise((resolve) => {
      const late = window.setTimeout(resolve, Math.min(15_000, 1000 * 2 ** failures) * (0.5 + Math.random() / 2));
      window.addEventListener("online", () => window.setTimeout(resolve, 300, window.clearTimeout(late)), { once: true });
    });
  }

  async function send() {
    if (!taken) return;
    say("");
    again.hidden = true;
    actions.hidden = true;
    if (plain) plain.hidden = true;
    sending.hidden = false;
    bar.hidden = false;
    sending.scrollIntoView({ block: "nearest" });
    const answer = await deliver(taken);
    if (answer && answer.status < 300) {
      location.assign(words.preview ?? location.href);
      return;
    }
    if (!answer || answer.status >= 500) {
      what.textContent = answer?.status === 507 ? (words.wordFull ?? "") : (words.wordLost ?? "");
      bar.hidden = true;
      again.hidden = false;
      // Or another picture instead.
      actions.hidden = false;
      return;
    }
    // The session is no longer this browser's, or over: the server has a page for that.
    if ([401, 403, 409, 410].includes(answer.status)) {
      location.assign("/verify");
      return;
    }
    sending.hidden = true;
    actions.hidden = false;
    say([answer.body?.title ?? words.wordLost, answer.body?.fix].filter(Boolean).join(" "));
  }

  /**
   * Sends a picture, in pieces that a slow line takes within seconds; after a broken one it asks where the server
   * stands and goes on from there. Gives up after some minutes without a single piece.
   * @param {{ blob: Blob, takenBy: string, place?: string }} picture
   * @returns {Promise<Reply | null>} null when the line stays broken
   */
  async function deliver(picture) {
    const { blob, takenBy } = picture;
    // Without a secure connection there is no checksum: the picture goes as a whole.
    const sum = globalThis.crypto?.subtle && (await crypto.subtle.digest("SHA-256", await blob.arrayBuffer()).catch(() => null));
    /** Where the server stands; unknown below 0. */
    let offset = picture.place ? -1 : 0;
    let begun = 0;
    for (let failures = 0; failures < TRIES; ) {
      what.textContent = (failures ? words.wordWaiting : words.wordSending) ?? "";
      const got = await turn();
      const { status, code } = { status: got?.status ?? 0, code: got?.body?.code };
      if (got && (status === 200 || status === 201 || status === 204)) {
        if (status === 200 && offset >= 0) return got;
        if (status === 201) picture.place = got.place;
        if (status === 204) failures = 0;
        offset = status === 201 ? 0 : got.offset;
        continue;
      }
      // The server has forgotten it, or it came damaged: from the beginning, but not for ever.
      const anew = (status === 404 && picture.place) || code === "upload_checksum";
      const busy = status === 0 || status === 408 || (status >= 500 && status !== 507);
      const passing = busy || ["upload_offset", "upload_broken_off", "conflict", "too_many_requests"].includes(code);
      if (!(passing || (anew && begun++ < 2))) return got;
      if (anew) picture.place = undefined;
      offset = picture.place ? -1 : 0;
      what.textContent = words.wordWaiting ?? "";
      await pause(++failures);
    }
    return null;

    /** The next request. */
    function turn() {
      if (!sum) {
        const headers = { "x-taken-by": takenBy, "content-type": blob.type || "application/octet-stream" };
        return ask("POST", words.action ?? "", headers, blob, 0);
      }
      if (!picture.place) {
        const checksum = `sha256 ${btoa(String.fromCharCode(...new Uint8Array(sum)))}`;
        const headers = { "x-taken-by": takenBy, "upload-length": String(blob.size), "upload-checksum": checksum };
        return ask("POST", words.uploads ?? "", headers, null);
      }
      if (offset < 0) return ask("HEAD", picture.place, {}, null);
      const headers = { "upload-offset": String(offset), "content-type": "application/offset+octet-stream" };
      return ask("PATCH", picture.place, headers, blob.slice(offset, offset + PIECE), offset);
    }
  }

  /**
   * @param {string} method @param {string} path @param {Record<string, string>} headers @param {Blob | null} body
   * @param {number} [from] where in the picture the body begins: shown as progress
   * @returns {Promise<Reply | null>} null when nothing came back
   */
  function ask(method, path, headers, body, from) {
    return new Promise((resolve) => {
      // fetch does not tell how much was sent.
      const request = new XMLHttpRequest();
      request.open(method, path);
      request.setRequestHeader("x-csrf", words.csrf ?? "");
      for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
      request.timeout = 70_000;
      const whole = taken?.blob.size ?? 0;
      if (body && from !== undefined) {
        request.upload.onprogress = (event) => {
          bar.value = (100 * (from + event.loaded)) / whole;
        };
        request.upload.onload = () => {
          if (from + body.size < whole) return;
          what.textContent = words.wordLooking ?? "";
          bar.removeAttribute("value");
        };
      }
      request.onload = () => {
        let answer = null;
        try {
          answer = JSON.parse(request.responseText);
        } catch {
          // An answer that is no JSON has no sentence for the person.
        }
        const place = request.getResponseHeader("location") ?? undefined;
        resolve({ status: request.status, body: answer, offset: Number(request.getResponseHeader("upload-offset")), place });
      };
      request.onerror = request.ontimeout = request.onabort = () => resolve(null);
      request.send(body);
    });
  }
}

/** What there is where the camera cannot be used in the page: the phone's own, and another browser. */
function otherWays() {
  for (const way of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-out], [data-snap]"))) way.hidden = false;
}

/** What is said of a fault, from the one table of the page. @param {string} fault @returns {string} */
function sentence(fault) {
  const table = document.querySelector("[data-faults]");
  return (table?.querySelector(`[data-fault~="${fault}"]`) ?? table?.firstElementChild)?.textContent ?? "";
}

export {};
