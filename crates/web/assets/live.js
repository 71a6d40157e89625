// @ts-check
// The live capture: sends frames of the camera, and says what the server answers.

const root = /** @type {HTMLElement | null} */ (document.querySelector("[data-live]"));
if (root) begin(root);

/** Longer side of a frame, in pixels; pause between two frames, in milliseconds; frames on the way at most. */
const SIDE = 640;
const PAUSE = 80;
const UNDER_WAY = 2;

/** What stands beside a sentence; the preview is a mirror, so left is left. */
const SIGNS = /** @type {Record<string, string>} */ ({
  turn_left: "←",
  turn_right: "→",
  nod: "↓",
  blink: "◡ ◡",
  open_mouth: "○",
  victory: "✌",
  open_palm: "✋",
  thumb_up: "👍",
  okay: "👌",
  point_up: "☝",
});

/** @param {HTMLElement} root */
function begin(root) {
  /** @template {Element} T @param {string} selector @returns {T} */
  const get = (selector) => {
    const found = root.querySelector(selector);
    if (!found) throw new Error(`the page lacks ${selector}`);
    return /** @type {T} */ (/** @type {unknown} */ (found));
  };
  const words = root.dataset;
  const open = /** @type {HTMLButtonElement} */ (get("[data-live-open]"));
  const dialog = /** @type {HTMLDialogElement} */ (get("dialog"));
  const video = /** @type {HTMLVideoElement} */ (get("video"));
  const pill = /** @type {HTMLElement} */ (get("[data-say]"));
  const sign = /** @type {HTMLElement} */ (get("[data-sign]"));
  const steps = /** @type {HTMLElement} */ (get("[data-steps]"));
  const message = /** @type {HTMLElement} */ (get("[data-live-message]"));
  const other = /** @type {HTMLButtonElement} */ (get("[data-live-other]"));
  const canvas = document.createElement("canvas");
  const calm = /** @type {HTMLInputElement | null} */ (root.querySelector("[data-no-flashes]"));
  if (calm && window.matchMedia("(prefers-reduced-motion: reduce)").matches) calm.checked = true;

  /** Counts up with every start and stop: what belongs to an earlier one is dropped. */
  let turn = 0;
  /** An action that was asked to be left out. */
  let without = "";
  /** @type {MediaStream | null} */
  let stream = null;
  /** @type {WebSocket | null} */
  let socket = null;

  root.hidden = false;
  if (!navigator.mediaDevices?.getUserMedia || !("WebSocket" in window)) {
    say(sentence("browser"));
    otherWays();
    open.disabled = true;
    return;
  }
  open.addEventListener("click", () => void start());
  other.addEventListener("click", () => void start(dialog.dataset.challenge));
  get("[data-live-close]").addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", stop);
  window.addEventListener("pagehide", stop);

  /** @param {string | undefined} text */
  function say(text) {
    message.textContent = text ?? "";
    message.hidden = !text;
  }

  function stop() {
    turn += 1;
    socket?.close();
    socket = null;
    stream?.getTracks().forEach((track) => track.stop());
    stream = null;
    video.srcObject = null;
  }

  /** @param {string | undefined} text */
  function give(text) {
    stop();
    if (dialog.open) dialog.close();
    say(text);
    open.focus();
  }

  /** @param {string} [cannot] an action that the person cannot do */
  async function start(cannot) {
    stop();
    without = cannot ?? "";
    const mine = ++turn;
    say("");
    other.hidden = true;
    show({ say: words.wordOpening ?? "" });
    if (!dialog.open) dialog.showModal();
    try {
      const got = await navigator.mediaDevices.getUserMedia({
        audio: false,
        video: { facingMode: { ideal: "user" }, width: { ideal: 1280 }, height: { ideal: 720 } },
      });
      if (mine !== turn) return got.getTracks().forEach((track) => track.stop());
      stream = got;
      video.srcObject = got;
      await video.play();
    } catch (error) {
      if (mine !== turn) return;
      otherWays();
      return give(sentence(error instanceof DOMException ? error.name : "denied"));
    }
    stream.getVideoTracks()[0].addEventListener("ended", () => mine === turn && give(sentence("gone")));
    const address = (words.begin ?? "") + (without ? `?without=${without}` : "");
    const answer = await fetch(address, { method: "POST", headers: { "x-csrf": words.csrf ?? "" } }).catch(() => null);
    if (mine !== turn) return;
    if (!answer) return give(words.wordLost);
    if (answer.status === 429) return give(words.wordMany);
    if (!answer.ok) return location.assign("/verify");
    const { token } = await answer.json();
    if (mine === turn) channel(token, mine);
  }

  /** @param {string} token @param {number} mine */
  function channel(token, mine) {
    const address = new URL("/verify/live", location.href);
    address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
    const line = new WebSocket(address);
    socket = line;
    let number = 0;
    let answered = 0;
    let ended = false;
    let camera = "";
    line.onopen = () => {
      camera = track()?.label ?? "";
      line.send(JSON.stringify({ token, ...cameraSaid(), no_flashes: calm?.checked ?? false }));
      void pump();
    };
    line.onmessage = (event) => {
      if (mine !== turn) return;
      const told = JSON.parse(event.data);
      if (told.next) {
        ended = true;
        location.assign(told.next);
      } else if (told.failed) {
        ended = true;
        give([told.say, told.fix].filter(Boolean).join(" "));
      } else if (told.place) {
        show({ say: (words.wordPlace ?? "").replace("{n}", told.place) });
      } else {
        answered += 1;
        show(told);
      }
    };
    line.onclose = () => mine === turn && !ended && give(words.wordLost);

    // No more frames than are answered: a slow line sees fewer of them, not older ones.
    async function pump() {
      while (mine === turn && !ended && line.readyState === WebSocket.OPEN) {
        const sent = performance.now();
        if (number - answered < UNDER_WAY) {
          const frame = await picture();
          if (mine !== turn || ended || line.readyState !== WebSocket.OPEN) return;
          if (camera !== (track()?.label ?? "")) {
            camera = track()?.label ?? "";
            line.send(JSON.stringify({ camera }));
          }
          if (frame) line.send(numbered(number++, frame));
        }
        await new Promise((resolve) => window.setTimeout(resolve, Math.max(10, PAUSE - (performance.now() - sent))));
      }
    }
  }

  function track() {
    return stream?.getVideoTracks()[0];
  }

  /** What speaks for or against a camera; the server takes it for a hint and no more. */
  function cameraSaid() {
    const now = track();
    const media = navigator.mediaDevices?.getUserMedia;
    return {
      camera: now?.label ?? "",
      driven: navigator.webdriver === true,
      replaced: !Function.prototype.toString.call(media).includes("[native code]"),
      no_device: !now?.getSettings?.().deviceId,
    };
  }

  /** @param {{ say: string, hint?: string, challenge?: string, screen?: string, done?: number, of?: number }} told */
  function show(told) {
    if (told.screen) dialog.dataset.screen = told.screen;
    else delete dialog.dataset.screen;
    if (pill.textContent !== told.say) pill.textContent = told.say;
    const asked = told.hint === "do" ? told.challenge : undefined;
    sign.textContent = asked ? (SIGNS[asked] ?? "") : told.hint === "well_done" ? "✓" : "";
    dialog.dataset.hint = told.hint ?? "";
    dialog.dataset.challenge = asked ?? "";
    if (asked && !without) other.hidden = false;
    // Who closes their eyes cannot see that it is enough.
    if (told.hint === "well_done") navigator.vibrate?.(120);
    const of = told.of ?? 0;
    if (steps.children.length !== of) steps.replaceChildren(...Array.from({ length: of }, () => document.createElement("li")));
    Array.from(steps.children).forEach((one, i) => one.classList.toggle("done", i < (told.done ?? 0)));
  }

  /** @returns {Promise<ArrayBuffer | null>} */
  async function picture() {
    if (!video.videoWidth) return null;
    const scale = Math.min(1, SIDE / Math.max(video.videoWidth, video.videoHeight));
    canvas.width = Math.round(video.videoWidth * scale);
    canvas.height = Math.round(video.videoHeight * scale);
    canvas.getContext("2d")?.drawImage(video, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise((/** @type {(b: Blob | null) => void} */ resolve) => canvas.toBlob(resolve, "image/jpeg", 0.9));
    return blob && blob.arrayBuffer();
  }

  /** @param {number} number @param {ArrayBuffer} frame */
  function numbered(number, frame) {
    const bytes = new Uint8Array(4 + frame.byteLength);
    new DataView(bytes.buffer).setUint32(0, number);
    bytes.set(new Uint8Array(frame), 4);
    return bytes;
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
