// @ts-check
// The live capture: sends frames of the camera, and says what the server answers.

const root = /** @type {HTMLElement | null} */ (document.querySelector("[data-live]"));
if (root) begin(root);

/** Longer side of a frame, in pixels; pause between two frames, in milliseconds; frames on the way at most. */
const SIDE = 640;
const PAUSE = 80;
const UNDER_WAY = 2;
/** On a line that takes longer for a frame, frames are smaller, and more of them on the way. */
const SLOW = 250;
const SMALL_SIDE = 480;
const QUALITY = 0.9;
const SMALL_QUALITY = 0.55;
const MOST_UNDER_WAY = 6;
/** How many answers tell how slow the line is: before anything is asked, so that the size stays what it is then. */
const MEASURED = 3;
/** There an action is kept here, and sent as the line takes it: milliseconds between two frames of it, how many are kept,
 * and milliseconds between two frames of somebody who rests. */
const BURST_PAUSE = 120;
const BURST = 10;
const REST = 400;
/** What counts as moving and as dark: mean grey values of a small picture, 0 to 255. */
const MOVES = 3;
const DARK = 35;

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
  const tiny = Object.assign(document.createElement("canvas"), { width: 32, height: 24 });
  /** Grey values of the small picture before. @type {Uint8Array} */
  let before = new Uint8Array(0);
  /** Whether the line is slow. */
  let slow = false;
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
    let asked = "";
    /** When each frame that is on the way was sent. @type {number[]} */
    const sent = [];
    /** How long the line took for one frame after the other, and for one there and back. */
    let each = 0;
    let there = Infinity;
    let lastAnswer = 0;
    /** An action, as far as it is not sent. @type {ArrayBuffer[]} */
    const burst = [];
    slow = false;
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
        // Frames that were sent meanwhile say nothing of the line: they wait as well.
        sent.fill(performance.now());
        show({ say: (words.wordPlace ?? "").replace("{n}", told.place) });
      } else {
        answered += 1;
        measure();
        // What was done for another prompt is over.
        const now = told.hint === "do" ? (told.challenge ?? "") : "";
        if (now !== asked) burst.length = 0;
        asked = now;
        show(told);
      }
    };
    line.onclose = () => mine === turn && !ended && give(words.wordLost);

    function measure() {
      const now = performance.now();
      const began = sent.shift() ?? now;
      there = Math.min(there, now - began);
      const took = now - Math.max(began, lastAnswer);
      lastAnswer = now;
      each = each ? 0.7 * each + 0.3 * took : took;
      if (answered === MEASURED && each > SLOW) slow = true;
    }

    /** Enough to keep the line busy, and no more: a slow line sees fewer frames, not older ones. */
    function most() {
      if (!slow || each <= 0) return UNDER_WAY;
      return Math.min(MOST_UNDER_WAY, Math.max(UNDER_WAY, Math.ceil(there / each) + 1));
    }

    async function pump() {
      let last = 0;
      while (mine === turn && !ended && line.readyState === WebSocket.OPEN) {
        const began = performance.now();
        const acting = slow && asked !== "";
        const free = number - answered < most();
        const { light, motion } = slow ? looked() : { light: 255, motion: 255 };
        const rests = acting && motion < MOVES;
        const dark = slow && light < DARK;
        if (dark) pill.textContent = words.wordDark ?? pill.textContent;
        const due = began - last >= (dark ? 1000 : rests ? REST : 0);
        if (acting && !rests && !dark && burst.length < BURST) {
          const frame = await picture();
          if (frame) burst.push(frame);
        }
        if (free && (burst.length || due)) {
          const frame = burst.shift() ?? (await picture());
          if (mine !== turn || ended || line.readyState !== WebSocket.OPEN) return;
          if (camera !== (track()?.label ?? "")) {
            camera = track()?.label ?? "";
            line.send(JSON.stringify({ camera }));
          }
          if (frame) {
            last = performance.now();
            sent.push(last);
            line.send(numbered(number++, frame));
          }
        }
        const pause = acting ? BURST_PAUSE : PAUSE;
        await new Promise((resolve) => window.setTimeout(resolve, Math.max(10, pause - (performance.now() - began))));
      }
    }
  }

  /** How light it is before the camera, and how much has changed there since the last time. */
  function looked() {
    const pen = tiny.getContext("2d", { willReadFrequently: true });
    if (!pen || !video.videoWidth) return { light: 255, motion: 255 };
    pen.drawImage(video, 0, 0, tiny.width, tiny.height);
    const { data } = pen.getImageData(0, 0, tiny.width, tiny.height);
    const grey = Uint8Array.from({ length: data.length / 4 }, (_, i) => (data[4 * i] + 2 * data[4 * i + 1] + data[4 * i + 2]) / 4);
    const mean = (/** @type {(at: number) => number} */ value) => grey.reduce((sum, _, at) => sum + value(at), 0) / grey.length;
    const motion = before.length === grey.length ? mean((at) => Math.abs(grey[at] - before[at])) : 255;
    before = grey;
    return { light: mean((at) => grey[at]), motion };
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
    const scale = Math.min(1, (slow ? SMALL_SIDE : SIDE) / Math.max(video.videoWidth, video.videoHeight));
    canvas.width = Math.round(video.videoWidth * scale);
    canvas.height = Math.round(video.videoHeight * scale);
    canvas.getContext("2d")?.drawImage(video, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise((/** @type {(b: Blob | null) => void} */ resolve) => canvas.toBlob(resolve, "image/jpeg", slow ? SMALL_QUALITY : QUALITY));
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
